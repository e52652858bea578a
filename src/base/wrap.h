// SPDX-License-Identifier: MIT
/// \file
/// \brief Text for people, broken into lines.
#pragma once

#include <string>
#include <string_view>

namespace lf {

/// The columns that every text of ours keeps to.
inline constexpr std::size_t kTextColumns = 80;

/// `text` broken at blanks into lines of at most kTextColumns bytes, the first behind `first`, the others behind
/// `margin` blanks; a longer word keeps a line of its own. Ends with a newline.
std::string wrapped(std::string_view first, std::string_view text, std::size_t margin);

/// The same with a margin as wide as `first`.
std::string wrapped(std::string_view first, std::string_view text);

}  // namespace lf
