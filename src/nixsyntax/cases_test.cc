// SPDX-License-Identifier: MIT
// Runs the cases of tests/nixsyntax: keep/ must parse and come back, broken/ must be refused as its first line says,
// edit/ must become what it says. A new case is a new file.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "nixsyntax/dump.h"
#include "nixsyntax/edit.h"
#include "nixsyntax/literals.h"
#include "nixsyntax/query.h"
#include "nixsyntax/style.h"

namespace lf::nixsyntax {
namespace {

std::vector<std::string> cases(const std::string& folder) {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(LLAMA_FLEET_SOURCE_DIR "/tests/nixsyntax/" + folder))
        out.push_back(entry.path().string());
    std::sort(out.begin(), out.end());
    return out;
}

std::string shown_name(const testing::TestParamInfo<std::string>& info) {
    std::string name = std::filesystem::path(info.param).stem().string();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find_first_of("\r\n")); }

class Keep : public testing::TestWithParam<std::string> {};
TEST_P(Keep, ComesBackByteForByte) {
    const std::string text = read_file(GetParam()).value();
    EXPECT_NE(first_line(text).find("why: "), std::string::npos) << "the first line says why the case exists";
    const Result<Tree> tree = check_round_trip(text, GetParam());
    ASSERT_TRUE(tree) << tree.error().message << " at line " << tree.error().where.line;
    // The tree covers the text: what no leaf covers is trivia or punctuation.
    EXPECT_EQ(tree->text(), text);
    EXPECT_FALSE(dump(*tree).empty());
}
INSTANTIATE_TEST_SUITE_P(Files, Keep, testing::ValuesIn(cases("keep")), shown_name);

class Broken : public testing::TestWithParam<std::string> {};
TEST_P(Broken, IsRefusedWithTheseWords) {
    const std::string text = read_file(GetParam()).value();
    const std::string line = first_line(text);
    const std::size_t says = line.find("says: ");
    ASSERT_NE(says, std::string::npos) << "the first line ends in `says: LINE:COLUMN MESSAGE`";
    const Result<Tree> tree = parse(text, "t.nix");
    ASSERT_FALSE(tree);
    const Error& error = tree.error();
    EXPECT_EQ(line.substr(says + 6),
              std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + " " + error.message);
}
INSTANTIATE_TEST_SUITE_P(Files, Broken, testing::ValuesIn(cases("broken")), shown_name);

// The text between `== name` and the next `== `.
std::string section(const std::string& text, const std::string& name) {
    const std::string head = "\n== " + name + "\n";
    const std::size_t begin = text.find(head);
    if (begin == std::string::npos) return {};
    const std::size_t end = text.find("\n== ", begin + head.size() - 1);
    return text.substr(begin + head.size(), end == std::string::npos ? end : end + 1 - begin - head.size());
}

Span find_once(const Tree& tree, const std::string& snippet) {
    const std::size_t at = tree.text().find(snippet);
    EXPECT_NE(at, std::string_view::npos) << snippet;
    EXPECT_EQ(tree.text().find(snippet, at + 1), std::string_view::npos) << "not once: " << snippet;
    return {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + snippet.size())};
}

// Adds an item behind the last one of the list at this path, laid out like it.
void append(const Tree& tree, const std::string& path, const std::string& item, EditSet& edits) {
    const NodeId value = find_value(tree, innermost_body(tree, tree.root()), path);
    const NodeId list = list_literals(tree, value).back();
    const ItemStyle style = item_style(tree, list);
    const std::string before = style.one_line ? " " : file_style(tree).newline + style.item_indent;
    edits.insert(end_with_comment(tree, tree.last_child(list)), before + item);
}

class Edits : public testing::TestWithParam<std::string> {};
TEST_P(Edits, BecomeWhatTheCaseSays) {
    const std::string text = read_file(GetParam()).value();
    EXPECT_NE(first_line(text).find("why: "), std::string::npos);
    const std::string before = section(text, "before");
    const Result<Tree> tree = parse(before, "t.nix");
    ASSERT_TRUE(tree) << tree.error().message;
    EditSet edits;
    std::string verb;
    std::string operand;
    const auto perform = [&](const std::string& inserted) {
        if (verb == "insert-after") edits.insert(find_once(*tree, operand).end, inserted);
        if (verb == "replace") edits.replace(find_once(*tree, operand), inserted);
        if (verb == "append") append(*tree, operand, inserted, edits);
    };
    const std::string steps = section(text, "do");
    for (const std::string_view line : lines(steps)) {
        const std::size_t colon = line.find(": ");
        ASSERT_NE(colon, std::string_view::npos);
        const std::string word(line.substr(0, colon));
        const std::string rest(line.substr(colon + 2));
        if (word == "text") {
            perform(unescape(rest));
        } else {
            verb = word;
            operand = rest;
        }
        if (word == "delete")
            edits.erase(span_with_comments(*tree, find_bindings(*tree, tree->root(), operand).at(0).entry));
    }
    ASSERT_FALSE(edits.empty());
    const Result<std::string> after = apply_proven(before, edits, "t.nix");
    const std::string refused = section(text, "refused");
    if (refused.empty()) {
        ASSERT_TRUE(after) << after.error().message;
        EXPECT_EQ(*after, section(text, "after"));
    } else {
        ASSERT_FALSE(after);
        EXPECT_EQ(after.error().id + "\n", refused);
    }
}
INSTANTIATE_TEST_SUITE_P(Files, Edits, testing::ValuesIn(cases("edit")), shown_name);

}  // namespace
}  // namespace lf::nixsyntax
