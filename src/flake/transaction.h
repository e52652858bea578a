// SPDX-License-Identifier: MIT
/// \file
/// \brief Changing several files of the owner's repository at once: all of them or none.
///
/// Interrupted anywhere, even by kill -9 or a power cut, the repository is as before, or `recover` (called first by
/// every fit) makes it as before or as after, never mixed. How, step by step: transaction.cc.
///
/// Lock and journal live in `<git folder>/llama-fleet/`, which neither git nor a flake looks at; a `.git` file (work
/// trees, submodules) is followed to its folder. A root that is not in a git work tree gets `<root>/.llama-fleet/`.
/// Both exist only while a call runs (or after one was killed).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace lf::flake {

struct FileChange {
    std::string path;                   ///< relative to the repository's root
    std::optional<std::string> before;  ///< the bytes that the change was computed from; nullopt = there is no file
    std::optional<std::string> after;   ///< nullopt = delete
    std::optional<std::uint32_t> mode = std::nullopt;  ///< permissions of a new file; nullopt = by umask
};

/// Writes them all, or nothing. A replaced file keeps its mode and owner, a new one gets the folder's owner if we are
/// root; missing parent folders are made; folders that a deletion leaves empty are removed. Changes nothing where
/// before == after. Finishes what a killed run left behind first.
/// Errors: those of path_inside, and
///   "fit-locked"       another llama-fleet is writing in this repository
///   "file-changed"     a file does not hold `before` any more
///   "file-not-regular" the target is a link, a folder, a device
///   "file-read-only"   a file or folder that we may not write
///   "file-unwritable"  the disk is full, broken, …
///   "change-twice"     two changes name one file
///   "interrupted"      SIGINT or SIGTERM came in time
///   "fit-unfinished"   the changes are written (or could not be taken back), but something is left to clean up: the
///                      next call of `recover` does that; the message says which
///   those of recover
Done apply_changes(const std::string& root, std::span<const FileChange> changes);

enum class RecoverOutcome : std::uint8_t {
    nothing,      ///< no killed run
    rolled_back,  ///< it had not got far: the files are as before it
    finished,     ///< the files are as it wanted them
};

struct RecoverResult {
    RecoverOutcome outcome = RecoverOutcome::nothing;
    std::vector<std::string> files;  ///< that the killed run was about, relative to the root it worked in
};

/// Clears up after a killed run. Errors: "fit-locked"; "journal-damaged" and "journal-conflict" (a file was edited
/// after the kill, so neither direction is safe): kind owner, nothing touched, the hint says what is where.
Result<RecoverResult> recover(const std::string& root);

}  // namespace lf::flake
