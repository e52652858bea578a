// SPDX-License-Identifier: MIT
/// \file
/// \brief 64-bit ARM: GGML_CPU_ARM_ARCH, the one -march string that ggml takes there, out of the features of the CPU.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facts/machine.h"

namespace lf::plan {

/// A version of the architecture as -march writes it, and all that a compiler may emit for it unasked.
struct ArmBase {
    std::string_view name;
    std::string_view builds_on;  ///< the version whose features it has too; "" = none
    std::string_view features;   ///< as /proc/cpuinfo names them, blank-separated
    std::string_view because;    ///< why it is worth naming; "" = not planned, only taken where the owner writes it
};

/// From the lowest to the highest.
std::span<const ArmBase> arm_bases();

/// Its own features and those of all that it builds on.
std::vector<std::string_view> features_of(const ArmBase& base);

/// An extension of -march on ARM ("dotprod") and the features that prove it.
struct ArmExtension {
    std::string_view name;
    std::string_view features;
    std::string_view builds_on;  ///< extensions that the compiler switches on with it
    std::string_view because;    ///< "" = not planned, only taken where the owner writes it
    std::string_view also = {};  ///< more features that the compiler then takes for granted
};

/// Those that are planned, in the order in which they are written.
std::span<const ArmExtension> arm_extensions();

/// What a -march string makes a compiler emit, in names of /proc/cpuinfo, sorted; "+nosve" takes away sve and all that
/// builds on it. nullopt = it has a part that the tables do not know. "" and "armv8-a" need nothing beyond AArch64.
std::optional<std::vector<std::string_view>> march_needs(std::string_view march);

struct March {
    std::string text;                 ///< "armv8.6-a+dotprod+fp16+i8mm"; "" = nothing beyond armv8-a is proven
    std::vector<std::string> facts;   ///< what was seen
    std::vector<std::string> losers;  ///< what more would have needed
};

/// The highest base and every extension whose features every CPU has. `sme`: the compiler of the build takes +sme
/// (GCC 14, clang 18; not the GCC that CUDA 12 pins).
March planned_march(const facts::Cpu& cpu, bool sme);

}  // namespace lf::plan
