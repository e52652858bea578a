// SPDX-License-Identifier: MIT
// Sources of the model numbers: Linux arch/x86/include/asm/intel-family.h and arch/x86/kernel/cpu/amd.c, Intel SDM vol.
// 4 table 2-1, AMD's revision guides, GCC's gcc/common/config/i386/cpuinfo.h (Zhaoxin). Several steppings of one model
// are different designs (Skylake-SP, Cascade Lake and Cooper Lake are all model 0x55).
#include "probe/microarchitecture.h"

#include <array>

namespace lf::probe {
namespace {

struct Row {
    std::string_view vendor;
    int family;
    int first_model, last_model;
    std::string_view name;
    std::string_view never = {};  ///< a feature that this design does not have
    int first_stepping = 0, last_stepping = 15;
};

constexpr std::string_view kAmd = "AuthenticAMD";
constexpr std::string_view kHygon = "HygonGenuine";
constexpr std::string_view kIntel = "GenuineIntel";
constexpr std::string_view kCentaur = "CentaurHauls";
constexpr std::string_view kShanghai = "Shanghai";  // Zhaoxin; the CPU says it with two blanks on either side

constexpr auto kRows = std::to_array<Row>({
    {kAmd, 0x05, 0x00, 0x05, "k5", "pni"},
    {kAmd, 0x05, 0x06, 0x09, "k6", "pni"},
    {kAmd, 0x05, 0x0a, 0x0a, "geode", "pni"},
    {kAmd, 0x05, 0x0d, 0x0d, "k6", "pni"},
    {kAmd, 0x06, 0x00, 0xff, "k7", "lm"},
    {kAmd, 0x0f, 0x00, 0xff, "k8", "ssse3"},
    {kAmd, 0x10, 0x00, 0xff, "k10", "ssse3"},
    {kAmd, 0x11, 0x00, 0xff, "k8", "ssse3"},
    {kAmd, 0x12, 0x00, 0xff, "k10", "ssse3"},
    {kAmd, 0x14, 0x00, 0xff, "bobcat", "avx"},
    {kAmd, 0x15, 0x00, 0x01, "bulldozer", "avx2"},
    {kAmd, 0x15, 0x02, 0x1f, "piledriver", "avx2"},
    {kAmd, 0x15, 0x30, 0x3f, "steamroller", "avx2"},
    {kAmd, 0x15, 0x60, 0x7f, "excavator", "avx512f"},
    {kAmd, 0x16, 0x00, 0x0f, "jaguar", "avx2"},
    {kAmd, 0x16, 0x30, 0x3f, "puma", "avx2"},
    {kAmd, 0x17, 0x00, 0x07, "zen", "avx512f"},
    {kAmd, 0x17, 0x08, 0x0f, "zen+", "avx512f"},
    {kAmd, 0x17, 0x10, 0x17, "zen", "avx512f"},
    {kAmd, 0x17, 0x18, 0x1f, "zen+", "avx512f"},
    {kAmd, 0x17, 0x20, 0x2f, "zen", "avx512f"},
    {kAmd, 0x17, 0x50, 0x5f, "zen", "avx512f"},
    {kAmd, 0x17, 0x30, 0xaf, "zen2", "avx512f"},
    {kHygon, 0x18, 0x00, 0x03, "dhyana", "avx512f"},
    {kHygon, 0x18, 0x04, 0x05, "c86-4g-m4", "avx512f"},
    {kHygon, 0x18, 0x06, 0x06, "c86-4g-m6", "avx512f"},
    {kHygon, 0x18, 0x07, 0x07, "c86-4g-m7"},
    {kHygon, 0x18, 0x08, 0x08, "c86-4g-m8"},
    {kAmd, 0x19, 0x00, 0x0f, "zen3", "avx512f"},
    {kAmd, 0x19, 0x10, 0x1f, "zen4", "avx512_vp2intersect"},
    {kAmd, 0x19, 0x20, 0x3f, "zen3", "avx512f"},
    {kAmd, 0x19, 0x40, 0x4f, "zen3+", "avx512f"},
    {kAmd, 0x19, 0x50, 0x5f, "zen3", "avx512f"},
    {kAmd, 0x19, 0x60, 0x9f, "zen4", "avx512_vp2intersect"},
    {kAmd, 0x19, 0xa0, 0xaf, "zen4c", "avx512_vp2intersect"},
    {kAmd, 0x1a, 0x00, 0x0f, "zen5", "avx512_fp16"},
    {kAmd, 0x1a, 0x10, 0x1f, "zen5c", "avx512_fp16"},
    {kAmd, 0x1a, 0x20, 0x4f, "zen5", "avx512_fp16"},
    {kAmd, 0x1a, 0x60, 0x7f, "zen5", "avx512_fp16"},
    {kAmd, 0x1a, 0xd0, 0xd7, "zen5", "avx512_fp16"},
    {kAmd, 0x1a, 0x50, 0x5f, "zen6"},
    {kAmd, 0x1a, 0x80, 0xaf, "zen6"},
    {kAmd, 0x1a, 0xc0, 0xcf, "zen6"},

    {kIntel, 0x06, 0x0f, 0x0f, "merom", "avx"},
    {kIntel, 0x06, 0x16, 0x16, "merom", "avx"},
    {kIntel, 0x06, 0x17, 0x17, "penryn", "avx"},
    {kIntel, 0x06, 0x1d, 0x1d, "penryn", "avx"},
    {kIntel, 0x06, 0x1a, 0x1a, "nehalem", "avx"},
    {kIntel, 0x06, 0x1e, 0x1f, "nehalem", "avx"},
    {kIntel, 0x06, 0x2e, 0x2e, "nehalem", "avx"},
    {kIntel, 0x06, 0x25, 0x25, "westmere", "avx"},
    {kIntel, 0x06, 0x2c, 0x2c, "westmere", "avx"},
    {kIntel, 0x06, 0x2f, 0x2f, "westmere", "avx"},
    {kIntel, 0x06, 0x2a, 0x2a, "sandybridge", "f16c"},
    {kIntel, 0x06, 0x2d, 0x2d, "sandybridge", "f16c"},
    {kIntel, 0x06, 0x3a, 0x3a, "ivybridge", "avx2"},
    {kIntel, 0x06, 0x3e, 0x3e, "ivybridge", "avx2"},
    {kIntel, 0x06, 0x3c, 0x3c, "haswell", "adx"},
    {kIntel, 0x06, 0x3f, 0x3f, "haswell", "adx"},
    {kIntel, 0x06, 0x45, 0x46, "haswell", "adx"},
    {kIntel, 0x06, 0x3d, 0x3d, "broadwell", "avx512f"},
    {kIntel, 0x06, 0x47, 0x47, "broadwell", "avx512f"},
    {kIntel, 0x06, 0x4f, 0x4f, "broadwell", "avx512f"},
    {kIntel, 0x06, 0x56, 0x56, "broadwell", "avx512f"},
    {kIntel, 0x06, 0x4e, 0x4e, "skylake", "avx512f"},
    {kIntel, 0x06, 0x5e, 0x5e, "skylake", "avx512f"},
    {kIntel, 0x06, 0x55, 0x55, "skylake-avx512", "avx512_vnni", 0, 4},
    {kIntel, 0x06, 0x55, 0x55, "cascadelake", "avx512_bf16", 5, 7},
    {kIntel, 0x06, 0x55, 0x55, "cooperlake", "avx512vbmi", 10, 11},
    {kIntel, 0x06, 0x8e, 0x8e, "kabylake", "avx512f", 0, 10},
    {kIntel, 0x06, 0x8e, 0x8e, "whiskeylake", "avx512f", 11, 12},
    {kIntel, 0x06, 0x9e, 0x9e, "kabylake", "avx512f", 0, 9},
    {kIntel, 0x06, 0x9e, 0x9e, "coffeelake", "avx512f", 10, 13},
    {kIntel, 0x06, 0xa5, 0xa6, "cometlake", "avx512f"},
    {kIntel, 0x06, 0x66, 0x66, "cannonlake", "avx512_vnni"},
    {kIntel, 0x06, 0x7d, 0x7e, "icelake", "avx_vnni"},
    {kIntel, 0x06, 0x9d, 0x9d, "icelake", "avx_vnni"},
    {kIntel, 0x06, 0x6a, 0x6a, "icelake-server", "avx_vnni"},
    {kIntel, 0x06, 0x6c, 0x6c, "icelake-server", "avx_vnni"},
    {kIntel, 0x06, 0x8c, 0x8d, "tigerlake", "avx_vnni"},
    {kIntel, 0x06, 0xa7, 0xa7, "rocketlake", "avx_vnni"},
    {kIntel, 0x06, 0x8a, 0x8a, "lakefield", "avx"},
    {kIntel, 0x06, 0x97, 0x97, "alderlake"},
    {kIntel, 0x06, 0x9a, 0x9a, "alderlake"},
    {kIntel, 0x06, 0xbe, 0xbe, "alderlake-n", "avx512f"},
    {kIntel, 0x06, 0xb7, 0xb7, "raptorlake", "avx512f"},
    {kIntel, 0x06, 0xba, 0xba, "raptorlake", "avx512f"},
    {kIntel, 0x06, 0xbf, 0xbf, "raptorlake", "avx512f"},
    {kIntel, 0x06, 0xaa, 0xaa, "meteorlake", "avx512f"},
    {kIntel, 0x06, 0xac, 0xac, "meteorlake", "avx512f"},
    {kIntel, 0x06, 0xd7, 0xd7, "bartlettlake", "avx512f"},
    {kIntel, 0x06, 0xb5, 0xb5, "arrowlake-u", "avx512f"},
    {kIntel, 0x06, 0xc5, 0xc5, "arrowlake", "avx512f"},
    {kIntel, 0x06, 0xc6, 0xc6, "arrowlake-s", "avx512f"},
    {kIntel, 0x06, 0xbd, 0xbd, "lunarlake", "avx512f"},
    {kIntel, 0x06, 0xcc, 0xcc, "pantherlake", "avx512f"},
    {kIntel, 0x06, 0xd5, 0xd5, "wildcatlake", "avx512f"},
    {kIntel, 0x12, 0x01, 0x03, "novalake"},
    {kIntel, 0x06, 0x8f, 0x8f, "sapphirerapids", "amx_fp16"},
    {kIntel, 0x06, 0xcf, 0xcf, "emeraldrapids", "amx_fp16"},
    {kIntel, 0x06, 0xad, 0xad, "graniterapids"},
    {kIntel, 0x06, 0xae, 0xae, "graniterapids-d"},
    {kIntel, 0x13, 0x01, 0x01, "diamondrapids"},
    {kIntel, 0x06, 0xaf, 0xaf, "sierraforest", "avx512f"},
    {kIntel, 0x06, 0xb6, 0xb6, "grandridge", "avx512f"},
    {kIntel, 0x06, 0xdd, 0xdd, "clearwaterforest", "avx512f"},
    {kIntel, 0x06, 0x1c, 0x1c, "bonnell", "avx"},
    {kIntel, 0x06, 0x26, 0x26, "bonnell", "avx"},
    {kIntel, 0x06, 0x27, 0x27, "saltwell", "avx"},
    {kIntel, 0x06, 0x35, 0x36, "saltwell", "avx"},
    {kIntel, 0x06, 0x37, 0x37, "silvermont", "avx"},
    {kIntel, 0x06, 0x4a, 0x4a, "silvermont", "avx"},
    {kIntel, 0x06, 0x4d, 0x4d, "silvermont", "avx"},
    {kIntel, 0x06, 0x5a, 0x5a, "silvermont", "avx"},
    {kIntel, 0x06, 0x5d, 0x5d, "silvermont", "avx"},
    {kIntel, 0x06, 0x4c, 0x4c, "airmont", "avx"},
    {kIntel, 0x06, 0x65, 0x65, "airmont", "avx"},
    {kIntel, 0x06, 0x6e, 0x6e, "airmont", "avx"},
    {kIntel, 0x06, 0x75, 0x75, "airmont", "avx"},
    {kIntel, 0x06, 0x5c, 0x5c, "goldmont", "avx"},
    {kIntel, 0x06, 0x5f, 0x5f, "goldmont", "avx"},
    {kIntel, 0x06, 0x7a, 0x7a, "goldmont-plus", "avx"},
    {kIntel, 0x06, 0x86, 0x86, "tremont", "avx"},
    {kIntel, 0x06, 0x96, 0x96, "tremont", "avx"},
    {kIntel, 0x06, 0x9c, 0x9c, "tremont", "avx"},
    {kIntel, 0x06, 0x57, 0x57, "knightslanding", "avx512bw"},
    {kIntel, 0x06, 0x85, 0x85, "knightsmill", "avx512bw"},
    {kIntel, 0x0b, 0x01, 0x01, "knightscorner"},
    {kIntel, 0x0f, 0x00, 0x06, "netburst", "ssse3"},
    {kIntel, 0x06, 0x00, 0x08, "p6", "sse2"},
    {kIntel, 0x06, 0x0a, 0x0b, "p6", "sse2"},
    {kIntel, 0x06, 0x09, 0x09, "pentium-m", "lm"},
    {kIntel, 0x06, 0x0d, 0x0d, "pentium-m", "lm"},
    {kIntel, 0x06, 0x15, 0x15, "pentium-m", "lm"},
    {kIntel, 0x06, 0x0e, 0x0e, "yonah", "lm"},
    {kIntel, 0x05, 0x09, 0x09, "quark", "sse"},
    {kIntel, 0x05, 0x00, 0x08, "p5", "sse"},

    {kCentaur, 0x06, 0x06, 0x06, "samuel", "sse2"},
    {kCentaur, 0x06, 0x07, 0x07, "samuel-2", "sse2", 0, 7},
    {kCentaur, 0x06, 0x07, 0x08, "ezra", "sse2"},
    {kCentaur, 0x06, 0x09, 0x09, "nehemiah", "sse2"},
    {kCentaur, 0x06, 0x0a, 0x0a, "esther", "lm"},
    {kCentaur, 0x06, 0x0d, 0x0d, "esther", "lm"},
    {kCentaur, 0x06, 0x0f, 0x0f, "isaiah", "avx2", 0, 13},
    {kCentaur, 0x06, 0x0f, 0x0f, "zhangjiang", "avx512f"},
    {kCentaur, 0x07, 0x0f, 0x0f, "zhangjiang", "avx512f"},
    {kCentaur, 0x07, 0x1b, 0x1b, "wudaokou", "avx512f"},
    {kCentaur, 0x07, 0x3b, 0x3b, "lujiazui", "avx512f"},
    {kCentaur, 0x07, 0x5b, 0x5b, "yongfeng", "avx512f"},
    {kCentaur, 0x07, 0x6b, 0x6b, "shijidadao", "avx512f"},
    {kShanghai, 0x06, 0x0f, 0x19, "zhangjiang", "avx512f"},
    {kShanghai, 0x07, 0x0f, 0x0f, "zhangjiang", "avx512f"},
    {kShanghai, 0x07, 0x1b, 0x1b, "wudaokou", "avx512f"},
    {kShanghai, 0x07, 0x3b, 0x3b, "lujiazui", "avx512f"},
    {kShanghai, 0x07, 0x5b, 0x5b, "yongfeng", "avx512f"},
    {kShanghai, 0x07, 0x6b, 0x6b, "shijidadao", "avx512f"},
});

// Names of CPUs that no factory made (QEMU, target/i386/cpu.c: qemu64, x86-64-v2-AES and the like, max, kvm64, kvm32).
constexpr std::string_view kMadeUp[] = {"QEMU Virtual CPU", "QEMU TCG CPU", "Common KVM processor",
                                        "Common 32-bit KVM processor"};

}  // namespace

std::optional<std::string> microarchitecture(std::string_view vendor, int family, int model, int stepping,
                                             const facts::FeatureSet& features) {
    for (const Row& row : kRows) {
        if (row.vendor != vendor || row.family != family || model < row.first_model || model > row.last_model) continue;
        const bool all_steppings = row.first_stepping == 0 && row.last_stepping == 15;
        if (stepping == kUnknownStepping && !all_steppings) return std::nullopt;
        if (!all_steppings && (stepping < row.first_stepping || stepping > row.last_stepping)) continue;
        if (!row.never.empty() && features.contains(std::string(row.never))) return std::nullopt;
        return std::string(row.name);
    }
    return std::nullopt;
}

std::optional<std::string> microarchitecture(const facts::Cpu& cpu) {
    if (!cpu.vendor || !cpu.family || !cpu.model) return std::nullopt;
    for (const std::string_view name : kMadeUp)
        if (cpu.model_name && cpu.model_name->find(name) != std::string::npos) return std::nullopt;
    return microarchitecture(*cpu.vendor, *cpu.family, *cpu.model, cpu.stepping.value_or(kUnknownStepping),
                             cpu.features);
}

}  // namespace lf::probe
