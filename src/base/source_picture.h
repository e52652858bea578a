// SPDX-License-Identifier: MIT
/// \file
/// \brief A line of somebody's file with a caret below a place in it, for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lf {

/// Two lines behind `margin`: the line, printable, and a caret below the byte `column` (from 0, at most the line's
/// size). A line of more than `width` bytes is cut so that the column stays in sight.
std::string source_picture(std::string_view margin, std::string_view line, std::size_t column, std::size_t width);

}  // namespace lf
