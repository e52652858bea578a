// SPDX-License-Identifier: MIT
// What holds for every plan, asked of random machines.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "base/text.h"
#include "facts/codec.h"
#include "facts/minimal.h"
#include "plan/codec.h"
#include "plan/explain.h"
#include "plan/machines_for_test.h"
#include "plan/rules_cuda.h"

namespace lf::plan {
namespace {

using namespace test;

/// $LLAMA_FLEET_PROPERTY_MACHINES sets of facts; the usual number takes seconds, a million minutes.
int machines_to_try() {
    const char* wanted = std::getenv("LLAMA_FLEET_PROPERTY_MACHINES");
    const auto number = wanted == nullptr ? std::nullopt : parse_unsigned(wanted);
    return number && *number >= 1000 && *number <= 1000000000 ? static_cast<int>(*number) : 30000;
}
const int kMachines = machines_to_try();

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
    {"GGML_RV_ZBA", {"zba"}},
    {"GGML_RV_ZVFBFWMA", {"zvfbfwma", "v"}},
    {"GGML_XTHEADVECTOR", {"xtheadvector"}},
    {"GGML_VXE", {"vx", "vxe"}},
    {"GGML_LSX", {"lsx"}},
    {"GGML_LASX", {"lasx", "lsx"}},
};
// What names of processors stand for: -march on ARM part by part, -mcpu on POWER.
const std::map<std::string, std::vector<std::string>> kNamesEmit = {
    {"armv8.2-a", {"fp", "asimd", "crc32", "atomics", "asimdrdm"}},
    {"armv8.6-a",
     {"crc32", "atomics", "asimdrdm", "paca", "lrcpc", "jscvt", "fcma", "asimddp", "uscat", "ilrcpc", "flagm", "flagm2",
      "sb", "frint", "i8mm", "bf16"}},
    {"armv9-a",
     {"crc32", "atomics", "asimdrdm", "paca", "lrcpc", "jscvt", "fcma", "asimddp", "uscat", "ilrcpc", "flagm", "flagm2",
      "sb", "frint", "fphp", "sve", "sve2", "asimdfhm"}},
    {"dotprod", {"asimddp"}},
    {"fp16", {"fphp", "asimdhp"}},
    {"i8mm", {"i8mm"}},
    {"sve", {"sve", "asimdhp"}},
    {"sve2", {"sve2", "sve"}},
    {"sme", {"sme", "sve2", "bf16"}},
    {"armv7-a", {}},
    {"neon-vfpv4", {"neon", "vfpv4"}},
    {"power8", {"arch_2_07"}},
    {"power9", {"arch_3_00", "altivec"}},
    {"power10", {"arch_3_1", "altivec"}},
};

class RandomMachines {
  public:
    explicit RandomMachines(unsigned seed) : random_(seed) {
        for (const auto* table : {&kEmits, &kNamesEmit})
            for (const auto& [option, features] : *table) features_.insert(features.begin(), features.end());
    }

