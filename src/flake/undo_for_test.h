// SPDX-License-Identifier: MIT
/// \file
/// \brief What must hold of undo() after any fit, for tests.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "base/memory_files_test.h"
#include "base/text.h"
#include "flake/record.h"
#include "flake/squeezed.h"
#include "flake/undo.h"
#include "nixsyntax/lexer.h"

namespace lf::flake {

using TestFiles = std::map<std::string, std::string>;

inline TestFiles undone(const TestFiles& fitted, const FitResult& result) {
    TestFiles out = fitted;
    for (const FileChange& change : result.changes) {
        const auto it = fitted.find(change.path);
        EXPECT_EQ(change.before, it == fitted.end() ? std::nullopt : std::optional(it->second)) << change.path;
        if (change.after) out[change.path] = *change.after;
        else out.erase(change.path);
    }
    return out;
}

/// Names the file that differs; whole repositories are too much to read.
inline void expect_same(const TestFiles& got, const TestFiles& wanted, unsigned seed = 0) {
    for (const auto& [path, text] : wanted)
        EXPECT_EQ(got.contains(path) ? got.at(path) : "(missing)", text) << path << " seed " << seed;
    for (const auto& [path, text] : got) EXPECT_TRUE(wanted.contains(path)) << path << " seed " << seed;
}

/// What undo does. A repository that named files of ours before there were any (its owner has pasted what fit proposed)
/// is asked about, once: then it has to be forced.
inline FitResult undo_in_test(const TestFiles& before, const TestFiles& fitted) {
    auto result = undo({}, MemoryFiles(fitted));
    EXPECT_TRUE(result) << result.error().id << ": " << result.error().message;
    if (!result) return {};
    if (result->instructions.empty()) return std::move(*result);
    for (const Instruction& left : result->instructions) {
        const bool pasted = before.contains(left.file) && before.at(left.file).find(left.text) != std::string::npos;
        EXPECT_TRUE(pasted && left.why.find("which fit made and which would go") != std::string::npos)
            << left.file << ":" << left.line << ": " << left.why << "\n"
            << left.text;
    }
    EXPECT_TRUE(result->changes.empty());
    return undo({{}, true}, MemoryFiles(fitted)).value_or(FitResult{});
}

/// Untouched since: the original, byte for byte; and a second undo has nothing to do.
inline void expect_undone(const TestFiles& before, const TestFiles& fitted) {
    expect_same(undone(fitted, undo_in_test(before, fitted)), before);
    const auto again = undo({}, MemoryFiles(before));
    if (again) EXPECT_TRUE(again->changes.empty());
    else EXPECT_EQ(again.error().id, "undo-no-record");
}

/// Where lines begin that no edit of ours touches, as offsets of the file before and of the file after.
inline std::vector<std::pair<std::size_t, std::size_t>> free_lines(const std::string& before,
                                                                   const RecordedFile& file) {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    std::size_t from = 0;
    std::int64_t shift = 0;
    const auto add_until = [&](std::size_t end) {
        for (std::size_t at = from; at < end; ++at)
            if (at > from && before[at - 1] == '\n')
                out.emplace_back(at, static_cast<std::size_t>(static_cast<std::int64_t>(at) + shift));
    };
    for (const RecordedEdit& edit : file.edits) {
        const auto begin = static_cast<std::size_t>(static_cast<std::int64_t>(edit.offset) - shift);
        // Not the line of the edit itself, nor directly above or below it.
        const std::size_t line = before.rfind('\n', begin == 0 ? 0 : begin - 1);
        if (line != std::string::npos && line > from) add_until(line);
        from = before.find('\n', begin + edit.removed.size());
        from = from == std::string::npos ? before.size() : from + 1;
        shift += static_cast<std::int64_t>(edit.inserted.size()) - static_cast<std::int64_t>(edit.removed.size());
    }
    add_until(before.size());
    return out;
}

/// The owner has put lines in at random, away from our edits: undo gives what was there before, with these lines.
inline void expect_undone_around(TestFiles before, TestFiles fitted, unsigned seed) {
    const auto record = record_from_json(fitted[std::string(kRecordFile)], "edits.json");
    if (!record) return;  // nothing was changed
    std::mt19937 random(seed);
    bool edited = false;
    for (const RecordedFile& file : record->layers.back().files) {
        if (file.deed != Deed::edited || !file.path.ends_with(".nix")) continue;
        auto lines = free_lines(before.at(file.path), file);
        std::shuffle(lines.begin(), lines.end(), random);
        lines.resize(std::min<std::size_t>(lines.size(), 1 + random() % 6));
        std::sort(lines.rbegin(), lines.rend());
        for (const auto& [in_before, in_fitted] : lines) {
            const std::string line = "# the owner's line " + std::to_string(random() % 3) + "\n";
            before[file.path].insert(in_before, line);
            fitted[file.path].insert(in_fitted, line);
            edited = true;
        }
    }
    if (!edited) return;
    expect_same(undone(fitted, undo_in_test(before, fitted)), before, seed);
}

inline std::string indented_twice(const std::string& text) {
    std::string out;
    for (const std::string_view line : lines(text)) {
        const std::size_t blanks = std::min(line.size(), line.find_first_not_of(' '));
        out += std::string(blanks, ' ') + std::string(line) + "\n";
    }
    return out;
}

/// Other white space between the tokens, at random: lines broken and joined.
inline std::string spaced_anew(const std::string& text, std::mt19937& random) {
    const std::vector<nixsyntax::Token> tokens = nixsyntax::lex(text);
    std::string out;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        const std::string token = text.substr(tokens[i].begin, tokens[i + 1].begin - tokens[i].begin);
        const bool comment = i > 0 && tokens[i - 1].kind == nixsyntax::TokenKind::line_comment;
        if (tokens[i].kind != nixsyntax::TokenKind::blank || random() % 3 == 0) out += token;
        else if (comment || random() % 2 == 0) out += "\n" + std::string(random() % 9, ' ');
        else out += ' ';
    }
    return out;
}

