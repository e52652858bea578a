// SPDX-License-Identifier: MIT
#include "base/demangle.h"

#include <gtest/gtest.h>

namespace lf {
namespace {

TEST(Demangle, NamesAsPeopleWriteThem) {
    EXPECT_EQ(demangled("_Z24ggml_backend_amx_mul_matPK19ggml_compute_paramsP11ggml_tensor"),
              "ggml_backend_amx_mul_mat(ggml_compute_params const*, ggml_tensor*)");
    EXPECT_EQ(demangled("_ZNSt13random_device7_M_initERKS_"), "std::random_device::_M_init(std::random_device const&)");
    EXPECT_EQ(demangled("_Z3addii.cold"), "add(int, int) [clone .cold]");
}

TEST(Demangle, WhatIsNoneIsLeftAlone) {
    for (const char* name : {"", "main", "_Z", "_ZN", "_Z999999999999x", "__libc_start_main", "_ZN3foo"})
        EXPECT_EQ(demangled(name), "") << name;
    EXPECT_EQ(demangled(std::string_view("_Z1fi\0x", 7)), "") << "a zero byte ends no name of ours";
}

/// Each level names the one before it twice: 2^40 bytes from 400.
TEST(Demangle, HostileNamesCostNothing) {
    std::string twice = "_Z1f1aI1bE";
    for (int i = 0; i < 40; ++i)
        twice += "1cIS" + (i == 0 ? std::string() : std::string(1, static_cast<char>('0' + i % 10))) + "_S_E";
    EXPECT_EQ(demangled(twice), "");
    EXPECT_EQ(demangled("_Z1f" + std::string(900, 'P') + "i").size(), std::string("f(int)").size() + 900);
    EXPECT_EQ(demangled("_Z1f" + std::string(100'000, 'P') + "i"), "") << "too deep to follow";
    EXPECT_EQ(demangled("_Z2000" + std::string(2000, 'x') + "v"), "") << "too long";
    for (int bits = 0; bits < 4096; ++bits) {  // all short names of a small alphabet: no crash
        std::string name = "_Z";
        for (int at = 0; at < 6; ++at) name += "IES_1aTN"[(bits >> (2 * at)) & 7];
        EXPECT_LE(demangled(name).size(), 1000U);
    }
}

}  // namespace
}  // namespace lf
