// SPDX-License-Identifier: MIT
/// \file
/// \brief How `nix-instantiate --parse` writes paths, strings, names and numbers.
#pragma once

#include <string>
#include <string_view>

#include "nixsyntax/dump.h"

namespace lf::nixsyntax {

/// An absolute path without `.`, `..`, doubled or trailing slashes.
std::string canonical_path(std::string_view path);
/// A string in quotes.
std::string printed_string(std::string_view value, PrintedBy nix);
/// An attribute name, in quotes where it must be.
std::string printed_name(std::string_view value, PrintedBy nix);
/// A number as written: without leading zeros, or with six digits.
std::string printed_number(std::string_view written, bool floating);

}  // namespace lf::nixsyntax
