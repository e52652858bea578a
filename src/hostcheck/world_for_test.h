// SPDX-License-Identifier: MIT
/// \file
/// \brief A machine on which everything is right, for the tests of this layer. Included by *_test.cc only.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "hostcheck/hostcheck.h"
#include "probe/fake_machine.h"

namespace lf::hostcheck::test {

class FakeAccess final : public DeviceAccess {
  public:
    std::map<std::string, Access> known;
    Access otherwise = Access::granted;
    Access of(const std::string& path) const override {
        const auto found = known.find(path);
        return found == known.end() ? otherwise : found->second;
    }
};

class AskedMachine final : public probe::MachineSource {
  public:
    probe::FakeMachine inner;
    std::map<probe::Question, std::string> answers;
    std::string architecture() const override { return inner.architecture(); }
    std::vector<int> cpuid_cpus() const override { return inner.cpuid_cpus(); }
    std::optional<probe::Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override {
        return inner.cpuid(cpu, leaf, subleaf);
    }
    std::optional<std::uint64_t> xcr0(int cpu) const override { return inner.xcr0(cpu); }
    const FileSource& files() const override { return inner.memory; }
    std::optional<std::string> pci_ids() const override { return std::nullopt; }
    std::optional<std::string> answer(probe::Question question) const override {
        const auto found = answers.find(question);
        return found == answers.end() ? std::nullopt : std::optional(found->second);
    }
};

inline facts::Gpu card(std::string vendor, std::optional<std::string> driver) {
    facts::Gpu gpu;
    gpu.address = "0000:01:00.0";
    gpu.vendor = std::move(vendor);
    gpu.driver = std::move(driver);
    gpu.integrated = false;
    if (gpu.vendor == "nvidia") gpu.compute_capability = "8.6";
    if (gpu.vendor == "amd") gpu.gfx_target = "gfx1100";
    return gpu;
}

inline facts::Gpu second(facts::Gpu gpu) {
    gpu.address = "0000:02:00.0";
    return gpu;
}

/// A machine on which everything is right; each test spoils one thing.
struct World {
    AskedMachine machine;
    FakeAccess access;
    facts::Machine now;
    plan::Plan plan;
    std::optional<facts::Machine> committed;

    World() {
        now.host = plan.host = "host";
        now.system = "x86_64-linux";
        now.cpu.architecture = "x86_64";
        now.cpu.features = {"avx2", "avx", "f16c", "amx_tile"};
        now.environment = facts::Environment{};
        now.environment->os_id = "nixos";
        now.environment->store_free_gib = 500;
        now.environment->allow_unfree = true;
    }

    std::string id() const {
        const Report report = all();
        return report.findings.empty() ? "" : report.findings.front().id;
    }
    Report all() const { return check_host({machine, access, now, plan, committed}); }
    std::string& file(const std::string& path) { return machine.inner.memory.texts[path]; }
};

inline World cuda() {
    World world;
    world.plan.build.package = "llama-cpp-cuda";
    world.plan.build.cuda_architectures = "86-real";
    world.now.gpus = {card("nvidia", "nvidia")};
    world.now.gpus[0].driver_version = "580.82.07";
    world.file("/run/opengl-driver/lib/libcuda.so.1") = "x";
    return world;
}

inline World rocm() {
    World world;
    world.plan.build.package = "llama-cpp-rocm";
    world.plan.build.rocm_targets = "gfx1100";
    world.now.gpus = {card("amd", "amdgpu")};
    world.file("/run/opengl-driver/lib/x") = "x";
    return world;
}

inline World vulkan() {
    World world = rocm();
    world.plan.build.package = "llama-cpp-vulkan";
    world.now.gpus[0].gfx_target = "gfx1031";  // Vulkan is what serves it best
    world.file("/run/opengl-driver/share/vulkan/icd.d/radeon_icd.x86_64.json") = "{}";
    world.file("/dev/dri/renderD129") = "";
    return world;
}

/// Checks that the world has exactly this finding, with something seen and a cure.
inline void expect_only(const World& world, const std::string& id) {
    const Report report = world.all();
    ASSERT_EQ(report.findings.size(), 1U) << id << "\n" << to_text(report);
    const Finding& found = report.findings[0];
    EXPECT_EQ(found.id, id);
    EXPECT_FALSE(found.what.empty() || found.saw.empty() || found.cure.empty()) << id;
}

}  // namespace lf::hostcheck::test
