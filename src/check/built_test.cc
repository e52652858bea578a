// SPDX-License-Identifier: MIT
// Finding a finished build in a store that is a folder of the test, by a Nix that is played.
#include "check/built.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "check/fake_nix_test.h"

namespace lf::check {
namespace {

namespace fs = std::filesystem;

std::string path_of(const std::string& name) { return "/nix/store/" + std::string(32, 'b') + "-" + name; }

class BuiltInStore : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "lf-built-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        store_ = name;
        fake_.answer = [this](const Command&) { return FakeNix::finished(code_, closure_, err_); };
    }
    void TearDown() override { fs::remove_all(store_); }

    /// A store path with the header of an ELF file in it: 64 bits, little-endian, a shared library for x86-64.
    void put_program(const std::string& path) const {
        fs::create_directories(store_ + path + "/bin");
        std::string header(
            "\x7f"
            "ELF\x02\x01\x01",
            7);
        header.resize(64);
        header[16] = 3, header[18] = 62, header[20] = 1, header[52] = 64;
        std::ofstream(store_ + path + "/bin/llama-cli") << header;
    }
    Built look(const std::vector<std::string>& outputs) {
        auto nix = Nix::find(fake_, elsewhere(store_));
        EXPECT_TRUE(nix);
        auto built = look_into(*nix, outputs, std::chrono::seconds(5));
        EXPECT_TRUE(built) << built.error().message;
        return built ? std::move(*built) : Built{};
    }

    std::string store_;
    FakeNix fake_;
    int code_ = 0;
    std::string closure_, err_;
};

TEST_F(BuiltInStore, WhatIsNotThereIsNotAskedFor) {
    const Built built = look({path_of("llama-cpp")});
    EXPECT_FALSE(built.here);
    EXPECT_TRUE(fake_.asked.empty());
    for (const char* hostile : {"", "/etc/passwd", "/nix/store/../../etc", "/nix/store/-x"})
        EXPECT_FALSE(look({hostile}).here) << hostile;
    EXPECT_TRUE(fake_.asked.empty()) << "no text of a flake is a path to look at";
}

TEST_F(BuiltInStore, IsLookedIntoWhereTheFilesLie) {
    const std::string path = path_of("llama-cpp");
    put_program(path);
    closure_ = path_of("glibc") + "\n" + path + "\n";
    const Built built = look({path});
    EXPECT_TRUE(built.here);
    EXPECT_EQ(built.from, std::vector<std::string>{path});
    EXPECT_EQ(built.audit.path, store_ + path) << "where a private store's files lie, not where they seem to be";
    ASSERT_EQ(built.audit.files.size(), 1U);
    EXPECT_EQ(built.audit.files[0].path, "bin/llama-cli");
    const auto& words = fake_.asked.at(0).argv;
    EXPECT_NE(std::find(words.begin(), words.end(), "path-info"), words.end());
    EXPECT_NE(std::find(words.begin(), words.end(), "--offline"), words.end()) << "nothing is fetched";
}

TEST_F(BuiltInStore, AWrapperBringsWhatItWraps) {
    const std::string wrapper = path_of("llama-cpp-wrapped");
    const std::string whole = path_of("llama-cpp-9680");
    fs::create_directories(store_ + wrapper + "/bin");
    put_program(whole);
    fs::create_directories(store_ + path_of("glibc"));
    closure_ = whole + "\n" + path_of("glibc") + "\n" + wrapper + "\n";
    const Built built = look({wrapper});
    EXPECT_EQ(built.from, (std::vector<std::string>{wrapper, whole}));
    ASSERT_EQ(built.audit.files.size(), 1U);
    EXPECT_EQ(built.audit.files[0].path, ".." + whole.substr(std::string("/nix/store").size()) + "/bin/llama-cli");
    EXPECT_EQ(built.why, "");
}

TEST_F(BuiltInStore, ABuildWithoutCodeSaysSo) {
    const std::string path = path_of("llama-cpp");
    fs::create_directories(store_ + path);
    closure_ = path + "\n";
    const Built built = look({path});
    EXPECT_TRUE(built.here);
    EXPECT_EQ(built.why, "it holds no ELF file");
}

TEST_F(BuiltInStore, FilesThatTheStoreDoesNotOwnAreNone) {
    const std::string path = path_of("llama-cpp");
    put_program(path);
    code_ = 1, err_ = "error: path '" + path + "' is not valid\n";
    EXPECT_FALSE(look({path}).here);
}

}  // namespace
}  // namespace lf::check
