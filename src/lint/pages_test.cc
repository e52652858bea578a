// SPDX-License-Identifier: MIT
// doc/lint/<rule>.md is the page of a rule, and a test of it. Its code blocks are files of one repository:
//
//     ```nix flake.nix            a file, as the owner has it
//     ```nix fixed flake.nix      the same file after `check --fix`; a page without one says "no automatic fix"
//     <!-- with: llama-fleet/facts/carbon.json -->     a file of examples/homelab-fitted that lies there too
//     <!-- by evaluation -->      the rule has no example of text: only Nix can tell
//
// The example must show the rule's finding, its fix must give what the page says, and the finding must be gone then.
// What other rules find in the example is theirs. LLAMA_FLEET_ACCEPT=1 writes the fixed blocks anew (and skips).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/memory_files_test.h"
#include "base/text.h"
#include "lint/comments.h"
#include "lint/lint.h"
#include "lint/rule.h"

namespace lf::lint {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

const std::string kPages = LLAMA_FLEET_SOURCE_DIR "/doc/lint";
const std::string kFitted = LLAMA_FLEET_SOURCE_DIR "/examples/homelab-fitted";

struct Block {
    std::string info;  ///< behind "```nix "
    std::string text;
    std::size_t begin = 0;  ///< of the text within the page
};

std::vector<Block> blocks_of(const std::string& page) {
    std::vector<Block> out;
    std::size_t at = 0;
    while ((at = page.find("\n```", at)) != std::string::npos) {
        const std::size_t line_end = page.find('\n', at + 1);
        const std::size_t end = page.find("\n```", line_end);
        if (line_end == std::string::npos || end == std::string::npos) break;
        std::string info = page.substr(at + 4, line_end - at - 4);
        if (const std::size_t blank = info.find(' '); blank != std::string::npos) {
            info.erase(0, blank + 1);
            out.push_back({info, page.substr(line_end + 1, end - line_end), line_end + 1});
        }
        at = end + 4;
    }
    return out;
}

Files given(const std::string& page) {
    Files files;
    for (const Block& block : blocks_of(page))
        if (!block.info.starts_with("fixed ")) files[block.info] = block.text;
    for (const std::string_view line : lines(page)) {
        constexpr std::string_view kWith = "<!-- with: ";
        if (!line.starts_with(kWith)) continue;
        const std::string path(line.substr(kWith.size(), line.find(" -->") - kWith.size()));
        files[path] = read_file(kFitted + "/" + path).value_or("");
    }
    files.try_emplace("flake.nix",
                      "{ inputs.llama-cpp.url = \"github:ggml-org/llama.cpp\"; outputs = inputs: { }; }\n");
    return files;
}

bool has(const Report& report, std::string_view rule) {
    return std::ranges::find(report.findings, rule, &Finding::rule) != report.findings.end();
}

Files with_changes(Files files, const std::vector<flake::FileChange>& changes) {
    for (const auto& change : changes)
        if (change.after) files[change.path] = *change.after;
    return files;
}

void accept(const std::string& path, std::string page, const Files& after) {
    auto blocks = blocks_of(page);
    for (auto it = blocks.rbegin(); it != blocks.rend(); ++it)
        if (it->info.starts_with("fixed ")) page.replace(it->begin, it->text.size(), after.at(it->info.substr(6)));
    std::ofstream(path, std::ios::binary) << page;
}

class Page : public testing::TestWithParam<std::string> {};

RuleText rule_called(std::string_view id) {
    const auto rules = all_rules();
    return *std::ranges::find(rules, id, &RuleText::id);
}

std::vector<std::string> all_ids() {
    std::vector<std::string> out;
    for (const RuleText& rule : all_rules()) out.emplace_back(rule.id);
    return out;
}

TEST_P(Page, shows_its_rule) {
    const std::string& id = GetParam();
    const std::string path = fmt::format("{}/{}.md", kPages, id);
    const auto page = read_file(path);
    ASSERT_TRUE(page) << path << " is not there";
    EXPECT_TRUE(page->starts_with(fmt::format("# {}\n\n{}", id, severity_name(rule_called(id).severity)))) << path;
    for (const char* part : {"## What happens\n", "## Why\n", "## What to do\n", "## Example\n"})
        EXPECT_NE(page->find(part), std::string::npos) << path << " has no " << part;
    if (page->find("<!-- by evaluation -->") != std::string::npos) return;
    const Files before = given(*page);
    const Report report = lint(MemoryFiles(before));
    EXPECT_TRUE(report.unread.empty()) << report.unread.front();
    ASSERT_TRUE(has(report, id)) << path;
    const auto fixed = fix(MemoryFiles(before));
    ASSERT_TRUE(fixed) << fixed.error().message;
    const Files after = with_changes(before, fixed->changes);
    for (const auto& [file, text] : before) EXPECT_TRUE(keeps_comments(text, after.at(file))) << path << ": " << file;
    if (std::getenv("LLAMA_FLEET_ACCEPT") != nullptr) {
        accept(path, *page, after);
        GTEST_SKIP() << "accepted";
    }
    bool shown = false;
    for (const Block& block : blocks_of(*page)) {
        if (!block.info.starts_with("fixed ")) continue;
        shown = true;
        EXPECT_EQ(after.at(block.info.substr(6)), block.text) << path;
    }
    if (shown) EXPECT_FALSE(has(fixed->rest, id)) << path << ": the fix does not mend it";
    else EXPECT_NE(page->find("no automatic fix"), std::string::npos) << path << ": neither a fix nor a word about it";
}

INSTANTIATE_TEST_SUITE_P(lint, Page, testing::ValuesIn(all_ids()), [](const auto& tested) {
    std::string name(tested.param);
    std::ranges::replace(name, '-', '_');
    return name;
});

TEST(Pages, are_those_of_the_rules) {
    const auto rules = all_rules();
    for (const auto& entry : fs::directory_iterator(kPages)) {
        const std::string name = entry.path().stem().string();
        if (name == "README") continue;
        EXPECT_NE(std::ranges::find(rules, name, &RuleText::id), rules.end()) << name << " is no rule";
    }
    const auto index = read_file(kPages + "/README.md");
    ASSERT_TRUE(index);
    for (const RuleText& rule : rules)
        EXPECT_NE(index->find(
                      fmt::format("| [{0}]({0}.md) | {1} | {2} |", rule.id, severity_name(rule.severity), rule.title)),
                  std::string::npos)
            << "doc/lint/README.md has no line for " << rule.id;
}

}  // namespace
}  // namespace lf::lint
