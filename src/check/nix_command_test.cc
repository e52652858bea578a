// SPDX-License-Identifier: MIT
#include "check/nix_command.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "check/fake_nix_test.h"

namespace lf::check {
namespace {

class NixCommand : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "lf-nix-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = std::filesystem::canonical(name).string();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    Result<Nix> find() { return Nix::find(fake_, elsewhere(folder_ + "/store")); }

    std::string folder_;
    FakeNix fake_;
};

bool has(const std::vector<std::string>& argv, const std::vector<std::string>& words) {
    return std::search(argv.begin(), argv.end(), words.begin(), words.end()) != argv.end();
}

TEST_F(NixCommand, ReadsTheVersionOfEveryKindOfNix) {
    for (const auto& [said, version] : std::vector<std::pair<std::string, std::string>>{
             {"nix (Nix) 2.8.0\n", "2.8.0"},
             {"nix (Nix) 2.34.8\n", "2.34.8"},
             {"nix (Lix, like Nix) 2.91.1\nSystem type: x86_64-linux\n", "2.91.1"},
             {"nix (Determinate Nix 3.6.2) 2.29.0\n", "2.29.0"},
             {"nix (Nix) 2.20pre20231221_abc\n", "2.20pre20231221_abc"}}) {
        fake_.version = said;
        const auto nix = find();
        ASSERT_TRUE(nix) << said;
        EXPECT_EQ(nix->program().version, version);
    }
}

TEST_F(NixCommand, ALogIsAskedForOnlyByTheNameOfADerivationAndIfThereIsOne) {
    auto nix = find();
    ASSERT_TRUE(nix);
    const std::string hash(32, 'a');
    const std::string drv = "/nix/store/" + hash + "-x.drv";
    for (const std::string& wrong :
         std::vector<std::string>{"", drv + "x", "/nix/store/../../etc/passwd.drv", "--help.drv",
                                  "/nix/store/" + hash + "-../x.drv", "/nix/store/" + hash + "-x y.drv", drv}) {
        const auto log = nix->build_log(wrong, std::chrono::minutes(1));
        EXPECT_TRUE(log && !log->has_value()) << wrong;
    }
    EXPECT_TRUE(fake_.asked.empty()) << "nothing was built: nix is not started";
    const std::filesystem::path file = folder_ + "/store/nix/var/log/nix/drvs/aa/" + hash.substr(2) + "-x.drv";
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file} << "x";
    fake_.answer = [](const Command&) { return FakeNix::finished(0, "the log"); };
    EXPECT_EQ(nix->build_log(drv, std::chrono::minutes(1)).value(), "the log");
    EXPECT_EQ(nix->logs_read(), 1);
    EXPECT_EQ(nix->processes_started(), 0) << "no evaluation";
    EXPECT_TRUE(has(fake_.asked.at(0).argv, {"log", "--option", "substituters", "", drv}));
}

TEST_F(NixCommand, TooOldOrNoNixAtAll) {
    for (const auto& [said, id] :
         std::vector<std::pair<std::string, std::string>>{{"nix (Nix) 2.3.16\n", "nix-too-old"},
                                                          {"nix (Nix) 2.7.0\n", "nix-too-old"},
                                                          {"", "nix-unusable"},
                                                          {"hello, world", "nix-unusable"},
                                                          {std::string(100000, 'x'), "nix-unusable"},
                                                          {"nix (Nix) 99999999999999999999.1", "nix-unusable"}}) {
        fake_.version = said;
        const auto nix = find();
        ASSERT_FALSE(nix) << said;
        EXPECT_EQ(nix.error().id, id) << said.substr(0, 40);
    }
    fake_.path = "";
    const bool usual = std::filesystem::exists("/run/current-system/sw/bin/nix");
    if (!usual) {
        EXPECT_EQ(find().error().id, "nix-missing");
    }
}

TEST_F(NixCommand, EveryCallIsMadeTheSameWay) {
    auto nix = find();
    ASSERT_TRUE(nix);
    NixCall call;
    call.arguments = {"eval", "--json", ".#x"};
    call.directory = folder_;
    call.offline = true;
    call.time_limit = std::chrono::seconds(7);
    ASSERT_TRUE(nix->call(call));
    const Command& command = fake_.asked.at(0);
    EXPECT_EQ(command.argv.front(), "/usr/bin/nix");
    EXPECT_TRUE(has(command.argv, {"--extra-experimental-features", "nix-command flakes"}));
    EXPECT_TRUE(has(command.argv, {"--option", "accept-flake-config", "false"}));
    EXPECT_TRUE(has(command.argv, {"--option", "allow-import-from-derivation", "false"}));
    EXPECT_TRUE(has(command.argv, {"--option", "pure-eval", "true"}));
    EXPECT_TRUE(has(command.argv, {"--store", folder_ + "/store"}));
    EXPECT_TRUE(has(command.argv, {"--offline"}));
    EXPECT_TRUE(has(command.argv, {"eval", "--json", ".#x"}));
    for (const char* name : {"NIX_PATH", "GIT_DIR", "NIX_REMOTE", "NIX_STORE_DIR"}) {
        EXPECT_EQ(std::count(command.without.begin(), command.without.end(), name), 1) << name;
    }
    EXPECT_TRUE(command.input.empty());
    EXPECT_EQ(command.directory, folder_);
    EXPECT_EQ(command.time_limit, std::chrono::seconds(7));
    EXPECT_LE(command.output_limit, std::size_t{64} << 20);
}

