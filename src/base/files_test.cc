// SPDX-License-Identifier: MIT
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace lf {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;

class FilesTest : public testing::Test {
  protected:
    FilesTest() {
        std::string pattern = (fs::temp_directory_path() / "lf-files-XXXXXX").string();
        top_ = fs::canonical(::mkdtemp(pattern.data()));
    }
    ~FilesTest() override { fs::remove_all(top_); }
    std::string path(const std::string& name) const { return (top_ / name).string(); }
    void put(const std::string& name, const std::string& bytes) const {
        fs::create_directories((top_ / name).parent_path());
        std::ofstream(top_ / name) << bytes;
    }
    std::string error_of(const std::string& name, std::size_t limit = kMaxFileBytes) const {
        const auto result = read_file(path(name), limit);
        return result ? "ok" : result.error().id;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(top_)) found.push_back(entry.path().filename());
        return found;
    }
    fs::path top_;
};

TEST_F(FilesTest, ReadsWholeFiles) {
    const std::string bytes = std::string("a\0b", 3) + std::string(300000, 'x');
    put("f", bytes);
    put("empty", "");
    EXPECT_EQ(read_file(path("f")).value(), bytes);
    EXPECT_EQ(read_file(path("empty")).value(), "");
    EXPECT_THAT(read_file("/proc/self/status").value(), testing::HasSubstr("Name:"));
}

TEST_F(FilesTest, RefusesWhatIsNoFile) {
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0644), 0);
    EXPECT_EQ(error_of("fifo"), "file-not-regular");  // and does not wait for a writer
    EXPECT_EQ(error_of("."), "file-not-regular");
    EXPECT_EQ(error_of("none"), "file-missing");
    EXPECT_EQ(read_file("/dev/zero").error().id, "file-not-regular");
    fs::create_symlink("loop", top_ / "loop");
    EXPECT_EQ(error_of("loop"), "file-unreadable");
    EXPECT_EQ(read_file(path("none")).error().where.file, path("none"));
}

TEST_F(FilesTest, KeepsTheLimit) {
    put("f", std::string(1000, 'x'));
    EXPECT_EQ(error_of("f", 1000), "ok");
    EXPECT_EQ(error_of("f", 999), "file-too-large");
    EXPECT_EQ(error_of("f", 0), "file-too-large");
    EXPECT_EQ(read_file("/proc/self/status", 10).error().id, "file-too-large");  // says that its size is 0
}

class RootedTest : public FilesTest {
  protected:
    RootedTest() {
        put("root/proc/cpuinfo", "captured");
        put("outside", "secret");
    }
    void link(const std::string& target, const std::string& name) const {
        fs::create_symlink(target, top_ / "root" / name);
    }
    RootedFiles files() const { return RootedFiles(path("root/")); }
};

TEST_F(RootedTest, ReadsListsAndResolvesInside) {
    link("/proc/cpuinfo", "absolute");
    link("proc", "relative");
    link("../../../../proc/cpuinfo", "up");
    link("nowhere", "dangling");
    EXPECT_EQ(files().read("/proc/cpuinfo").value(), "captured");
    for (const char* name : {"/absolute", "/relative/cpuinfo", "/up", "/proc/../proc/./cpuinfo", "/../proc/cpuinfo"})
        EXPECT_EQ(files().read(name).value_or("none"), "captured") << name;
    EXPECT_EQ(files().read_link("/absolute").value(), "/proc/cpuinfo");
    EXPECT_FALSE(files().read_link("/proc/cpuinfo"));
    EXPECT_THAT(files().list("/relative").value(), ElementsAre("cpuinfo"));
    EXPECT_FALSE(files().list("/none"));
    EXPECT_TRUE(files().exists("/absolute"));
    EXPECT_FALSE(files().exists("/dangling"));
    EXPECT_EQ(files().read("/dangling").error().id, "file-missing");
}

