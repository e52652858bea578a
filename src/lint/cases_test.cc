// SPDX-License-Identifier: MIT
// tests/overlays/<case>/: before/ is a repository with somebody's llama.cpp overlay. WHY.md says in its first line why
// the case exists. expected.txt lists what the lint finds, `file:line:column severity rule`, in order; without it the
// case must raise nothing. after/, where it is there, is the repository after `check --fix`, and left.txt what is found
// then. With one more comment, wherever it stands, --fix must keep it and mend the rest alike. LLAMA_FLEET_ACCEPT=1
// writes expected.txt, after/ and left.txt anew; such a run counts as skipped.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/memory_files_test.h"
#include "lint/comments.h"
#include "lint/lint.h"
#include "lint/rule.h"
#include "nixsyntax/lexer.h"

namespace lf::lint {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

const std::string kCases = LLAMA_FLEET_SOURCE_DIR "/tests/overlays";

Files files_below(const fs::path& folder) {
    Files out;
    if (!fs::exists(folder)) return out;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            out[entry.path().lexically_relative(folder).string()] = read_file(entry.path().string()).value();
    return out;
}

std::string listed(const Report& report) {
    std::string out;
    for (const Finding& finding : report.findings)
        out += fmt::format("{}:{}:{} {} {}\n", finding.file, finding.line, finding.column,
                           severity_name(finding.severity), finding.rule);
    for (const std::string& unread : report.unread) out += "not read: " + unread + "\n";
    return out;
}

void write(const fs::path& path, const std::string& text) {
    fs::remove(path);
    if (text.empty()) return;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

class Overlay : public testing::TestWithParam<std::string> {};

TEST_P(Overlay, is_judged) {
    const fs::path folder = fs::path(kCases) / GetParam();
    const Files before = files_below(folder / "before");
    ASSERT_FALSE(before.empty());
    Files about = files_below(folder);
    EXPECT_FALSE(about["WHY.md"].empty());
    const std::string found = listed(lint(MemoryFiles(before)));
    const auto fixed = fix(MemoryFiles(before));
    ASSERT_TRUE(fixed) << fixed.error().message;
    Files after = before;
    for (const auto& change : fixed->changes) {
        after[change.path] = change.after.value_or("");
        EXPECT_TRUE(keeps_comments(before.at(change.path), after[change.path])) << change.path;
    }
    const std::string left = fixed->changes.empty() ? "" : listed(fixed->rest);
    if (std::getenv("LLAMA_FLEET_ACCEPT") != nullptr) {
        write(folder / "expected.txt", found);
        write(folder / "left.txt", left);
        fs::remove_all(folder / "after");
        if (!fixed->changes.empty())
            for (const auto& [path, text] : after) write(folder / "after" / path, text);
        GTEST_SKIP() << "accepted";
    }
    EXPECT_EQ(found, about["expected.txt"]);
    EXPECT_EQ(left, about["left.txt"]);
    EXPECT_EQ(after, fs::exists(folder / "after") ? files_below(folder / "after") : before);
    // Mended is mended: a second run changes nothing.
    const auto again = fix(MemoryFiles(after));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->changes.empty());
}

/// What a text is without its blanks and comments.
std::string code_of(const std::string& text) {
    std::string out;
    const auto tokens = nixsyntax::lex(text);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
        if (!nixsyntax::is_trivia(tokens[i].kind))
            out += text.substr(tokens[i].begin, tokens[i + 1].begin - tokens[i].begin) + ' ';
    return out;
}

/// A text with a comment before its n-th token; nullopt = there it would be none, or tell the lint something.
std::optional<std::string> with_comment(const std::string& text, std::size_t token, std::string_view comment) {
    std::string now = text;
    now.insert(nixsyntax::lex(text)[token].begin, comment);
    if (code_of(now) != code_of(text) || !nixsyntax::parse(now, "x.nix")) return std::nullopt;
    return now;
}

/// Where a comment stands in what would be taken out beside the flag, that stays: `cmakeFlags = old.cmakeFlags;`.
bool keeps_the_rest(const std::string& name) {
    return name == "enforce-no-native-off" || name == "sets-beside-all-variants";
}

/// Wherever its owner had put one more comment: it is there after --fix, and the place is mended as without it or left
/// to the owner.
TEST_P(Overlay, is_mended_around_comments) {
    const fs::path folder = fs::path(kCases) / GetParam();
    const Files before = files_below(folder / "before");
    const Files expected = files_below(folder / "after");
    constexpr std::array<std::string_view, 2> kComments{" /* why */ ", " # why\n"};
    for (const auto& [path, mended] : expected) {
        if (before.at(path) == mended) continue;
        const std::size_t tokens = nixsyntax::lex(before.at(path)).size() - 1;
        for (std::size_t token = 0; token < tokens; ++token) {
            const auto text = with_comment(before.at(path), token, kComments.at(token % 2));
            if (!text) continue;
            Files files = before;
            files[path] = *text;
            const auto fixed = fix(MemoryFiles(files));
            ASSERT_TRUE(fixed) << fixed.error().message;
            for (const auto& change : fixed->changes) files[change.path] = change.after.value_or("");
            EXPECT_TRUE(keeps_comments(*text, files[path])) << files[path];
            const bool by_hand = std::ranges::any_of(fixed->rest.findings, [](const Finding& finding) {
                return finding.remedy.starts_with("by hand, because a comment");
            });
            EXPECT_TRUE(by_hand || keeps_the_rest(GetParam()) || code_of(files[path]) == code_of(mended))
                << files[path];
        }
    }
}

/// A rule that no case shows could be broken without anybody's knowing.
TEST(OverlayCases, ShowEveryRuleOfTexts) {
    std::string found;
    for (const auto& entry : fs::directory_iterator(kCases))
        if (fs::exists(entry.path() / "expected.txt"))
            found += read_file((entry.path() / "expected.txt").string()).value();
    for (const TextRule& rule : text_rules())
        EXPECT_NE(found.find(fmt::format(" {}\n", rule.text.id)), std::string::npos) << rule.text.id;
}

TEST(OverlayCases, FittedExampleRaisesNothing) {
    const std::string folder = LLAMA_FLEET_SOURCE_DIR "/examples/homelab-fitted";
    EXPECT_EQ(listed(lint(MemoryFiles(files_below(folder)))), "");
}

std::vector<std::string> all_cases() {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(kCases))
        if (fs::exists(entry.path() / "before")) out.push_back(entry.path().filename().string());
    std::ranges::sort(out);
    return out;
}

INSTANTIATE_TEST_SUITE_P(lint, Overlay, testing::ValuesIn(all_cases()), [](const auto& tested) {
    std::string name = tested.param;
    std::ranges::replace(name, '-', '_');
    return name;
});

}  // namespace
}  // namespace lf::lint
