// SPDX-License-Identifier: MIT
#include "probe/facter.h"

#include <gtest/gtest.h>

#include "facts/codec.h"

namespace lf::probe {
namespace {

// The fields that nixos-facter writes, of a made-up laptop.
constexpr const char* kReport = R"({
  "version": 1, "system": "x86_64-linux", "virtualisation": "none", "uefi": {"supported": true},
  "hardware": {
    "bios": {"rom_size": 1},
    "cpu": [null, {"architecture": "x86_64", "vendor_name": "AuthenticAMD", "model_name": "AMD Ryzen 7 7840HS",
      "family": 25, "model": 116, "stepping": 1,
      "features": ["fpu", "lm", "pni", "avx", "avx2", "avx512f", "rep_good", 7, "x;y"],
      "bugs": ["sysret_ss_attrs"], "bogo": 7585, "cache": 1024, "units": 16, "page_size": 4096,
      "physical_id": 0, "siblings": 16, "cores": 8, "fpu": true, "address_sizes": {"physical": "0x30"}}],
    "graphics_card": [
      {"index": 43, "attached_to": 25, "class_list": ["graphics_card", "pci"],
       "bus_type": {"hex": "0004", "name": "PCI", "value": 4}, "slot": {"bus": 1, "number": 0},
       "base_class": {"hex": "0003", "name": "Display controller", "value": 3},
       "sub_class": {"hex": "0000", "name": "VGA compatible controller", "value": 0},
       "vendor": {"hex": "10de", "name": "nVidia Corporation", "value": 4318},
       "device": {"hex": "25a2", "value": 9634}, "model": "nVidia VGA compatible controller",
       "sysfs_id": "/devices/pci0000:00/0000:00:01.1/0000:01:00.0", "sysfs_bus_id": "0000:01:00.0",
       "driver": "nvidia", "driver_module": "nvidia", "drivers": ["nvidia"]},
      {"vendor": {"hex": "1002", "value": 4098}, "device": {"hex": "15bf"}, "sysfs_bus_id": "../../etc/x"}],
    "memory": [{"index": 9, "model": "Main Memory", "resources": [{"type": "phys_mem", "range": 34359738368}]}],
    "disk": [{"serial": "PLANTED"}]
  },
  "smbios": {"system": {"uuid": "PLANTED"}}
})";

TEST(Facter, TellsWhatAPlanNeeds) {
    const auto machine = probe_facter(kReport, "facter.json", "carbon");
    ASSERT_TRUE(machine.has_value()) << machine.error().message;
    EXPECT_EQ(machine->system, "x86_64-linux");
    EXPECT_EQ(machine->cpu.source, "facter");
    EXPECT_EQ(machine->cpu.vendor, "AuthenticAMD");
    EXPECT_EQ(machine->cpu.family, 25);
    EXPECT_EQ(machine->cpu.model, 116);
    EXPECT_EQ(machine->cpu.features, (facts::FeatureSet{"avx", "avx2", "avx512f", "fpu", "lm", "pni"}));
    EXPECT_EQ(machine->cpu.cpus, 16);
    EXPECT_EQ(machine->cpu.cores, 8);
    EXPECT_EQ(machine->cpu.sockets, 1);
    EXPECT_EQ(machine->memory_mib, 32768);
    EXPECT_FALSE(machine->environment.has_value());
    ASSERT_EQ(machine->gpus.size(), 1U);
    EXPECT_EQ(machine->gpus[0].compute_capability, "8.6");
    EXPECT_EQ(machine->gpus[0].driver, "nvidia");
    const std::string json = facts::to_json(*machine);
    EXPECT_EQ(json.find("PLANTED"), std::string::npos);
    EXPECT_TRUE(facts::from_json(json, "x").has_value());
}