TEST_F(RootedTest, NeverLeavesTheRoot) {
    link(path("outside"), "a");
    link("../outside", "b");
    link("/..", "c");
    link("..", "d");
    link("d/d/d", "e");
    link("proc/../..", "f");
    for (const char* name : {"/a", "/b", "/../outside", "/c/outside", "/d/outside", "/e/outside", "/f/outside",
                             "/d/../../outside", "outside", "../outside"}) {
        EXPECT_FALSE(files().read(name)) << name;
        EXPECT_FALSE(files().exists(name)) << name;
    }
    for (const char* name : {"/c", "/d", "/e", "/f"})
        EXPECT_THAT(files().list(name).value(), testing::Contains("proc")) << name;  // the root is its own parent
}

TEST_F(RootedTest, LinksInARingEnd) {
    link("ring-b", "ring-a");
    link("ring-a", "ring-b");
    link("self/x", "self");
    EXPECT_EQ(files().read("/ring-a").error().id, "file-unreadable");
    EXPECT_EQ(files().read("/self").error().id, "file-unreadable");
    EXPECT_FALSE(files().exists("/ring-a"));
    EXPECT_FALSE(files().list("/self"));
}

TEST_F(FilesTest, TheRootOfTheMachineIsTheMachine) {
    EXPECT_EQ(RootedFiles("/").root(), "");
    EXPECT_TRUE(RootedFiles("").read("/proc/self/status"));
}

TEST_F(FilesTest, WritesAtomicallyAndKeepsTheMode) {
    ASSERT_TRUE(write_file_atomically(path("f"), "one"));
    ASSERT_EQ(::chmod(path("f").c_str(), 0600), 0);
    ASSERT_TRUE(write_file_atomically(path("f"), "two"));
    EXPECT_EQ(read_file(path("f")).value(), "two");
    EXPECT_EQ(fs::status(path("f")).permissions(), fs::perms(0600));
    EXPECT_THAT(names(), ElementsAre("f"));
}

TEST_F(FilesTest, AFailedWriteLeavesNothingBehind) {
    put("f", "before");
    // The disk is "full" after 100 bytes: the write fails half way.
    rlimit was{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &was), 0);
    const rlimit small{100, was.rlim_max};
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const Done done = write_file_atomically(path("f"), std::string(5000, 'x'));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &was), 0);
    ::signal(SIGXFSZ, handler);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().id, "file-unwritable");
    EXPECT_EQ(read_file(path("f")).value(), "before");
    EXPECT_THAT(names(), ElementsAre("f"));
}

TEST_F(FilesTest, WritesOnlyOverPlainFiles) {
    fs::create_directory(top_ / "folder");
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0644), 0);
    EXPECT_EQ(write_file_atomically(path("folder"), "x").error().id, "file-not-regular");
    EXPECT_EQ(write_file_atomically(path("fifo"), "x").error().id, "file-not-regular");
    EXPECT_EQ(write_file_atomically("/dev/null", "x").error().id, "file-not-regular");
    EXPECT_EQ(write_file_atomically(path("none/f"), "x").error().id, "file-unwritable");
    EXPECT_THAT(names(), testing::UnorderedElementsAre("folder", "fifo"));
}

TEST_F(FilesTest, MakesDirectories) {
    EXPECT_TRUE(make_directories(path("a/b/c")));
    EXPECT_TRUE(make_directories(path("a/b/c")));
    put("file", "");
    EXPECT_EQ(make_directories(path("file/x")).error().id, "file-unwritable");
}

TEST_F(FilesTest, FindsTheCache) {
    const auto with = [&](const char* xdg, const std::string& home) {
        ::setenv("XDG_CACHE_HOME", xdg, 1);
        ::setenv("HOME", home.c_str(), 1);
        return cache_directory();
    };
    const std::string home = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
    EXPECT_EQ(with(path("xdg").c_str(), path("home")).value(), path("xdg/llama-fleet"));
    EXPECT_EQ(with("relative", path("home")).value(), path("home/.cache/llama-fleet"));
    EXPECT_TRUE(fs::is_directory(path("home/.cache/llama-fleet")));
    EXPECT_EQ(with("", "").error().id, "no-cache-folder");
    ::unsetenv("XDG_CACHE_HOME");
    ::setenv("HOME", home.c_str(), 1);
}

}  // namespace
}  // namespace lf
