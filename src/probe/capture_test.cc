// SPDX-License-Identifier: MIT
// What must never leave a machine is planted in every kind of file that a capture copies.
#include "probe/capture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "facts/codec.h"
#include "probe/capture_source.h"
#include "probe/fake_machine.h"
#include "probe/memory_devices.h"
#include "probe/probe.h"
#include "probe/scratch_folder.h"

namespace lf::probe {
namespace {

constexpr const char* kUuid = "6cfe1a2b-93dd-4b1e-8f00-0123456789ab";
constexpr const char* kMac = "5e:a1:7b:22:0c:d4";
constexpr const char* kMachineId = "4f1c0e9ab37d52864f1c0e9ab37d5286";

// Every one of these stands in some file below.
constexpr const char* kPlanted[] = {"PLANTED",   "plantedhost",  "6cfe1a2b",    "93dd-4b1e", "5e:a1:7b",
                                    "4f1c0e9a",  "777666555444", "hunter2",     "ghp_",      "5a000000",
                                    "docker/3f", "alice",        "corp.example"};

std::string smbios_string_table() {
    std::string device(0x28, '\0');
    device[0] = 17;
    device[1] = 0x28;
    device[0x0a] = 64;    // data width
    device[0x0d] = 0x40;  // 16384 MiB
    device[0x10] = 1;
    device[0x12] = 0x22;  // DDR5
    device[0x17] = 2;     // manufacturer
    device[0x18] = 3;     // serial number
    device[0x20] = static_cast<char>(0xe0);
    device[0x21] = 0x15;  // 5600
    std::string system(0x1b, '\0');
    system[0] = 1;
    system[1] = 0x1b;
    system[7] = 1;
    const std::string end("\x7f\x04\0\0\0\0", 6);
    return system + std::string("PLANTED system serial\0\0", 23) + device +
           std::string("P0 CHANNEL A plantedhost\0PLANTED maker\0PLANTED 00E4F1\0\0", 55) + end;
}

FakeMachine planted_machine() {
    FakeMachine machine("0 0 1 68747541 444d4163 69746e65\n1 0 a10f11 5a000000 0 0\n");
    auto& texts = machine.memory.texts;
    const std::string ids = std::string(kUuid) + " " + kMac + " " + kMachineId;
    texts["/etc/hostname"] = "plantedhost";
    texts["/proc/sys/kernel/hostname"] = "plantedhost\n";
    texts["/proc/sys/kernel/osrelease"] = "6.12.1-plantedhost\n";
    texts["/proc/cpuinfo"] = "processor : 0\nSerial : PLANTED-1\nmodel name : x " + ids + "\n";
    texts["/proc/meminfo"] = "MemTotal: 4096 kB\nHostname: plantedhost\n";
    const std::string gpu = "/sys/bus/pci/devices/0000:c4:00.0/";
    texts[gpu + "vendor"] = "0x1002";
    texts[gpu + "device"] = "0x15bf";
    texts[gpu + "class"] = "0x030000";
    texts["/sys/class/kfd/kfd/topology/nodes/0/properties"] =
        "gfx_target_version 110003\nlocation_id 50176\nunique_id 777666555444\n";
    texts["/proc/driver/nvidia/gpus/0000:c4:00.0/information"] = "Model: x\nGPU UUID: GPU-" + std::string(kUuid) + "\n";
    texts["/etc/os-release"] =
        "ID=nixos\nPRETTY_NAME=\"NixOS on plantedhost\"\nBUILD_ID=PLANTED\nMACHINE=" + ids + "\n";
    texts["/etc/nix/nix.conf"] =
        "access-tokens = github.com=ghp_PLANTED\nsystem-features = kvm big-parallel cuda\n"
        "!include secrets.conf\n!include /home/alice/plantedhost.conf\nnetrc-file = /root/hunter2\n";
    texts["/etc/nix/secrets.conf"] = "extra-system-features = gccarch-znver4\naccess-tokens = ghp_PLANTED hunter2\n";
    texts["/home/alice/plantedhost.conf"] = "extra-system-features = gccarch-znver5\ninclude ./more-PLANTEDHOST.conf\n";
    texts["/home/alice/more-PLANTEDHOST.conf"] = "extra-system-features = last\ninclude /proc/cpuinfo\n";
    texts["/proc/driver/nvidia/version"] = "NVRM version: NVIDIA UNIX  580.82.07  Release (alice@x.corp.example)\n";
    texts["/sys/class/dmi/id/product_name"] = "PLANTED PLANTEDHOST\n";
    machine.answers[Question::overrides] =
        "HSA_OVERRIDE_GFX_VERSION 10.3.0 /etc/systemd/system/llama-plantedhost.service\n"
        "HSA_OVERRIDE_GFX_VERSION 10.3.1 /home/alice/unit\n";
    machine.answers[Question::unfree] = "configuration true\nPLANTED text of it\n";
    texts["/proc/self/cgroup"] = "0::/docker/3f" + std::string(62, 'a') + "\n";
    texts["/sys/fs/cgroup/docker/3f" + std::string(62, 'a') + "/cpu.max"] = "150000 100000\n";
    texts["/sys/fs/cgroup/docker/3f" + std::string(62, 'a') + "/memory.max"] = "1073741824\n";
    texts["/run/current-system/nixos-version"] = "26.05.plantedhost\n";
    texts[std::string(kDmiTable)] = smbios_string_table();
    machine.memory.links["/nix/var/nix/profiles/system"] = "system-12-link";
    machine.memory.links["/run/current-system/sw/bin/nix"] =
        "/nix/store/" + std::string(32, 'a') + "-nix-2.34.8/bin/nix";
    return machine;
}

std::string facts_text(const MachineSource& source) { return facts::to_json(probe(source, "h").value()); }

std::string everything_in(const std::string& folder) {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        all += entry.path().string() + "\n";
        if (entry.is_regular_file()) all += read_file(entry.path().string()).value_or("");
        if (entry.is_symlink()) all += std::filesystem::read_symlink(entry.path()).string();
    }
    return all;
}

TEST(Capture, HoldsNothingThatNamesOneMachineOrIsSecret) {
    const FakeMachine machine = planted_machine();
    const ScratchFolder folder;
    const auto done = capture(machine, folder.path());
    ASSERT_TRUE(done.has_value()) << done.error().message;
    const std::string all = everything_in(folder.path());
    for (const char* planted : kPlanted) EXPECT_EQ(all.find(planted), std::string::npos) << planted << "\n" << all;
    EXPECT_NE(all.find("gfx_target_version 110003"), std::string::npos);
    const auto captured = CapturedMachine::open(folder.path());
    ASSERT_TRUE(captured.has_value());
    EXPECT_EQ(facts_text(**captured), facts_text(machine));
    EXPECT_NE(facts_text(machine).find("/etc/systemd/system/llama-host.service"), std::string::npos);
    EXPECT_EQ(facts_text(machine).find("plantedhost"), std::string::npos) << "facts go into repositories";
}

TEST(Capture, KeepsALinkWhoseTargetHasATab) {
    FakeMachine machine("0 0 1 68747541 444d4163 69746e65\n1 0 a10f11 0 0 0\n");
    machine.memory.texts["/proc/cpuinfo"] = "processor : 0\n";
    machine.memory.links["/nix/var/nix/profiles/system"] = "x\t/system-7-link";
    const ScratchFolder folder;
    ASSERT_TRUE(capture(machine, folder.path()).has_value());
    EXPECT_EQ(probe(**CapturedMachine::open(folder.path()), "h")->environment->nixos_generation, 7);
}

TEST(Capture, ANoteOfASourceNamesNobody) {
    const ScratchFolder machine;
    machine.write("proc/cpuinfo", "processor : 0\n");
    machine.write("proc/sys/kernel/hostname", "zaphod\n");
    machine.write("notes", "zaphod's /home/alice could not be read\n");
    const auto source = CapturedMachine::open(machine.path());
    const ScratchFolder folder;
    ASSERT_TRUE(capture(**source, folder.path()).has_value());
    EXPECT_EQ(read_file(folder.path() + "/notes").value(), "host's /home/user could not be read\n");
}

TEST(Capture, OfAFileIsSaidToBeNone) {
    const ScratchFolder folder;
    folder.write("file", "x");
    EXPECT_EQ(CapturedMachine::open(folder.path() + "/file").error().message,
              "this is a file, not the folder of a captured machine");
}

TEST(Capture, KeepsWhatFactsHold) {
    const auto environment = probe(planted_machine(), "h")->environment.value();
    EXPECT_EQ(environment.os_id, "nixos");
    EXPECT_EQ(environment.os, "NixOS on host");
    EXPECT_EQ(environment.kernel, "6.12.1-host");
    EXPECT_EQ(environment.nixos_generation, 12);
    EXPECT_EQ(environment.nix_version, "2.34.8");
    EXPECT_EQ(environment.nix_system_features,
              (std::vector<std::string>{"kvm", "big-parallel", "cuda", "gccarch-znver4", "gccarch-znver5", "last"}));
    EXPECT_EQ(environment.allow_unfree, true);
    EXPECT_EQ(environment.cpu_limit_milli, 1500);
    EXPECT_EQ(environment.memory_limit_mib, 1024);
    EXPECT_EQ(environment.container, "docker");
    EXPECT_EQ(environment.memory_type, "DDR5");
    EXPECT_EQ(environment.memory_mts, 5600);
    EXPECT_EQ(environment.memory_channels, 1);
}

TEST(Capture, OfACaptureIsTheSameFolder) {
    const ScratchFolder first;
    const ScratchFolder second;
    ASSERT_TRUE(capture(planted_machine(), first.path()).has_value());
    const auto captured = CapturedMachine::open(first.path());
    ASSERT_TRUE(captured.has_value());
    ASSERT_TRUE(capture(**captured, second.path()).has_value());
    std::string again = everything_in(second.path());
    for (std::size_t at = again.find(second.path()); at != std::string::npos; at = again.find(second.path()))
        again.replace(at, second.path().size(), first.path());
    std::string before = everything_in(first.path());
    EXPECT_EQ(before.size(), again.size());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(first.path())) {
        if (!entry.is_regular_file()) continue;
        const std::string other = second.path() + entry.path().string().substr(first.path().size());
        EXPECT_EQ(read_file(other).value_or("missing"), read_file(entry.path().string()).value_or("")) << other;
    }
}

