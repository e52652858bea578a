// SPDX-License-Identifier: MIT
#include "probe/gpu_nvidia.h"

#include <fmt/format.h>

#include "probe/reading.h"

namespace lf::probe {
namespace {

// What pci.ids writes after the codename: boards ("B", "S"), professional ("GL"), mobile ("M").
constexpr std::string_view kSuffixes = "BSGLM";

constexpr std::string_view kBeforeCuda[] = {"Fahrenheit", "Celsius", "Kelvin", "Rankine", "Curie"};

void say_capability(facts::Gpu& gpu, const NvidiaChip& row, std::vector<std::string>& notes) {
    if (is_before_cuda(row)) {
        notes.push_back(fmt::format("the card at {} ({}, {}) is older than CUDA: llama.cpp cannot use it", gpu.address,
                                    row.chip, row.architecture));
        return;
    }
    if (row.compute_capability.empty()) {
        notes.push_back(fmt::format("the compute capability of {} at {} is not published", row.chip, gpu.address));
        return;
    }
    gpu.compute_capability = std::string(row.compute_capability);
    gpu.known_by["compute_capability"] = fmt::format("chip {} (table)", row.chip);
}

}  // namespace

bool is_before_cuda(const NvidiaChip& chip) {
    for (const std::string_view architecture : kBeforeCuda)
        if (chip.architecture == architecture) return true;
    return false;
}

std::optional<std::string_view> nvidia_chip_named(std::string_view pci_name) {
    std::string_view word = pci_name.substr(0, pci_name.find_first_of(" -/["));
    std::optional<std::string_view> best;
    for (const NvidiaChip& row : nvidia_chips()) {
        if (!word.starts_with(row.chip)) continue;
        const std::string_view rest = word.substr(row.chip.size());
        if (rest.find_first_not_of(kSuffixes) != std::string_view::npos) continue;
        if (!best || row.chip.size() > best->size()) best = row.chip;  // "GB20B" is no "GB20" with a suffix
    }
    return best;
}

void describe_nvidia(facts::Gpu& gpu, std::vector<std::string>& notes) {
    auto chip = nvidia_chip_of(gpu.device_id);
    std::string by = fmt::format("id 10de:{:04x} (table)", gpu.device_id);
    if (!chip && gpu.name) {
        chip = nvidia_chip_named(*gpu.name);
        by = "name in pci.ids";
    }
    if (!chip) {
        notes.push_back(
            fmt::format("the NVIDIA card at {} (10de:{:04x}) is of a chip that this llama-fleet does not know",
                        gpu.address, gpu.device_id));
        return;
    }
    describe_nvidia_chip(gpu, *find_nvidia_chip(*chip), by, notes);
}

void describe_nvidia_chip(facts::Gpu& gpu, const NvidiaChip& row, const std::string& by,
                          std::vector<std::string>& notes) {
    gpu.chip = std::string(row.chip);
    gpu.architecture = std::string(row.architecture);
    gpu.integrated = row.integrated;
    gpu.known_by["chip"] = gpu.known_by["integrated"] = by;
    say_capability(gpu, row, notes);
}

}  // namespace lf::probe
