// SPDX-License-Identifier: MIT
/// \file
/// \brief ggml's CPU variants (GGML_CPU_ALL_VARIANTS): which options each is built with, and its score.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace lf::plan {

struct CpuVariant {
    std::string_view name;     ///< libggml-cpu-<name>.so
    std::string_view options;  ///< x86: options without "GGML_", blank-separated; ARM: extensions of -march
    int score = 0;             ///< what ggml_backend_score gives where all of them are there
};

/// By score, lowest first.
std::span<const CpuVariant> x86_variants();
std::span<const CpuVariant> arm_variants();

/// The words of `options`.
std::vector<std::string_view> words(std::string_view options);

/// The x86 variant with the highest score of those whose options are all on; never empty ("x64" needs nothing).
const CpuVariant& best_x86_variant(const Flags& flags);

/// One that ggml builds with exactly these extensions, but for Android or macOS only ("apple_m2_m3"); nullptr = none.
const CpuVariant* arm_variant_elsewhere(std::string_view march);

/// The same as best_x86_variant for ARM Linux, for an -march string such as "armv8.2-a+dotprod+fp16"; "" gives
/// armv8.0_1.
const CpuVariant& best_arm_variant(std::string_view march);

}  // namespace lf::plan