    facts::Machine next() {
        facts::Machine machine;
        machine.host = "host";
        machine.cpu.architecture = pick({"x86_64", "x86_64", "x86_64", "aarch64", "riscv64", "loongarch64", "i686",
                                         "sparc64", "", "armv7l", "ppc64le", "s390x", "aarch64"});
        machine.system = machine.cpu.architecture + "-linux";
        if (chance(10)) machine.system = pick({"x86_64-linux", "aarch64-darwin", "odd"});
        // Most features there, a few missing, is where rules go wrong; sometimes hardly any.
        const int likely = pick_int({2, 50, 80, 95, 100});
        for (const std::string& feature : features_) {
            if (chance(likely)) machine.cpu.features.insert(feature);
            else if (chance(20)) machine.cpu.features_some.insert(feature);
        }
        if (chance(20)) machine.cpu.features_masked = {"amx_tile", "x\x1b"};
        if (chance(20)) machine.cpu.offline_cpus = pick_int({0, 1, 7, -3});
        if (chance(20)) machine.cpu.kinds = {{"performance", {}, {}, 4, 2}, {{}, "x\x1b", {}, {}, {}}};
        if (chance(50)) machine.memory_mib = pick_int({0, 900, 65536, 2147483647, -1});
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
    /// A card as they are sold: pure chance makes hardly any that a back end serves.
    facts::Gpu usual(facts::Gpu out) {
        out.address = "0000:01:00.0";
        out.integrated = chance(20);
        if (out.vendor == "nvidia") out.driver = "nvidia", out.compute_capability = pick({"6.1", "8.6", "12.0"});
        if (out.vendor == "amd") out.driver = "amdgpu", out.gfx_target = pick({"gfx1030", "gfx1031", "gfx1151"});
        if (out.vendor == "intel") out.driver = "xe", out.chip = pick({"DG2", "Alder Lake-S GT1"});
        return out;
    }
    facts::Gpu gpu() {
        facts::Gpu out;
        out.vendor = pick({"nvidia", "amd", "intel", "other", ""});
        if (chance(25)) return usual(out);
        out.vendor_id = static_cast<std::uint16_t>(random_());
        out.device_id = static_cast<std::uint16_t>(random_());
        out.name = maybe({"DG2 [Arc A770]", "GA107M", "x\x1b[2Jy", ""});
        out.chip = maybe({"DG2", "GA107", "Phoenix1"});
        out.compute_capability = maybe({"3.5", "5.0", "6.1", "8.6", "8.9", "9.0", "10.3", "11.0", "12.0", "12.1",
                                        "42.7", "9", "a.b", "", "8.6;x"});
        out.gfx_target = maybe({"gfx803", "gfx900", "gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1103", "gfx1151",
                                "gfx1201", "gfx", "gfx;x", ""});
        if (!chance(20)) out.integrated = chance(50);
        out.driver = maybe({"nvidia", "amdgpu", "nouveau", "NovaCore", "vfio-pci", "i915", "ast"});
        out.driver_version = maybe({"580.82.07", "570.86.10", "535.54.03", "470.256.02", "390.157", "x", "9.9.9.9"});
        out.address = pick({"0000:01:00.0", "platform:17000000.gpu", "wsl:dxg", ""});
        if (chance(50)) out.memory_mib = pick_int({0, 512, 1024, 24576, -5, 2147483647});
        if (chance(50)) out.shared_mib = pick_int({0, 15000, 126976, -5, 2147483647});
        if (chance(50)) out.kfd = chance(50);
        if (chance(30)) out.architecture = pick({"Xe-LP", "Xe2-LPG", "Xe-HPC", "TeraScale 2", "x\x1b"});
        out.partition = chance(10) ? maybe({"mig", "vf", "x\x1b"}) : std::nullopt;
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
        if (const std::string* text = std::get_if<std::string>(&value)) {
            for (const auto part : split(*text, '+'))
                ASSERT_TRUE(has_all(machine.cpu.features, kNamesEmit.at(std::string(part)))) << *text << " " << part;
        } else if (name == "GGML_NATIVE") {
            ASSERT_EQ(value == FlagValue(true), build.strategy == "builder-native");
        } else if (name == "GGML_XTHEADVECTOR" && value == FlagValue(true)) {
            ASSERT_TRUE(build.cpu_flags.at("GGML_RVV") == FlagValue(false));  // GCC: xtheadvector conflicts with v
            ASSERT_TRUE(has_all(machine.cpu.features, kEmits.at(name)));
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
    if (build.cuda_packages) {
        ASSERT_TRUE(build.cuda_architectures);
        for (const auto part : split(*build.cuda_architectures, ';')) {
            const int capability = std::stoi(std::string(part));
            ASSERT_EQ(set_compiles_for(*build.cuda_packages, capability), true) << *build.cuda_packages << part;
        }
    }
    if (build.package == "llama-cpp-multi") {
        ASSERT_GE(build.multi.size(), 2U);
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
                             "cuda.packages", "rocm.targets", "multi", "cpu.variant"})
        ASSERT_EQ(seen[name], 1) << name;
}

TEST(Property, MinimalFactsGiveTheSamePlan) {
    RandomMachines machines(20260202);
    for (int i = 0; i < kMachines / 10 && !testing::Test::HasFatalFailure(); ++i) {
        facts::Machine machine = machines.next();
        machine.cpu.model_name = "a name";
        machine.cpu.family = 6;
        machine.cpu.model = 143;
        machine.cpu.sockets = machine.cpu.numa_nodes = 2;
        machine.cpu.caches.push_back({3, "unified", 32768, 16, 64, 1});
        machine.cpu.x86_64_level = 3;
        machine.cpu.microarchitecture = "zen4";
        machine.environment.emplace().os = "an os";
        const auto full = make_plan(machine, {});
        const auto minimal = make_plan(facts::minimal(machine), {});
        ASSERT_TRUE(full && minimal);
        ASSERT_EQ(full->build, minimal->build);
        ASSERT_EQ(full->because.size(), minimal->because.size());
        for (std::size_t line = 0; line < full->because.size(); ++line) {
            ASSERT_EQ(full->because[line].line, minimal->because[line].line);
            ASSERT_EQ(full->because[line].value, minimal->because[line].value);
            ASSERT_EQ(full->because[line].rule, minimal->because[line].rule);
        }
    }
}

TEST(Property, ANameChangesNoPlanWhereTheChipIsKnown) {
    RandomMachines machines(20261127);
    for (int i = 0; i < kMachines / 5 && !testing::Test::HasFailure(); ++i) {
        facts::Machine machine = machines.next();
        const Plan before = plan_of(machine);
        for (facts::Gpu& gpu : machine.gpus)
            if (gpu.chip || gpu.architecture || gpu.vendor != "intel") gpu.name = i % 2 == 0 ? "Arc [Arc A770]" : "";
        EXPECT_EQ(before.build, plan_of(machine).build) << i;
    }
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
    EXPECT_EQ(packages.size(), 5U);  // the machines are varied enough to reach every choice
    for (const auto& [package, count] : packages) EXPECT_GT(count, kMachines / 400) << package;
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
        if (random() % 20 == 0) wish.flags["GGML_CPU_POWERPC_CPUTYPE"] = std::string("power9");
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

TEST(Property, TheOwnersWordIsAlwaysVisible) {
    RandomMachines machines(20261127);
    std::mt19937 random(3);
    int seen = 0;
    for (int i = 0; i < kMachines / 5 && !testing::Test::HasFatalFailure(); ++i) {
        Override wish;
        if (random() % 2 == 0) wish.blas = random() % 2 == 0;
        if (random() % 2 == 0) wish.openmp = random() % 2 == 0;
        if (random() % 3 == 0) wish.variant = random() % 2 == 0 ? "cpu" : "vulkan";
        if (random() % 3 == 0) wish.source = random() % 2 == 0 ? "flake" : "nixpkgs";
        if (random() % 3 == 0) wish.cuda_packages = random() % 2 == 0 ? "default" : "cudaPackages_12";
        if (random() % 3 == 0) wish.flags["LLAMA_BUILD_SERVER"] = random() % 2 == 0;
        if (random() % 3 == 0) wish.flags["GGML_CUDA_FA"] = random() % 2 == 0;
        Overrides overrides;
        overrides.hosts["host"] = wish;
        const auto plan = make_plan(machines.next(), overrides);
        if (!plan) continue;  // refused, and said so
        std::vector<std::string> lines;
        if (wish.blas) lines.emplace_back("blas");
        if (wish.openmp) lines.emplace_back("openmp");
        if (wish.variant) lines.emplace_back("package");
        if (wish.source) lines.emplace_back("source");
        if (wish.cuda_packages) lines.emplace_back("cuda.packages");
        if (wish.flags.contains("LLAMA_BUILD_SERVER")) lines.emplace_back("server");
        if (wish.flags.contains("GGML_CUDA_FA")) lines.emplace_back("GGML_CUDA_FA");
        for (const std::string& name : lines) {
            const auto line = std::ranges::find(plan->because, name, &Because::line);
            ASSERT_NE(line, plan->because.end()) << name;
            ASSERT_EQ(line->rule, "owner-override") << name;
            ASSERT_TRUE(mentions(line->facts, "hosts.host")) << name;
            ++seen;
        }
    }
    EXPECT_GT(seen, kMachines / 5);
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
