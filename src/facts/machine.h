// SPDX-License-Identifier: MIT
/// \file
/// \brief What a machine is: values only. nullopt = could not be read, never a guess.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lf::facts {

/// Names of features as /proc/cpuinfo writes them ("avx512_vnni", "avx512vbmi"); for x86-64 those of x86_features.def.
using FeatureSet = std::set<std::string>;

/// Equal caches of one level, over the whole machine.
struct Cache {
    int level = 0;            ///< 1 to 4
    std::string type;         ///< "data", "instruction" or "unified"
    std::int64_t kib = 0;     ///< size of one instance
    std::optional<int> ways;  ///< nullopt: unknown; a fully associative cache has as many ways as lines
    std::optional<int> line_bytes;
    std::optional<int> instances;  ///< how many of them serve the online CPUs
    bool operator==(const Cache&) const = default;
};

/// Cores that are alike. Most machines have one kind.
struct CoreKind {
    std::optional<std::string> role;  ///< "performance", "efficiency" or "low-power"; nullopt where nothing tells
    std::optional<std::string> name;  ///< what the core is: "Cortex-X925", "gracemont", "zen5c"
    std::optional<std::string> midr;  ///< aarch64: MIDR_EL1, "0x410fd850" (revision and variant as read)
    std::optional<int> cpus;          ///< online logical CPUs of this kind
    std::optional<int> cores;
    bool operator==(const CoreKind&) const = default;
};

struct Cpu {
    std::string architecture;                ///< as `uname -m`: "x86_64", "aarch64"
    std::optional<std::string> source = {};  ///< where `features` is from: "cpuid", "cpuinfo", "hwcap" or "facter"
    std::optional<std::string> vendor;  ///< "AuthenticAMD", "GenuineIntel"; aarch64: the implementer, "ARM", "Apple"
    std::optional<std::string> model_name;  ///< the brand string
    std::optional<int> family;              ///< display family, model and stepping, as /proc/cpuinfo
    std::optional<int> model;
    std::optional<int> stepping;
    std::optional<std::string> microarchitecture;  ///< for people only ("zen4", "emeraldrapids"); no rule reads it
    std::optional<std::string> codename = {};      ///< the product family, for people: "Raphael", "Alder Lake-S"
    std::optional<std::string> march = {};  ///< what `gcc -march=native` of the newest GCC known to us resolves to
    std::optional<std::string> gccarch =
        {};                                ///< `march`, or its nearest ancestor that nixpkgs knows as a gccarch feature
    std::optional<int> x86_64_level = {};  ///< 1 to 4 of the psABI; nullopt on other architectures
    FeatureSet features;                   ///< usable on *every* online CPU: CPUID has it and the OS saves its state
    FeatureSet features_some;         ///< usable on some online CPUs only (hybrid machines); no rule may plan for these
    FeatureSet features_masked = {};  ///< what every CPU of this microarchitecture has and this one does not show (a
                                      ///< VM, firmware, the kernel); never planned for
    std::optional<int> cpus;          ///< online logical CPUs
    std::optional<int> offline_cpus = {};  ///< present, but not online: their features are not known
    std::optional<int> cores;              ///< physical cores with an online CPU
    std::optional<int> sockets;
    std::optional<int> numa_nodes;
    std::vector<CoreKind> kinds = {};       ///< the most capable first; empty = unknown
    std::vector<Cache> caches = {};         ///< by level, then type, the largest first; empty = unknown
    std::optional<std::string> hypervisor;  ///< "KVMKVMKVM"…; nullopt on bare metal
};

