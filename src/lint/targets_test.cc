// SPDX-License-Identifier: MIT
#include "lint/targets.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace lf::lint {
namespace {

struct CudaCase {
    const char* architectures;
    const char* capability;
    const char* best;  ///< joined by blanks; "" = the card is not served
};

constexpr CudaCase kCuda[] = {
    {"86", "8.6", "86"},
    {"86-real", "8.6", "86-real"},
    {"80-real", "8.6", "80-real"},  // machine code of the same major version
    {"89-real", "8.6", ""},         // of a newer one
    {"75-real", "8.6", ""},         // of another major version
    {"75-virtual", "8.6", "75-virtual"},
    {"75", "8.6", "75"},  // both, of which the PTX serves
    {"90-virtual", "8.6", ""},
    {"75;80;86;89;90", "8.6", "86"},
    {"75;80", "8.6", "80"},  // machine code before PTX
    {"50-virtual;75-virtual;120a-real", "8.6", "75-virtual"},
    {"86;86-real", "8.6", "86 86-real"},
    {"120a-real", "12.0", "120a-real"},
    {"120", "12.1", ""},  // ggml makes 120a of it, which is for 12.0 alone
    {"native", "8.6", "native"},
    {"all-major", "6.1", "all-major"},
    {"", "8.6", ""},
    {"Ampere", "8.6", ""},
    {"86", "", ""},
    {"99999999999999999999-real", "8.6", ""},
    {"61-real;;75-real", "7.5", "75-real"},
};

TEST(Targets, of_cuda) {
    for (const auto& [architectures, capability, best] : kCuda) {
        std::vector<std::string> found;
        for (const auto entry : best_for_cuda(architectures, capability)) found.emplace_back(entry);
        EXPECT_EQ(join(found, " "), best) << architectures << " for " << capability;
        EXPECT_EQ(serves_cuda(architectures, capability), *best != '\0') << architectures << " for " << capability;
    }
}

struct HipCase {
    const char* targets;
    const char* gfx;
    bool serves;
};

constexpr HipCase kHip[] = {
    {"gfx1100", "gfx1100", true},
    {"gfx1030;gfx1100", "gfx1100", true},
    {"gfx110", "gfx1100", false},
    {"gfx1100", "gfx1101", false},  // no code of a neighbour runs
    {"gfx90a:xnack-;gfx942", "gfx90a", true},
    {"", "gfx1100", false},
};

TEST(Targets, of_hip) {
    for (const auto& [targets, gfx, serves] : kHip)
        EXPECT_EQ(serves_gfx(targets, gfx), serves) << targets << " " << gfx;
}

}  // namespace
}  // namespace lf::lint
