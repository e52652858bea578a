// SPDX-License-Identifier: MIT
/// \file
/// \brief The overlay as a file of the owner's repository: nix/overlay.nix below a line that tells whether it was
/// edited.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lf::flake {

/// "# Written by llama-fleet 0.1.0; sha256 of what follows: <64 hex digits>\n" and then the overlay.
std::string overlay_file_text();

enum class OverlayFile : std::uint8_t {
    current,          ///< ours, and what we would write
    older,            ///< ours, unedited, of another version: may be replaced
    edited,           ///< the owner changed what this version wrote: theirs now, and complete
    edited_outdated,  ///< the owner changed what another version wrote: has to be merged by hand
    foreign,          ///< not ours
};

/// What the text of a file in the overlay's place is. Line ends do not count: git may have changed them.
OverlayFile judge_overlay_file(std::string_view text);

}  // namespace lf::flake
