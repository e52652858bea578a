// SPDX-License-Identifier: MIT
// undo() where a formatter, an editor or git has changed the white space of a fitted repository; and what its owner
// came to need of ours.
#include <gtest/gtest.h>

#include <functional>

#include "base/text.h"
#include "flake/line_ends.h"
#include "flake/squeezed.h"
#include "flake/undo_fleet_for_test.h"
#include "flake/undo_text.h"

namespace lf::flake {
namespace {

TestFiles each_nix(TestFiles files, const std::function<std::string(const std::string&)>& change) {
    for (auto& [path, text] : files)
        if (path.ends_with(".nix") && path != kOverlayFile) text = change(text);
    return files;
}

std::string wider(const std::string& text) {
    std::string out;
    for (const std::string_view line : lines(text)) {
        const std::size_t blanks = std::min(line.size(), line.find_first_not_of(' '));
        out += std::string(blanks, ' ') + std::string(line) + "\n";
    }
    return out;
}

std::string tabbed(const std::string& text) {
    std::string out;
    for (const std::string_view line : lines(text)) {
        const std::size_t blanks = std::min(line.size(), line.find_first_not_of(' '));
        out += std::string(blanks / 2, '\t') + std::string(line.substr(blanks)) + "\n";
    }
    return out;
}

/// `[ a b ]` and `{ a, b }`: each on a line of its own, as nixfmt does with long ones.
std::string broken(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text[i];
        if (text[i] == '[' || text[i] == '{' || text[i] == ',') out += "\n      ";
        else if (i + 1 < text.size() && text[i] == ' ' && (text[i + 1] == ']' || text[i + 1] == '}')) out += "\n  ";
    }
    return out;
}

TEST(UndoFormatted, gives_the_original_as_it_would_be_indented) {
    for (const auto& change : {wider, tabbed}) {
        const TestFiles files = each_nix(fitted(kFleet), change);
        const FitResult result = undo_of(files);
        EXPECT_EQ(told(result), "");
        expect_same(undone(files, result), each_nix(kFleet, change));
    }
}

TEST(UndoFormatted, takes_our_text_alone_where_lines_were_broken) {
    const TestFiles files = each_nix(fitted(kFleet), broken);
    const FitResult result = undo_of(files);
    EXPECT_EQ(told(result), "");
    const TestFiles left = undone(files, result);
    for (const auto& [path, text] : kFleet) EXPECT_EQ(squeezed(left.at(path)).text, squeezed(text).text) << path;
}

TEST(UndoFormatted, keeps_what_the_owner_wrote_in_a_file_that_was_indented_anew) {
    TestFiles files = each_nix(fitted(kFleet), wider);
    TestFiles wanted = each_nix(kFleet, wider);
    for (TestFiles* both : {&files, &wanted}) {
        replace(*both, "carbon.nix", "        vim\n", "        nano # small\n        vim\n");
        replace(*both, "flake.nix", "    outputs =", "    # What comes of it.\n    outputs =");
    }
    const FitResult result = undo_of(files);
    EXPECT_EQ(told(result), "");
    expect_same(undone(files, result), wanted);
}

TEST(UndoFormatted, keeps_the_line_ends_of_the_file) {
    TestFiles files = fitted(kFleet);
    TestFiles wanted = kFleet;
    for (TestFiles* both : {&files, &wanted})
        for (auto& [path, text] : *both)
            if (path != kRecordFile) text = with_crlf(text);
    const FitResult all = undo_of(files);
    EXPECT_EQ(told(all), "");
    expect_same(undone(files, all), wanted);
    for (TestFiles* both : {&files, &wanted}) replace(*both, "carbon.nix", "    vim\r\n", "    nano\r\n    vim\r\n");
    const FitResult edited = undo_of(files);
    EXPECT_EQ(told(edited), "");
    expect_same(undone(files, edited), wanted);
}

TEST(UndoFormatted, of_a_file_that_had_other_line_ends_when_it_was_fitted) {
    TestFiles before = kFleet;
    for (auto& [path, text] : before) text = with_crlf(text);
    TestFiles files = fitted(before);
    expect_undone(before, files);
    for (auto& [path, text] : files)
        if (path.ends_with(".nix")) text = with_lf(text);
    const FitResult result = undo_of(files);
    EXPECT_EQ(told(result), "");
    expect_same(undone(files, result), kFleet);
}

TEST(UndoFormatted, a_comment_does_not_swallow_what_stood_behind_our_line) {
    TestFiles before = kFleet;
    replace(before, "boron.nix", "htop\n", "htop # enough\n");
    TestFiles files = fitted(before);
    replace(files, "boron.nix", "    llama-cpp-cpu\n  ];", "    llama-cpp-cpu ];");
    const FitResult result = undo_of(files);
    EXPECT_EQ(told(result), "");
    const std::string left = undone(files, result)["boron.nix"];
    EXPECT_NE(left.find("htop # enough\n"), std::string::npos) << left;
    EXPECT_EQ(squeezed(left).text, squeezed(before["boron.nix"]).text);
}

TEST(UndoFormatted, white_space_in_a_string_of_ours_is_no_matter_of_taste) {
    TestFiles files = each_nix(fitted(kFleet), wider);
    replace(files, "flake.nix", "\"github:ggml-org/llama.cpp\"", "\"github:ggml-org/llama.cpp \"");
    const FitResult result = undo_of(files);
    EXPECT_TRUE(result.changes.empty());
    EXPECT_NE(told(result).find("take this out, which fit put in; it was changed since: inputs.llama-cpp.url"),
              std::string::npos)
        << told(result);
}

TEST(UndoUses, the_owner_came_to_need_a_binding) {
    for (const char* const use :
         {"    foo = { inherit overlay-llama-cpp; };\n", "    foo = overlay-llama-cpp \"new\";\n",
          "    foo = with self; [ overlay-llama-cpp ];\n"}) {
        TestFiles files = fitted(kFleet);
        const std::string whole = files["flake.nix"];
        ASSERT_NE(whole.find("overlay-llama-cpp ="), std::string::npos) << whole;
        files["flake.nix"].insert(whole.rfind("  };\n}"), use);
        const auto line =
            1 + std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.rfind("  };\n}")), '\n');
        for (const bool force : {false, true}) {
            const FitResult result = undo_of(files, force);
            EXPECT_TRUE(result.changes.empty());
            EXPECT_EQ(told(result), "flake.nix:" + std::to_string(line) +
                                        ": needs what fit put in and what would go: take it out first: "
                                        "overlay-llama-cpp\n");
        }
    }
}

