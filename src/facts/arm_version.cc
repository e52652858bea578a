// SPDX-License-Identifier: MIT
#include "facts/arm_version.h"

#include <span>
#include <string_view>

#include "facts/feature_words.h"

namespace lf::facts {
namespace {

// Arm Architecture Reference Manual, "Architecture extensions" (A2): what each version demands, as far as Linux shows
// it (Documentation/arch/arm64/elf_hwcaps.rst). Each row needs the one before it.
struct ArmVersion {
    std::string_view name;
    std::string_view features;
};
constexpr ArmVersion kArm8[] = {
    {"armv8-a", "fp asimd"},
    {"armv8.1-a", "crc32 atomics asimdrdm"},
    {"armv8.2-a", "dcpop"},
    {"armv8.3-a", "jscvt fcma lrcpc paca pacg"},
    {"armv8.4-a", "asimddp uscat ilrcpc flagm dit"},
    {"armv8.5-a", "sb dcpodp flagm2 frint"},
    {"armv8.6-a", "i8mm bf16"},
    {"armv8.7-a", "wfxt"},
    {"armv8.8-a", "mops hbc"},
};
// Version 9.N is 8.(N+5) and SVE2.
constexpr ArmVersion kArm9[] = {
    {"armv9-a", "armv8.5-a"}, {"armv9.1-a", "armv8.6-a"}, {"armv9.2-a", "armv8.7-a"}, {"armv9.3-a", "armv8.8-a"}};

}  // namespace

std::optional<std::string> arm_version(const FeatureSet& features) {
    std::optional<std::string> proven;
    for (const ArmVersion& row : kArm8) {
        if (!has_all(features, row.features)) break;
        proven = std::string(row.name);
    }
    if (!features.contains("sve2")) return proven;
    const std::span<const ArmVersion> rows = kArm9;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row)
        if (proven && *proven >= row->features) return std::string(row->name);
    return proven;
}

}  // namespace lf::facts
