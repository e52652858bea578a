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
    found,    ///< exactly one place it can be
    gone,     ///< the owner has taken it out already
    unclear,  ///< no place or several: `doubt`
    blank,    ///< only white space of ours, and changed: nothing to ask for; `formatted`: it belongs to `offset`
};

enum class Doubt : std::uint8_t {
    several,  ///< it can be in more than one place: `offset` is the likeliest
    around,   ///< the text stands at `offset`, but the text around it is another
    changed,  ///< the text itself stands nowhere
};

struct Place {
    Where where = Where::unclear;
    std::uint32_t offset = 0;
    std::uint32_t end = 0;
    Doubt doubt = Doubt::changed;
    bool formatted = false;  ///< found, but with other white space: [offset, end) is its text without blanks around it
};

/// One place for each edit, none of which overlap. How: each place where the text of an edit stands gets a weight, the
/// number of bytes (blanks apart) that agree with what was recorded above and below it, outward from the edit. A place
/// is certain when it agrees wholly and is the only one that does, or when it is at least twice as good as every other
/// and good enough; text of which there is enough to know it by needs no agreement around it. Edits of the same text
/// are alike, so that it does not matter which of their places is whose. What is not found like that is looked for once
/// more in the file without its white space: somebody has indented it anew, or a formatter has.
std::vector<Place> find_again(std::string_view text, std::span<const RecordedEdit> edits);

/// A place that was found, as if it had been found with other white space.
Place without_blanks(std::string_view text, Place place);

}  // namespace lf::flake
