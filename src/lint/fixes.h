// SPDX-License-Identifier: MIT
/// \file
/// \brief The edits that mend findings. Each changes the bytes that it is about and no others.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lint/finding.h"
#include "lint/package.h"

namespace lf::lint {

/// The node's bytes become `text`.
Fix replace_node(const Tree& tree, NodeId node, std::string text, std::string title);
/// The first `from` below the node becomes `to`; nullopt = it is not there.
std::optional<Fix> replace_word(const Tree& tree, NodeId node, std::string_view from, std::string_view to,
                                std::string title);
/// `preferred`, or a name like it: what no identifier below the node is called, so that a function put around it
/// captures nothing.
std::string name_not_in(const Tree& tree, NodeId node, const std::string& preferred);
/// Takes an item out of a list, or a binding out of a set, with its line; an override that is left empty goes with it.
/// nullopt = it stands elsewhere.
std::optional<Fix> remove_node(const Tree& tree, NodeId node, std::string title);
/// The flag gets another value in the spelling that it is written in; nullopt = it is written too cleverly.
std::optional<Fix> set_flag(const Tree& tree, const Flag& flag, bool value);
/// Takes a flag out, and what would say nothing then: `++ [ ]`, `cmakeFlags = old.cmakeFlags;`. nullopt = it is not an
/// item of a list literal.
std::optional<Fix> remove_flag(const Tree& tree, const Flag& flag, std::string title);
/// The same for several at once; nullopt = one of them cannot be taken out.
std::optional<Fix> remove_flags(const Tree& tree, const std::vector<const Flag*>& flags, std::string title);
/// Items for the package's list of flags, as text: `"-DGGML_AVX2=ON"`. nullopt = no list literal to add to.
std::optional<Fix> add_flags(const Package& package, const std::vector<std::string>& flags, std::string title);
/// Puts an expression into `.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ [ … ]; })`, in parentheses where it
/// needs them.
Fix wrap_with_flags(const Tree& tree, NodeId node, const std::vector<std::string>& flags, std::string title);
/// `name = value;` for the package's .override, which is added where there is none.
std::optional<Fix> add_argument(const Package& package, const std::string& name, const std::string& value,
                                std::string title);
/// `left // { overrideAttrs = old: …; }` → `(left).overrideAttrs (old: …)`; nullopt = there is more in the set, or it
/// is no function.
std::optional<Fix> override_attrs_applied(const Tree& tree, NodeId update, NodeId set, NodeId binding);
/// `left // { cmakeFlags = …; }` → `(left).overrideAttrs (old: { cmakeFlags = …; })`
Fix flags_applied(const Tree& tree, NodeId update, NodeId set, NodeId flags);
/// The instruction sets that every plan of this repository switches on, as CMake flags, without those that the list has
/// already; empty = no plans, or nothing is missing.
std::vector<std::string> planned_flags(const Knowledge& knowledge, const FlagList* list = nullptr);

/// What to tell where the CPU is not known: how to get the flags.
inline constexpr std::string_view kGetFlags =
    "the flags for a machine: llama-fleet plan --format nix (on it), or let\n"
    "`llama-fleet fit` write the overlay";

}  // namespace lf::lint
