// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/files.h"
#include "base/process.h"
#include "base/text.h"

namespace lf {
namespace {
namespace fs = std::filesystem;
using Text = std::optional<std::string>;

TEST(Diff, NothingForNoChange) {
    EXPECT_EQ(unified_diff("f", "a\n", "a\n"), "");
    EXPECT_EQ(unified_diff("f", std::nullopt, std::nullopt), "");
}

TEST(Diff, LooksLikeGits) {
    EXPECT_EQ(unified_diff("flake.nix", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
              "diff --git a/flake.nix b/flake.nix\n--- a/flake.nix\n+++ b/flake.nix\n"
              "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    EXPECT_EQ(unified_diff("n", std::nullopt, "a\nb"),
              "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n"
              "@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n");
    EXPECT_EQ(unified_diff("n", "a\n", std::nullopt),
              "diff --git a/n b/n\ndeleted file mode 100644\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
    EXPECT_EQ(unified_diff("n", std::nullopt, ""), "diff --git a/n b/n\nnew file mode 100644\n");
}

TEST(Diff, NamesAreQuotedAsGitDoes) {
    const std::string diff = unified_diff("a b/\"ä\n", "1\n", "2\n");
    EXPECT_EQ(diff.substr(0, diff.find("@@")),
              "diff --git \"a/a b/\\\"\\303\\244\\012\" \"b/a b/\\\"\\303\\244\\012\"\n"
              "--- \"a/a b/\\\"\\303\\244\\012\"\t\n+++ \"b/a b/\\\"\\303\\244\\012\"\t\n");
}

/// A folder in which `git apply` puts diffs into practice.
class DiffApplied : public testing::Test {
  protected:
    DiffApplied() {
        std::string pattern = (fs::temp_directory_path() / "lf-diff-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~DiffApplied() override { fs::remove_all(folder_); }
    void SetUp() override {
        if (processes_.find("git").empty()) GTEST_SKIP() << "git is not installed";
    }

    std::string name(std::size_t i) const { return "file " + std::to_string(i); }

    /// Applies one patch that changes all the files, and compares each.
    void check(const std::vector<std::pair<Text, Text>>& cases) {
        std::string patch;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            if (cases[i].first) std::ofstream(folder_ / name(i)) << *cases[i].first;
            patch += unified_diff(name(i), cases[i].first, cases[i].second);
        }
        Command apply;
        apply.argv = {"git", "apply", "--unidiff-zero", "--whitespace=nowarn", "-"};
        apply.directory = folder_.string();
        apply.input = patch;
        apply.environment = {{"GIT_CEILING_DIRECTORIES", folder_.parent_path().string()},
                             {"GIT_CONFIG_GLOBAL", "/dev/null"}};
        const auto finished = processes_.run(apply);
        ASSERT_TRUE(finished);
        ASSERT_EQ(finished->exit_code, 0) << finished->err << patch;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const auto got = read_file((folder_ / name(i)).string());
            EXPECT_EQ(got ? Text(*got) : Text(), cases[i].second) << unified_diff("f", cases[i].first, cases[i].second);
        }
    }

    fs::path folder_;
    RealProcesses processes_;
};

std::vector<std::string> random_lines(std::mt19937& random) {
    static const char* const kLines[] = {"\n",  "a\n",    "b\n", "  inputs = {\n", "  };\n", "x\r\n", "\\ No newline\n",
                                         "-\n", "+++ b\n"};
    std::vector<std::string> out(random() % 30);
    for (std::string& line : out) line = kLines[random() % std::size(kLines)];
    return out;
}

std::string text_of(std::vector<std::string> lines, bool newline_at_end) {
    std::string text = join(lines, "");
    if (!newline_at_end && text.ends_with('\n')) text.pop_back();
    return text;
}

TEST_F(DiffApplied, GivesTheAfterForRandomEdits) {
    std::mt19937 random(5);
    std::vector<std::pair<Text, Text>> cases;
    for (int i = 0; i < 600; ++i) {
        const std::vector<std::string> before = random_lines(random);
        std::vector<std::string> after = before;
        for (std::size_t edits = random() % 4; edits > 0; --edits) {
            const auto at = after.begin() + static_cast<std::ptrdiff_t>(random() % (after.size() + 1));
            if (random() % 2 == 0 || at == after.end()) after.insert(at, "new\n");
            else if (random() % 2 == 0) after.erase(at);
            else *at = "changed\n";
        }
        if (i % 5 == 0) after = random_lines(random);
        cases.emplace_back(text_of(before, random() % 3 != 0), text_of(after, random() % 3 != 0));
        if (i % 10 == 0) cases.back().first.reset();
        if (i % 10 == 1) cases.back().second.reset();
    }
    check(cases);
}

TEST_F(DiffApplied, GivesTheAfterForCorners) {
    check({{"", "a\n"},
           {"a\n", ""},
           {"a", "a\n"},
           {"a\n", "a"},
           {"a\r\n", "a\n"},
           {"a\n", "a\r\n"},
           {"\n", "\n\n"},
           {std::nullopt, "a"},
           {"a", std::nullopt},
           {"a\nb\nc", "a\nc"}});
}

TEST_F(DiffApplied, MakesAndDeletesEmptyFiles) { check({{std::nullopt, ""}, {"", std::nullopt}}); }

TEST_F(DiffApplied, HoldsForTextsTooLargeForTheTable) {
    std::string before;
    std::string after;
    for (int i = 0; i < 5000; ++i) {
        before += std::to_string(i) + "\n";
        after += std::to_string(i * 3) + "\n";
    }
    check({{before, after}});
}

TEST(Diff, ChangesAsFewLinesAsPossible) {
    const std::string diff = unified_diff("f", "a\nb\nc\nd\n", "a\nc\nx\nd\n");
    EXPECT_THAT(diff, testing::EndsWith("@@ -1,4 +1,4 @@\n a\n-b\n c\n+x\n d\n"));
}

}  // namespace
}  // namespace lf
