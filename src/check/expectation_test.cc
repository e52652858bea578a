// SPDX-License-Identifier: MIT
#include "check/expectation.h"

#include <gtest/gtest.h>

namespace lf::check {
namespace {

std::string value(const std::vector<std::string>& flags, const std::string& name) {
    const Settings settings = read_settings(flags);
    const auto found = settings.by_name.find(name);
    return found == settings.by_name.end() ? "(not set)" : found->second.value;
}

TEST(ReadSettings, TypesAreNoPartOfTheName) {
    EXPECT_EQ(value({"-DGGML_AVX2:BOOL=TRUE"}, "GGML_AVX2"), "TRUE");
    EXPECT_EQ(value({"-DGGML_AVX2=ON"}, "GGML_AVX2"), "ON");
    EXPECT_EQ(value({"-D", "GGML_AVX2:STRING=1"}, "GGML_AVX2"), "1");
    EXPECT_EQ(value({"-DCMAKE_CUDA_ARCHITECTURES:STRING=86-real;89-real"}, "CMAKE_CUDA_ARCHITECTURES"),
              "86-real;89-real");
    EXPECT_EQ(value({"-DX=a=b:c"}, "X"), "a=b:c");
}

TEST(ReadSettings, TheLastOneWins) {
    EXPECT_EQ(value({"-DGGML_NATIVE:BOOL=FALSE", "-DGGML_NATIVE=ON"}, "GGML_NATIVE"), "ON");
    EXPECT_EQ(value({"-DGGML_NATIVE=ON", "-DGGML_NATIVE:BOOL=FALSE"}, "GGML_NATIVE"), "FALSE");
    EXPECT_EQ(read_settings({"-DA=1", "-DA:BOOL=1", "-DA=1"}).by_name.at("A").times, 3);
}

TEST(ReadSettings, WhatIsTakenBackIsNotSet) {
    EXPECT_EQ(value({"-DGGML_AVX2=ON", "-UGGML_AVX*"}, "GGML_AVX2"), "(not set)");
    EXPECT_EQ(value({"-DGGML_AVX2=ON", "-U", "GGML_AVX?"}, "GGML_AVX2"), "(not set)");
    EXPECT_EQ(value({"-UGGML_AVX2", "-DGGML_AVX2=ON"}, "GGML_AVX2"), "ON");
}

TEST(ReadSettings, TellsWhatItCannotRead) {
    EXPECT_EQ(read_settings({"-C", "cache.cmake"}).unread.size(), 1U);
    EXPECT_EQ(read_settings({"-Ccache.cmake", "--preset=x"}).unread.size(), 2U);
    EXPECT_TRUE(read_settings({"-GNinja", "-Wno-dev", "-DA=1"}).unread.empty());
}

TEST(ReadSettings, RubbishIsNoSetting) {
    for (const std::vector<std::string>& flags : std::vector<std::vector<std::string>>{
             {"-D"}, {"-U"}, {"-DNAME"}, {""}, {"-"}, {"GGML_AVX2=ON"}, {std::string("-D\0x", 4)}}) {
        EXPECT_TRUE(read_settings(flags).by_name.empty());
    }
    EXPECT_EQ(value({"-D=x"}, ""), "x");
}

TEST(CmakeTruth, AsTheConditionOfIf) {
    for (const char* no : {"", "0", "OFF", "off", "No", "FALSE", "false", "n", "IGNORE", "NOTFOUND", "X-NOTFOUND"}) {
        EXPECT_FALSE(cmake_truth(no)) << no;
    }
    for (const char* yes : {"1", "ON", "on", "TRUE", "yes", "y", "2", "AVX2"}) EXPECT_TRUE(cmake_truth(yes)) << yes;
}

TEST(CompareFlags, ByNameAndValue) {
    const plan::Flags wanted{{"GGML_AVX2", true},
                             {"GGML_AVX512", false},
                             {"GGML_FMA", true},
                             {"CMAKE_CUDA_ARCHITECTURES", std::string("86-real")}};
    EXPECT_TRUE(compare_flags(wanted, read_settings({"-DGGML_AVX2=1", "-DGGML_AVX512:BOOL=no", "-DGGML_FMA:BOOL=TRUE",
                                                     "-DCMAKE_CUDA_ARCHITECTURES=86-real", "-DOTHER=x"}))
                    .empty());
    const auto differences = compare_flags(wanted, read_settings({"-DGGML_AVX512=ON", "-DGGML_FMA=TRUE", "-DGGML_FMA=0",
                                                                  "-DCMAKE_CUDA_ARCHITECTURES=86"}));
    const std::vector<Difference> expected{{"CMAKE_CUDA_ARCHITECTURES", "86-real", "86"},
                                           {"GGML_AVX2", "ON", "not set"},
                                           {"GGML_AVX512", "OFF", "ON"},
                                           {"GGML_FMA", "ON", "0"}};
    EXPECT_EQ(differences, expected);
}

TEST(CompareFlags, AnOffFlagMustBeSaidToo) {
    EXPECT_EQ(compare_flags({{"GGML_NATIVE", false}}, read_settings({})).front().got, "not set");
}

TEST(Expectations, FourVariantsAndTheSelectedOne) {
    plan::Build build;
    build.package = "llama-cpp-universal";
    build.strategy = "universal";
    const auto all = expectations(build);
    ASSERT_EQ(all.size(), 5U);
    EXPECT_TRUE(all.back().selected);
    EXPECT_EQ(all.back().package, "llama-cpp-universal");
    EXPECT_EQ(all.back().cpu_variant, "");
    build.cpu_variant = "zen4";
    EXPECT_EQ(expectations(build).back().cpu_variant, "zen4");
    EXPECT_EQ(expectations(build).front().cpu_variant, "") << "only where every variant is built";
    build.extra_flags["GGML_CPU_ALL_VARIANTS"] = false;
    EXPECT_EQ(expectations(build).back().cpu_variant, "") << "said and off is off";
    build.package = "llama-cpp-cuda";
    EXPECT_EQ(expectations(build).size(), 4U);
}

TEST(Expectations, GpuVariantsWithoutTheGpuAreNotPlanned) {
    plan::Build build;
    build.cuda_architectures = "86-real";
    for (const Expectation& one : expectations(build)) {
        EXPECT_EQ(one.planned, one.package != "llama-cpp-rocm") << one.package;
        EXPECT_EQ(one.flags.contains("CMAKE_CUDA_ARCHITECTURES"), one.package == "llama-cpp-cuda") << one.package;
    }
}

}  // namespace
}  // namespace lf::check
