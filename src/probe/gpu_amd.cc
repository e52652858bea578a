// SPDX-License-Identifier: MIT
#include "probe/gpu_amd.h"

#include <fmt/format.h>

#include "probe/reading.h"

namespace lf::probe {
namespace {

void set_target(facts::Gpu& gpu, const std::string& target, const std::string& by) {
    gpu.gfx_target = target;
    gpu.known_by["gfx_target"] = by;
}

void describe_by_table(facts::Gpu& gpu) {
    auto chip = amd_chip_of(gpu.device_id);
    std::string by = fmt::format("id 1002:{:04x} (table)", gpu.device_id);
    if (!chip && gpu.name) {
        chip = amd_chip_named(*gpu.name);
        by = "name in pci.ids";
    }
    const AmdChip* row = chip ? find_amd_chip(*chip) : nullptr;
    if (row == nullptr) return;
    gpu.chip = std::string(row->chip);
    gpu.architecture = std::string(row->architecture);
    gpu.integrated = row->integrated;
    gpu.known_by["chip"] = gpu.known_by["integrated"] = by;
    if (!row->gfx_target.empty()) set_target(gpu, std::string(row->gfx_target), fmt::format("chip {} (table)", *chip));
}

void hear_kernel(facts::Gpu& gpu, const AmdWord& kernel, std::vector<std::string>& notes) {
    if (!kernel.kfd) {
        if (kernel.core && !gpu.gfx_target) set_target(gpu, *kernel.core, "version of the graphics core");
        return;
    }
    if (gpu.gfx_target && *gpu.gfx_target != *kernel.kfd)
        notes.push_back(fmt::format("the kernel calls the card at {} {}, our table says {}: the kernel is believed",
                                    gpu.address, *kernel.kfd, *gpu.gfx_target));
    set_target(gpu, *kernel.kfd, "KFD topology");
}

}  // namespace

std::optional<std::string_view> amd_chip_named(std::string_view pci_name) {
    std::optional<std::string_view> best;
    for (const AmdChip& row : amd_chips()) {
        if (!pci_name.starts_with(row.chip)) continue;
        const std::string_view rest = pci_name.substr(row.chip.size());
        if (!rest.empty() && std::string_view(" -/[").find(rest.front()) == std::string_view::npos) continue;
        if (!best || row.chip.size() > best->size()) best = row.chip;  // "Strix Halo" before "Strix"
    }
    return best;
}

void describe_amd(facts::Gpu& gpu, const AmdWord& kernel, std::vector<std::string>& notes) {
    describe_by_table(gpu);
    hear_kernel(gpu, kernel, notes);
    if (gpu.gfx_target) return;
    if (gpu.chip)
        notes.push_back(fmt::format("the card at {} ({}, {}) is older than GCN: llama.cpp cannot use it", gpu.address,
                                    *gpu.chip, *gpu.architecture));
    else
        notes.push_back(fmt::format("the AMD card at {} (1002:{:04x}) is of a chip that this llama-fleet does not know",
                                    gpu.address, gpu.device_id));
}

}  // namespace lf::probe
