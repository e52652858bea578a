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

/// The newest ggml whose options the table holds: what plan goes by; llama.cpp's own options are those of the same
/// month.
inline constexpr std::string_view kGgmlVersion = "0.21.0";
/// The oldest one; before September 2025 ggml had no versions.
inline constexpr std::string_view kOldestGgmlVersion = "0.9.0";

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
    std::string_view since = {};  ///< first ggml version that has it; "" = since before the table starts
    std::string_view until = {};  ///< first ggml version without it; "" = still there, or gone before the table starts
};

/// All of them, sorted by name.
std::span<const Option> options();

/// nullptr = not in the table. Its state is that of kGgmlVersion.
const Option* find_option(std::string_view name);

/// No option, but a variable that the CMake files read or set: whoever sets it may know why.
bool is_build_variable(std::string_view name);

enum class OptionStanding : std::uint8_t {
    there,
    not_yet,      ///< a later version has it
    gone,         ///< an earlier version had it, or people write it though no version of the table has it
    never,        ///< no version of the table has it, and it is not known as a mistake either
    cannot_tell,  ///< the version is not known to the table: `why`
};

struct OptionAt {
    const Option* option = nullptr;  ///< nullptr = not in the table
    OptionStanding standing = OptionStanding::cannot_tell;
    std::string why;  ///< for cannot_tell, one clause: "ggml 0.30.0 is newer than the table of options, …"
};

/// The same for a ggml version as CMake says it: "0.18.1". Where the source itself is at hand, ask that instead.
OptionAt find_option(std::string_view name, std::string_view ggml_version);

/// The current option whose name is nearest.
std::optional<std::string> nearest_option(std::string_view name);

/// May an owner set this option to this value? Errors (kind owner, id "plan-override"): a name that is no option of
/// this ggml (with did-you-mean), one that is retired or has a field of its own, a wrong type, a value that cannot
/// pass through Nix' cmakeFlags (blanks and quotes are split there).
Done check_flag(const std::string& name, const FlagValue& value);

}  // namespace lf::plan