TEST_F(NixCommand, AProgramBehindALoaderIsStartedByAllItsWords) {
    NixSearch search = elsewhere(folder_ + "/store");
    search.argv = {"/sid/ld.so", "--library-path", "/sid/lib", "/sid/nix"};
    auto nix = Nix::find(fake_, search);
    ASSERT_TRUE(nix);
    EXPECT_FALSE(nix->program().in_path);
    ASSERT_TRUE(nix->call({{"eval"}, "", false, std::chrono::seconds(1)}));
    EXPECT_TRUE(has(fake_.asked.at(0).argv, search.argv));
}

TEST_F(NixCommand, APrivateStoreWhereTheSystemsIsNotThere) {
    NixSearch search;
    search.nix_root = folder_ + "/nix";
    search.cache = folder_ + "/cache";
    auto nix = Nix::find(fake_, search);
    ASSERT_TRUE(nix);
    EXPECT_EQ(nix->store().path, folder_ + "/cache/nix");
    EXPECT_NE(nix->store().why.find("is not there"), std::string::npos);
    std::filesystem::create_directories(search.nix_root + "/store");
    std::filesystem::create_directories(search.nix_root + "/var/nix/db");
    nix = Nix::find(fake_, search);
    ASSERT_TRUE(nix);
    EXPECT_EQ(nix->store().path, "") << "a store that is ours to write is used";
}

TEST_F(NixCommand, APrivateStoreWhereTheSystemsIsNotOurs) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere; tests/check tries it as a plain user";
    NixSearch search;
    search.nix_root = folder_ + "/nix";
    search.cache = folder_ + "/cache";
    std::filesystem::create_directories(search.nix_root + "/store");
    ::chmod((search.nix_root + "/store").c_str(), 0555);
    auto nix = Nix::find(fake_, search);
    ASSERT_TRUE(nix);
    EXPECT_EQ(nix->store().path, folder_ + "/cache/nix");
}

TEST_F(NixCommand, ALinkToThePrivateStoreIsFollowed) {
    std::filesystem::create_directories(folder_ + "/real");
    std::filesystem::create_directory_symlink(folder_ + "/real", folder_ + "/link");
    auto nix = Nix::find(fake_, elsewhere(folder_ + "/link"));
    ASSERT_TRUE(nix);
    EXPECT_EQ(nix->store().path, folder_ + "/real");
}

TEST_F(NixCommand, NoPlaceForAPrivateStore) {
    std::ofstream(folder_ + "/file") << "x";
    const auto nix = Nix::find(fake_, elsewhere(folder_ + "/file/store"));
    ASSERT_FALSE(nix);
    EXPECT_EQ(nix.error().id, "nix-store");
    EXPECT_FALSE(nix.error().hint.empty());
}

TEST_F(NixCommand, ClosedSystemStoreIsNoticedWhenNixSaysSo) {
    NixSearch search;
    search.nix_root = folder_ + "/nix";
    search.cache = folder_ + "/cache";
    std::filesystem::create_directories(search.nix_root + "/store");
    std::filesystem::create_directories(search.nix_root + "/var/nix/db");
    auto nix = Nix::find(fake_, search);
    ASSERT_TRUE(nix);
    fake_.answer = [](const Command& command) {
        if (has(command.argv, {"--store"})) return FakeNix::finished(0, "1");
        return FakeNix::finished(1, "", "error: cannot open connection to remote store 'daemon'\n");
    };
    EXPECT_EQ(*nix->call({{"eval"}, "", false, std::chrono::seconds(1)}), "1");
    EXPECT_EQ(nix->store().path, folder_ + "/cache/nix");
    EXPECT_EQ(nix->processes_started(), 2);
}

TEST_F(NixCommand, AStoreThatIsFullIsTriedOnce) {
    auto nix = find();
    fake_.answer = [](const Command&) {
        return FakeNix::finished(1, "", "error: writing to file: No space left on device\n");
    };
    EXPECT_EQ(nix->call({{"eval"}, "", false, std::chrono::seconds(1)}).error().id, "nix-store");
    EXPECT_EQ(nix->processes_started(), 1);
}

TEST_F(NixCommand, AProgramThatHangsIsEnded) {
    const std::string program = folder_ + "/nix";
    std::ofstream(program) << "#!/bin/sh\n[ \"$1\" = --version ] && echo 'nix (Nix) 2.34.8' && exit\nsleep 60 & wait\n";
    ::chmod(program.c_str(), 0755);
    RealProcesses processes;
    NixSearch search = elsewhere(folder_ + "/store");
    search.argv = {program};
    auto nix = Nix::find(processes, search);
    ASSERT_TRUE(nix) << nix.error().message;
    const auto start = std::chrono::steady_clock::now();
    const auto answer = nix->call({{"eval"}, "", false, std::chrono::milliseconds(200)});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().id, "nix-timeout");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(NixCommand, AProgramThatIsNotThereIsNamedOnce) {
    RealProcesses processes;
    NixSearch search = elsewhere(folder_ + "/store");
    search.argv = {"/no/such/nix"};
    EXPECT_EQ(Nix::find(processes, search).error().message, "/no/such/nix: program not found");
}

TEST_F(NixCommand, AsksWhetherFlakesAreSwitchedOnOnlyOnce) {
    auto nix = find();
    fake_.answer = [](const Command&) {
        return FakeNix::finished(1, "", "error: experimental Nix feature 'flakes' is disabled; use …\n");
    };
    EXPECT_FALSE(nix->flakes_switched_on());
    EXPECT_FALSE(nix->flakes_switched_on());
    ASSERT_EQ(fake_.asked.size(), 1U);
    EXPECT_FALSE(has(fake_.asked[0].argv, {"--extra-experimental-features"}));
    EXPECT_TRUE(has(fake_.asked[0].argv, {"--store", "dummy://"})) << "no store is touched";
}

}  // namespace
}  // namespace lf::check
