// SPDX-License-Identifier: MIT
/// \file
/// \brief Finding edits of ours again in a text that its owner has edited since. Internal to undo.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "flake/record.h"

namespace lf::flake {

enum class Where : std::uint8_t {
    found,    ///< exactly one place it can be: `offset` is where its text begins
    gone,     ///< the owner has taken it out already
    unclear,  ///< no place or several: `offset` is the likeliest, for a message
};

struct Place {
    Where where = Where::unclear;
    std::uint32_t offset = 0;
    bool none = false;  ///< unclear because no place is good enough, not because several are
};

/// One place for each edit, none of which overlap. How: each place where the text of an edit stands gets a weight, the
/// number of bytes (blanks apart) that agree with what was recorded above and below it, outward from the edit. A place
/// is certain when it agrees wholly and is the only one that does, or when it is at least twice as good as every other
/// and good enough; text of which there is enough to know it by needs no agreement around it. Edits of the same text
/// are alike, so that it does not matter which of their places is whose.
std::vector<Place> find_again(std::string_view text, std::span<const RecordedEdit> edits);

}  // namespace lf::flake
