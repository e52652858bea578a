// SPDX-License-Identifier: MIT
#include "check/gpu_targets.h"

#include <gtest/gtest.h>

#include "plan/rules_gpu.h"

namespace lf::check {
namespace {

struct Case {
    const char* list;
    int capability;
    Coverage coverage;
    const char* by;
};

TEST(CudaCoverage, MachineCodeIntermediateCodeAndSuffixes) {
    using enum Coverage;
    const Case cases[] = {
        {"86-real", 86, exact, "86-real"},
        {"86-real", 89, compatible, "86-real"},  // X.Y runs on X.Z, Z >= Y
        {"89-real", 86, none, ""},               // but not on an older one
        {"86-real", 90, none, ""},               // nor on another major revision
        {"86", 86, exact, "86"},                 // plain: machine code and intermediate code
        {"86", 90, just_in_time, "86"},
        {"86-virtual", 86, just_in_time, "86-virtual"},
        {"86-virtual", 120, just_in_time, "86-virtual"},
        {"86-virtual", 80, none, ""},
        {"75-virtual;86-real;89-real", 86, exact, "86-real"},  // the best entry counts
        {"75-virtual;80-real", 86, compatible, "80-real"},
        {"120a-real", 120, exact, "120a-real"},
        {"120a-real", 121, none, ""},  // an architecture's own features: that one only
        {"120", 121, none, ""},        // ggml makes 120a of it
        {"120", 120, exact, "120"},
        {"90a-virtual", 100, none, ""},
        {"90a-virtual", 90, just_in_time, "90a-virtual"},
        {"120f-real", 121, compatible, "120f-real"},  // a family
        {"100f", 103, compatible, "100f"},
        {"100f-virtual", 120, none, ""},
        {"80-real", 87, none, ""},  // Jetson: only the very same machine code
        {"87-real", 89, none, ""},
        {"80", 87, just_in_time, "80"},
        {"87-real", 87, exact, "87-real"},
        {"native", 86, perhaps, "native"},
        {"all-major", 86, perhaps, "all-major"},
        {"native;86-real", 86, exact, "86-real"},
        {" 86-real ; 75-real", 75, exact, "75-real"},
        {"7.5", 75, none, ""},  // nixpkgs' spelling, which CMake does not know
        {"", 86, none, ""},
        {";;-real;a;9999;x86;86-reel;-86;0x56", 86, none, ""},
    };
    for (const Case& one : cases) {
        const Covered covered = cuda_coverage(one.list, one.capability);
        EXPECT_EQ(covered.coverage, one.coverage) << one.list << " on " << one.capability;
        EXPECT_EQ(covered.by, one.by) << one.list << " on " << one.capability;
        EXPECT_EQ(covered.coverage == perhaps, !covered.why.empty()) << one.list;
    }
}

TEST(CudaCoverage, WhatThePlannerWritesIsExact) {
    for (const int capability : {50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121}) {
        const std::string list = "50-real;" + plan::cuda_architecture(capability) + ";121a-real";
        EXPECT_EQ(cuda_coverage(list, capability).coverage, Coverage::exact) << list;
    }
}

TEST(HipCoverage, ExactAndGenericTargets) {
    using enum Coverage;
    EXPECT_EQ(hip_coverage("gfx1030;gfx1100", "gfx1100").coverage, exact);
    EXPECT_EQ(hip_coverage("gfx1030;gfx1101", "gfx1100").coverage, none);
    EXPECT_EQ(hip_coverage("gfx11-generic", "gfx1103").by, "gfx11-generic");
    EXPECT_EQ(hip_coverage("gfx11-generic;gfx1103", "gfx1103").coverage, exact);
    EXPECT_EQ(hip_coverage("gfx10-3-generic", "gfx1035").coverage, compatible);
    EXPECT_EQ(hip_coverage("gfx10-1-generic", "gfx1030").coverage, none);
    EXPECT_EQ(hip_coverage("gfx9-generic", "gfx90a").coverage, none) << "gfx90a is of no generic target";
    EXPECT_EQ(hip_coverage("gfx90a:xnack+", "gfx90a").coverage, perhaps);
    EXPECT_NE(hip_coverage("gfx90a:xnack+", "gfx90a").why.find("xnack+"), std::string::npos);
    EXPECT_EQ(hip_coverage("gfx90a:sramecc+:xnack-;gfx90a", "gfx90a").coverage, exact);
    EXPECT_EQ(hip_coverage("", "gfx1100").coverage, none);
    EXPECT_EQ(hip_coverage("gfx110", "gfx1100").coverage, none);
}

}  // namespace
}  // namespace lf::check
