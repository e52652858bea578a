// SPDX-License-Identifier: MIT
// Sources: GCC's gcc/config/i386/i386.h (PTA_* sets), AMD's processor programming references, Intel's ISA Extensions
// Reference (table 1-2: which instructions came with which design). Only what every product of a design has.
#include "probe/design_features.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "facts/x86_features.h"
#include "probe/leaves.h"

namespace lf::probe {
namespace {

struct Design {
    std::string_view name;
    std::string_view like;  ///< has all of these too
    std::string_view more;
};

constexpr auto kDesigns = std::to_array<Design>({
    {"i686", "", "fpu cx8 cmov mmx fxsr sse sse2"},  // the 64-bit mode is missing in some Semprons
    {"x86-64", "i686", "lm"},

    {"k8", "i686", "mmxext 3dnow 3dnowext"},
    {"k10", "k8", "pni cx16 popcnt abm sse4a lahf_lm 3dnowprefetch"},
    {"bobcat", "x86-64", "mmxext pni ssse3 cx16 popcnt abm sse4a lahf_lm 3dnowprefetch"},
    {"jaguar", "bobcat", "sse4_1 sse4_2 aes pclmulqdq avx f16c movbe bmi1 xsave xsaveopt"},
    {"puma", "jaguar", "rdrand"},
    {"bulldozer", "bobcat", "sse4_1 sse4_2 aes pclmulqdq avx xop fma4 xsave"},
    {"piledriver", "bulldozer", "fma f16c tbm"},
    {"steamroller", "piledriver", "bmi1 fsgsbase xsaveopt"},
    {"excavator", "steamroller", "avx2 bmi2 movbe"},
    {"zen", "bobcat",
     "sse4_1 sse4_2 aes pclmulqdq avx f16c movbe bmi1 xsave xsaveopt fma avx2 bmi2 fsgsbase rdrand rdseed adx sha_ni "
     "clflushopt xsavec clzero"},
    {"dhyana", "bobcat",
     "sse4_1 sse4_2 avx f16c movbe bmi1 xsave xsaveopt fma avx2 bmi2 fsgsbase rdseed adx clflushopt xsavec clzero"},
    {"zen+", "zen", ""},
    {"zen2", "zen", "clwb rdpid wbnoinvd"},
    {"zen3", "zen2", "vaes vpclmulqdq pku"},
    {"zen3+", "zen3", ""},
    {"zen4", "zen3",
     "avx512f avx512dq avx512ifma avx512cd avx512bw avx512vl avx512vbmi avx512_vbmi2 gfni avx512_vnni avx512_bitalg "
     "avx512_vpopcntdq avx512_bf16"},
    {"zen4c", "zen4", ""},
    {"zen5", "zen4", "avx_vnni movdiri movdir64b avx512_vp2intersect"},
    {"zen5c", "zen5", ""},
    {"zen6", "zen5", "avx512_fp16 avx_ifma avx_vnni_int8 avx_ne_convert"},

    {"merom", "x86-64", "pni ssse3 cx16 lahf_lm"},
    {"penryn", "merom", "sse4_1"},
    {"nehalem", "penryn", "sse4_2 popcnt"},
    {"westmere", "nehalem", ""},
    {"sandybridge", "westmere", "avx xsave xsaveopt"},
    {"ivybridge", "sandybridge", "f16c fsgsbase"},
    {"haswell", "ivybridge", "rdrand movbe abm avx2 fma bmi1 bmi2"},
    {"broadwell", "haswell", "adx rdseed 3dnowprefetch"},
    {"skylake", "broadwell", "aes pclmulqdq clflushopt xsavec"},
    {"kabylake", "skylake", ""},
    {"coffeelake", "skylake", ""},
    {"whiskeylake", "skylake", ""},
    {"cometlake", "skylake", ""},
    {"skylake-avx512", "skylake", "avx512f avx512dq avx512cd avx512bw avx512vl clwb"},
    {"cascadelake", "skylake-avx512", "avx512_vnni"},
    {"cooperlake", "cascadelake", "avx512_bf16"},
    {"cannonlake", "skylake", "avx512f avx512dq avx512cd avx512bw avx512vl avx512vbmi avx512ifma sha_ni"},
    {"icelake", "cannonlake", "avx512_vnni gfni vaes avx512_vbmi2 vpclmulqdq avx512_bitalg rdpid avx512_vpopcntdq"},
    {"icelake-server", "icelake", "pku wbnoinvd clwb"},
    {"tigerlake", "icelake", "movdiri movdir64b clwb avx512_vp2intersect"},
    {"rocketlake", "icelake", ""},
    {"sapphirerapids", "icelake-server",
     "movdiri movdir64b avx512_bf16 avx512_fp16 avx_vnni amx_tile amx_int8 amx_bf16 cldemote waitpkg serialize"},
    {"emeraldrapids", "sapphirerapids", ""},
    {"graniterapids", "sapphirerapids", "amx_fp16"},
    {"graniterapids-d", "graniterapids", "amx_complex"},
    {"diamondrapids", "graniterapids-d", "avx_ifma avx_vnni_int8 avx_ne_convert avx_vnni_int16 cmpccxadd avx10_2"},
    {"alderlake", "skylake", "sha_ni gfni vaes vpclmulqdq rdpid avx_vnni movdiri movdir64b waitpkg serialize clwb"},
    {"alderlake-n", "alderlake", ""},
    {"raptorlake", "alderlake", ""},
    {"bartlettlake", "alderlake", ""},
    {"meteorlake", "alderlake", ""},
    {"arrowlake-u", "alderlake", ""},
    {"arrowlake", "alderlake", "avx_ifma avx_vnni_int8 avx_ne_convert cmpccxadd"},
    {"arrowlake-s", "arrowlake", "avx_vnni_int16 sha512 sm3 sm4"},
    {"lunarlake", "arrowlake-s", ""},
    {"pantherlake", "arrowlake-s", ""},
    {"wildcatlake", "pantherlake", ""},
    {"sierraforest", "arrowlake", "pku"},
    {"grandridge", "sierraforest", ""},
    {"clearwaterforest", "sierraforest", "avx_vnni_int16 sha512 sm3 sm4"},

    {"bonnell", "i686", "pni ssse3 movbe"},
    {"saltwell", "bonnell", ""},
    {"silvermont", "bonnell", "lm cx16 lahf_lm sse4_1 sse4_2 popcnt"},
    {"airmont", "silvermont", ""},
    {"goldmont", "silvermont", "aes pclmulqdq rdrand rdseed fsgsbase sha_ni clflushopt xsave xsavec"},
    {"goldmont-plus", "goldmont", "rdpid"},
    {"tremont", "goldmont-plus", "gfni waitpkg movdiri movdir64b"},

    {"isaiah", "x86-64", "pni ssse3 cx16"},
    {"wudaokou", "isaiah", "sse4_1 sse4_2 popcnt aes pclmulqdq movbe bmi1 bmi2 rdrand rdseed adx xsave"},
    {"lujiazui", "wudaokou", ""},
    {"yongfeng", "lujiazui", "avx avx2 f16c fma sha_ni"},
});

/// Switched off in Celerons and Pentiums of the designs before Alder Lake.
constexpr std::string_view kSoldWithout[] = {"avx",     "avx2",     "fma",      "f16c",     "bmi1",    "bmi2",
                                             "movbe",   "adx",      "rdseed",   "aes",      "abm",     "pclmulqdq",
                                             "xsave",   "xsaveopt", "xsavec",   "sse4_1",   "sse4_2",  "popcnt",
                                             "avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"};

const Design* find_design(std::string_view name) {
    const auto* found = std::find_if(kDesigns.begin(), kDesigns.end(), [&](const Design& d) { return d.name == name; });
    return found == kDesigns.end() ? nullptr : found;
}

/// Would the CPU answer the leaf of this feature, and was it not recorded?
bool unread(const MachineSource& source, int cpu, const std::string& name) {
    const facts::X86Feature* feature = facts::find_x86_feature(name);
    if (feature == nullptr || source.cpuid(cpu, feature->leaf, feature->subleaf)) return feature == nullptr;
    const auto range = source.cpuid(cpu, feature->leaf & kExtendedLeaves, 0);
    if (!range) return true;
    const auto first = source.cpuid(cpu, feature->leaf, 0);
    const bool beyond = feature->leaf == 7 && first && feature->subleaf > first->eax;
    return range->eax >= feature->leaf && !beyond;
}

bool is_low_end(const facts::Cpu& cpu) {
    const std::string brand = cpu.model_name.value_or("");
    return brand.find("Celeron") != std::string::npos || brand.find("Pentium") != std::string::npos;
}

}  // namespace

facts::FeatureSet masked_features(const MachineSource& source, const facts::Cpu& cpu) {
    facts::FeatureSet out;
    const std::vector<int> cpus = source.cpuid_cpus();
    if (cpus.empty()) return out;
    const Design* design = cpu.microarchitecture ? find_design(*cpu.microarchitecture) : nullptr;
    for (; design != nullptr; design = find_design(design->like))
        for (const std::string_view word : split(design->more, ' '))
            if (!word.empty()) out.emplace(word);
    if (is_low_end(cpu))
        for (const std::string_view name : kSoldWithout) out.erase(std::string(name));
    std::erase_if(out, [&](const std::string& name) {
        return cpu.features.contains(name) || cpu.features_some.contains(name) || unread(source, cpus.front(), name);
    });
    return out;
}

}  // namespace lf::probe
