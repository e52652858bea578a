// SPDX-License-Identifier: MIT
#include "facts/x86_features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <cpuid.h>
#endif

namespace lf::facts {
namespace {

TEST(X86Features, EveryNameAndEveryBitIsThereOnce) {
    std::set<std::string_view> names;
    std::set<std::tuple<std::uint32_t, std::uint32_t, CpuidRegister, int, int>> bits;
    for (const X86Feature& f : x86_features()) {
        EXPECT_TRUE(names.insert(f.name).second) << f.name;
        EXPECT_TRUE(bits.emplace(f.leaf, f.subleaf, f.where, f.bit, f.at_least).second) << f.name;
        EXPECT_LT(f.bit, 32) << f.name;
        EXPECT_EQ(find_x86_feature(f.name), &f);
    }
    EXPECT_GE(names.size(), 210U);
    EXPECT_EQ(find_x86_feature("sse3"), nullptr) << "the kernel calls it pni";
}

TEST(X86Features, StandInTheOrderOfLeavesRegistersAndBits) {
    const auto before = [](const X86Feature& a, const X86Feature& b) {
        // Leaf 1 lists ECX before EDX, leaf 7.1 EAX before EDX: the order of the registers' names.
        return std::tuple(a.leaf, a.subleaf, a.where, a.bit, a.at_least) <
               std::tuple(b.leaf, b.subleaf, b.where, b.bit, b.at_least);
    };
    EXPECT_TRUE(std::is_sorted(x86_features().begin(), x86_features().end(), before));
}

TEST(X86Features, NamesTellTheStateThatIsNeeded) {
    for (const X86Feature& f : x86_features()) {
        const SavedState wanted = f.name.starts_with("avx512") || f.name.starts_with("avx10") ? SavedState::avx512
                                  : f.name.starts_with("amx_")                                ? SavedState::amx
                                  : f.name.starts_with("avx")                                 ? SavedState::avx
                                                                                              : f.state;
        EXPECT_EQ(f.state, wanted) << f.name;
    }
    EXPECT_EQ(required_xcr0(SavedState::none), 0U);
    EXPECT_EQ(required_xcr0(SavedState::xsave), 1U);
    EXPECT_EQ(required_xcr0(SavedState::mpx), 0x18U);
    EXPECT_EQ(required_xcr0(SavedState::pkru), 0x200U);
    EXPECT_EQ(required_xcr0(SavedState::lwp), std::uint64_t{1} << 62);
    EXPECT_EQ(required_xcr0(SavedState::avx), 6U);
    EXPECT_EQ(required_xcr0(SavedState::avx512), 0xe6U);
    EXPECT_EQ(required_xcr0(SavedState::amx), 0x60000U);
    EXPECT_EQ(required_xcr0(SavedState::apx), std::uint64_t{1} << 19);
}

TEST(X86Features, AVersionIsComparedAsANumber) {
    const X86Feature& first = *find_x86_feature("avx10_1");
    const X86Feature& second = *find_x86_feature("avx10_2");
    EXPECT_FALSE(is_shown(first, 0x40700));
    EXPECT_TRUE(is_shown(first, 0x40701));
    EXPECT_FALSE(is_shown(second, 0x40701));
    EXPECT_TRUE(is_shown(second, 0x40702));
    EXPECT_TRUE(is_shown(second, 0x40703)) << "a later version holds what the earlier ones have";
    EXPECT_TRUE(is_shown(*find_x86_feature("avx512vl"), 0x80000000));
    EXPECT_FALSE(is_shown(*find_x86_feature("avx512vl"), 0x7fffffff));
}

#ifdef bit_SSE3
struct Mask {
    std::string_view name;
    unsigned mask;
};

// A second opinion on the bits: the compiler's own header, where it knows the feature (GCC 12 does not know the rest).
constexpr Mask kMasks[] = {
    {"pni", bit_SSE3},
    {"pclmulqdq", bit_PCLMUL},
    {"ssse3", bit_SSSE3},
    {"fma", bit_FMA},
    {"cx16", bit_CMPXCHG16B},
    {"sse4_1", bit_SSE4_1},
    {"sse4_2", bit_SSE4_2},
    {"movbe", bit_MOVBE},
    {"popcnt", bit_POPCNT},
    {"aes", bit_AES},
    {"avx", bit_AVX},
    {"f16c", bit_F16C},
    {"rdrand", bit_RDRND},
    {"sse", bit_SSE},
    {"sse2", bit_SSE2},
    {"fsgsbase", bit_FSGSBASE},
    {"bmi1", bit_BMI},
    {"avx2", bit_AVX2},
    {"bmi2", bit_BMI2},
    {"avx512f", bit_AVX512F},
    {"avx512dq", bit_AVX512DQ},
    {"rdseed", bit_RDSEED},
    {"adx", bit_ADX},
    {"avx512ifma", bit_AVX512IFMA},
    {"clflushopt", bit_CLFLUSHOPT},
    {"clwb", bit_CLWB},
    {"avx512pf", bit_AVX512PF},
    {"avx512er", bit_AVX512ER},
    {"avx512cd", bit_AVX512CD},
    {"sha_ni", bit_SHA},
    {"avx512bw", bit_AVX512BW},
    {"avx512vl", bit_AVX512VL},
    {"avx512vbmi", bit_AVX512VBMI},
    {"waitpkg", bit_WAITPKG},
    {"avx512_vbmi2", bit_AVX512VBMI2},
    {"gfni", bit_GFNI},
    {"vaes", bit_VAES},
    {"vpclmulqdq", bit_VPCLMULQDQ},
    {"avx512_vnni", bit_AVX512VNNI},
    {"avx512_bitalg", bit_AVX512BITALG},
    {"avx512_vpopcntdq", bit_AVX512VPOPCNTDQ},
    {"rdpid", bit_RDPID},
    {"movdiri", bit_MOVDIRI},
    {"movdir64b", bit_MOVDIR64B},
    {"avx512_4vnniw", bit_AVX5124VNNIW},
    {"avx512_4fmaps", bit_AVX5124FMAPS},
    {"avx512_vp2intersect", bit_AVX512VP2INTERSECT},
    {"serialize", bit_SERIALIZE},
    {"tsxldtrk", bit_TSXLDTRK},
    {"amx_bf16", bit_AMX_BF16},
    {"avx512_fp16", bit_AVX512FP16},
    {"amx_tile", bit_AMX_TILE},
    {"amx_int8", bit_AMX_INT8},
    {"avx_vnni", bit_AVXVNNI},
    {"avx512_bf16", bit_AVX512BF16},
    {"lahf_lm", bit_LAHF_LM},
    {"abm", bit_ABM},
    {"sse4a", bit_SSE4a},
    {"xop", bit_XOP},
    {"fma4", bit_FMA4},
    {"tbm", bit_TBM},
    {"clzero", bit_CLZERO},
    {"wbnoinvd", bit_WBNOINVD},
    {"mmx", bit_MMX},
    {"fxsr", bit_FXSAVE},
    {"cmov", bit_CMOV},
    {"cx8", bit_CMPXCHG8B},
    {"xsave", bit_XSAVE},
    {"osxsave", bit_OSXSAVE},
    {"sgx", bit_SGX},
    {"hle", bit_HLE},
    {"rtm", bit_RTM},
    {"prefetchwt1", bit_PREFETCHWT1},
    {"pku", bit_PKU},
    {"ospke", bit_OSPKE},
    {"shstk", bit_SHSTK},
    {"keylocker", bit_KL},
    {"cldemote", bit_CLDEMOTE},
    {"enqcmd", bit_ENQCMD},
    {"uintr", bit_UINTR},
    {"ibt", bit_IBT},
    {"pconfig", bit_PCONFIG},
    {"hreset", bit_HRESET},
    {"xsaveopt", bit_XSAVEOPT},
    {"xsavec", bit_XSAVEC},
    {"xsaves", bit_XSAVES},
    {"ptwrite", bit_PTWRITE},
    {"aeskle", bit_AESKLE},
    {"widekl", bit_WIDEKL},
    {"lm", bit_LM},
    {"mmxext", bit_MMXEXT},
    {"3dnow", bit_3DNOW},
    {"3dnowext", bit_3DNOWP},
    {"3dnowprefetch", bit_PRFCHW},
    {"lwp", bit_LWP},
    {"mwaitx", bit_MWAITX},
};

TEST(X86Features, AgreeWithTheCompilersHeader) {
    for (const Mask& row : kMasks) {
        const X86Feature* feature = find_x86_feature(row.name);
        ASSERT_NE(feature, nullptr) << row.name;
        EXPECT_EQ(std::uint32_t{1} << feature->bit, row.mask) << row.name;
    }
}
#endif

}  // namespace
}  // namespace lf::facts