struct Gpu {
    std::string address;  ///< on PCI "0000:01:00.0"; elsewhere "platform:17000000.gpu", "wsl:dxg"
    std::string vendor;   ///< "nvidia", "amd", "intel", or "other"
    std::uint16_t vendor_id = 0;
    std::uint16_t device_id = 0;
    std::optional<std::string> name;                 ///< pci.ids: "GA107M [GeForce RTX 3050 Mobile]"
    std::optional<std::string> chip;                 ///< codename: "GA107", "Navi 31", "Phoenix1"
    std::optional<std::string> architecture = {};    ///< for people: "Ampere", "RDNA3", "Xe-HPG"
    std::optional<std::string> compute_capability;   ///< NVIDIA: "8.6"
    std::optional<std::string> gfx_target;           ///< AMD: "gfx1103"
    std::optional<bool> integrated;                  ///< shares the machine's memory
    std::optional<std::string> driver;               ///< kernel driver bound: "nvidia", "amdgpu", "nouveau", "vfio-pci"
    std::optional<std::string> driver_version = {};  ///< of a driver that has its own: NVIDIA's "580.82.07"
    std::optional<std::int64_t> memory_mib = {};     ///< memory of its own; an APU's carve-out counts here
    std::optional<std::int64_t> shared_mib = {};     ///< of the machine's memory, what it may use besides (AMD: GTT)
    std::optional<bool> kfd = {};  ///< AMD: the kernel's compute driver lists it, which ROCm needs; nullopt: not told
    std::optional<std::string> vulkan_driver = {};  ///< the Vulkan driver that lists it: "radv", "nvidia", "anv", "nvk"
    std::optional<std::string> partition =
        {};  ///< "mig" when the card is cut into instances; "vf" = virtual function or a
             ///< hypervisor's slice; "cpx", "dpx"…: AMD's mode, if not one device
    /// Which source gave which of the fields above: {"compute_capability": "chip GA107 (table)", "memory_mib": "NVML"}.
    std::map<std::string, std::string> known_by = {};
};

/// What may change from one day to the next, or needs rights to be read. Never part of the facts that stand in a
/// repository; every field nullopt or empty = not read.
struct Environment {
    std::optional<std::string> os = {};             ///< PRETTY_NAME of os-release
    std::optional<std::string> os_id = {};          ///< ID of os-release: "nixos", "debian"
    std::optional<std::string> os_version = {};     ///< VERSION_ID: "26.05"
    std::optional<std::string> nixos_channel = {};  ///< of the running system: "26.05.20261101.abcdef0" (nixos-version)
    std::optional<int> nixos_generation = {};       ///< of /nix/var/nix/profiles/system
    std::optional<std::string> kernel = {};         ///< `uname -r`
    std::optional<std::string> container =
        {};  ///< "docker", "podman", "lxc", "systemd-nspawn", "wsl"; nullopt = none seen
    std::optional<std::string> nix_version = {};        ///< "2.34.8"
    std::vector<std::string> nix_system_features = {};  ///< as written in nix.conf; empty = not written
    std::optional<bool> allow_unfree = {};              ///< as written in the user's nixpkgs configuration
    std::optional<std::int64_t> store_free_gib = {};  ///< free for builds, rounded down to 1, 2, 5, 10, 20, 50, 100 …
    std::optional<int> cpu_limit_milli = {};          ///< CPU quota of the cgroup, 1000 = one CPU; nullopt = none
    std::optional<std::int64_t> memory_limit_mib = {};  ///< of the cgroup; nullopt = none
    std::optional<std::string> memory_type = {};        ///< "DDR5", "LPDDR5"
    std::optional<int> memory_mts = {};                 ///< configured speed, mega transfers a second
    std::optional<int> memory_channels = {};            ///< 64-bit channels that hold memory
    std::optional<std::string> cpu_governor = {};       ///< of cpu0: "performance", "powersave", "schedutil"
    std::optional<std::string> power_profile = {};      ///< platform_profile, else energy_performance_preference
    std::vector<std::string> notes = {};                ///< what of all this could not be read, and why
    bool operator==(const Environment&) const = default;
};

/// Facts of one machine, the content of llama-fleet/facts/<host>.json. The same machine gives the same bytes: no times,
/// no serial numbers, no host name of its own (`host` is what the owner's flake calls it).
struct Machine {
    std::string host;
    std::string system;  ///< as Nix says it: "x86_64-linux"
    Cpu cpu;
    std::vector<Gpu> gpus;                   ///< by address
    bool gpus_known = true;                  ///< false: what GPUs there are could not be told, and `gpus` is empty
    std::optional<std::int64_t> memory_mib;  ///< MemTotal of /proc/meminfo, MiB rounded down
    std::optional<Environment> environment;  ///< nullopt in the facts of a repository, and with --minimal
    std::vector<std::string> notes;          ///< what could not be read, and why: one sentence each
};

}  // namespace lf::facts
