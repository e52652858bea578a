// SPDX-License-Identifier: MIT
#include "facts/gcc_names.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace lf::facts {
namespace {

#define AVX512_OF_SKYLAKE "avx512f avx512cd avx512vl avx512bw avx512dq"
#define AVX512_OF_ICELAKE \
    "avx512ifma avx512vbmi avx512_vbmi2 avx512_vnni avx512_bitalg avx512_vpopcntdq gfni vaes vpclmulqdq"

// GCC 12 to 16, gcc/config/i386/i386.h (PTA_*) and gcc/common/config/i386/i386-common.cc (processor_alias_table). Where
// versions differ, the newest: `gcc.names` compares every row with what GCC 16 itself says.
constexpr GccName kNames[] = {
    {"x86-64", "", "", ""},
    {"x86-64-v2", "", "pni ssse3 sse4_1 sse4_2 popcnt cx16 lahf_lm", ""},
    {"x86-64-v3", "x86-64-v2", "avx avx2 bmi1 bmi2 f16c fma abm movbe", ""},
    {"x86-64-v4", "x86-64-v3", AVX512_OF_SKYLAKE, ""},
    // Intel's large cores
    {"nocona", "", "pni cx16", ""},
    {"core2", "nocona", "ssse3 lahf_lm", ""},
    {"nehalem", "core2", "sse4_1 sse4_2 popcnt", ""},
    {"westmere", "nehalem", "pclmulqdq", ""},
    {"sandybridge", "westmere", "avx", ""},
    {"ivybridge", "sandybridge", "f16c rdrand", ""},
    {"haswell", "ivybridge", "avx2 bmi1 bmi2 fma abm movbe", ""},
    {"broadwell", "haswell", "adx rdseed", ""},
    {"skylake", "broadwell", "aes", ""},
    {"skylake-avx512", "skylake", AVX512_OF_SKYLAKE, ""},
    {"cascadelake", "skylake-avx512", "avx512_vnni", ""},
    {"cooperlake", "cascadelake", "avx512_bf16", ""},
    {"cannonlake", "skylake-avx512", "avx512vbmi avx512ifma sha_ni", ""},
    {"icelake-client", "cannonlake", AVX512_OF_ICELAKE, ""},
    {"rocketlake", "icelake-client", "", ""},
    {"icelake-server", "icelake-client", "", ""},
    {"tigerlake", "icelake-client", "avx512_vp2intersect", ""},
    {"sapphirerapids", "icelake-server", "avx512_bf16 avx512_fp16 avx_vnni amx_tile amx_int8 amx_bf16", ""},
    {"emeraldrapids", "sapphirerapids", "", ""},
    {"graniterapids", "sapphirerapids", "amx_fp16 avx10_1", ""},
    {"graniterapids-d", "graniterapids", "amx_complex", ""},
    {"diamondrapids", "graniterapids-d",
     "avx_ifma avx_ne_convert avx_vnni_int8 avx_vnni_int16 cmpccxadd sha512 sm3 sm4 avx10_2 apx movrs "
     "amx_avx512 amx_fp8 amx_movrs",
     ""},
    {"alderlake", "skylake", "sha_ni gfni vaes vpclmulqdq avx_vnni", ""},
    {"raptorlake", "alderlake", "", ""},
    {"meteorlake", "alderlake", "", ""},
    {"gracemont", "alderlake", "", ""},
    {"arrowlake", "alderlake", "avx_ifma avx_vnni_int8 avx_ne_convert cmpccxadd", ""},
    {"arrowlake-s", "arrowlake", "avx_vnni_int16 sha512 sm3 sm4", ""},
    {"lunarlake", "arrowlake-s", "", ""},
    {"pantherlake", "arrowlake-s", "", ""},
    {"wildcatlake", "pantherlake", "", ""},
    {"novalake", "pantherlake",
     AVX512_OF_SKYLAKE " " AVX512_OF_ICELAKE " avx512_bf16 avx512_fp16 avx10_1 avx10_2 apx movrs", ""},
    // Intel's small cores
    {"bonnell", "core2", "movbe", ""},
    {"silvermont", "westmere", "movbe rdrand", ""},
    {"goldmont", "silvermont", "aes sha_ni rdseed", ""},
    {"goldmont-plus", "goldmont", "", ""},
    {"tremont", "goldmont-plus", "gfni", ""},
    {"sierraforest", "alderlake", "avx_ifma avx_vnni_int8 avx_ne_convert cmpccxadd", ""},
    {"grandridge", "sierraforest", "", ""},
    {"clearwaterforest", "sierraforest", "avx_vnni_int16 sha512 sm3 sm4", ""},
    {"knl", "broadwell", "aes avx512f avx512cd avx512er avx512pf", ""},
    {"knm", "knl", "avx512_4vnniw avx512_4fmaps avx512_vpopcntdq", ""},
    // AMD
    {"k8", "", "", ""},
    {"k8-sse3", "k8", "pni", ""},
    {"amdfam10", "k8-sse3", "cx16 sse4a abm popcnt lahf_lm", ""},
    {"btver1", "amdfam10", "ssse3", ""},
    {"btver2", "btver1", "sse4_1 sse4_2 avx aes pclmulqdq bmi1 f16c movbe", ""},
    {"bdver1", "btver1", "sse4_1 sse4_2 avx aes pclmulqdq fma4 xop lwp", ""},
    {"bdver2", "bdver1", "bmi1 tbm f16c fma", ""},
    {"bdver3", "bdver2", "", ""},
    {"bdver4", "bdver3", "avx2 bmi2 rdrand movbe", ""},
    {"znver1", "bdver4", "adx rdseed sha_ni", "fma4 xop lwp tbm"},
    {"znver2", "znver1", "", ""},
    {"znver3", "znver2", "vaes vpclmulqdq", ""},
    {"znver4", "znver3", AVX512_OF_SKYLAKE " " AVX512_OF_ICELAKE " avx512_bf16", ""},
    {"znver5", "znver4", "avx_vnni avx512_vp2intersect", ""},
    {"znver6", "znver5", "avx512_bmm avx512_fp16 avx_ifma avx_vnni_int8 avx_ne_convert", ""},
    // Zhaoxin and Hygon
    {"lujiazui", "x86-64-v2", "aes pclmulqdq bmi1 bmi2 abm adx rdrand rdseed movbe", ""},
    {"yongfeng", "lujiazui", "avx avx2 fma f16c sha_ni", ""},
    {"shijidadao", "yongfeng", "", ""},
    {"c86-4g-m4", "znver1", "", ""},
    {"c86-4g-m6", "c86-4g-m4", "", ""},
    {"c86-4g-m7", "c86-4g-m6", AVX512_OF_SKYLAKE " " AVX512_OF_ICELAKE " avx512_bf16 avx512_vp2intersect avx_vnni", ""},
    {"c86-4g-m8", "c86-4g-m7", "", ""},
};
#undef AVX512_OF_SKYLAKE
#undef AVX512_OF_ICELAKE

// nixpkgs, lib/systems/architectures.nix: the keys of `features` and `inferiors`.
constexpr std::string_view kNixNames =
    "default x86-64 x86-64-v2 x86-64-v3 x86-64-v4 nehalem westmere silvermont sandybridge ivybridge haswell broadwell "
    "skylake skylake-avx512 cannonlake icelake-client icelake-server rocketlake cascadelake cooperlake tigerlake "
    "alderlake sapphirerapids emeraldrapids sierraforest btver1 btver2 bdver1 bdver2 bdver3 bdver4 znver1 znver2 "
    "znver3 znver4 znver5 armv5te armv6 armv7-a armv8-a armv8.1-a armv8.2-a armv8.3-a armv8.4-a armv8.5-a armv8.6-a "
    "armv8.7-a armv8.8-a armv8.9-a armv9-a armv9.1-a armv9.2-a armv9.3-a armv9.4-a cortex-a53 cortex-a72 cortex-a55 "
    "cortex-a76 ampere1 ampere1a ampere1b loongarch64 la64v1.0 la464 la64v1.1 la664 mips32 loongson2f";

}  // namespace

std::span<const GccName> gcc_names() { return kNames; }

const GccName* find_gcc_name(std::string_view name) {
    const auto* const found =
        std::find_if(std::begin(kNames), std::end(kNames), [&](const GccName& row) { return row.name == name; });
    return found == std::end(kNames) ? nullptr : found;
}

FeatureSet gcc_name_features(std::string_view name) {
    const GccName* const row = find_gcc_name(name);
    if (row == nullptr) return {};
    FeatureSet features = row->parent.empty() ? FeatureSet{} : gcc_name_features(row->parent);
    for (const std::string_view feature : split(row->adds, ' '))
        if (!feature.empty()) features.emplace(feature);
    for (const std::string_view feature : split(row->removes, ' ')) features.erase(std::string(feature));
    return features;
}

bool is_nix_gccarch(std::string_view name) { return !name.empty() && has_word(kNixNames, name); }

}  // namespace lf::facts
