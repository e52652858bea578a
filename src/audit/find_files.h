// SPDX-License-Identifier: MIT
/// \file
/// \brief Which files of a folder may hold machine code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lf::audit {

struct FoundFile {
    std::string path;            ///< to open it
    std::string shown;           ///< below the root; of a single file: its name
    std::optional<Error> error;  ///< it could not be looked into
};

struct Found {
    std::string root;  ///< the file or folder itself, all links followed
    bool folder = false;
    std::vector<FoundFile> files;    ///< by `shown`
    std::vector<std::string> notes;  ///< what was left out, and why
};

struct FindLimits {
    std::size_t entries = 1'000'000;  ///< looked at in all
    std::size_t files = 20'000;       ///< found
    std::size_t depth = 64;           ///< folders in folders
    bool follow_store = true;         ///< links from one path of a Nix store into another one of llama.cpp's
};

/// A file, or a folder with all files in it (hidden ones too) that begin as an ELF file or as GPU code does; each once,
/// by device and inode. A link is followed where it is what was given; within the folder a link to a file of the same
/// folder shows nothing new, and one that leads outside is named in `notes` with where it leads. In a Nix store those
/// that lead into another store path of llama.cpp's (is_llama_name) are followed, too: symlinkJoin, buildEnv and
/// profiles are made of them. Only the first bytes of a file are read; pipes and devices are never opened.
/// Errors: "audit-missing", "audit-unreadable", "audit-not-code" (a file that holds none, with what it is instead),
/// "audit-empty" (a folder without any).
Result<Found> find_files(const std::string& path, const FindLimits& limits = {});

/// Does the name of a store path say that it is llama.cpp's: "…-llama-cpp-9680", "…-ggml-0.21"?
bool is_llama_name(std::string_view name);

/// What a file is that begins with these bytes and holds no code that we read: "a script", "a Windows program (PE)"; ""
/// = nothing that we know.
std::string_view kind_of_other_file(std::string_view head);

/// Does a file that begins like this hold code that we read? PTX is text: told by its first 4096 bytes.
bool begins_as_code(std::string_view head);

}  // namespace lf::audit
