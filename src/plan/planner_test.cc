// SPDX-License-Identifier: MIT
#include "plan/planner.h"

#include <gtest/gtest.h>

#include "plan/codec.h"
#include "plan/explain.h"
#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

Override variant(std::string name) {
    Override wish;
    wish.variant = std::move(name);
    return wish;
}
Override strategy(std::string name) {
    Override wish;
    wish.strategy = std::move(name);
    return wish;
}
Override flag(std::string name, FlagValue value) {
    Override wish;
    wish.flags[std::move(name)] = std::move(value);
    return wish;
}

TEST(Planner, BuildDefaults) {
    const Plan plan = plan_of(machine(kHaswell));
    EXPECT_EQ(plan.build.strategy, "tailored");
    EXPECT_EQ(plan.build.source, "flake");
    EXPECT_FALSE(plan.build.blas);
    EXPECT_TRUE(plan.build.openmp);
    EXPECT_TRUE(plan.build.server);
    EXPECT_EQ(line_of(plan, "blas").rule, "blas-off-with-avx2");
}

TEST(Planner, BlasIsForCpusBeforeAvx2) {
    EXPECT_TRUE(plan_of(machine({"pni", "ssse3", "sse4_1", "sse4_2", "popcnt", "avx"})).build.blas);
    EXPECT_TRUE(plan_of(machine({})).build.blas);
    EXPECT_FALSE(plan_of(machine({}, {nvidia("8.6")})).build.blas);
    EXPECT_EQ(line_of(plan_of(machine({}, {nvidia("8.6")})), "blas").rule, "blas-off-with-gpu");
}

TEST(Planner, LinesStandInAFixedOrder) {
    std::vector<std::string> names;
    for (const Because& line : plan_of(machine(kZen4)).because) names.push_back(line.line);
    const std::vector<std::string> head(names.begin(), names.begin() + 13);
    EXPECT_EQ(head, (std::vector<std::string>{"package", "strategy", "source", "blas", "openmp", "server",
                                              "cuda.architectures", "cuda.packages", "rocm.targets", "multi",
                                              "cpu.variant", "GGML_NATIVE", "GGML_SSE42"}));
}

TEST(Overrides, WinAndAreRecorded) {
    Override wish;
    wish.variant = "vulkan";
    wish.blas = true;
    wish.openmp = false;
    wish.flags = {{"GGML_AVX512", false}, {"GGML_CUDA_FORCE_MMQ", true}, {"LLAMA_BUILD_SERVER", false}};
    const Plan plan = plan_of(machine(kZen4, {nvidia("8.6")}), wish);
    EXPECT_EQ(plan.build.package, "llama-cpp-vulkan");
    EXPECT_TRUE(plan.build.blas);
    EXPECT_FALSE(plan.build.openmp);
    EXPECT_FALSE(plan.build.server);
    EXPECT_EQ(plan.build.extra_flags, (Flags{{"GGML_CUDA_FORCE_MMQ", true}}));
    EXPECT_EQ(plan.build.cuda_architectures, "86-real");  // the card is still there
    for (const char* name : {"package", "blas", "openmp", "server", "GGML_AVX512", "GGML_CUDA_FORCE_MMQ"})
        EXPECT_EQ(line_of(plan, name).rule, "owner-override") << name;
    const Because package = line_of(plan, "package");
    EXPECT_EQ(package.facts.at(0), "overrides.json says so at hosts.host.variant");
    EXPECT_TRUE(mentions(package.losers, "llama-cpp-cuda: what the rule package-cuda says"));
    EXPECT_TRUE(mentions(line_of(plan, "GGML_AVX512").losers, "on: what the rule avx512-needs-all-five says"));
}

TEST(Overrides, SwitchingOffTakesAlongWhatBuildsOnIt) {
    const Plan plan = plan_of(machine(kZen4), flag("GGML_AVX512", false));
    EXPECT_FALSE(on(plan, "GGML_AVX512_VNNI"));
    EXPECT_TRUE(on(plan, "GGML_AVX2"));
    EXPECT_EQ(plan.build.cpu_variant, "haswell");
    EXPECT_EQ(line_of(plan, "GGML_AVX512_VNNI").rule, "avx512-vnni-by-its-bit");
}

