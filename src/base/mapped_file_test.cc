// SPDX-License-Identifier: MIT
#include "base/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <vector>

namespace lf {
namespace {

namespace fs = std::filesystem;

class MappedFileTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "mapped-file-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { fs::remove_all(folder_); }
    std::string write(const std::string& name, std::size_t size, char byte = 'x') const {
        const std::string path = (folder_ / name).string();
        std::ofstream(path, std::ios::binary) << std::string(size, byte);
        return path;
    }
    static std::string id(const std::string& path) {
        const auto file = MappedFile::open(path);
        if (file) return "opened";
        EXPECT_EQ(file.error().where.file, path);
        return file.error().id;
    }
    static std::uint64_t sum(const MappedFile& file) {
        return std::accumulate(file.bytes().begin(), file.bytes().end(), std::uint64_t{0});
    }
    fs::path folder_;
};

constexpr std::size_t kLarge = std::size_t{3} << 20;

TEST_F(MappedFileTest, HoldsTheBytes) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{5000}, kLarge + 77}) {
        const auto file = MappedFile::open(write("file", size));
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_EQ(file->bytes().size(), size);
        EXPECT_EQ(sum(*file), size * 'x');
    }
}

TEST_F(MappedFileTest, EmptyIsAnEmptySpan) {
    const auto file = MappedFile::open(write("empty", 0));
    ASSERT_TRUE(file);
    EXPECT_TRUE(file->bytes().empty());
}

TEST_F(MappedFileTest, MovesKeepTheBytes) {
    auto first = MappedFile::open(write("first", kLarge));
    auto second = MappedFile::open(write("second", 10));
    ASSERT_TRUE(first && second);
    MappedFile moved = std::move(*first);
    EXPECT_TRUE(first->bytes().empty());
    *second = std::move(moved);
    EXPECT_EQ(second->bytes().size(), kLarge);
    EXPECT_EQ(sum(*second), kLarge * 'x');
}

TEST_F(MappedFileTest, OnlyRegularFilesAndNeverBlocking) {
    EXPECT_EQ(id((folder_ / "none").string()), "file-missing");
    EXPECT_EQ(id(write("file", 3) + "/below"), "file-missing");
    EXPECT_EQ(id(folder_.string()), "file-not-regular");
    EXPECT_EQ(id("/dev/zero"), "file-not-regular");
    const std::string fifo = (folder_ / "fifo").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_EQ(id(fifo), "file-not-regular");  // nobody writes: opening it blocks for ever where it is done wrong
    fs::create_symlink("loop", folder_ / "loop");
    EXPECT_EQ(id((folder_ / "loop").string()), "file-unreadable");
}

TEST_F(MappedFileTest, WithoutPermission) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
    const std::string secret = write("secret", 3);
    fs::permissions(secret, fs::perms::none);
    EXPECT_EQ(id(secret), "file-unreadable");
}

TEST_F(MappedFileTest, ShortenedMeanwhileReadsAsZeros) {
    const std::string path = write("file", kLarge);
    const auto file = MappedFile::open(path);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->bytes()[0], 'x');
    EXPECT_FALSE(file->changed());
    fs::resize_file(path, 10000);
    EXPECT_TRUE(file->changed());
    // The kernel clears the rest of the last page; all later pages are gone.
    EXPECT_EQ(sum(*file), std::uint64_t{10000} * 'x');
    EXPECT_EQ(file->bytes()[kLarge - 1], 0);
    fs::resize_file(path, 0);
    EXPECT_EQ(file->bytes()[9999], 0);
}

TEST_F(MappedFileTest, GoneMeanwhileIsStillThere) {
    const std::string path = write("file", kLarge);
    const auto file = MappedFile::open(path);
    ASSERT_TRUE(file);
    fs::remove(path);
    write("file", 10);
    EXPECT_EQ(sum(*file), kLarge * 'x');
    EXPECT_FALSE(file->changed());
}

/// Size and time alone would not tell: a page that was not there is remembered.
TEST_F(MappedFileTest, ShortenedAndMadeLongAgainHasChanged) {
    const std::string path = write("file", kLarge);
    const auto time = fs::last_write_time(path);
    auto file = MappedFile::open(path);
    ASSERT_TRUE(file);
    fs::resize_file(path, 10000);
    EXPECT_EQ(file->bytes()[kLarge - 1], 0);
    fs::resize_file(path, kLarge);
    fs::last_write_time(path, time);
    EXPECT_TRUE(file->changed());
    const MappedFile moved = std::move(*file);
    EXPECT_TRUE(moved.changed());
    const auto again = MappedFile::open(path);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->bytes()[kLarge - 1], 0);
    EXPECT_FALSE(again->changed());
}

TEST_F(MappedFileTest, RewrittenInPlaceHasChanged) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{5000}, kLarge}) {
        const std::string path = write("file", size);
        fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
        const auto file = MappedFile::open(path);
        ASSERT_TRUE(file);
        EXPECT_FALSE(file->changed()) << size;
        fs::create_hard_link(path, path + "-link");
        EXPECT_FALSE(file->changed()) << size << ": a new name changes no byte";
        fs::remove(path + "-link");
        write("file", std::max<std::size_t>(size, 1), 'y');
        EXPECT_TRUE(file->changed()) << size;
    }
}

TEST_F(MappedFileTest, MoreThanCanBeGuardedAreRead) {
    const std::string path = write("file", std::size_t{300} << 10);
    std::vector<MappedFile> files;
    for (int i = 0; i < 300; ++i) {
        auto file = MappedFile::open(path);
        ASSERT_TRUE(file) << i << ": " << file.error().message;
        files.push_back(std::move(*file));
    }
    fs::resize_file(path, 0);
    EXPECT_EQ(sum(files.front()), 0U);                                              // guarded
    EXPECT_EQ(sum(files.back()), (std::uint64_t{300} << 10) * std::uint64_t{'x'});  // read before
}

/// A SIGBUS that is not ours ends the program as before.
TEST_F(MappedFileTest, OthersMappingsAreNotTouched) {
    const std::string ours = write("ours", kLarge), theirs = write("theirs", 8192);
    const auto strange = [&] {
        const auto file = MappedFile::open(ours);
        std::FILE* const other = std::fopen(theirs.c_str(), "r");
        const auto* bytes =
            static_cast<const volatile char*>(::mmap(nullptr, 8192, PROT_READ, MAP_PRIVATE, ::fileno(other), 0));
        fs::resize_file(theirs, 0);
        std::exit(file && bytes[0] != 'x' ? 0 : 1);  // not come to
    };
    // By the signal, or by the handler of a sanitizer that was there before ours.
    const auto ended_by_it = [](int status) { return WIFSIGNALED(status) || WEXITSTATUS(status) > 1; };
    EXPECT_EXIT(strange(), ended_by_it, "");
}

}  // namespace
}  // namespace lf
