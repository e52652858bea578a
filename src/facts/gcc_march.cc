// SPDX-License-Identifier: MIT
#include "facts/gcc_march.h"

#include <algorithm>
#include <ranges>
#include <span>

#include "base/text.h"
#include "facts/arm_version.h"
#include "facts/feature_words.h"
#include "facts/gcc_names.h"

namespace lf::facts {
namespace {

constexpr int kAlways = 99;

/// One `if` of the driver: all of `needs` there → `name`. In GCC `since` to `until`.
struct Rung {
    std::string_view needs;  ///< features, blank-separated
    std::string_view name;   ///< "" = GCC stops here with an error
    int since = kOldestGcc;
    int until = kAlways;
    std::string_view lacks = {};  ///< and none of these
};

/// What a model number says, before any feature is asked.
struct Model {
    int family;
    int model;
    std::string_view name;
    int since = kOldestGcc;
    int until = kAlways;
};

// get_intel_cpu in gcc/common/config/i386/cpuinfo.h.
constexpr Model kIntel[] = {
    {6, 0x0f, "core2"},
    {6, 0x17, "core2"},
    {6, 0x1d, "core2"},
    {6, 0x1a, "nehalem"},
    {6, 0x1e, "nehalem"},
    {6, 0x1f, "nehalem"},
    {6, 0x2e, "nehalem"},
    {6, 0x1c, "bonnell"},
    {6, 0x26, "bonnell"},
    {6, 0x25, "westmere"},
    {6, 0x2c, "westmere"},
    {6, 0x2f, "westmere"},
    {6, 0x2a, "sandybridge"},
    {6, 0x2d, "sandybridge"},
    {6, 0x37, "silvermont"},
    {6, 0x4a, "silvermont"},
    {6, 0x4c, "silvermont"},
    {6, 0x4d, "silvermont"},
    {6, 0x5a, "silvermont"},
    {6, 0x5d, "silvermont"},
    {6, 0x75, "silvermont"},
    {6, 0x3a, "ivybridge"},
    {6, 0x3e, "ivybridge"},
    {6, 0x3c, "haswell"},
    {6, 0x3f, "haswell"},
    {6, 0x45, "haswell"},
    {6, 0x46, "haswell"},
    {6, 0x3d, "broadwell"},
    {6, 0x47, "broadwell"},
    {6, 0x4f, "broadwell"},
    {6, 0x56, "broadwell"},
    {6, 0x4e, "skylake"},
    {6, 0x5e, "skylake"},
    {6, 0x8e, "skylake"},
    {6, 0x9e, "skylake"},
    {6, 0xa5, "skylake"},
    {6, 0xa6, "skylake"},
    {6, 0x57, "knl", 12, 14},
    {6, 0x85, "knm", 12, 14},
    {6, 0x5c, "goldmont"},
    {6, 0x5f, "goldmont"},
    {6, 0x7a, "goldmont-plus"},
    {6, 0x86, "tremont"},
    {6, 0x96, "tremont"},
    {6, 0x9c, "tremont"},
    {6, 0x66, "cannonlake"},
    {6, 0x7d, "icelake-client"},
    {6, 0x7e, "icelake-client"},
    {6, 0x9d, "icelake-client"},
    {6, 0x6a, "icelake-server"},
    {6, 0x6c, "icelake-server"},
    {6, 0x8c, "tigerlake"},
    {6, 0x8d, "tigerlake"},
    {6, 0xa7, "rocketlake"},
    {6, 0xa8, "rocketlake", 12, 12},
    {6, 0x8f, "sapphirerapids"},
    {6, 0xcf, "sapphirerapids", 13},
    {6, 0x97, "alderlake"},
    {6, 0x9a, "alderlake"},
    {6, 0xbf, "alderlake"},
    {6, 0xaa, "alderlake", 13},
    {6, 0xac, "alderlake", 13},
    {6, 0xb7, "alderlake", 13},
    {6, 0xba, "alderlake", 13},
    {6, 0xbe, "alderlake", 13},
    {6, 0xad, "graniterapids", 13},
    {6, 0xae, "graniterapids-d", 13},
    {6, 0xaf, "sierraforest", 13},
    {6, 0xb6, "grandridge", 13},
    {6, 0xb5, "arrowlake", 14},
    {6, 0xc5, "arrowlake", 14},
    {6, 0xbd, "arrowlake-s", 14},
    {6, 0xc6, "arrowlake-s", 14},
    {6, 0xcc, "pantherlake", 14},
    {6, 0xd5, "pantherlake", 16},
    {6, 0xdd, "clearwaterforest", 14},
    {18, 0x01, "novalake", 16},
    {18, 0x03, "novalake", 16},
    {19, 0x01, "diamondrapids", 15},
};

// Model 0x55 is three CPUs.
constexpr Rung kModel55[] = {{"avx512_bf16", "cooperlake"}, {"avx512_vnni", "cascadelake"}, {"", "skylake-avx512"}};

// Intel CPUs with a model number that GCC does not know. Since 14 those with AVX-512 are asked about first and apart.
constexpr Rung kIntelLadder[] = {
    {"avx512f amx_fp8", "diamondrapids", 15},
    {"avx512f avx10_2", "novalake", 16},
    {"avx512f amx_complex", "graniterapids-d", 14},
    {"avx512f amx_fp16", "graniterapids", 14},
    {"avx512f avx512_vp2intersect", "tigerlake", 14},
    {"avx512f tsxldtrk", "sapphirerapids", 14},
    {"avx512f avx512_bf16", "cooperlake", 14},
    {"avx512f wbnoinvd", "icelake-server", 14},
    {"avx512f avx512_bitalg", "icelake-client", 14},
    {"avx512f avx512vbmi", "cannonlake", 14},
    {"avx512f avx512_4vnniw", "knm", 14, 14},
    {"avx512f avx512er", "knl", 14, 14},
    {"avx512f", "", 15, kAlways, "avx512vl"},  // an error that speaks of Xeon Phi
    {"avx512f", "skylake-avx512", 14},
    {"avx user_msr", "clearwaterforest", 14},
    {"avx sm3", "pantherlake", 14},
    {"avx cldemote", "sierraforest", 14},
    {"avx avx_vnni_int8", "arrowlake", 14},
    {"avx amx_complex", "graniterapids-d", 13, 13},
    {"avx amx_fp16", "graniterapids", 13, 13},
    {"avx avx_vnni_int8", "sierraforest", 13, 13},
    {"avx avx512_vp2intersect tsxldtrk", "sapphirerapids", 12, 12},
    {"avx avx512_vp2intersect", "tigerlake", 12, 13},
    {"avx tsxldtrk", "sapphirerapids", 13, 13},
    {"avx avx512_bf16", "cooperlake", 12, 13},
    {"avx wbnoinvd", "icelake-server", 12, 13},
    {"avx avx512_bitalg", "icelake-client", 12, 13},
    {"avx avx512vbmi", "cannonlake", 12, 13},
    {"avx avx512_4vnniw", "knm", 12, 13},
    {"avx avx512er", "knl", 12, 13},
    {"avx avx512f", "skylake-avx512", 12, 13},
    {"avx serialize", "alderlake"},
    {"avx clflushopt", "skylake"},
    {"avx adx", "broadwell"},
    {"avx avx2", "haswell"},
    {"avx", "sandybridge"},
    {"sse4_2 gfni", "tremont"},
    {"sse4_2 sgx", "goldmont-plus"},
    {"sse4_2 xsave", "goldmont"},
    {"sse4_2 movbe", "silvermont"},
    {"sse4_2", "nehalem"},
    {"ssse3 movbe", "bonnell"},
    {"ssse3", "core2"},
    {"", "x86-64"},
};

// AMD: no model number is asked, but for Jaguar's family.
constexpr Rung kAmdLadder[] = {
    {"avx512_bmm", "znver6", 16}, {"avx512_vp2intersect", "znver5", 13},
    {"avx512f", "znver4", 13},    {"vaes", "znver3"},
    {"clwb", "znver2"},           {"clzero", "znver1"},
    {"avx2", "bdver4"},           {"xsaveopt", "bdver3"},
    {"bmi1", "bdver2"},           {"xop", "bdver1"},
    {"sse4a ssse3", "btver1"},    {"sse4a", "amdfam10"},
    {"pni", "k8-sse3"},           {"", "k8"},
};

constexpr Rung kNetburst[] = {{"pni", "nocona"}, {"", "pentium4"}};

// The same branches for CPUs without the 64-bit mode.
constexpr Rung kIntel32[] = {
    {"sse2", "pentium-m"},
    {"sse", "pentium3"},
    {"mmx", "pentium2"},
    {"", "pentiumpro"},
};
constexpr Rung kIntelFamily5[] = {{"mmx", "pentium-mmx"}, {"", "pentium"}};
constexpr Rung kNetburst32[] = {{"pni", "prescott"}, {"", "pentium4"}};
constexpr Rung kAthlon[] = {{"sse", "athlon-4"}, {"", "athlon"}};
constexpr Rung kAmd32[] = {{"mmx 3dnow", "k6-3"}, {"mmx", "k6"}, {"", "pentium"}};
constexpr Rung kAnyone32[] = {
    {"", "", 12, 12},       {"ssse3", "core2"},     {"pni", "prescott"}, {"sse2", "pentium4"},
    {"cmov", "pentiumpro"}, {"mmx", "pentium-mmx"}, {"cx8", "pentium"},
};

// Everybody else. GCC 12 takes them for an 80386.
constexpr Rung kAnyone[] = {{"", "", 12, 12}, {"ssse3", "core2"}, {"pni", "nocona"}, {"", "x86-64"}};

std::optional<std::string> climb(std::span<const Rung> ladder, const FeatureSet& features, int version) {
    for (const Rung& rung : ladder) {
        if (version < rung.since || version > rung.until || !has_all(features, rung.needs)) continue;
        if (!rung.lacks.empty() && has_all(features, rung.lacks)) continue;
        if (rung.name.empty()) return std::nullopt;
        return std::string(rung.name);
    }
    return std::nullopt;
}

std::optional<std::string> by_model(std::span<const Model> models, const Cpu& cpu, int version) {
    for (const Model& row : models)
        if (cpu.family == row.family && cpu.model == row.model && version >= row.since && version <= row.until)
            return std::string(row.name);
    return std::nullopt;
}

bool is_64_bit(const Cpu& cpu) { return cpu.architecture == "x86_64" || cpu.features.contains("lm"); }

/// The families that GCC treats as it does Intel's 6, and since when.
bool is_core(const Cpu& cpu, int version) {
    return cpu.family == 6 || (cpu.family == 18 && version >= 16) || (cpu.family == 19 && version >= 15);
}

std::optional<std::string> intel(const Cpu& cpu, int version) {
    if (cpu.family == 15) return climb(kNetburst, cpu.features, version);
    if (!is_core(cpu, version)) return climb(kAnyone, cpu.features, std::max(version, 13));
    if (cpu.family == 6 && cpu.model == 0x55) return climb(kModel55, cpu.features, version);
    if (auto name = by_model(kIntel, cpu, version)) return name;
    return climb(kIntelLadder, cpu.features, version);
}

std::optional<std::string> intel_32(const Cpu& cpu, int version) {
    if (cpu.family == 15) return climb(kNetburst32, cpu.features, version);
    if (cpu.family == 5) return climb(kIntelFamily5, cpu.features, version);
    if (cpu.family == 4) return "i486";
    if (!is_core(cpu, version)) return climb(kAnyone32, cpu.features, std::max(version, 13));
    const auto name = intel(cpu, version);
    return name == "x86-64" ? climb(kIntel32, cpu.features, version) : name;
}

std::optional<std::string> amd(const Cpu& cpu, int version) {
    if (cpu.family == 0x16 && cpu.features.contains("movbe")) return "btver2";
    return climb(kAmdLadder, cpu.features, version);
}

std::optional<std::string> zhaoxin(const Cpu& cpu, int version) {
    const int model = cpu.model.value_or(0);
    if (cpu.family != 7) return climb(kAnyone, cpu.features, version);
    if (model == 0x3b) return "lujiazui";
    if (model >= 0x6b && version >= 15) return "shijidadao";
    if (model == 0x5b && version >= 14) return "yongfeng";
    if (model > 0x5b && version == 14) return "yongfeng";
    return climb(kAnyone, cpu.features, version);
}

std::optional<std::string> hygon(const Cpu& cpu, int version) {
    const int model = version >= 15 ? cpu.model.value_or(0) : 0;
    if (model >= 8 && version >= 16) return "c86-4g-m8";
    if (model >= 7) return "c86-4g-m7";
    if (model == 6) return "c86-4g-m6";
    if (model == 4) return "c86-4g-m4";
    return climb(kAnyone, cpu.features, version);
}

std::optional<std::string> anyone(const Cpu& cpu, int version) { return climb(kAnyone, cpu.features, version); }

/// What has SSE2 is a K8 or later for GCC, with or without the 64-bit mode.
std::optional<std::string> amd_32(const Cpu& cpu, int version) {
    if (cpu.model_name && cpu.model_name->starts_with("Geod")) return "geode";
    if (cpu.features.contains("sse2")) return amd(cpu, version);
    if (cpu.family == 6 && cpu.features.contains("3dnowext")) return climb(kAthlon, cpu.features, version);
    return climb(kAmd32, cpu.features, version);
}

std::optional<std::string> anyone_32(const Cpu& cpu, int version) { return climb(kAnyone32, cpu.features, version); }

/// VIA's: how GCC tells those apart goes by more than what facts have.
std::optional<std::string> nobody(const Cpu&, int) { return std::nullopt; }

struct Vendor {
    std::string_view name;
    std::optional<std::string> (*rule)(const Cpu&, int);
    std::optional<std::string> (*rule_32)(const Cpu&, int);  ///< without the 64-bit mode
};

constexpr Vendor kVendors[] = {{"GenuineIntel", intel, intel_32}, {"AuthenticAMD", amd, amd_32},
                               {"CentaurHauls", zhaoxin, nobody}, {"  Shanghai  ", zhaoxin, nobody},
                               {"Shanghai", zhaoxin, nobody},     {"HygonGenuine", hygon, nobody}};

// What ggml's options make the compiler emit (src/ggml-cpu/CMakeLists.txt of ggml 0.21), as GCC and as Linux call it.
struct Option {
    std::string_view option;
    std::string_view feature;
};
constexpr Option kGgmlOptions[] = {
    {"sse4.2", "sse4_2"},
    {"avx", "avx"},
    {"f16c", "f16c"},
    {"fma", "fma"},
    {"bmi2", "bmi2"},
    {"avx2", "avx2"},
    {"avxvnni", "avx_vnni"},
    {"avx512f", "avx512f"},
    {"avx512cd", "avx512cd"},
    {"avx512vl", "avx512vl"},
    {"avx512dq", "avx512dq"},
    {"avx512bw", "avx512bw"},
    {"avx512vbmi", "avx512vbmi"},
    {"avx512vnni", "avx512_vnni"},
    {"avx512bf16", "avx512_bf16"},
    {"amx-tile", "amx_tile"},
    {"amx-int8", "amx_int8"},
    {"amx-bf16", "amx_bf16"},
};

constexpr std::string_view kLevels[] = {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"};

bool covers(const FeatureSet& features, const FeatureSet& wanted) { return std::ranges::includes(features, wanted); }

int level_of(const FeatureSet& features) {
    int level = 1;
    while (level < static_cast<int>(std::size(kLevels)) && covers(features, gcc_name_features(kLevels[level]))) ++level;
    return level;
}

}  // namespace

std::optional<std::string> gcc_march(const Cpu& cpu, int version) {
    const bool x86 = cpu.architecture == "x86_64" || cpu.architecture == "i686";
    if (!x86 || !cpu.vendor || cpu.features.empty()) return std::nullopt;
    if (version < kOldestGcc || version > kNewestGcc) return std::nullopt;
    const auto* const vendor = std::ranges::find(kVendors, std::string_view(*cpu.vendor), &Vendor::name);
    const bool needs_model = vendor != std::end(kVendors);
    if (needs_model && (!cpu.family || !cpu.model)) return std::nullopt;
    if (is_64_bit(cpu)) return (needs_model ? vendor->rule : anyone)(cpu, version);
    return (needs_model ? vendor->rule_32 : anyone_32)(cpu, version);
}

std::vector<std::string> gcc_march_delta(const Cpu& cpu, std::string_view name) {
    const FeatureSet of_name = gcc_name_features(name);
    std::vector<std::string> delta;
    for (const Option& row : kGgmlOptions) {
        const std::string feature(row.feature);
        if (cpu.features.contains(feature) == of_name.contains(feature)) continue;
        std::string option(cpu.features.contains(feature) ? "-m" : "-mno-");
        option += row.option;
        delta.push_back(std::move(option));
    }
    return delta;
}

std::optional<int> x86_64_level(const Cpu& cpu) {
    if (cpu.architecture != "x86_64" || cpu.features.empty()) return std::nullopt;
    return level_of(cpu.features);
}

std::optional<std::string> gccarch(const Cpu& cpu) {
    if (cpu.architecture == "aarch64") return arm_version(cpu.features);
    const std::optional<int> level = x86_64_level(cpu);
    if (!level) return std::nullopt;
    const std::optional<std::string> march = gcc_march(cpu);
    for (const GccName* row = march ? find_gcc_name(*march) : nullptr; row != nullptr;
         row = find_gcc_name(row->parent)) {
        const FeatureSet needed = gcc_name_features(row->name);
        // An ancestor from before the level that the CPU has promises less than the level does.
        if (level_of(needed) < *level) break;
        if (is_nix_gccarch(row->name) && covers(cpu.features, needed)) return std::string(row->name);
    }
    return std::string(kLevels[*level - 1]);
}

}  // namespace lf::facts