/// Whatever a formatter did, undo takes out our text and nothing else, or asks.
inline bool undone_if_spaced_anew(const TestFiles& before, TestFiles fitted, unsigned seed) {
    const auto record = record_from_json(fitted[std::string(kRecordFile)], "edits.json");
    if (!record) return true;  // nothing was changed
    std::mt19937 random(seed);
    for (const RecordedFile& file : record->layers.back().files)
        if (file.deed == Deed::edited && file.path.ends_with(".nix"))
            fitted[file.path] = spaced_anew(fitted[file.path], random);
    const auto result = undo({}, MemoryFiles(fitted));
    EXPECT_TRUE(result) << result.error().id << ": " << result.error().message;
    if (!result || !result->instructions.empty()) return false;
    const TestFiles left = undone(fitted, *result);
    for (const auto& [path, text] : before) {
        if (!path.ends_with(".nix")) continue;
        EXPECT_EQ(squeezed(left.at(path)).text, squeezed(text).text) << path << " seed " << seed;
    }
    return true;
}

/// The owner's editor has changed the white space of every file that fit edited: undo gives what was there before, but
/// for white space. (Strings count: what stands in a string is not indented here.)
inline void expect_undone_but_for_blanks(TestFiles before, TestFiles fitted,
                                         std::string (*change)(const std::string&)) {
    const auto record = record_from_json(fitted[std::string(kRecordFile)], "edits.json");
    if (!record) return;  // nothing was changed
    for (const RecordedFile& file : record->layers.back().files) {
        if (file.deed != Deed::edited || !file.path.ends_with(".nix")) continue;
        fitted[file.path] = change(fitted[file.path]);
        before[file.path] = change(before[file.path]);
    }
    const FitResult result = undo_in_test(before, fitted);
    const TestFiles left = undone(fitted, result);
    const auto lines_of = [](const std::string& text) {
        std::vector<std::string_view> out;
        for (const std::string_view line : lines(text))
            if (!trim(line).empty()) out.push_back(trim(line));
        return out;
    };
    for (const auto& [path, text] : before) EXPECT_EQ(lines_of(left.at(path)), lines_of(text)) << left.at(path);
}

}  // namespace lf::flake
