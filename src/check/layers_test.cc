// SPDX-License-Identifier: MIT
#include "check/layers.h"

#include <gtest/gtest.h>

#include "check/expectation.h"

namespace lf::check {
namespace {

constexpr const char* kSource = "/nix/store/x-source";

plan::Build some_build() {
    plan::Build build;
    build.package = "llama-cpp-cuda";
    build.cpu_flags = {{"GGML_NATIVE", false}, {"GGML_AVX", true}, {"GGML_AVX2", true}, {"GGML_AVX512", false}};
    build.cpu_variant = "haswell";
    build.cuda_architectures = "86-real";
    build.rocm_targets = "gfx1100";
    return build;
}

Expectation expected(const std::string& package, const plan::Build& build = some_build()) {
    for (Expectation& one : expectations(build)) {
        if (one.package == package) return std::move(one);
    }
    ADD_FAILURE() << package;
    return {};
}

/// The flags as planned, then more.
Settings planned_and(const Expectation& one, const std::vector<std::string>& more,
                     const std::vector<std::string>& before = {}) {
    std::vector<std::string> flags = before;
    for (const auto& [name, value] : one.flags)
        flags.push_back("-D" + name + "=" +
                        (std::holds_alternative<bool>(value) ? (std::get<bool>(value) ? "ON" : "OFF")
                                                             : std::get<std::string>(value)));
    flags.insert(flags.end(), more.begin(), more.end());
    return read_settings(flags);
}

Evidence with_source(const std::string& more = {}) {
    CmakeOptions options;
    std::string text = "set(GGML_VERSION_MAJOR 0)\nset(GGML_VERSION_MINOR 21)\nset(GGML_VERSION_PATCH 0)\n";
    for (const char* name : {"NATIVE", "AVX", "AVX2", "AVX512", "BLAS", "CUDA", "HIP", "VULKAN", "OPENMP"})
        text += std::string("option(GGML_") + name + " \"\" OFF)\n";
    read_cmake(
        text + "option(LLAMA_BUILD_SERVER \"\" ON)\nllama_option_depr(FATAL_ERROR LLAMA_CUBLAS GGML_CUDA)\n" + more,
        "CMakeLists.txt", options);
    Evidence evidence;
    evidence.sources[kSource] = options;
    return evidence;
}

PackageFacts facts_of(const std::string& source = kSource) {
    PackageFacts facts;
    facts.source = source;
    facts.source_why = source.empty() ? "its source is fetched when it is built" : "";
    facts.build_drv = "/nix/store/x.drv";
    return facts;
}

LayerReport names(const std::vector<std::string>& more, const Evidence& evidence = with_source(),
                  const PackageFacts& facts = facts_of(), const std::vector<std::string>& before = {}) {
    const Expectation one = expected("llama-cpp-cuda");
    return names_layer(one, facts, planned_and(one, more, before), evidence);
}

TEST(NamesLayer, ByThePinnedSource) {
    const LayerReport good = names({});
    EXPECT_EQ(good.verdict, Verdict::shown);
    EXPECT_EQ(good.basis, "the pinned source, ggml 0.21.0");
    const LayerReport slip = names({"-DGGML_AVX_512=ON", "-DCMAKE_WHATEVER=1"});
    EXPECT_EQ(slip.verdict, Verdict::not_shown);
    EXPECT_EQ(slip.differences, (std::vector<Difference>{{"GGML_AVX_512", "an option of ggml 0.21.0", "no such option",
                                                          "did you mean GGML_AVX512?"}}));
}

TEST(NamesLayer, RetiredNamesComeWithAdvice) {
    EXPECT_EQ(names({"-DLLAMA_CUBLAS=ON"}).differences.at(0),
              (Difference{"LLAMA_CUBLAS", "an option of ggml 0.21.0", "a name that ends the configure run",
                          "instead: GGML_CUDA"}));
    const LayerReport f16 = names({"-DGGML_CUDA_F16=ON"});
    EXPECT_EQ(f16.differences.at(0).advice, "instead: removed with the DMMV kernels");
}

TEST(NamesLayer, TheSourceWinsOverTheTable) {
    EXPECT_EQ(names({"-DGGML_CUDA_F16=ON"}, with_source("option(GGML_CUDA_F16 \"\" OFF)")).verdict, Verdict::shown)
        << "a fork may have what the table calls retired";
    EXPECT_EQ(names({"-DGGML_RPC=ON"}).verdict, Verdict::not_shown) << "the table has it, this source does not";
    EXPECT_EQ(names({"-DGGML_ONLY_READ=1"}, with_source("if(GGML_ONLY_READ)\nendif()")).verdict, Verdict::shown);
    EXPECT_EQ(names({"-DGGML_X=ON"}, with_source("option(GGML_${y} \"\" ON)")).verdict, Verdict::cannot_tell);
}

TEST(NamesLayer, APlannedNameThatTheSourceLacksIsNotShown) {
    Evidence evidence = with_source();
    evidence.sources[kSource].declared.erase("GGML_AVX512");
    const LayerReport report = names({}, evidence);
    EXPECT_EQ(report.verdict, Verdict::not_shown) << "planned off, but this ggml does not know it";
    EXPECT_EQ(report.differences.at(0).name, "GGML_AVX512");
}

TEST(NamesLayer, ThePackagesOwnWordAndWhatIsOffAreNoMistakes) {
    const LayerReport own = names({}, with_source(), facts_of(), {"-DLLAMA_BUILD_WEBUI=ON", "-DGGML_CLBLAST=OFF"});
    EXPECT_EQ(own.verdict, Verdict::shown);
    ASSERT_EQ(own.notes.size(), 1U);
    EXPECT_EQ(own.notes[0], "the package itself gives LLAMA_BUILD_WEBUI: no such option");
    EXPECT_EQ(names({"-DGGML_CLBLAST=OFF"}).verdict, Verdict::shown);
    EXPECT_EQ(names({"-DLLAMA_BUILD_WEBUI=ON"}).verdict, Verdict::not_shown) << "added behind the plan";
}

TEST(NamesLayer, WithoutASourceTheTableSpeaksIfTheVersionIsKnown) {
    PackageFacts facts = facts_of("");
    const LayerReport unknown = names({"-DGGML_AVX_512=ON", "-DGGML_AVX512F=1"}, {}, facts);
    EXPECT_EQ(unknown.verdict, Verdict::cannot_tell);
    EXPECT_FALSE(counts(unknown));
    EXPECT_EQ(unknown.why, "its source is fetched when it is built");
    EXPECT_EQ(unknown.notes.size(), 2U) << "what is in no list is worth a word all the same";
    facts.ggml_version = "0.17.0";
    EXPECT_EQ(names({"-DGGML_HIP_ROCWMMA_FATTN=ON"}, {}, facts).verdict, Verdict::shown);
    EXPECT_EQ(names({}, {}, facts).basis, "the table of options, ggml 0.17.0");
    facts.ggml_version = "0.18.0";
    EXPECT_EQ(names({"-DGGML_HIP_ROCWMMA_FATTN=ON"}, {}, facts).differences.at(0).got, "a retired name");
    EXPECT_EQ(names({"-DGGML_OPENMP_FETCH=ON"}, {}, facts).differences.at(0).advice, "it came with ggml 0.21.0");
    facts.ggml_version = "0.99.0";
    EXPECT_NE(names({}, {}, facts).why.find("newer than the table"), std::string::npos);
}

LayerReport derivation(const PackageFacts& facts, const std::vector<std::string>& more = {},
                       const plan::Build& build = some_build()) {
    const Expectation one = expected("llama-cpp-cuda", build);
    return derivation_layer(one, facts, planned_and(one, more));
}

PackageFacts with_variable(const std::string& name, const std::string& value) {
    PackageFacts facts = facts_of();
    facts.environment[name] = value;
    return facts;
}

TEST(DerivationLayer, VariablesThatReachTheCompiler) {
    EXPECT_EQ(derivation(facts_of()).verdict, Verdict::shown);
    for (const char* name : {"NIX_CFLAGS_COMPILE", "NIX_CFLAGS_COMPILE_BEFORE", "NIX_CXXSTDLIB_COMPILE", "CFLAGS",
                             "CXXFLAGS", "CUDAFLAGS", "NVCC_PREPEND_FLAGS", "NVCC_APPEND_FLAGS"}) {
        const LayerReport report = derivation(with_variable(name, "-O2 -march=native"));
        EXPECT_EQ(report.differences, (std::vector<Difference>{{name, "no -m option", "-O2 -march=native"}}));
        EXPECT_EQ(derivation(with_variable(name, "-O2 -g")).verdict, Verdict::shown) << name;
    }
    EXPECT_EQ(derivation(with_variable("NIX_CFLAGS_COMPILE", "-O0")).differences.at(0).wanted, "no -O0");
    const LayerReport early = derivation(with_variable("CXXFLAGS", "-O0"));
    EXPECT_EQ(early.verdict, Verdict::shown);
    EXPECT_NE(early.notes.at(0).find("overrides"), std::string::npos);
    EXPECT_EQ(derivation(with_variable("NIX_CFLAGS_COMPILE_AFTER", "-march=native")).notes.at(0),
              "nothing reads NIX_CFLAGS_COMPILE_AFTER: -march=native");
    EXPECT_EQ(derivation(with_variable("NIX_ENFORCE_NO_NATIVE", "0")).notes.size(), 1U);
    EXPECT_TRUE(derivation(with_variable("NIX_ENFORCE_NO_NATIVE", "1")).notes.empty());
}

TEST(DerivationLayer, SettingsThatReachTheCompiler) {
    EXPECT_EQ(derivation(facts_of(), {"-DCMAKE_CXX_FLAGS=-march=znver4"}).differences.at(0),
              (Difference{"CMAKE_CXX_FLAGS", "no -m option", "-march=znver4"}));
    EXPECT_EQ(derivation(facts_of(), {"-DCMAKE_C_FLAGS_RELEASE=-O1"}).differences.at(0).wanted, "no -O1");
    EXPECT_EQ(derivation(facts_of(), {"-DCMAKE_BUILD_TYPE=Debug"}).differences.at(0).got, "Debug");
    EXPECT_EQ(derivation(facts_of(), {"-DCMAKE_BUILD_TYPE=None"}).verdict, Verdict::not_shown) << "no -O at all";
    EXPECT_EQ(derivation(facts_of(), {"-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS=-g"}).verdict, Verdict::shown);
    plan::Build build = some_build();
    build.extra_flags["CMAKE_BUILD_TYPE"] = std::string("Debug");
    EXPECT_EQ(derivation(facts_of(), {}, build).verdict, Verdict::shown) << "the owner's own wish";
    EXPECT_EQ(derivation(facts_of(), {"-DCMAKE_HIP_ARCHITECTURES=gfx1100", "-DAMDGPU_TARGETS=gfx1030"}).notes.size(),
              1U);
}

TEST(DerivationLayer, TheBuildTypeOfNixpkgsHook) {
    EXPECT_EQ(derivation(with_variable("cmakeBuildType", "Debug")).differences,
              (std::vector<Difference>{{"cmakeBuildType", "Release", "Debug"}}));
    for (const char* fine : {"Release", "RelWithDebInfo", ""})
        EXPECT_EQ(derivation(with_variable("cmakeBuildType", fine)).verdict, Verdict::shown) << fine;
    EXPECT_EQ(derivation(with_variable("cmakeBuildType", "Debug"), {"-DCMAKE_BUILD_TYPE=Release"}).verdict,
              Verdict::shown)
        << "the flag stands behind what the hook makes of it";
}

TEST(DerivationLayer, WhatMakesGgmlIgnoreEveryFlagMustBeOffOrAbsent) {
    // ggml sets each flag of the CPU itself where it builds all its variants.
    EXPECT_EQ(derivation(facts_of(), {"-DGGML_CPU_ALL_VARIANTS=ON", "-DGGML_BACKEND_DL:BOOL=1"}).differences,
              (std::vector<Difference>{{"GGML_BACKEND_DL", "OFF or not set", "1"},
                                       {"GGML_CPU_ALL_VARIANTS", "OFF or not set", "ON"}}));
    EXPECT_EQ(derivation(facts_of(), {"-DGGML_CPU_ALL_VARIANTS=off"}).verdict, Verdict::shown);
    plan::Build build = some_build();
    build.extra_flags["GGML_BACKEND_DL"] = true;
    EXPECT_EQ(derivation(facts_of(), {}, build).verdict, Verdict::shown) << "the owner's own wish";
}

TEST(DerivationLayer, AStandardEnvironmentForOneMicroarchitecture) {
    PackageFacts facts = facts_of();
    facts.gcc_arch = "haswell";
    EXPECT_EQ(derivation(facts).verdict, Verdict::shown);
    EXPECT_EQ(derivation(facts).notes.size(), 1U);
    facts.gcc_arch = "znver4";
    EXPECT_EQ(derivation(facts).differences,
              (std::vector<Difference>{{"hostPlatform.gcc.arch", "no code of GGML_AVX512", "znver4"}}));
    facts.gcc_arch = "znver99";
    EXPECT_NE(derivation(facts).notes.at(0).find("not known here"), std::string::npos);
}

std::string log_line(const std::string& backend, const std::string& flags) {
    return "configuring\n-- x86 detected\n-- Adding CPU backend variant " + backend + ": " + flags +
           "\n-- Found OpenMP\n";
}

LayerReport build(const std::string& log, const Expectation& one = expected("llama-cpp-cuda")) {
    Evidence evidence;
    evidence.logs["/nix/store/x.drv"] = log;
    return build_layer(one, facts_of(), evidence);
}

TEST(BuildLayer, TheLogAgreesOrContradicts) {
    EXPECT_EQ(build(log_line("ggml-cpu", "-mavx;-mavx2 GGML_AVX;GGML_AVX2")).verdict, Verdict::shown);
    EXPECT_EQ(build(log_line("ggml-cpu", " ")).differences.at(0),
              (Difference{"ggml-cpu", "-mavx -mavx2", "no -m option"}));
    EXPECT_EQ(build(log_line("ggml-cpu", "-mavx;-mavx2;-mavx512f GGML_AVX")).verdict, Verdict::not_shown)
        << "one too many";
    EXPECT_EQ(build(log_line("ggml-cpu", "-march=native")).verdict, Verdict::not_shown);
    EXPECT_EQ(build(log_line("ggml-cpu", "") + log_line("ggml-cpu", "-mavx;-mavx2")).verdict, Verdict::shown)
        << "configured twice, the last time counts";
    EXPECT_EQ(build(log_line("ggml-cpu-zen4", "-mavx;-mavx2")).differences.at(0).got, "no such back end in the log");
}

TEST(BuildLayer, WithoutALogItDoesNotCount) {
    const LayerReport none = build_layer(expected("llama-cpp-cuda"), facts_of(), {});
    EXPECT_EQ(none.verdict, Verdict::cannot_tell);
    EXPECT_EQ(none.why, kNotBuiltHere);
    EXPECT_FALSE(counts(none));
    EXPECT_FALSE(counts(build("a log of something else\n")));
    EXPECT_FALSE(counts(build("-- Adding CPU backend variant " + std::string(5000, 'x') + ": -mavx")));
}

TEST(BuildLayer, UniversalIsJudgedByTheVariantThatTheHostKeeps) {
    plan::Build plan = some_build();
    plan.strategy = "universal";
    plan.package = "llama-cpp-universal";
    const Expectation one = expected("llama-cpp-universal", plan);
    const std::string haswell = log_line("ggml-cpu-haswell", "-msse4.2;-mf16c;-mfma;-mbmi2;-mavx;-mavx2 GGML_SSE42");
    EXPECT_EQ(build(log_line("ggml-cpu-x64", "") + haswell, one).verdict, Verdict::shown);
    EXPECT_EQ(build(log_line("ggml-cpu-x64", ""), one).verdict, Verdict::not_shown);
}

TEST(BuildLayer, BuilderNativeMustPassTheCompilerWrapper) {
    plan::Build plan = some_build();
    plan.strategy = "builder-native";
    plan.cpu_flags["GGML_NATIVE"] = true;
    const Expectation one = expected("llama-cpp-cuda", plan);
    const std::string native = log_line("ggml-cpu", "-march=native ");
    EXPECT_EQ(build(native, one).verdict, Verdict::shown);
    const std::string skipped = "warning: Skipping impure flag -march=native because NIX_ENFORCE_NO_NATIVE is set\n";
    EXPECT_EQ(build(native + skipped, one).verdict, Verdict::not_shown);
}

facts::Machine machine(const std::vector<facts::Gpu>& gpus) {
    facts::Machine out;
    out.host = "carbon";
    out.system = "x86_64-linux";
    out.gpus = gpus;
    return out;
}

facts::Gpu nvidia(const std::string& capability, const std::string& name) {
    facts::Gpu gpu;
    gpu.vendor = "nvidia";
    gpu.compute_capability = capability;
    gpu.name = name;
    gpu.driver = "nvidia";
    return gpu;
}

facts::Gpu amd(const std::string& target, bool integrated) {
    facts::Gpu gpu;
    gpu.vendor = "amd";
    gpu.gfx_target = target;
    gpu.driver = "amdgpu";
    gpu.integrated = integrated;
    return gpu;
}

LayerReport targets(const std::string& package, const std::string& flag, const std::optional<facts::Machine>& facts) {
    return targets_layer(expected(package), read_settings({flag}), facts);
}

TEST(TargetsLayer, EveryCardIsCovered) {
    const auto card = nvidia("8.6", "RTX 3050");
    EXPECT_EQ(targets("llama-cpp-cuda", "-DCMAKE_CUDA_ARCHITECTURES=86-real", machine({card})).verdict, Verdict::shown);
    const LayerReport missed =
        targets("llama-cpp-cuda", "-DCMAKE_CUDA_ARCHITECTURES=86-real", machine({card, nvidia("12.0", "RTX 5090")}));
    EXPECT_EQ(missed.differences,
              (std::vector<Difference>{{"CMAKE_CUDA_ARCHITECTURES", "code for RTX 5090 (12.0)", "86-real"}}));
    const LayerReport later = targets("llama-cpp-cuda", "-DCMAKE_CUDA_ARCHITECTURES=75-virtual", machine({card}));
    EXPECT_EQ(later.verdict, Verdict::shown);
    EXPECT_NE(later.notes.at(0).find("only just in time"), std::string::npos);
    const LayerReport older = targets("llama-cpp-cuda", "-DCMAKE_CUDA_ARCHITECTURES=80-real", machine({card}));
    EXPECT_EQ(older.notes, std::vector<std::string>{"RTX 3050 (8.6) runs the code made for 80-real"});
}

TEST(TargetsLayer, WhatNobodyKnowsCannotBeTold) {
    const auto card = nvidia("8.6", "RTX 3050");
    EXPECT_EQ(targets("llama-cpp-cuda", "-DCMAKE_CUDA_ARCHITECTURES=86-real", std::nullopt).verdict,
              Verdict::cannot_tell);
    EXPECT_TRUE(counts(targets("llama-cpp-cuda", "-DCMAKE_CUDA_ARCHITECTURES=86-real", std::nullopt)));
    EXPECT_EQ(targets("llama-cpp-cuda", "-DCMAKE_CUDA_ARCHITECTURES=native", machine({card})).verdict,
              Verdict::cannot_tell);
    EXPECT_EQ(targets("llama-cpp-cuda", "-DOTHER=1", machine({card})).verdict, Verdict::cannot_tell);
    EXPECT_EQ(targets("llama-cpp-cpu", "-DOTHER=1", std::nullopt).verdict, Verdict::not_planned);
}

TEST(TargetsLayer, CardsOfAmdAsThePlanAsksForThem) {
    const auto both = machine({amd("gfx1100", false), amd("gfx1036", true)});
    const LayerReport report = targets("llama-cpp-rocm", "-DCMAKE_HIP_ARCHITECTURES=gfx1100", both);
    EXPECT_EQ(report.verdict, Verdict::shown) << "the integrated one is Vulkan's";
    EXPECT_EQ(report.notes.size(), 1U);
    EXPECT_EQ(targets("llama-cpp-rocm", "-DCMAKE_HIP_ARCHITECTURES=gfx1101", both).verdict, Verdict::not_shown);
    EXPECT_EQ(targets("llama-cpp-rocm", "-DCMAKE_HIP_ARCHITECTURES=gfx1100", machine({amd("gfx1036", true)})).verdict,
              Verdict::not_shown)
        << "where ROCm serves none, every card that could take it";
}

TEST(TargetsLayer, MultiNeedsBoth) {
    plan::Build build = some_build();
    build.package = "llama-cpp-multi";
    build.multi = {"cuda", "rocm"};
    const Expectation one = expected("llama-cpp-multi", build);
    const auto both = machine({nvidia("8.6", "RTX 3050"), amd("gfx1100", false)});
    const auto layer = [&](const char* hip) {
        return targets_layer(one, read_settings({"-DCMAKE_CUDA_ARCHITECTURES=86-real", hip}), both);
    };
    EXPECT_EQ(layer("-DCMAKE_HIP_ARCHITECTURES=gfx1100").verdict, Verdict::shown);
    EXPECT_EQ(layer("-DCMAKE_HIP_ARCHITECTURES=gfx1100").basis, "cuda 86-real, rocm gfx1100");
    EXPECT_EQ(layer("-DCMAKE_HIP_ARCHITECTURES=gfx1030").differences.at(0).name, "CMAKE_HIP_ARCHITECTURES");
}

}  // namespace
}  // namespace lf::check
