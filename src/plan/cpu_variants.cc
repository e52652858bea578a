// SPDX-License-Identifier: MIT
#include "plan/cpu_variants.h"

#include <algorithm>

#include "base/text.h"

namespace lf::plan {
namespace {

// ggml 0.21.0, src/CMakeLists.txt (ggml_add_cpu_backend_variant) and src/ggml-cpu/arch/x86/cpu-feats.cpp: a score of 1,
// plus FMA 1, F16C 2, SSE42 4, BMI2 8, AVX 16, AVX2 32, AVX_VNNI 64, AVX512 128, AVX512_VBMI 256, AVX512_BF16 512,
// AVX512_VNNI 1024, AMX_INT8 2048. Printed by a real configure run and by the libraries themselves.
constexpr CpuVariant kX86[] = {
    {"x64", "", 1},
    {"sse42", "SSE42", 5},
    {"sandybridge", "SSE42 AVX", 21},
    {"ivybridge", "SSE42 AVX F16C", 23},
    {"piledriver", "SSE42 AVX F16C FMA", 24},
    {"haswell", "SSE42 AVX F16C FMA BMI2 AVX2", 64},
    {"alderlake", "SSE42 AVX F16C FMA BMI2 AVX2 AVX_VNNI", 128},
    {"skylakex", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512", 192},
    {"cannonlake", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VBMI", 448},
    {"cascadelake", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VNNI", 1216},
    {"icelake", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VBMI AVX512_VNNI", 1472},
    {"cooperlake", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VNNI AVX512_BF16", 1728},
    {"zen4", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VBMI AVX512_VNNI AVX512_BF16", 1984},
    {"sapphirerapids", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VBMI AVX512_VNNI AVX512_BF16 AMX_TILE AMX_INT8",
     4032},
};

// The same files for ARM Linux: 1, plus dotprod 2, fp16 4, sve 8, i8mm 16, sve2 32, sme 64.
constexpr CpuVariant kArm[] = {
    {"armv8.0_1", "", 1},
    {"armv8.2_1", "dotprod", 3},
    {"armv8.2_2", "dotprod fp16", 7},
    {"armv8.2_3", "dotprod fp16 sve", 15},
    {"armv8.6_1", "dotprod fp16 sve i8mm", 31},
    {"armv8.6_2", "dotprod fp16 sve i8mm sve2", 63},
    {"armv9.2_1", "dotprod fp16 sve i8mm sme", 95},
    {"armv9.2_2", "dotprod fp16 sve i8mm sve2 sme", 127},
};

// ggml's lists for Android and macOS, no choice on Linux: for saying where a set of extensions has a name. By name.
constexpr CpuVariant kArmElsewhere[] = {
    {"android_armv8.6_1", "dotprod fp16 i8mm", 23},
    {"android_armv9.0_1", "dotprod fp16 i8mm sve2", 55},
    {"apple_m2_m3", "dotprod i8mm", 19},
};

template <class HasOption>
const CpuVariant& best(std::span<const CpuVariant> variants, const HasOption& has) {
    const CpuVariant* best = &variants.front();
    for (const CpuVariant& variant : variants) {
        const auto options = words(variant.options);
        if (variant.score > best->score && std::all_of(options.begin(), options.end(), has)) best = &variant;
    }
    return *best;
}

}  // namespace

std::span<const CpuVariant> x86_variants() { return kX86; }
std::span<const CpuVariant> arm_variants() { return kArm; }

std::vector<std::string_view> words(std::string_view options) {
    std::vector<std::string_view> out = split(options, ' ');
    std::erase(out, std::string_view());
    return out;
}

const CpuVariant& best_x86_variant(const Flags& flags) {
    return best(kX86, [&](std::string_view option) {
        const auto found = flags.find("GGML_" + std::string(option));
        return found != flags.end() && found->second == FlagValue(true);
    });
}

const CpuVariant* arm_variant_elsewhere(std::string_view march) {
    std::vector<std::string_view> extensions = split(march, '+');
    extensions.erase(extensions.begin());
    std::ranges::sort(extensions);
    for (const CpuVariant& variant : kArmElsewhere) {
        auto options = words(variant.options);
        std::ranges::sort(options);
        if (options == extensions) return &variant;
    }
    return nullptr;
}

const CpuVariant& best_arm_variant(std::string_view march) {
    const std::vector<std::string_view> extensions = split(march, '+');
    return best(kArm, [&](std::string_view extension) {
        return std::find(extensions.begin() + 1, extensions.end(), extension) != extensions.end();
    });
}

}  // namespace lf::plan
