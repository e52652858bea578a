// SPDX-License-Identifier: MIT
/// \file
/// \brief Putting items into lists, sets and lets, and taking them out, as the file's owner would.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "flake/meaning.h"
#include "nixsyntax/edit.h"
#include "nixsyntax/style.h"

namespace lf::flake {

/// What is put in: on one line, or as lines with their depth below the place, in steps of indentation.
struct Block {
    std::string one_line;  ///< "" = it has to have several
    std::vector<std::pair<int, std::string>> lines;
    bool compact = true;  ///< one line is enough where it has a line of its own and fits
};

/// How wide a line may become: 100 columns, or as wide as the owner's own lines with several items.
std::size_t width_limit(const Tree& tree);

/// Most one-line lists and sets of the file are written `[a]` and `{a}`, not `[ a ]`.
bool is_tight(const Tree& tree);
/// "{ " + inside + " }", or tight.
std::string bracketed(const Tree& tree, char open, std::string_view inside, char close);
/// The lines of a block at a place of this indentation, without a newline at either end.
std::string laid_out(const Tree& tree, const Block& block, std::string_view indentation);

/// `name = [ element ];`
Block list_binding(const Tree& tree, std::string_view name, const Block& element);

enum class Gap : std::uint8_t { as_neighbours, empty_line, none };
/// Adds an item behind the last one of a list, set, legacy_let or let, on a line of its own or on the list's one line.
/// Comments behind the last item stay above it. A one-line list that would become too wide is broken up.
void append_item(const Tree& tree, NodeId node, const Block& block, nixsyntax::EditSet& edits,
                 Gap gap = Gap::as_neighbours);
/// Would the item fit on the one line of this list? Where that is wide already, its owner does not mind.
bool fits_on_line(const Tree& tree, NodeId list, const Block& block);
/// Adds a binding behind the binding or inherit node `entry` of a let or set that has a line for each.
void insert_behind(const Tree& tree, NodeId entry, const Block& block, nixsyntax::EditSet& edits);
/// Takes an item out of a list, set or let: with its line if it has one; no double empty line stays behind. Comments
/// are the owner's words and stay, that behind the item on a line of its own: true if one beside it did.
bool remove_item(const Tree& tree, NodeId item, nixsyntax::EditSet& edits);

}  // namespace lf::flake