// hwinfo calls graphics_card only what has base class 3; nixos-facter files the rest where hwinfo's first class is.
constexpr const char* kAccelerators = R"({
  "version": 1, "system": "x86_64-linux", "virtualisation": "none", "hardware": {
    "graphics_card": [{"bus_type": {"value": 4}, "base_class": {"value": 3}, "sub_class": {"value": 0},
      "vendor": {"value": 6659}, "device": {"value": 8192}, "sysfs_bus_id": "0000:02:00.0", "driver": "ast"}],
    "unknown": [{"bus_type": {"value": 4}, "base_class": {"hex": "0012", "value": 18}, "sub_class": {"value": 0},
      "vendor": {"value": 4098}, "device": {"value": 29857}, "sysfs_bus_id": "0000:05:00.0", "driver": "amdgpu"}],
    "pci": [{"bus_type": {"value": 4}, "base_class": {"value": 18}, "sub_class": {"value": 0},
        "vendor": {"hex": "1002"}, "device": {"hex": "740c"}, "sysfs_bus_id": "0000:06:00.0", "driver": "amdgpu"},
      {"bus_type": {"value": 4}, "base_class": {"value": 3}, "sub_class": {"value": 2},
        "vendor": {"hex": "10de"}, "device": {"hex": "2330"}, "sysfs_bus_id": "0000:07:00.0"},
      {"bus_type": {"value": 4}, "base_class": {"value": 18}, "sub_class": {"value": 0},
        "vendor": {"hex": "8086"}, "device": {"hex": "7d1d"}, "sysfs_bus_id": "0000:08:00.0"}],
    "network_controller": [{"bus_type": {"value": 4}, "base_class": {"value": 2}, "sub_class": {"value": 0},
      "vendor": {"hex": "8086"}, "device": {"hex": "1563"}, "sysfs_bus_id": "0000:09:00.0"}],
    "usb": [{"bus_type": {"value": 134}, "base_class": {"value": 3}, "sub_class": {"value": 0},
      "vendor": {"hex": "1002"}, "device": {"hex": "74a1"}, "sysfs_bus_id": "0000:0a:00.0"}],
    "system": {"form_factor": "server"}, "odd": [3, null, []]}})";

TEST(Facter, CardsStandInEveryListOfTheReport) {
    const auto machine = probe_facter(kAccelerators, "facter.json", "mi300");
    ASSERT_TRUE(machine.has_value()) << machine.error().message;
    std::vector<std::string> found;
    found.reserve(machine->gpus.size());
    for (const facts::Gpu& gpu : machine->gpus) found.push_back(gpu.address + " " + gpu.gfx_target.value_or("-"));
    // An NPU (0x12 of Intel), a network card and what is not on PCI are no GPUs.
    EXPECT_EQ(found, (std::vector<std::string>{"0000:02:00.0 -", "0000:05:00.0 gfx942", "0000:06:00.0 gfx90a",
                                               "0000:07:00.0 -"}));
}

TEST(Facter, WhatItDoesNotSayIsNullWithANote) {
    const auto machine =
        probe_facter(R"({"version": 9, "system": "aarch64-linux", "virtualisation": "kvm", "hardware": {
        "cpu": [{"features": ["asimd", "sve"]}]}})",
                     "facter.json", "arm");
    ASSERT_TRUE(machine.has_value()) << machine.error().message;
    EXPECT_EQ(machine->cpu.features, (facts::FeatureSet{"asimd", "sve"}));
    EXPECT_EQ(machine->cpu.cpus, std::nullopt);
    EXPECT_EQ(machine->memory_mib, std::nullopt);
    EXPECT_EQ(machine->cpu.hypervisor, "kvm");
    EXPECT_GE(machine->notes.size(), 4U);
}

TEST(Facter, RefusesWhatIsNone) {
    for (const char* text : {"", "[]", "{}", "{\"hardware\": []}", "{\"hardware\": {}, \"system\": \"x86_64-darwin\"}",
                             "{\"hardware\": {}, \"system\": \"\\u001b-linux\"}"})
        EXPECT_FALSE(probe_facter(text, "facter.json", "h").has_value()) << text;
    EXPECT_EQ(probe_facter(kReport, "facter.json", "../h").error().id, "host-name");
}

TEST(Facter, SurvivesOddValues) {
    const char* reports[] = {
        R"({"version": -1, "system": "x86_64-linux", "hardware": {"cpu": {}, "graphics_card": 7, "memory": "x"}})",
        R"({"version": 1, "system": "x86_64-linux", "hardware": {"cpu": [[], 1, {"siblings": 99999999, "cores": 0,
            "family": -3, "features": {"a": 1}, "model_name": "x\ny : z\u001b"}], "graphics_card": [null, {}, []],
            "memory": [{"resources": [{"type": "phys_mem", "range": 1e300}, 3]}]}})"};
    for (const char* report : reports) {
        const auto machine = probe_facter(report, "facter.json", "h");
        ASSERT_TRUE(machine.has_value()) << machine.error().message;
        EXPECT_TRUE(facts::from_json(facts::to_json(*machine), "x").has_value());
    }
}

}  // namespace
}  // namespace lf::probe
