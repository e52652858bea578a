// SPDX-License-Identifier: MIT
/// \file
/// \brief The tree as `nix-instantiate --parse` prints it, for second opinions; and the round-trip check.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "nixsyntax/tree.h"

namespace lf::nixsyntax {

/// Whose print: they differ in how inherited attributes are grouped, in the escaping of `$`, and in empty pieces of
/// strings.
enum class PrintedBy : std::uint8_t { nix_2_8, nix_2_34 };

struct DumpOptions {
    PrintedBy nix = PrintedBy::nix_2_34;
    std::string directory = "/";  ///< absolute; relative paths of the text are resolved against it, as Nix does
    std::string home = "/";       ///< absolute; for ~/x
};

/// One line, no newline at its end, as `nix-instantiate --parse` prints it: attributes merged and sorted, parentheses
/// everywhere, operators as calls of __sub, __lessThan …, `let { }` as a selection of body. Formals are sorted by name,
/// which Nix 2.8 leaves to chance. Pipe operators are printed as the calls that current Nix makes of them. No
/// recursion.
std::string dump(const Tree& tree, const DumpOptions& options = {});

/// Takes the next piece of the print.
using DumpSink = std::function<void(std::string_view)>;
/// The same, piece by piece, for trees whose print is large.
void dump_to(const Tree& tree, const DumpOptions& options, const DumpSink& sink);

/// Lexes and parses `text` and checks that the tokens give back every byte. Errors of parse(), and "nix-round-trip".
Result<Tree> check_round_trip(std::string text, std::string file);

}  // namespace lf::nixsyntax