TEST(UndoUses, a_name_that_its_owner_defines_again_is_theirs) {
    TestFiles files = fitted(kFleet);
    TestFiles wanted = kFleet;
    for (TestFiles* both : {&files, &wanted})
        (*both)["flake.nix"].insert((*both)["flake.nix"].rfind("  };\n}"),
                                    "    foo = let overlay-llama-cpp = 1; in overlay-llama-cpp;\n");
    const FitResult result = undo_of(files);
    EXPECT_EQ(told(result), "");
    expect_same(undone(files, result), wanted);
}

TEST(UndoHosts, a_host_that_its_owner_has_taken_out_is_not_asked_for) {
    TestFiles files = fitted(kFleet);
    TestFiles wanted = kFleet;
    for (TestFiles* both : {&files, &wanted}) {
        std::string& text = (*both)["flake.nix"];
        const std::size_t at = text.find("nixosConfigurations.boron");
        const std::size_t begin = text.rfind('\n', at) + 1;
        const std::size_t end = text.find("};\n", at) + 3;
        text.erase(begin, text.find("    };\n", at) == std::string::npos ? end - begin
                                                                         : text.find("    };\n", at) + 7 - begin);
        both->erase("boron.nix");
    }
    const FitResult result = undo_of(files);
    EXPECT_TRUE(result.instructions.empty()) << told(result);
    EXPECT_NE(told(result).find("boron.nix is gone, and the edits of fit with it"), std::string::npos) << told(result);
    EXPECT_NE(told(result).find("you have taken this out already: "), std::string::npos) << told(result);
    const TestFiles left = undone(files, result);
    for (const auto& [path, text] : wanted) EXPECT_EQ(squeezed(left.at(path)).text, squeezed(text).text) << path;
}

TEST(UndoHosts, a_file_that_was_moved_is_named) {
    TestFiles files = fitted(kFleet);
    files["machines/carbon.nix"] = files["carbon.nix"];
    files.erase("carbon.nix");
    const FitResult result = undo_of(files);
    EXPECT_TRUE(result.changes.empty());
    EXPECT_EQ(told(result),
              "machines/carbon.nix:6: put this back in the place of `llama-cpp-cuda`; it stood in carbon.nix, "
              "which is gone or was moved: llama-cpp\n");
}

TEST(UndoHosts, a_file_that_is_gone_is_not_taken_for_another_of_ours) {
    TestFiles before = kFleet;
    before["carbon.nix"] = before["boron.nix"];
    TestFiles files = fitted(before, "llama-cpp-cpu");
    files.erase("boron.nix");
    before.erase("boron.nix");
    const FitResult result = undo_of(files);
    EXPECT_EQ(told(result), "note: boron.nix is gone, and the edits of fit with it\n");
    expect_same(undone(files, result), before);
}

TEST(UndoText, a_text_to_paste_begins_where_its_first_line_does) {
    RecordedEdit edit;
    edit.above = "  inputs = {\n";
    edit.inserted = "    llama-cpp = {\n      url = \"x\";\n    };\n";
    EXPECT_EQ(to_paste(edit, edit.inserted), "llama-cpp = {\n  url = \"x\";\n};");
    edit.above = "    a = [ b";
    edit.inserted = "\n      c\n\n        d";
    EXPECT_EQ(to_paste(edit, edit.inserted), "c\n\n  d");
    edit.inserted = " {\n      e = 1;\n    }";
    EXPECT_EQ(to_paste(edit, edit.inserted), "{\n  e = 1;\n}");
    edit.inserted = " \"\n      text\"";
    EXPECT_EQ(to_paste(edit, edit.inserted), "\"\n      text\"");
}

}  // namespace
}  // namespace lf::flake
