// SPDX-License-Identifier: MIT
/// \file
/// \brief Paths that stay inside the owner's repository, whatever links and dots they are made of.
#pragma once

#include <string>

#include "base/result.h"

namespace lf::flake {

/// `path` (relative to `root`) without dots and with the links of its folders followed, still relative to `root`; the
/// last part is not followed. Folders that do not exist yet are allowed at the end. `root` is absolute and resolved.
/// Errors, all of kind world with where.file = path: "path-outside" (absolute, leads out of the root, or is the root),
/// "path-in-git" (has a part named .git), "path-odd" (empty, control bytes, not UTF-8), "path-not-folder" (a part that
/// should be a folder is something else), "file-unreadable".
Result<std::string> path_inside(const std::string& root, const std::string& path);

}  // namespace lf::flake
