// SPDX-License-Identifier: MIT
/// \file
/// \brief The plan for people who build without our overlay: `plan --format cmake|nix|json`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "plan/plan.h"

namespace lf::plan {

/// The text for a format named "cmake", "nix" or "json". Error: "plan-format" with did-you-mean.
Result<std::string> format_plan(const Plan& plan, std::string_view format);

/// One command line, to be typed in llama.cpp's source folder: "cmake -B build -DCMAKE_BUILD_TYPE=Release …".
std::string cmake_command(const Plan& plan);

/// The same options as a Nix attribute set of booleans and strings.
std::string nix_attributes(const Plan& plan);

}  // namespace lf::plan
