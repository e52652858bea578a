// SPDX-License-Identifier: MIT
/// \file
/// \brief The CMake options of ggml and llama.cpp by name. Needed because CMake never warns of a misspelled
/// GGML_* option: ggml walks all variables of that prefix, which marks every one of them as used.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "plan/plan.h"

namespace lf::plan {

/// The ggml whose option list options.cc holds; llama.cpp's own options are those of the same month.
inline constexpr std::string_view kGgmlVersion = "0.21.0";

enum class OptionKind : std::uint8_t { boolean, text };

enum class OptionState : std::uint8_t {
    current,  ///< an owner may set it
    planned,  ///< set through a field of its own in overrides.json, which `advice` names
    retired,  ///< does nothing any more, or never was an option; `advice` says what does it instead
};

struct Option {
    std::string_view name;
    OptionKind kind = OptionKind::boolean;
    std::string_view fallback;  ///< the default in a Nix build ("" = empty or computed)
    OptionState state = OptionState::current;
    std::string_view advice;
};

/// All of them, sorted by name.
std::span<const Option> options();

/// nullptr = not in the table.
const Option* find_option(std::string_view name);

/// The current option whose name is nearest.
std::optional<std::string> nearest_option(std::string_view name);

/// May an owner set this option to this value? Errors (kind owner, id "plan-override"): a name that is no option of
/// this ggml (with did-you-mean), one that is retired or has a field of its own, a wrong type, a value that cannot
/// pass through Nix' cmakeFlags (blanks and quotes are split there).
Done check_flag(const std::string& name, const FlagValue& value);

}  // namespace lf::plan