/// Version 1: each controller has its own place, and all of them count.
TEST(Capture, KeepsTheLimitsOfEveryHierarchy) {
    FakeMachine machine;
    for (int cpu = 0; cpu < 4; ++cpu)
        machine.add(cpu, fmt::format("0 0 1 68747541 444d4163 69746e65\n1 0 a10f11 {:x} 0 0\n", cpu << 24));
    auto& texts = machine.memory.texts;
    texts["/sys/devices/system/cpu/online"] = "0-3\n";
    texts["/proc/cpuinfo"] = "processor : 0\n";
    texts["/proc/self/cgroup"] =
        "5:cpu,cpuacct:/system.slice/slurmd.service\n4:memory:/slurm/uid_1000\n3:cpuset:/slurm/job.level1\n"
        "2:freezer:/../outside\n1:name=systemd:/level1/level2\n";
    texts["/sys/fs/cgroup/memory/slurm/uid_1000/memory.limit_in_bytes"] = "4294967296\n";
    texts["/sys/fs/cgroup/cpuset/slurm/job.level1/cpuset.effective_cpus"] = "2\n";
    texts["/sys/fs/cgroup/cpu/system.slice/slurmd.service/cpu.cfs_quota_us"] = "300000\n";
    texts["/sys/fs/cgroup/cpu/system.slice/slurmd.service/cpu.cfs_period_us"] = "100000\n";
    const auto facts = probe(machine, "h").value();
    EXPECT_EQ(facts.environment->memory_limit_mib, 4096);
    EXPECT_EQ(facts.environment->cpu_limit_milli, 1000) << "the tighter of 3 CPUs' time and one CPU";
    const ScratchFolder folder;
    const auto done = capture(machine, folder.path());
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(everything_in(folder.path()).find("uid_1000"), std::string::npos);
    EXPECT_EQ(facts_text(**CapturedMachine::open(folder.path())), facts_text(machine));
    const ScratchFolder again;
    ASSERT_TRUE(capture(**CapturedMachine::open(folder.path()), again.path()).has_value());
    EXPECT_EQ(read_file(again.path() + "/proc/self/cgroup").value(),
              read_file(folder.path() + "/proc/self/cgroup").value());
}

TEST(Capture, RemembersWhatCouldNotBeReadAndWhy) {
    const ScratchFolder machine;
    machine.write("sys/firmware/dmi/tables/DMI/folder-in-its-place", "");
    machine.write("proc/cpuinfo", "processor : 0\n");
    const auto source = CapturedMachine::open(machine.path());
    ASSERT_TRUE(source.has_value());
    const ScratchFolder folder;
    ASSERT_TRUE(capture(**source, folder.path()).has_value());
    EXPECT_NE(read_file(folder.path() + "/index").value_or("").find("error\t/sys/firmware/dmi/tables/DMI\tnot a"),
              std::string::npos);
    EXPECT_EQ(facts_text(**CapturedMachine::open(folder.path())), facts_text(**source));
}

}  // namespace
}  // namespace lf::probe
