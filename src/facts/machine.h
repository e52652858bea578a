// SPDX-License-Identifier: MIT
/// \file
/// \brief What a machine is: values only. nullopt = could not be read, never a guess.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lf::facts {

/// Names of features as /proc/cpuinfo writes them ("avx512_vnni", "avx512vbmi"); for x86-64 those of x86_features.def.
using FeatureSet = std::set<std::string>;

struct Cpu {
    std::string architecture;               ///< as `uname -m`: "x86_64", "aarch64"
    std::optional<std::string> vendor;      ///< "AuthenticAMD", "GenuineIntel"
    std::optional<std::string> model_name;  ///< the brand string
    std::optional<int> family;              ///< display family, model and stepping, as /proc/cpuinfo
    std::optional<int> model;
    std::optional<int> stepping;
    std::optional<std::string> microarchitecture;  ///< for people only ("zen4", "emeraldrapids"); no rule reads it
    FeatureSet features;       ///< usable on *every* online CPU: CPUID has it and the OS saves its state
    FeatureSet features_some;  ///< usable on some online CPUs only (hybrid machines); no rule may plan for these
    std::optional<int> cpus;   ///< online logical CPUs
    std::optional<int> cores;  ///< physical cores
    std::optional<int> sockets;
    std::optional<int> numa_nodes;
    std::optional<std::string> hypervisor;  ///< "KVMKVMKVM"…; nullopt on bare metal
};

struct Gpu {
    std::string pci_address;  ///< "0000:01:00.0"
    std::string vendor;       ///< "nvidia", "amd", "intel", or "other"
    std::uint16_t vendor_id = 0;
    std::uint16_t device_id = 0;
    std::optional<std::string> name;                ///< pci.ids: "GA107M [GeForce RTX 3050 Mobile]"
    std::optional<std::string> chip;                ///< codename: "GA107", "Navi 31", "Phoenix1"
    std::optional<std::string> compute_capability;  ///< NVIDIA: "8.6"
    std::optional<std::string> gfx_target;          ///< AMD: "gfx1103"
    std::optional<bool> integrated;                 ///< shares the machine's memory
    std::optional<std::string> driver;              ///< kernel driver bound: "nvidia", "amdgpu", "nouveau", "vfio-pci"
};

/// Facts of one machine, the content of llama-fleet/facts/<host>.json. The same machine gives the same bytes: no times,
/// no serial numbers, no host name of its own (`host` is what the owner's flake calls it).
struct Machine {
    std::string host;
    std::string system;  ///< as Nix says it: "x86_64-linux"
    Cpu cpu;
    std::vector<Gpu> gpus;                   ///< by PCI address
    std::optional<std::int64_t> memory_mib;  ///< MemTotal of /proc/meminfo, MiB rounded down
    std::vector<std::string> notes;          ///< what could not be read, and why: one sentence each
};

}  // namespace lf::facts