TEST(Overrides, TheSourceMayBeNixpkgs) {
    Override wish;
    wish.source = "nixpkgs";
    const Plan plan = plan_of(machine(kZen4), wish);
    EXPECT_EQ(plan.build.source, "nixpkgs");
    const Because line = line_of(plan, "source");
    EXPECT_EQ(line.rule, "owner-override");
    EXPECT_EQ(line.value, "nixpkgs");
    EXPECT_EQ(line.facts.at(0), "overrides.json says so at hosts.host.source");
    EXPECT_TRUE(mentions(line.losers, "flake: what the rule source-flake says"));
    EXPECT_TRUE(mentions(plan.notes, "runs llama-server while it is built"));
    EXPECT_NE(explain_plan(plan).find("llama-cpp-cpu from nixpkgs, CPU flags like"), std::string::npos)
        << explain_plan(plan);
    wish.variant = "universal";
    EXPECT_FALSE(mentions(plan_of(machine(kZen4), wish).notes, "runs llama-server"));
    wish.source = "nixpkg";
    EXPECT_EQ(refusal(machine(kZen4), wish).hint, "did you mean 'nixpkgs'?");

    const auto read = overrides_from_json(
        R"({"schema": "llama-fleet/overrides", "version": 1, "hosts": {"*": {"source": "nixpkgs"}}})", "o.json");
    ASSERT_TRUE(read);
    EXPECT_EQ(make_plan(machine(kZen4), *read)->build.source, "nixpkgs");
    const auto wrong = overrides_from_json(
        R"({"schema": "llama-fleet/overrides", "version": 1, "hosts": {"*": {"source": "git"}}})", "o.json");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().where.json_path, "/hosts/*/source");
    EXPECT_EQ(wrong.error().hint, "one of: flake, nixpkgs");
}

TEST(Overrides, TheHostsWordIsOverTheWordForAll) {
    Overrides overrides;
    overrides.hosts["*"].blas = true;
    overrides.hosts["*"].flags["GGML_AVX512"] = false;
    overrides.hosts["host"].blas = false;
    overrides.hosts["elsewhere"].variant = "cuda";
    const auto plan = make_plan(machine(kZen4), overrides);
    ASSERT_TRUE(plan);
    EXPECT_FALSE(plan->build.blas);
    EXPECT_EQ(line_of(*plan, "blas").facts.at(0), "overrides.json says so at hosts.host.blas");
    EXPECT_EQ(line_of(*plan, "GGML_AVX512").facts.at(0), "overrides.json says so at hosts.*.flags");
}

TEST(Overrides, NothingThatTheHostCannotRun) {
    const Error avx512 = refusal(machine(kHaswell), flag("GGML_AVX512", true));
    EXPECT_EQ(avx512.id, "plan-override");
    EXPECT_EQ(avx512.kind, ErrorKind::owner);
    EXPECT_NE(avx512.message.find("cpu.features lacks avx512f"), std::string::npos);
    EXPECT_NE(avx512.hint.find("hosts.host.flags"), std::string::npos);
    EXPECT_NE(refusal(machine(kZen4), variant("cuda")).message.find("no card that CUDA serves: gpus is empty"),
              std::string::npos);
    EXPECT_NE(refusal(machine(kZen4, {nvidia("3.5")}), variant("cuda")).message.find("nvidia-too-old"),
              std::string::npos);
    refusal(machine(kZen4, {nvidia("8.6")}), variant("rocm"));
    refusal(machine(kZen4, {amd("gfx803", false)}), variant("rocm"));
    refusal(machine(kZen4, {intel("UHD", true)}), variant("multi"));
    Override both = flag("GGML_AVX512", false);
    both.flags["GGML_AVX512_VNNI"] = true;
    EXPECT_NE(refusal(machine(kZen4), both).message.find("GGML_AVX512 is off, and this builds on it"),
              std::string::npos);
}

TEST(Overrides, FlagsOfTheWrongSortAreRefused) {
    refusal(machine(kZen4), flag("GGML_AVX5122", true));
    refusal(machine(kZen4), flag("LLAMA_CUBLAS", true));
    EXPECT_NE(refusal(machine(kZen4, {nvidia("8.6")}), flag("CMAKE_CUDA_ARCHITECTURES", std::string("89")))
                  .hint.find("cuda 86-real"),
              std::string::npos);
    EXPECT_EQ(refusal(machine(kZen4), variant("vulcan")).hint, "did you mean 'vulkan'?");
    EXPECT_EQ(refusal(machine(kZen4), strategy("builder_native")).hint, "did you mean 'builder-native'?");
}

