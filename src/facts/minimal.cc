// SPDX-License-Identifier: MIT
#include "facts/minimal.h"

#include <fmt/format.h>

namespace lf::facts {
namespace {

/// Everything is left out that is not named here: a new field does not leak by being forgotten.
Cpu minimal(const Cpu& cpu) {
    Cpu out;
    out.architecture = cpu.architecture;
    out.source = cpu.source;
    out.gccarch = cpu.gccarch;
    out.features = cpu.features;
    out.features_some = cpu.features_some;
    out.features_masked = cpu.features_masked;
    out.cpus = cpu.cpus;
    out.offline_cpus = cpu.offline_cpus;
    out.cores = cpu.cores;
    out.kinds = cpu.kinds;
    out.hypervisor = cpu.hypervisor;
    for (CoreKind& kind : out.kinds) {
        kind.name.reset();
        kind.midr.reset();
    }
    return out;
}

/// `number` in the order of the machine's GPUs, in place of the bus and slot.
std::string numbered_address(const std::string& address, std::size_t number) {
    const std::size_t colon = address.find(':');
    if (address.starts_with("platform:") || address.starts_with("wsl:"))
        return fmt::format("{}:{}", address.substr(0, colon), number);
    // Rules may look at the place of a GPU that is part of the processor.
    if (address == "0000:00:02.0") return address;
    return fmt::format("{:04x}:{:02x}:{:02x}.0", 1 + number / 0x2000, number / 0x20 % 0x100, number % 0x20);
}

Gpu minimal(const Gpu& gpu, std::size_t number) {
    Gpu out;
    out.address = numbered_address(gpu.address, number);
    out.vendor = gpu.vendor;
    out.vendor_id = gpu.vendor_id;
    out.device_id = gpu.device_id;
    out.name = gpu.name;  // says no more than the ids; of a chip in no table a rule looks for "Arc" in it
    out.chip = gpu.chip;
    out.architecture = gpu.architecture;
    out.compute_capability = gpu.compute_capability;
    out.gfx_target = gpu.gfx_target;
    out.integrated = gpu.integrated;
    out.driver = gpu.driver;
    out.driver_version = gpu.driver_version;
    out.memory_mib = gpu.memory_mib;
    out.shared_mib = gpu.shared_mib;
    out.kfd = gpu.kfd;
    out.vulkan_driver = gpu.vulkan_driver;
    out.partition = gpu.partition;
    return out;
}

}  // namespace

Machine minimal(const Machine& machine) {
    Machine out;
    out.host = machine.host;
    out.system = machine.system;
    out.cpu = minimal(machine.cpu);
    out.memory_mib = machine.memory_mib;
    out.gpus_known = machine.gpus_known;
    out.gpus.reserve(machine.gpus.size());
    for (const Gpu& gpu : machine.gpus) out.gpus.push_back(minimal(gpu, out.gpus.size()));
    return out;
}

}  // namespace lf::facts
