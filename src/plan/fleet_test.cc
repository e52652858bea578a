// SPDX-License-Identifier: MIT
#include "plan/fleet.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

/// Hosts and their plans, held together.
struct Hosts {
    std::vector<facts::Machine> machines;
    std::vector<Plan> plans;

    void add(const std::string& name, facts::Machine host) {
        host.host = name;
        plans.push_back(make_plan(host, {}).value());
        machines.push_back(std::move(host));
    }
    Fleet view() const {
        std::vector<FleetHost> all;
        for (std::size_t i = 0; i < plans.size(); ++i) all.push_back({&machines[i], &plans[i]});
        return view_fleet(all);
    }
};

TEST(Fleet, HostsWithEqualBuildsShareOne) {
    Hosts hosts;
    hosts.add("a", machine(kHaswell));
    hosts.add("b", machine(kZen4));
    hosts.add("c", machine(kZen4));
    hosts.add("d", machine(kZen4, {nvidia("8.6")}));
    const Fleet fleet = hosts.view();
    ASSERT_EQ(fleet.builds.size(), 3U);
    EXPECT_EQ(fleet.builds[0].hosts, (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(fleet.universal, 2U);  // with and without CUDA
    const std::string text = fleet_text(fleet);
    EXPECT_NE(text.find("4 hosts, 3 distinct builds\n"), std::string::npos) << text;
    EXPECT_NE(text.find("with the strategy universal 2 builds would do"), std::string::npos) << text;
}

TEST(Fleet, EqualFlagsOnTwoSystemsAreTwoBuilds) {
    Hosts hosts;
    facts::Machine odd = machine({});
    odd.cpu.architecture = "sparc64";
    odd.system = "sparc64-linux";
    hosts.add("a", odd);
    odd.system = "powerpc64-linux";
    hosts.add("b", odd);
    EXPECT_EQ(hosts.view().builds.size(), 2U);
}

TEST(Fleet, ABuilderRunsWhatItsCpuHas) {
    Hosts hosts;
    hosts.add("old", machine(kHaswell));
    hosts.add("new", machine(kZen4));
    hosts.add("arm", [] {
        facts::Machine arm = machine({"fp", "asimd", "crc32", "atomics", "asimdrdm", "asimddp"});
        arm.system = "aarch64-linux";
        arm.cpu.architecture = "aarch64";
        return arm;
    }());
    const Fleet fleet = hosts.view();
    ASSERT_EQ(fleet.builds.size(), 3U);
    EXPECT_EQ(fleet.builds[0].runs_on, (std::vector<std::string>{"new", "old"}));
    EXPECT_EQ(fleet.builds[1].runs_on, std::vector<std::string>{"new"});
    EXPECT_EQ(fleet.builds[2].runs_on, std::vector<std::string>{"arm"});
    EXPECT_NE(fleet_text(fleet).find("also runs on  new"), std::string::npos);
}

TEST(Fleet, GpuBuildsRunOnlyWhereTheirCardsAndDriversAre) {
    const auto with = [](std::vector<facts::Gpu> gpus) { return machine(kZen4, std::move(gpus)); };
    const auto driver = [](const std::string& capability, const std::string& version) {
        facts::Gpu gpu = nvidia(capability);
        gpu.driver_version = version;
        return gpu;
    };
    Hosts hosts;
    hosts.add("ampere", with({driver("8.6", "580.82.07")}));
    hosts.add("both", with({driver("8.6", "580.82.07"), driver("8.9", "580.82.07")}));
    hosts.add("ada", with({driver("8.9", "580.82.07")}));
    hosts.add("undriven", with({nvidia("8.6", std::nullopt)}));
    hosts.add("nouveau", with({nvidia("8.6", "nouveau")}));
    hosts.add("radeon", with({amd("gfx1100", false)}));
    hosts.add("other-radeon", with({amd("gfx1030", false)}));
    hosts.add("bare", with({}));
    const Fleet fleet = hosts.view();
    const auto runs = [&](const std::string& host) {
        for (const FleetBuild& one : fleet.builds)
            if (std::ranges::count(one.hosts, host) > 0) return join(one.runs_on, " ");
        return std::string();
    };
    EXPECT_EQ(runs("ampere"), "ampere undriven");  // one build: undriven was planned for the same card
    EXPECT_EQ(runs("both"), "ada ampere both");
    EXPECT_EQ(runs("ada"), "ada");
    EXPECT_EQ(runs("radeon"), "radeon");
    EXPECT_EQ(runs("bare"), "ada ampere bare both nouveau other-radeon radeon undriven");
    Build old = hosts.plans[0].build;
    const facts::Machine host = with({driver("8.6", "535.183.01")});
    EXPECT_FALSE(runs_on(old, "x86_64-linux", host)) << "compressed code";
    old.extra_flags["GGML_CUDA_COMPRESSION_MODE"] = "none";
    EXPECT_TRUE(runs_on(old, "x86_64-linux", host));
    old.cuda_packages = "cudaPackages_13";
    EXPECT_FALSE(runs_on(old, "x86_64-linux", host));
}

TEST(Fleet, WhatAPackageDoesNotReadMakesNoBuildOfItsOwn) {
    Hosts hosts;
    hosts.add("polaris", machine(kZen4, {amd("gfx803", false)}));
    hosts.add("strix", machine(kZen4, {amd("gfx1151", true)}));
    hosts.add("bare", machine(kZen4));
    hosts.add("kept", machine(kZen4, {nvidia("6.1", "nouveau")}));
    EXPECT_NE(hosts.plans[0].build.rocm_targets, hosts.plans[1].build.rocm_targets);
    EXPECT_NE(hosts.plans[2].build.cuda_architectures, hosts.plans[3].build.cuda_architectures);
    const Fleet fleet = hosts.view();
    ASSERT_EQ(fleet.builds.size(), 2U) << fleet_text(fleet);
    EXPECT_EQ(fleet.builds[0].hosts, (std::vector<std::string>{"polaris", "strix"}));
    EXPECT_EQ(fleet.builds[1].hosts, (std::vector<std::string>{"bare", "kept"}));
}

TEST(Fleet, BuildersMayOfferTheirGccArch) {
    Hosts hosts;
    facts::Machine host = machine(kZen4);
    host.cpu.gccarch = "znver4";
    hosts.add("a", host);
    hosts.add("b", host);
    hosts.add("c", machine(kZen4));
    EXPECT_NE(fleet_text(hosts.view()).find("as a builder a, b may offer \"gccarch-znver4\" in"), std::string::npos);
}

TEST(Fleet, BuildsThatDifferInAFlagThatCostsLittleAreNamed) {
    Hosts hosts;
    facts::FeatureSet icelake = kZen4;
    icelake.erase("avx512_bf16");
    hosts.add("ice", machine(icelake));
    hosts.add("zen", machine(kZen4));
    hosts.add("old", machine(kHaswell));
    const Fleet fleet = hosts.view();
    ASSERT_EQ(fleet.near.size(), 1U);
    EXPECT_EQ(fleet.near[0].flags, std::vector<std::string>{"GGML_AVX512_BF16"});
    EXPECT_NE(fleet_text(fleet).find("ice and zen would share one build without"), std::string::npos)
        << fleet_text(fleet);
    Hosts other;
    other.add("ice", machine(icelake));
    other.add("zen", machine(kZen4, {nvidia("8.6")}));  // something else differs too
    EXPECT_TRUE(other.view().near.empty());
}

}  // namespace
}  // namespace lf::plan
