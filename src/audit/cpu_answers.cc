// SPDX-License-Identifier: MIT
#include "audit/cpu_answers.h"

#include <array>
#include <string>

namespace lf::audit {
namespace {

using facts::CpuidRegister;

Variable variable_of(const facts::X86Feature& feature) {
    return static_cast<Variable>(&feature - facts::x86_features().data());
}

Bit feature_bit(Values& values, std::string_view name) {
    const facts::X86Feature* feature = facts::find_x86_feature(name);
    if (feature == nullptr) return values.something();
    const Variable v = variable_of(*feature);
    return {values.formulas().variable(v), values.formulas().negated(v)};
}

/// 32 bits that say something of the CPU, each of them.
Bits unknown_word(Values& values) {
    Bits out;
    out.fill(kZeroBit);
    for (unsigned i = 0; i < 32; ++i) out[i] = values.something();
    return out;
}

/// A leaf whose bits are features, so that one without a row is of no use to code, and not unknown.
bool holds_features(std::uint32_t leaf, std::uint32_t subleaf, CpuidRegister where) {
    for (const facts::X86Feature& f : facts::x86_features())
        if (f.leaf == leaf && f.subleaf == subleaf && f.where == where && f.bits == 1) return true;
    return false;
}

// The state of XCR0 (SDM vol. 1 ch. 13) and a feature that is usable only where the system saves it.
struct SavedRow {
    unsigned bit;
    std::string_view feature;
};
constexpr SavedRow kSaved[] = {{2, "avx"},     {3, "mpx"}, {4, "mpx"},       {5, "avx512f"},   {6, "avx512f"},
                               {7, "avx512f"}, {9, "pku"}, {17, "amx_tile"}, {18, "amx_tile"}, {19, "apx"}};

struct GccBit {
    unsigned number;
    std::string_view feature;
};
constexpr GccBit kGccBits[] = {
#define GCC_CPU_BIT(number, feature) {number, #feature},
#include "audit/gcc_cpu_bits.def"
#undef GCC_CPU_BIT
};

// What each level adds (x86-64 psABI 3.1.1); the numbers are GCC's.
struct LevelRow {
    unsigned number;
    std::array<std::string_view, 8> adds;
};
constexpr LevelRow kLevels[] = {
    {96, {"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3", "sse2"}},
    {97, {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"}},
    {98, {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512f", "avx512f", "avx512f"}},
};

// The entries of struct cpu_features' array, in the order of glibc's enum cpuid_register_index (sys/platform/x86.h).
struct LeafRow {
    std::uint32_t leaf, subleaf;
};
constexpr LeafRow kGlibcLeaves[] = {{1, 0},          {7, 0}, {0x80000001, 0}, {0xd, 1},  {0x80000007, 0},
                                    {0x80000008, 0}, {7, 1}, {0x19, 0},       {0x14, 0}, {0x24, 0}};

constexpr std::int64_t kGlibcBasic = 20;     // struct cpu_features_basic: kind, highest leaf, family, model, stepping
constexpr std::int64_t kGlibcLeafSize = 32;  // four registers as CPUID says them, and four of what is usable
constexpr unsigned kAvxFastUnalignedLoad = 9;

Value gcc_word(Values& values, std::int64_t offset) {
    Bits out = unknown_word(values);
    const auto first = static_cast<unsigned>(offset * 8);
    for (const GccBit& row : kGccBits)
        if (row.number >= first && row.number < first + 32) out[row.number - first] = feature_bit(values, row.feature);
    Bit level = kOneBit;
    for (const LevelRow& row : kLevels) {
        for (const std::string_view name : row.adds) level = values.both(level, feature_bit(values, name));
        if (row.number >= first && row.number < first + 32) out[row.number - first] = level;
    }
    return values.make(out);
}

Value glibc_leaf_word(Values& values, std::uint32_t leaf, std::int64_t offset) {
    if (leaf >= std::size(kGlibcLeaves) || offset < 0 || offset >= kGlibcLeafSize || offset % 4 != 0)
        return values.make(unknown_word(values));
    static constexpr CpuidRegister kOrder[] = {CpuidRegister::eax, CpuidRegister::ebx, CpuidRegister::ecx,
                                               CpuidRegister::edx};
    return cpuid_word(values, kGlibcLeaves[leaf].leaf, kGlibcLeaves[leaf].subleaf, kOrder[(offset / 4) % 4]);
}

// Bits by which glibc chooses among what is usable; one of them says that AVX2 is.
Value glibc_preferred(Values& values) {
    Bits out;
    out.fill(kZeroBit);
    for (unsigned i = 0; i < 32; ++i) out[i] = kAnyBit;
    out[kAvxFastUnalignedLoad].one = feature_bit(values, "avx2").one;
    return values.make(out);
}

}  // namespace

Value cpuid_word(Values& values, std::optional<std::uint32_t> leaf, std::optional<std::uint32_t> subleaf,
                 CpuidRegister where) {
    Bits out = unknown_word(values);
    const bool has_subleaves =
        leaf && (*leaf == 7 || *leaf == 0xd || *leaf == 0x14 || *leaf == 0x19 || *leaf == 0x1e || *leaf == 0x24);
    if (!leaf || (has_subleaves && !subleaf)) return values.make(out);
    const std::uint32_t part = has_subleaves ? *subleaf : 0;
    if (!holds_features(*leaf, part, where)) return values.make(out);
    for (unsigned i = 0; i < 32; ++i) out[i] = kAnyBit;
    for (const facts::X86Feature& f : facts::x86_features()) {
        if (f.leaf != *leaf || f.subleaf != part || f.where != where) continue;
        if (f.bits > 1)
            for (unsigned i = 0; i < f.bits; ++i) out[f.bit + i] = values.something();
        else if (f.name == "osxsave") out[f.bit] = feature_bit(values, "xsave");
        else if (!f.system) out[f.bit] = feature_bit(values, f.name);
    }
    return values.make(out);
}

Value xcr0_word(Values& values) {
    Bits out = unknown_word(values);
    out[0] = out[1] = kOneBit;
    for (const SavedRow& row : kSaved) out[row.bit] = feature_bit(values, row.feature);
    return values.make(out);
}

CpuObject cpu_object(std::string_view symbol) {
    if (symbol == "__cpu_model") return CpuObject::gcc_cpu_model;
    if (symbol == "__cpu_features2") return CpuObject::gcc_cpu_features2;
    if (symbol == "_rtld_global_ro") return CpuObject::glibc_ro;
    if (symbol == "OPENSSL_ia32cap_P" || symbol == "_dl_x86_cpu_features") return CpuObject::unknown_answers;
    return CpuObject::none;
}

Value object_word(Values& values, CpuObject object, std::uint32_t leaf, std::int64_t offset,
                  const GlibcLayout& layout) {
    constexpr std::int64_t kModelFeatures = 12;  // after vendor, type and subtype
    switch (object) {
        case CpuObject::gcc_cpu_model:
            return offset == kModelFeatures ? gcc_word(values, 0) : values.make(unknown_word(values));
        case CpuObject::gcc_cpu_features2:
            return offset >= 0 && offset < 16 && offset % 4 == 0 ? gcc_word(values, offset + 4)
                                                                 : values.make(unknown_word(values));
        case CpuObject::glibc_leaf: return glibc_leaf_word(values, leaf, offset);
        case CpuObject::glibc_ro: {
            if (layout.offset == 0) return values.make(unknown_word(values));
            const std::int64_t within = offset - layout.offset - kGlibcBasic;
            constexpr std::int64_t kSizesBehind = 64;  // of caches; newer versions may have more leaves instead
            if (within < -kGlibcBasic || within > kGlibcLeafSize * layout.leaves + kSizesBehind) return {};
            if (within < 0) return values.make(unknown_word(values));
            if (within == kGlibcLeafSize * layout.leaves) return glibc_preferred(values);
            if (within > kGlibcLeafSize * layout.leaves) return values.make(unknown_word(values));
            return glibc_leaf_word(values, static_cast<std::uint32_t>(within / kGlibcLeafSize),
                                   within % kGlibcLeafSize);
        }
        default: return values.make(unknown_word(values));
    }
}

CpuQuery cpu_query(std::string_view symbol) {
    struct Row {
        std::string_view name;
        CpuQuery query;
    };
    static constexpr Row kRows[] = {
        {"__x86_get_cpuid_feature_leaf", CpuQuery::glibc_leaf},
        {"_dl_x86_get_cpu_features", CpuQuery::something},
        {"__get_cpu_features", CpuQuery::something},
        {"av_get_cpu_flags", CpuQuery::something},  // libavutil
        {"gcry_get_config", CpuQuery::something},   // libgcrypt
        {"orc_target_get_default_flags", CpuQuery::something},
        {"android_getCpuFeatures", CpuQuery::something},
        {"cpuinfo_isa", CpuQuery::something},
        {"getauxval", CpuQuery::something},  // AT_HWCAP: CPUID.1:EDX, AT_HWCAP2, AT_PLATFORM
        {"__getauxval", CpuQuery::something},
    };
    for (const Row& row : kRows)
        if (row.name == symbol) return row.query;
    if (symbol.starts_with("SDL_HasAVX") || symbol.starts_with("SDL_HasSSE")) return CpuQuery::something;
    return CpuQuery::none;
}

}  // namespace lf::audit
