// SPDX-License-Identifier: MIT
// What holds for every plan, asked of random machines.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/text.h"
#include "facts/codec.h"
#include "plan/codec.h"
#include "plan/explain.h"
#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

constexpr int kMachines = 100000;

// What a compiler may emit for an option, written a second time: from the manuals of GCC and clang, not from the table.
const std::map<std::string, std::vector<std::string>> kEmits = {
    {"GGML_SSE42", {"pni", "ssse3", "sse4_1", "sse4_2", "popcnt"}},
    {"GGML_AVX", {"avx", "sse4_2"}},
    {"GGML_F16C", {"f16c", "avx"}},
    {"GGML_FMA", {"fma", "avx"}},
    {"GGML_BMI2", {"bmi2"}},
    {"GGML_AVX2", {"avx2", "avx", "sse4_2"}},
    {"GGML_AVX_VNNI", {"avx_vnni", "avx2"}},
    {"GGML_AVX512", {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw", "avx2", "fma", "f16c"}},
    {"GGML_AVX512_VBMI", {"avx512vbmi", "avx512bw", "avx512f"}},
    {"GGML_AVX512_VNNI", {"avx512_vnni", "avx512f"}},
    {"GGML_AVX512_BF16", {"avx512_bf16", "avx512bw", "avx512f"}},
    {"GGML_AMX_TILE", {"amx_tile"}},
    {"GGML_AMX_INT8", {"amx_int8", "amx_tile"}},
    {"GGML_AMX_BF16", {"amx_bf16", "amx_tile"}},
    {"GGML_RVV", {"v"}},
    {"GGML_RV_ZFH", {"zfh"}},
    {"GGML_RV_ZVFH", {"zvfh", "v"}},
    {"GGML_RV_ZICBOP", {"zicbop"}},
    {"GGML_RV_ZIHINTPAUSE", {"zihintpause"}},
    {"GGML_LSX", {"lsx"}},
    {"GGML_LASX", {"lasx", "lsx"}},
};
const std::map<std::string, std::vector<std::string>> kArmEmits = {
    {"armv8.2-a", {"fp", "asimd", "crc32", "atomics", "asimdrdm"}},
    {"dotprod", {"asimddp"}},
    {"fp16", {"fphp", "asimdhp"}},
    {"i8mm", {"i8mm"}},
    {"sve", {"sve", "asimdhp"}},
    {"sve2", {"sve2", "sve"}}};

class RandomMachines {
  public:
    explicit RandomMachines(unsigned seed) : random_(seed) {
        for (const auto* table : {&kEmits, &kArmEmits})
            for (const auto& [option, features] : *table) features_.insert(features.begin(), features.end());
    }

    facts::Machine next() {
        facts::Machine machine;
        machine.host = "host";
        machine.cpu.architecture =
            pick({"x86_64", "x86_64", "x86_64", "aarch64", "riscv64", "loongarch64", "i686", "sparc64", ""});
        machine.system = machine.cpu.architecture + "-linux";
        if (chance(10)) machine.system = pick({"x86_64-linux", "aarch64-darwin", "odd"});
        // Most features there, a few missing, is where rules go wrong; sometimes hardly any.
        const int likely = pick_int({2, 50, 80, 95, 100});
        for (const std::string& feature : features_) {
            if (chance(likely)) machine.cpu.features.insert(feature);
            else if (chance(20)) machine.cpu.features_some.insert(feature);
        }
        if (chance(30)) machine.cpu.hypervisor = "KVM\x1bKVM";
        const int gpus = pick_int({0, 0, 1, 1, 2, 3});
        for (int i = 0; i < gpus; ++i) machine.gpus.push_back(gpu());
        if (chance(10)) machine.notes.emplace_back("could not read \n/sys");
        return machine;
    }

  private:
    bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
    std::string pick(const std::vector<std::string>& from) { return from[random_() % from.size()]; }
    int pick_int(const std::vector<int>& from) { return from[random_() % from.size()]; }
    std::optional<std::string> maybe(const std::vector<std::string>& from) {
        return chance(15) ? std::nullopt : std::optional(pick(from));
    }
    facts::Gpu gpu() {
        facts::Gpu out;
        out.vendor = pick({"nvidia", "amd", "intel", "other", ""});
        out.vendor_id = static_cast<std::uint16_t>(random_());
        out.device_id = static_cast<std::uint16_t>(random_());
        out.name = maybe({"DG2 [Arc A770]", "GA107M", "x\x1b[2Jy", ""});
        out.chip = maybe({"DG2", "GA107", "Phoenix1"});
        out.compute_capability =
            maybe({"3.5", "5.0", "6.1", "8.6", "8.9", "9.0", "12.0", "12.1", "42.7", "9", "a.b", "", "8.6;x"});
        out.gfx_target = maybe(
            {"gfx803", "gfx900", "gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1103", "gfx1201", "gfx", "gfx;x", ""});
        if (!chance(20)) out.integrated = chance(50);
        out.driver = maybe({"nvidia", "amdgpu", "nouveau", "vfio-pci", "i915", "ast"});
        return out;
    }

    std::mt19937 random_;
    std::set<std::string> features_;
};

bool has_all(const facts::FeatureSet& features, const std::vector<std::string>& wanted) {
    return std::ranges::all_of(wanted, [&](const std::string& feature) { return features.contains(feature); });
}

void expect_runnable(const facts::Machine& machine, const Build& build) {
    for (const auto& [name, value] : build.cpu_flags) {
        if (name == "GGML_CPU_ARM_ARCH") {
            for (const auto part : split(std::get<std::string>(value), '+'))
                ASSERT_TRUE(has_all(machine.cpu.features, kArmEmits.at(std::string(part)))) << part;
        } else if (name == "GGML_NATIVE") {
            ASSERT_EQ(value == FlagValue(true), build.strategy == "builder-native");
        } else if (value == FlagValue(true)) {
            ASSERT_TRUE(has_all(machine.cpu.features, kEmits.at(name))) << name;
        }
    }
    const bool usable =
        std::ranges::any_of(machine.gpus, [](const facts::Gpu& gpu) { return gpu.driver != "vfio-pci"; });
    if (build.package != "llama-cpp-cpu" && build.strategy != "universal") {
        ASSERT_TRUE(usable);
    }
    if (build.package == "llama-cpp-cuda") {
        ASSERT_TRUE(build.cuda_architectures);
    }
    if (build.package == "llama-cpp-rocm") {
        ASSERT_TRUE(build.rocm_targets && machine.system == "x86_64-linux");
    }
}

void expect_reasons(const Plan& plan) {
    std::map<std::string, int> seen;
    for (const Because& line : plan.because) {
        ++seen[line.line];
        ASSERT_FALSE(line.value.empty() || line.rule.empty() || line.reason.empty()) << line.line;
    }
    for (const auto& [name, value] : plan.build.cpu_flags) ASSERT_EQ(seen[name], 1) << name;
    for (const char* name : {"package", "strategy", "source", "blas", "openmp", "server", "cuda.architectures",
                             "rocm.targets", "multi", "cpu.variant"})
        ASSERT_EQ(seen[name], 1) << name;
}

TEST(Property, EveryPlanIsRunnableReasonedAndRepeatable) {
    RandomMachines machines(20260101);
    std::map<std::string, int> packages;
    for (int i = 0; i < kMachines && !testing::Test::HasFatalFailure(); ++i) {
        const facts::Machine machine = machines.next();
        const auto plan = make_plan(machine, {});
        ASSERT_TRUE(plan) << "planning failed: " << facts::to_json(machine);
        expect_runnable(machine, plan->build);
        expect_reasons(*plan);
        ++packages[plan->build.package];
        if (i % 64 != 0) continue;  // writing and reading take longer than planning
        const std::string json = to_json(*plan);
        ASSERT_EQ(to_json(*make_plan(facts::Machine(machine), {})), json);
        const auto back = from_json(json, "plan.json");
        ASSERT_TRUE(back) << back.error().message << json;
        ASSERT_EQ(*back, *plan);
        ASSERT_EQ(explain_plan(*plan).find('\x1b'), std::string::npos);
    }
    EXPECT_EQ(packages.size(), 4U);  // the machines are varied enough to reach every choice
    for (const auto& [package, count] : packages) EXPECT_GT(count, kMachines / 100) << package;
}

TEST(Property, OverridesNeverMakeAPlanThatTheHostCannotRun) {
    RandomMachines machines(20260102);
    std::mt19937 random(7);
    const auto maybe = [&](auto value) { return random() % 4 == 0 ? std::optional(value) : std::nullopt; };
    const std::vector<std::string> variants = {"cpu", "cuda", "vulkan", "rocm", "multi", "universal", "x"};
    const std::vector<std::string> strategies = {"tailored", "universal", "builder-native"};
    int planned = 0;
    int refused = 0;
    for (int i = 0; i < kMachines / 5 && !testing::Test::HasFatalFailure(); ++i) {
        Override wish;
        wish.variant = maybe(variants[random() % variants.size()]);
        wish.strategy = maybe(strategies[random() % strategies.size()]);
        wish.native = maybe(random() % 2 == 0);
        wish.blas = maybe(random() % 2 == 0);
        wish.source = maybe(std::string(random() % 2 == 0 ? "flake" : "nixpkgs"));
        for (const auto& [option, features] : kEmits)
            if (random() % 40 == 0) wish.flags[option] = random() % 2 == 0;
        if (random() % 20 == 0) wish.flags["GGML_CPU_ARM_ARCH"] = std::string("armv8.2-a+i8mm");
        Overrides overrides;
        overrides.hosts[random() % 2 == 0 ? "*" : "host"] = wish;
        const facts::Machine machine = machines.next();
        const auto plan = make_plan(machine, overrides);
        if (!plan) {
            ++refused;
            ASSERT_EQ(plan.error().id, "plan-override");
            ASSERT_FALSE(plan.error().hint.empty());
            continue;
        }
        ++planned;
        if (wish.variant != "vulkan") expect_runnable(machine, plan->build);
        expect_reasons(*plan);
        ASSERT_TRUE(from_json(to_json(*plan), "plan.json"));
    }
    EXPECT_GT(planned, kMachines / 25);
    EXPECT_GT(refused, kMachines / 25);
}

TEST(Property, NoMeasurementMakesAPlanThatTheHostCannotRun) {
    RandomMachines machines(20261126);
    std::mt19937 random(11);
    const std::vector<std::string> variants = {"x64",  "sse42", "haswell",        "alderlake", "skylakex",  "icelake",
                                               "zen4", "zen9",  "sapphirerapids", "armv8.2_1", "piledriver"};
    const std::vector<std::string> backends = {"cpu", "cpu", "cpu", "cuda", "rocm", "vulkan"};
    int changed = 0;
    for (int i = 0; i < kMachines / 5 && !testing::Test::HasFatalFailure(); ++i) {
        const facts::Machine machine = machines.next();
        facts::Choice choice;
        choice.candidate = "c\x1b[2J";
        choice.cpu_variant = variants[random() % variants.size()];
        choice.backend = backends[random() % backends.size()];
        choice.backends = {"cpu", "cuda", "rocm", "vulkan"};
        choice.verdict = random() % 4 == 0 ? "~" : "faster";
        choice.generation = facts::Estimate{1.2, 1.1, 1.3};
        choice.pairs = 9;
        const auto plan = make_plan(machine, {}, choice);
        ASSERT_TRUE(plan) << "planning failed: " << facts::to_json(machine);
        expect_runnable(machine, plan->build);
        expect_reasons(*plan);
        const auto without = make_plan(machine, {});
        changed += plan->build == without->build ? 0 : 1;
        for (const auto& [name, value] : plan->build.cpu_flags) {
            ASSERT_TRUE(value != FlagValue(true) || without->build.cpu_flags.at(name) == value) << name;
        }
        ASSERT_EQ(explain_plan(*plan).find('\x1b'), std::string::npos);
        ASSERT_TRUE(from_json(to_json(*plan), "plan.json"));
    }
    EXPECT_GT(changed, kMachines / 50);
}

TEST(Property, TheOrderOfEqualFactsDoesNotMatter) {
    facts::Machine one = machine(kZen4, {nvidia("8.9"), nvidia("8.6")});
    facts::Machine two = machine(kZen4, {nvidia("8.6"), nvidia("8.9")});
    EXPECT_EQ(plan_of(one).build, plan_of(two).build);
    two.host = "another";
    two.cpu.model_name = "named otherwise";
    two.memory_mib = 5;
    EXPECT_EQ(plan_of(one).build, make_plan(two, {})->build);  // no name and no size ever enters a build
}

}  // namespace
}  // namespace lf::plan