TEST(Overrides, NativeMeansBuilderNative) {
    Override wish;
    wish.native = true;
    for (const Override& way : {wish, strategy("builder-native")}) {
        const Plan plan = plan_of(machine(kZen4), way);
        EXPECT_EQ(plan.build.strategy, "builder-native");
        EXPECT_TRUE(on(plan, "GGML_NATIVE"));
        EXPECT_TRUE(on(plan, "GGML_AVX512"));  // ignored by ggml, kept so that the derivation knows the CPU
        EXPECT_TRUE(mentions(line_of(plan, "GGML_AVX512").facts, "ggml ignores it while GGML_NATIVE is on"));
        EXPECT_EQ(line_of(plan, "GGML_NATIVE").rule, "owner-override");
        EXPECT_TRUE(mentions(plan.notes, "the machine that builds must be this host"));
    }
    wish.strategy = "tailored";
    refusal(machine(kZen4), wish);
    wish.strategy = "universal";
    refusal(machine(kZen4), wish);
    wish.strategy.reset();
    wish.variant = "multi";
    refusal(machine(kZen4, {nvidia("8.6")}), wish);
    Override off = strategy("builder-native");
    off.native = false;
    refusal(machine(kZen4), off);
    facts::Machine sparc = machine({});
    sparc.cpu.architecture = "sparc64";
    refusal(sparc, strategy("builder-native"));
}

TEST(Overrides, WhatIsNativeIsNamedAfterTheCpuAndNotItsVariantAlone) {
    const Override native = strategy("builder-native");
    // printf %s "avx avx2 …" | sha256sum: the features, sorted.
    EXPECT_EQ(plan_of(machine(kZen4), native).build.cpu_native, "zen4-f8851469");
    const Plan zen5 = plan_of(machine(with(kZen4, {"avx_vnni"})), native);
    EXPECT_EQ(zen5.build.cpu_variant, "zen4");
    EXPECT_NE(zen5.build.cpu_native, plan_of(machine(kZen4), native).build.cpu_native);
    EXPECT_EQ(plan_of(machine(kZen4, {nvidia("8.6")}), native).build.cpu_native, "zen4-f8851469");
    EXPECT_EQ(plan_of(machine(kZen4)).build.cpu_native, std::nullopt);
    EXPECT_EQ(plan_of(machine(kZen4), strategy("universal")).build.cpu_native, std::nullopt);
}

TEST(Overrides, UniversalAndMultiNameTheirBackends) {
    const Plan universal = plan_of(machine(kZen4, {nvidia("8.6")}), strategy("universal"));
    EXPECT_EQ(universal.build.package, "llama-cpp-universal");
    EXPECT_EQ(universal.build.multi, std::vector<std::string>{"cuda"});
    EXPECT_EQ(plan_of(machine(kZen4), variant("universal")).build.strategy, "universal");
    EXPECT_TRUE(plan_of(machine(kZen4), variant("universal")).build.multi.empty());
    const auto multi = [](std::vector<facts::Gpu> gpus) {
        return plan_of(machine(kZen4, std::move(gpus)), variant("multi")).build.multi;
    };
    EXPECT_EQ(multi({nvidia("8.6"), amd("gfx1100", false)}), (std::vector<std::string>{"cuda", "rocm"}));
    EXPECT_EQ(multi({nvidia("8.6"), amd("gfx1103", true)}), (std::vector<std::string>{"cuda", "vulkan"}));
    EXPECT_EQ(multi({nvidia("8.6")}), (std::vector<std::string>{"cuda", "vulkan"}));
    Override clash = strategy("universal");
    clash.variant = "cuda";
    refusal(machine(kZen4, {nvidia("8.6")}), clash);
    Override other = variant("universal");
    other.strategy = "tailored";
    refusal(machine(kZen4), other);
}

TEST(Overrides, FlagsOfAnotherArchitectureAreLeftOutAndNoted) {
    facts::Machine arm = machine({"fp", "asimd", "crc32", "atomics", "asimdrdm", "asimddp"});
    arm.cpu.architecture = "aarch64";
    arm.system = "aarch64-linux";
    const Plan plan = plan_of(arm, flag("GGML_AVX512", false));
    EXPECT_TRUE(plan.build.extra_flags.empty());
    EXPECT_TRUE(mentions(plan.notes, "GGML_AVX512 is left out"));
    const auto march = [&](const char* text) { return flag("GGML_CPU_ARM_ARCH", std::string(text)); };
    EXPECT_EQ(plan_of(arm, march("armv8.2-a")).build.cpu_flags.at("GGML_CPU_ARM_ARCH"), FlagValue("armv8.2-a"));
    EXPECT_EQ(plan_of(arm, march("armv8.2-a+dotprod+nosve")).build.cpu_variant, "armv8.2_1");
    EXPECT_FALSE(plan_of(arm, march("")).build.cpu_flags.contains("GGML_CPU_ARM_ARCH"));
    refusal(arm, march("armv8.2-a+dotprod+i8mm"));
    refusal(arm, march("armv9-a"));
}

