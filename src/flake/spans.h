// SPDX-License-Identifier: MIT
/// \file
/// \brief Edits done one after the other, as edits of the text that was there first.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "nixsyntax/edit.h"

namespace lf::flake {

/// The edits that make out of `before` what `sets` make of it, each of them in the order of the text that the one
/// before it left. In the order of the text; edits that touch are one.
std::vector<nixsyntax::Edit> combined(std::string_view before, std::span<const std::vector<nixsyntax::Edit>> sets);

}  // namespace lf::flake
