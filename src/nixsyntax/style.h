// SPDX-License-Identifier: MIT
/// \file
/// \brief How a file is laid out, so that what is added looks like its neighbours. Reads only; never reformats.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nixsyntax/tree.h"

namespace lf::nixsyntax {

struct FileStyle {
    std::string newline = "\n";      ///< "\n" or "\r\n", what most lines end with
    std::string indent_unit = "  ";  ///< one step of indentation: blanks or one tab, the most frequent step of the file
    bool final_newline = true;
};
FileStyle file_style(const Tree& tree);

/// The blanks and tabs at the start of the line that `offset` is on.
std::string_view line_indent(const Tree& tree, std::uint32_t offset);
/// The same for the line that the node starts on.
std::string_view line_indent_of(const Tree& tree, NodeId id);
/// Only blanks stand before it on its line.
bool starts_line(const Tree& tree, NodeId id);
/// No newline within its span.
bool on_one_line(const Tree& tree, NodeId id);
/// Where the line of `offset` begins.
std::uint32_t line_begin(const Tree& tree, std::uint32_t offset);
/// Where it ends: the offset of its newline ("\r\n": of the '\r') or the end of the text.
std::uint32_t line_end(const Tree& tree, std::uint32_t offset);
/// The end of the node, or, if a comment follows it on the same line, the end of that comment. Text put there on a new
/// line does not part a comment from what it is about.
std::uint32_t end_with_comment(const Tree& tree, NodeId id);
/// The node's bytes for deletion or moving: with the comment lines directly above it (no empty line between) and the
/// comment behind it on its last line. If nothing else stands on its lines, from the start of the first line up to and
/// including the last newline.
Span span_with_comments(const Tree& tree, NodeId id);

/// How the items of a list, set, let, legacy_let or formals node stand.
struct ItemStyle {
    bool one_line = true;           ///< the items (not their insides) are on the line of the opening bracket
    bool empty = true;              ///< it has no items
    bool blank_inside = true;       ///< one line: `[ a ]` and not `[a]`
    bool blank_lines = false;       ///< most items that follow another are parted from it by an empty line
    std::string item_indent;        ///< indentation of items; where there are none: of the node's line plus one step
    std::string close_indent;       ///< indentation of the line on which the closing bracket (for let: `in`) stands
    std::uint32_t open_end = 0;     ///< offset behind the opening bracket (`[`, `{`, `let`)
    std::uint32_t close_begin = 0;  ///< offset of the closing bracket (`]`, `}`, `in`)
};
ItemStyle item_style(const Tree& tree, NodeId id);

enum class Commas : std::uint8_t { trailing, leading };
struct FormalStyle {
    Commas commas = Commas::trailing;  ///< `a,\n b` or `a\n, b`
    bool final_comma = false;          ///< a comma after the last formal (or after `...`, which Nix refuses)
    ItemStyle items;
};
FormalStyle formal_style(const Tree& tree, NodeId formals);

/// `a = b;`, `a=b;`, `a =b;`: the text between the attribute path and the value of a binding, comments and newlines
/// apart.
std::string assign_text(const Tree& tree, NodeId binding);

}  // namespace lf::nixsyntax
