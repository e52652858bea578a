// SPDX-License-Identifier: MIT
/// \file
/// \brief A finished build in the store: finding it, and what is inside. Nothing is ever built for that.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "audit/audit.h"
#include "base/result.h"
#include "check/nix_command.h"

namespace lf::check {

struct Built {
    bool here = false;              ///< the store has it
    audit::BuildAudit audit;        ///< empty if not here; path = where its first output lies on this machine
    std::vector<std::string> from;  ///< the store paths that were looked into, its own first
    std::string why;                ///< here and yet nothing to judge: why
};

/// Does a store path belong to llama.cpp? A closure holds all of the system's libraries too; by name, as "llama-cpp",
/// "ggml" and what wraps them have it.
bool is_llama_path(std::string_view store_path);

/// The finished build with these outputs, and those of llama.cpp's own store paths that it refers to: a wrapper or a
/// symlinkJoin holds no code itself, and ggml may be a package of its own. Errors: "interrupted" only.
Result<Built> look_into(Nix& nix, const std::vector<std::string>& outputs, std::chrono::milliseconds time_limit);

}  // namespace lf::check