TEST(OverridesJson, IsReadWithOnlyWhatIsThere) {
    const auto overrides = overrides_from_json(R"({"schema": "llama-fleet/overrides", "version": 1, "hosts": {
        "*": {"blas": true}, "carbon": {"variant": "vulkan", "native": false, "openmp": true, "strategy": "tailored",
        "flags": {"GGML_AVX512": false, "GGML_SCHED_MAX_COPIES": "1"}}}})",
                                               "overrides.json");
    ASSERT_TRUE(overrides) << overrides.error().message;
    EXPECT_EQ(overrides->hosts.at("*").blas, true);
    EXPECT_EQ(overrides->hosts.at("*").variant, std::nullopt);
    EXPECT_EQ(overrides->hosts.at("carbon").variant, "vulkan");
    EXPECT_EQ(overrides->hosts.at("carbon").flags.size(), 2U);
}

struct Bad {
    const char* hosts;
    const char* id;
    const char* path;
    const char* words;  // in the message or the hint
};

TEST(OverridesJson, EveryMistakeHasItsPlaceAndCure) {
    const Bad cases[] = {
        {R"({"carbon": {"varient": "cuda"}})", "json-unknown-field", "/hosts/carbon/varient",
         "did you mean 'variant'?"},
        {R"({"carbon": {"variant": "vulcan"}})", "plan-override", "/hosts/carbon/variant", "did you mean 'vulkan'?"},
        {R"({"carbon": {"variant": 1}})", "json-type", "/hosts/carbon/variant", "expected a string"},
        {R"({"carbon": {"blas": "yes"}})", "json-type", "/hosts/carbon/blas", "true or false"},
        {R"({"carbon": {"flags": {"GGML_AVX_512": true}}})", "plan-override", "/hosts/carbon/flags/GGML_AVX_512",
         "GGML_AVX512?"},
        {R"({"carbon": {"flags": {"GGML_AVX2": 1}}})", "json-type", "/hosts/carbon/flags/GGML_AVX2",
         "true, false or a string"},
        {R"({"carbon": {"flags": []}})", "json-type", "/hosts/carbon/flags", "an object of flags"},
        {R"({"carbon": null})", "json-type", "/hosts/carbon", "expected an object"},
        {R"({"../x": {}})", "json-value", "/hosts/../x", "cannot be the name of a host"},
        {R"([])", "json-type", "/hosts", "an object of hosts"},
    };
    for (const Bad& bad : cases) {
        const std::string text =
            R"({"schema": "llama-fleet/overrides", "version": 1, "hosts": )" + std::string(bad.hosts) + "}";
        const auto got = overrides_from_json(text, "o.json");
        ASSERT_FALSE(got) << bad.hosts;
        EXPECT_EQ(got.error().id, bad.id) << bad.hosts;
        EXPECT_EQ(got.error().where.file, "o.json") << bad.hosts;
        EXPECT_EQ(got.error().where.json_path, bad.path) << bad.hosts;
        EXPECT_NE((got.error().message + got.error().hint).find(bad.words), std::string::npos)
            << bad.hosts << ": " << got.error().message << " / " << got.error().hint;
    }
}

TEST(OverridesJson, ForeignDocumentsAreRefused) {
    const auto id = [](const char* text) {
        const auto got = overrides_from_json(text, "o.json");
        return got ? std::string("accepted") : got.error().id;
    };
    EXPECT_EQ(id(""), "json-parse");
    EXPECT_EQ(id("[]"), "json-type");
    EXPECT_EQ(id(R"({"schema": "llama-fleet/plan", "version": 1, "hosts": {}})"), "schema-name");
    EXPECT_EQ(id(R"({"schema": "llama-fleet/overrides", "version": 2, "hosts": {}})"), "schema-version");
    EXPECT_EQ(id(R"({"schema": "llama-fleet/overrides", "version": 1})"), "json-missing-field");
    EXPECT_EQ(id(R"({"schema": "llama-fleet/overrides", "version": 1, "hosts": {}})"), "accepted");
}

}  // namespace
}  // namespace lf::plan
