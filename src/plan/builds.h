// SPDX-License-Identifier: MIT
/// \file
/// \brief Which options a build of llama.cpp has: its tags are build numbers ("b7779"), the table of options goes by
/// ggml's versions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/options.h"

namespace lf::plan {

/// "b7779" → 7779; nullopt for what is no tag of a build.
std::optional<std::uint32_t> build_number(std::string_view tag);

/// As find_option(name, ggml version). A build between two whose ggml is known has one of the versions between theirs:
/// where the option stands the same at both ends it is told, else it is cannot_tell.
OptionAt find_option_of_build(std::string_view name, std::uint32_t build);

struct BuildChange {
    std::vector<std::string> added;    ///< current options that only the later one has
    std::vector<std::string> removed;  ///< options that only the earlier one has
    std::vector<std::string> unknown;  ///< options of which it cannot be told
};
BuildChange changes_between(std::uint32_t from, std::uint32_t to);

}  // namespace lf::plan
