// SPDX-License-Identifier: MIT
#include "x86/isa.h"

#include <Zydis/Zydis.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "facts/x86_features.h"

namespace lf::x86 {
namespace {

TEST(IsaSets, HoldEverySetOfTheLibrary) {
    for (int i = ZYDIS_ISA_SET_INVALID + 1; i <= ZYDIS_ISA_SET_MAX_VALUE; ++i) {
        const char* name = ZydisISASetGetString(static_cast<ZydisISASet>(i));
        EXPECT_NE(find_isa_set(name), kUnknownIsa) << name << " has no row in isa_sets.def";
    }
}

TEST(IsaSets, NameEachOnce) {
    std::set<std::string_view> names;
    for (const IsaSet& set : isa_sets()) EXPECT_TRUE(names.insert(set.name).second) << set.name;
    EXPECT_EQ(isa_sets()[0].name, "BASE");
    EXPECT_EQ(find_isa_set("NOSUCH"), kUnknownIsa);
}

TEST(IsaSets, NeedFeaturesThatFactsHold) {
    for (const IsaSet& set : isa_sets()) {
        std::istringstream words{std::string(set.features)};
        const bool own = set.without == OnOldCpu::illegal && !set.note.empty() && set.recorded;  // ISA_NONE
        for (std::string word; words >> word;) {
            const auto* feature = facts::find_x86_feature(word);
            if (own && word != "apx") {
                EXPECT_EQ(feature, nullptr) << set.name;
            } else if (!set.recorded && word != "apx") {
                EXPECT_TRUE(feature == nullptr || feature->system) << set.name << ": facts do hold " << word;
            } else {
                ASSERT_NE(feature, nullptr) << set.name << " needs " << word;
                EXPECT_FALSE(feature->system) << set.name << ": facts do not hold " << word;
            }
        }
    }
}

TEST(IsaSets, NeedWhatTheirFeaturesNeed) {
    for (const IsaSet& set : isa_sets()) {
        const std::string features = " " + std::string(set.features) + " ";
        const auto has = [&](std::string_view name) {
            return features.find(" " + std::string(name) + " ") != std::string::npos;
        };
        if (set.name.starts_with("AVX512") && !has("avx10_2") && set.without == OnOldCpu::illegal && set.note.empty()) {
            EXPECT_TRUE(has("avx512f")) << set.name;
            const bool narrow = set.name.ends_with("_128") || set.name.ends_with("_256");
            EXPECT_EQ(has("avx512vl"), narrow) << set.name;
        }
        if (set.name.starts_with("AMX")) {
            EXPECT_TRUE(has("amx_tile")) << set.name;
        }
        if (has("avx2") || has("fma") || has("f16c") || has("xop")) {
            EXPECT_TRUE(has("avx")) << set.name;
        }
        if (set.without == OnOldCpu::differs || set.without == OnOldCpu::harmless) {
            EXPECT_FALSE(set.note.empty()) << set.name;
        }
    }
}

TEST(IsaSets, SayWhoHasWhatFactsDoNotRecord) {
    const auto row = [](std::string_view name) { return isa_sets()[find_isa_set(name)]; };
    EXPECT_FALSE(row("RDTSCP").recorded);
    EXPECT_EQ(row("APX_F_RDTSCP").features, "apx rdtscp");
    EXPECT_EQ(row("RDPRU").only, "clzero");
    for (const IsaSet& set : isa_sets()) {
        EXPECT_EQ(set.recorded, set.sure.empty() && set.only.empty()) << set.name;
        for (const std::string_view list : {set.sure, set.only}) {
            std::istringstream words{std::string(list)};
            for (std::string word; words >> word;) {
                const auto* feature = facts::find_x86_feature(word);
                ASSERT_NE(feature, nullptr) << set.name << " " << word;
                EXPECT_FALSE(feature->system) << set.name << ": facts do not hold " << word;
            }
        }
    }
}

}  // namespace
}  // namespace lf::x86
