// SPDX-License-Identifier: MIT
/// \file
/// \brief For tests: machines with GPUs, as the files that the kernel shows of them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "facts/codec.h"
#include "probe/fake_machine.h"
#include "probe/gpu.h"
#include "probe/probe.h"

namespace lf::probe {

struct GpuMachine {
    FakeMachine machine;

    std::string& file(const std::string& path) { return machine.memory.texts[path]; }
    static std::string folder(const std::string& address) { return "/sys/bus/pci/devices/" + address; }

    GpuMachine& card(const std::string& address, std::uint16_t vendor, std::uint16_t device, const std::string& driver,
                     const std::string& code = "0x030000") {
        file(folder(address) + "/vendor") = fmt::format("0x{:04x}\n", vendor);
        file(folder(address) + "/device") = fmt::format("0x{:04x}\n", device);
        file(folder(address) + "/class") = code + "\n";
        if (!driver.empty()) machine.memory.links[folder(address) + "/driver"] = "../../../bus/pci/drivers/" + driver;
        return *this;
    }
    GpuMachine& amdgpu(const std::string& address, std::uint16_t device, std::uint64_t vram_mib, std::uint64_t gtt_mib,
                       const std::string& code = "0x030000") {
        card(address, 0x1002, device, "amdgpu", code);
        file(folder(address) + "/mem_info_vram_total") = fmt::format("{}\n", vram_mib << 20);
        file(folder(address) + "/mem_info_gtt_total") = fmt::format("{}\n", gtt_mib << 20);
        return *this;
    }
    /// KFD's node for a card; `version` as gfx_target_version.
    GpuMachine& kfd(int node, int version, int bus) {
        file(fmt::format("/sys/class/kfd/kfd/topology/nodes/{}/properties", node)) =
            fmt::format("simd_count {}\ngfx_target_version {}\nlocation_id {}\ndomain 0\n", version == 0 ? 0 : 64,
                        version, bus << 8);
        return *this;
    }
    GpuMachine& nvidia_driver(const std::string& version) {
        file("/sys/module/nvidia/version") = version + "\n";
        return *this;
    }
    GpuMachine& answer(Question question, const std::string& text) {
        machine.answers[question] = text;
        return *this;
    }

    std::vector<std::string> notes;
    std::vector<facts::Gpu> gpus() {
        notes.clear();
        auto out = read_gpus(machine, notes);
        return out;
    }
    bool noted(std::string_view part) const {
        for (const std::string& note : notes)
            if (note.find(part) != std::string::npos) return true;
        return false;
    }
    /// What was read stands in facts and can be read back.
    bool survives() const {
        const auto facts = probe(machine, "test");
        if (!facts) return false;
        const std::string text = facts::to_json(*facts);
        const auto again = facts::from_json(text, "facts.json");
        return again && facts::to_json(*again) == text;
    }
};

}  // namespace lf::probe
