// SPDX-License-Identifier: MIT
#include "plan/measured.h"

#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

facts::Choice choice_of(std::optional<std::string> variant, std::string backend = "cpu") {
    facts::Choice choice;
    choice.candidate = variant.value_or("default");
    choice.default_candidate = "dispatch";
    choice.cpu_variant = std::move(variant);
    choice.default_variant = "sapphirerapids";
    choice.backend = std::move(backend);
    choice.backends = {"cpu", "vulkan"};
    choice.verdict = "faster";
    choice.pairs = 12;
    choice.prompt = facts::Estimate{0.55, 0.5, 0.6};
    choice.generation = facts::Estimate{1.18, 1.15, 1.21};
    choice.model = "synthetic llama 0.3B Q4_K_M, random weights";
    choice.revision = "Debian sid's llama.cpp, build 11669";
    choice.cpu = "INTEL(R) XEON(R) PLATINUM 8568Y+";
    return choice;
}

Plan planned(const facts::Machine& machine, const facts::Choice& choice, const Override& wish = {}) {
    Overrides overrides;
    overrides.hosts["host"] = wish;
    const auto plan = make_plan(machine, overrides, choice);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    return plan ? *plan : Plan{};
}

TEST(Measured, ANarrowerVariantSwitchesOffWhatItLacks) {
    const Plan plan = planned(machine(kSapphireRapids), choice_of("haswell"));
    EXPECT_EQ(plan.build.cpu_variant, "haswell");
    for (const char* flag : {"GGML_AVX2", "GGML_FMA", "GGML_BMI2", "GGML_F16C", "GGML_SSE42"})
        EXPECT_TRUE(on(plan, flag));
    for (const char* flag : {"GGML_AVX512", "GGML_AVX512_VNNI", "GGML_AVX512_BF16", "GGML_AVX_VNNI", "GGML_AMX_TILE",
                             "GGML_AMX_INT8", "GGML_AMX_BF16"})
        EXPECT_FALSE(on(plan, flag)) << flag;
    const Because line = line_of(plan, "GGML_AVX512");
    EXPECT_EQ(line.rule, "measured-variant");
    EXPECT_TRUE(mentions(line.facts, "generation 1.18x (1.15 to 1.21), n = 12, against dispatch")) << line.facts[0];
    EXPECT_TRUE(mentions(line.losers, "on: what the rule"));
    EXPECT_EQ(line_of(plan, "cpu.variant").value, "haswell");
    EXPECT_TRUE(mentions(plan.notes, "measured fastest of these candidates, with synthetic llama 0.3B Q4_K_M"));
    EXPECT_FALSE(mentions(plan.notes, "nothing is measured yet"));
}

TEST(Measured, AWinTogetherWithOtherParametersNarrowsNoFlag) {
    facts::Choice choice = choice_of("haswell");
    choice.server_arguments = {"--threads", "16"};
    const Plan plan = planned(machine(kSapphireRapids), choice);
    EXPECT_EQ(plan.build, plan_of(machine(kSapphireRapids)).build);
    EXPECT_TRUE(mentions(plan.notes, "llama-server --threads 16"));
    EXPECT_TRUE(mentions(plan.notes, "together with other run-time parameters"));
}

TEST(Measured, TheVariantOfTheRulesChangesNoFlag) {
    const Plan plan = planned(machine(kSapphireRapids), choice_of("sapphirerapids"));
    EXPECT_EQ(plan.build, plan_of(machine(kSapphireRapids)).build);
    EXPECT_TRUE(mentions(plan.notes, "measured fastest"));
}

TEST(Measured, WhatCannotBeToldApartChangesNothing) {
    facts::Choice choice = choice_of("haswell");
    choice.verdict = "~";
    const Plan plan = planned(machine(kSapphireRapids), choice);
    EXPECT_EQ(plan.build, plan_of(machine(kSapphireRapids)).build);
    EXPECT_TRUE(mentions(plan.notes, "could not be told apart"));
    EXPECT_FALSE(mentions(plan.notes, "measured fastest"));
    choice.candidate = choice.default_candidate;
    EXPECT_TRUE(mentions(planned(machine(kSapphireRapids), choice).notes, "dispatch was not beaten"));
}

TEST(Measured, AnotherCpuThanTheMeasuredOneIsNotServed) {
    facts::Machine here = machine(kSapphireRapids);
    here.cpu.model_name = "Intel(R) Xeon(R) Gold 6430";
    EXPECT_EQ(planned(here, choice_of("haswell")).build, plan_of(here).build);
    EXPECT_TRUE(mentions(planned(here, choice_of("haswell")).notes, "measured on another CPU"));
    here.cpu.model_name = " INTEL(R) XEON(R) PLATINUM 8568Y+  ";
    EXPECT_EQ(planned(here, choice_of("haswell")).build.cpu_variant, "haswell");
}

TEST(Measured, AVariantThatTheFactsDoNotProveIsNotTaken) {
    const Plan plan = planned(machine(kHaswell), choice_of("zen4"));
    EXPECT_EQ(plan.build, plan_of(machine(kHaswell)).build);
    EXPECT_TRUE(mentions(plan.notes, "the facts do not prove that this host can run it"));
    const Plan unknown = planned(machine(kHaswell), choice_of("zen9"));
    EXPECT_EQ(unknown.build, plan.build);
}

TEST(Measured, TheOwnersFlagsStay) {
    Override wish;
    wish.flags["GGML_AVX512_BF16"] = false;
    const Plan plan = planned(machine(kSapphireRapids), choice_of("haswell"), wish);
    EXPECT_TRUE(on(plan, "GGML_AVX512"));
    EXPECT_TRUE(mentions(plan.notes, "the owner's CPU flags stay"));
}

TEST(Measured, AnotherBackendIsTakenWhereTheRulesOneWasACandidate) {
    const facts::Machine arc = machine(kHaswell, {intel("UHD Graphics 770", true)});
    const std::string ruled = plan_of(arc).build.package;
    facts::Choice choice = choice_of(std::nullopt, ruled == "llama-cpp-cpu" ? "vulkan" : "cpu");
    const Plan plan = planned(arc, choice);
    EXPECT_EQ(plan.build.package, "llama-cpp-" + choice.backend);
    EXPECT_EQ(line_of(plan, "package").rule, "measured-backend");
    EXPECT_TRUE(mentions(line_of(plan, "package").losers, ruled));
}

TEST(Measured, ABackendIsNotLeftForOneThatItWasNotMeasuredAgainst) {
    const facts::Machine cuda = machine(kZen4, {nvidia("8.6")});
    const Plan plan = planned(cuda, choice_of(std::nullopt, "vulkan"));
    EXPECT_EQ(plan.build, plan_of(cuda).build);
    EXPECT_TRUE(mentions(plan.notes, "llama-cpp-cuda was not among the candidates"));
}

TEST(Measured, TheOwnersVariantStays) {
    Override wish;
    wish.variant = "cpu";
    const facts::Machine arc = machine(kHaswell, {intel("DG2 [Arc A770]", false)});
    EXPECT_EQ(planned(arc, choice_of(std::nullopt, "vulkan"), wish).build.package, "llama-cpp-cpu");
}

TEST(Measured, TheUniversalBuildIsPinnedToTheMeasuredVariant) {
    Override wish;
    wish.strategy = "universal";
    const Plan plan = planned(machine(kSapphireRapids), choice_of("haswell"), wish);
    EXPECT_EQ(plan.build.strategy, "universal");
    EXPECT_EQ(plan.build.cpu_variant, "haswell");
}

}  // namespace
}  // namespace lf::plan
