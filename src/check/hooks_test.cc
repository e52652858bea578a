// SPDX-License-Identifier: MIT
#include "check/hooks.h"

#include <gtest/gtest.h>

#include "check/layers.h"

namespace lf::check {
namespace {

Expectation planned() {
    Expectation out;
    out.package = "llama-cpp-cpu";
    out.flags = {{"GGML_NATIVE", false}, {"GGML_AVX2", true}, {"LLAMA_BUILD_SERVER", true}};
    return out;
}

std::string doubt(const std::string& name, const std::string& text) {
    PackageFacts facts;
    facts.hooks[name] = text;
    return doubt_of_hooks(facts, planned());
}

TEST(Hooks, AWordThatMattersIsADoubtWithItsLine) {
    EXPECT_EQ(doubt("preConfigure", "echo hello\n  cmakeFlagsArray+=(-DGGML_AVX2=OFF)\n"),
              "preConfigure may change what CMake or the compiler gets: cmakeFlagsArray+=(-DGGML_AVX2=OFF)");
    for (const char* line : {"export NIX_CFLAGS_COMPILE=-march=native", "export NIX_CFLAGS_COMPILE+=' -O0'",
                             "sed -i s/-march=x/-mcpu=y/ CMakeLists.txt", "sed -i 's/GGML_NATIVE ON/X/' x.cmake",
                             "export NIX_ENFORCE_NO_NATIVE=0", "export CXXFLAGS=-g", "cmakeBuildType=Debug",
                             "export NVCC_APPEND_FLAGS=-G"})
        EXPECT_NE(doubt("postPatch", line), "") << line;
}

TEST(Hooks, WhatDoesNotMatterIsNone) {
    EXPECT_EQ(doubt("preConfigure", ""), "");
    EXPECT_EQ(doubt("postPatch", "substituteInPlace ggml/src/ggml-metal/ggml-metal.m --replace-fail a b\n"), "");
    EXPECT_EQ(doubt("preConfigure", "# cmakeFlags stay as they are\npushd tools/ui\nnpm run build\npopd\n"), "");
}

TEST(Hooks, AFlagThatThePlanSaysNothingOfIsNone) {
    // As nixpkgs' package does.
    EXPECT_EQ(doubt("preConfigure", R"x(prependToVar cmakeFlags "-DLLAMA_BUILD_COMMIT:STRING=$(cat COMMIT)")x"), "");
    for (const char* line :
         {R"x(prependToVar cmakeFlags "-DLLAMA_BUILD_SERVER=OFF")x", R"x(prependToVar cmakeFlags "-DGGML_LTO=ON")x",
          R"x(prependToVar cmakeFlags "-D$name=ON")x", R"x(cmakeFlags="-DLLAMA_BUILD_COMMIT=x")x",
          R"x(cmakeFlagsArray+=("$more"))x", R"x(appendToVar cmakeFlags "-DLLAMA_A=1" "-DGGML_AVX2=OFF")x",
          R"x(appendToVar cmakeFlags "-DLLAMA_A=1"; export CFLAGS=-O0)x"})
        EXPECT_NE(doubt("preConfigure", line), "") << line;
}

TEST(Hooks, AConfigurePhaseOfItsOwn) {
    EXPECT_EQ(doubt("configurePhase", "cmake -B build"),
              "its own configurePhase may give CMake other flags than these");
    EXPECT_EQ(doubt("configurePhase", "runHook preConfigure\ncmakeConfigurePhase\nrunHook postConfigure"), "");
    EXPECT_NE(doubt("dontUseCmakeConfigure", "1"), "");
    EXPECT_EQ(doubt("dontUseCmakeConfigure", ""), "") << "false";
    EXPECT_NE(doubt("cmakeFlagsArray", "-DGGML_AVX2=OFF"), "");
}

TEST(Hooks, HostileTextStaysShortAndPrintable) {
    const std::string said = doubt("preConfigure", "cmakeFlags=\x1b[2J" + std::string(100'000, 'x'));
    EXPECT_LT(said.size(), 200U);
    EXPECT_EQ(said.find('\x1b'), std::string::npos);
}

TEST(DerivationLayer, WhatAShellMayChangeCannotBeTold) {
    PackageFacts facts;
    facts.hooks["preConfigure"] = "cmakeFlagsArray+=(-DGGML_AVX2=OFF)";
    const std::vector<std::string> good{"-DGGML_NATIVE=OFF", "-DGGML_AVX2=ON", "-DLLAMA_BUILD_SERVER=ON"};
    const LayerReport report = derivation_layer(planned(), facts, read_settings(good));
    EXPECT_EQ(report.verdict, Verdict::cannot_tell);
    EXPECT_TRUE(counts(report));
    EXPECT_NE(report.why.find("preConfigure"), std::string::npos);
    const LayerReport wrong = derivation_layer(planned(), facts, read_settings({"-DGGML_AVX2=OFF"}));
    EXPECT_EQ(wrong.verdict, Verdict::not_shown) << "what is wrong in plain sight stays wrong";
}

TEST(DerivationLayer, AFileOfCMakeBringsSettingsThatAreNotShown) {
    std::vector<std::string> flags{"-DGGML_NATIVE=OFF", "-DGGML_AVX2=ON", "-DLLAMA_BUILD_SERVER=ON",
                                   "-DCMAKE_TOOLCHAIN_FILE=/x"};
    const LayerReport report = derivation_layer(planned(), {}, read_settings(flags));
    EXPECT_EQ(report.verdict, Verdict::cannot_tell);
    EXPECT_EQ(report.why, "CMAKE_TOOLCHAIN_FILE brings settings that the derivation does not show");
    Expectation wished = planned();
    wished.flags["CMAKE_TOOLCHAIN_FILE"] = std::string("/x");
    EXPECT_EQ(derivation_layer(wished, {}, read_settings(flags)).verdict, Verdict::shown) << "the owner's own wish";
    flags.push_back("-UCMAKE_TOOLCHAIN_FILE");
    EXPECT_EQ(derivation_layer(planned(), {}, read_settings(flags)).verdict, Verdict::shown) << "taken back";
}

}  // namespace
}  // namespace lf::check
