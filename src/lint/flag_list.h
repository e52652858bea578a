// SPDX-License-Identifier: MIT
/// \file
/// \brief Lists of CMake flags as people write them in Nix, read from the text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flake/meaning.h"

namespace lf::lint {

using flake::Kind;
using flake::kNone;
using flake::NodeId;
using flake::Tree;

/// One -D option: `"-DGGML_AVX2=ON"`, `(lib.cmakeBool "GGML_AVX2" true)`.
struct Flag {
    std::string name;                  ///< "GGML_AVX2"
    std::optional<std::string> value;  ///< as CMake gets it; nullopt = the text does not tell
    NodeId node = kNone;               ///< the item of the list, or what stands for it
    bool conditional = false;          ///< below `if` or lib.optionals
    bool written_out = false;          ///< `node` is an item of a list literal and means this flag alone
};

/// A list that something is taken out of: `builtins.filter (f: f != "-DGGML_NATIVE=false") old.cmakeFlags`.
struct Filter {
    NodeId node = kNone;            ///< the call
    std::vector<NodeId> constants;  ///< string literals that items are compared with as a whole
    std::vector<NodeId> prefixes;   ///< string literals that items shall begin with
};

struct FlagList {
    std::vector<Flag> flags;
    std::vector<Filter> filters;
    bool keeps_old = false;  ///< `old.cmakeFlags` is in it
    bool whole = true;       ///< every part was understood
    NodeId literal = kNone;  ///< the last list literal of flags, where a flag can be added

    /// The last one of this name, which is the one that counts; nullptr = none.
    const Flag* find(std::string_view name) const;
    /// Is the flag there and true, as CMake sees it?
    bool on(std::string_view name) const;
};

/// Reads the value of `cmakeFlags`. Adds to `out`.
void read_flag_list(const Tree& tree, NodeId value, FlagList& out);

/// The places in a value of cmakeFlags that take flags from a package: `old.cmakeFlags`, `prev.llama-cpp.cmakeFlags`.
std::vector<NodeId> flags_taken(const Tree& tree, NodeId value);

/// Is this the name of one of ggml's x86 instruction set options?
bool is_x86_option(std::string_view name);
/// The instruction set options that are switched on.
std::vector<const Flag*> x86_flags_on(const FlagList& list);

/// The literal text of a string up to its first interpolation, undone of escapes only where there are none.
std::string constant_start(const Tree& tree, NodeId string);

}  // namespace lf::lint
