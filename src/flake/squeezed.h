// SPDX-License-Identifier: MIT
/// \file
/// \brief Texts without the white space that a formatter moves about, to find a place of before in what it left.
/// Internal to undo.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flake/record.h"

namespace lf::flake {

/// A text without blanks; one stays where two names, or numbers, would grow together.
struct Squeezed {
    std::string text;
    std::vector<std::uint32_t> at;  ///< where each of its bytes stands in the text as it was
};

Squeezed squeezed(std::string_view text);

/// The same edit in the squeezed file. The blanks at the ends of what it put in count as around it.
RecordedEdit squeezed(const RecordedEdit& edit);

bool is_blank(char c);
/// A letter, digit or whatever else a name of Nix goes on with.
bool in_name(char c);

}  // namespace lf::flake
