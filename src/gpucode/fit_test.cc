// SPDX-License-Identifier: MIT
// Rules: doc/gpu-code.md, "What runs where".
#include <gtest/gtest.h>

#include "gpucode/gpu_code.h"

namespace lf::gpucode {
namespace {

struct CudaCase {
    Kind kind;
    std::string name, card;
    Fit fit;
};

constexpr Kind kSass = Kind::cuda_machine, kPtx = Kind::cuda_ptx;

TEST(Fit, Cuda) {
    const CudaCase kCases[] = {
        {kSass, "sm_86", "8.6", Fit::runs},
        {kSass, "sm_80", "8.6", Fit::runs},  // same major, newer minor
        {kSass, "sm_86", "8.9", Fit::runs},
        {kSass, "sm_89", "8.6", Fit::no},  // older minor
        {kSass, "sm_86", "9.0", Fit::no},  // other major
        {kSass, "sm_70", "7.5", Fit::runs},
        {kSass, "sm_120", "12.1", Fit::runs},
        {kSass, "sm_100", "12.0", Fit::no},
        {kSass, "sm_86", "8.7", Fit::no},  // a card's code on a Tegra
        {kSass, "sm_87", "8.7", Fit::runs},
        {kSass, "sm_87", "8.9", Fit::no},  // a Tegra's on a card
        {kSass, "sm_53", "6.2", Fit::no},
        {kSass, "sm_110", "11.0", Fit::runs},
        {kSass, "sm_90a", "9.0", Fit::runs},
        {kSass, "sm_120a", "12.0", Fit::runs},
        {kSass, "sm_120a", "12.1", Fit::no},  // "a": that one only
        {kSass, "sm_120f", "12.1", Fit::runs},
        {kSass, "sm_121f", "12.0", Fit::no},
        {kSass, "sm_100f", "10.3", Fit::runs},
        {kSass, "sm_100f", "10.1", Fit::no},
        {kSass, "sm_100f", "12.0", Fit::no},
        {kPtx, "compute_50", "12.0", Fit::compiles_first},
        {kPtx, "compute_90", "12.0", Fit::compiles_first},  // an RTX 5090 with Debian's library
        {kPtx, "compute_75", "7.0", Fit::no},               // a V100 with the library of npm
        {kPtx, "compute_75", "6.1", Fit::no},
        {kPtx, "compute_80", "8.7", Fit::compiles_first},
        {kPtx, "compute_90a", "9.0", Fit::compiles_first},
        {kPtx, "compute_90a", "10.0", Fit::no},
        {kPtx, "compute_100f", "10.3", Fit::compiles_first},
        {kPtx, "compute_100f", "12.0", Fit::no},
        {kPtx, "sm_86", "8.6", Fit::no},  // names of the other kind
        {kSass, "compute_86", "8.6", Fit::no},
        {kSass, "sm_", "8.6", Fit::no},
        {kSass, "sm_86", "", Fit::no},
        {kSass, "sm_86", "8", Fit::no},
        {Kind::spirv, "spir-v", "8.6", Fit::no},
        {Kind::hip_machine, "gfx1100", "8.6", Fit::no},
    };
    for (const CudaCase& c : kCases) EXPECT_EQ(fit_cuda(c.kind, c.name, c.card), c.fit) << c.name << " on " << c.card;
}

struct HipCase {
    std::string name, card;
    Fit fit;
};

TEST(Fit, Hip) {
    const HipCase kCases[] = {
        {"gfx1100", "gfx1100", Fit::runs},
        {"gfx1100", "gfx1101", Fit::no},
        {"gfx90a", "gfx90a", Fit::runs},
        {"gfx90a:xnack-", "gfx90a", Fit::runs},
        {"gfx90a:xnack+", "gfx90a", Fit::no},  // off unless somebody turns it on
        {"gfx942:sramecc+:xnack-", "gfx942", Fit::runs},
        {"gfx942:sramecc-", "gfx942", Fit::no},
        {"gfx902:xnack+", "gfx902", Fit::runs},
        {"gfx9-generic", "gfx906", Fit::runs},
        {"gfx9-generic", "gfx908", Fit::no},
        {"gfx9-generic:xnack-", "gfx90c", Fit::runs},
        {"gfx9-4-generic", "gfx942", Fit::runs},
        {"gfx9-4-generic", "gfx950", Fit::runs},
        {"gfx9-4-generic", "gfx90a", Fit::no},
        {"gfx10-1-generic", "gfx1012", Fit::runs},
        {"gfx10-3-generic", "gfx1036", Fit::runs},
        {"gfx10-3-generic", "gfx1010", Fit::no},
        {"gfx11-generic", "gfx1151", Fit::runs},
        {"gfx11-generic", "gfx1170", Fit::no},
        {"gfx12-generic", "gfx1201", Fit::runs},
        {"gfx12-generic", "gfx1250", Fit::no},
        {"gfx12-5-generic", "gfx1250", Fit::runs},
        {"amdgcnspirv", "gfx1100", Fit::compiles_first},
        {"gfx1100", "", Fit::no},
        {"", "gfx1100", Fit::no},
        {"", "", Fit::no},
    };
    for (const HipCase& c : kCases) EXPECT_EQ(fit_hip(c.name, c.card), c.fit) << c.name << " on " << c.card;
}

}  // namespace
}  // namespace lf::gpucode
