// SPDX-License-Identifier: MIT
#include "probe/gpu_device.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/value_rules.h"
#include "probe/gpu_intel.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr int kMaxTiles = 16;
constexpr std::int64_t kGib = 1024;  // in MiB
constexpr std::size_t kMaxText = 1 << 16;

/// Bytes as MiB, rounded down; nullopt for nothing and for what no machine has.
std::optional<std::int64_t> mib(std::optional<std::uint64_t> bytes) {
    if (!bytes || *bytes >> 20 == 0 || *bytes >> 20 > static_cast<std::uint64_t>(facts::kMaxMib)) return std::nullopt;
    return static_cast<std::int64_t>(*bytes >> 20);
}

void set_memory(facts::Gpu& gpu, std::optional<std::int64_t> value, const std::string& by) {
    if (!value || gpu.memory_mib) return;
    gpu.memory_mib = value;
    gpu.known_by["memory_mib"] = by;
}

/// 1.2.3, 580.82.07
bool is_version(std::string_view text) {
    return text.size() <= 32 && text.find('.') != std::string_view::npos &&
           text.find_first_not_of("0123456789.") == std::string_view::npos && text.front() != '.';
}

/// Cards have a maker and a board that amdgpu names; an APU has neither, a small carve-out and much GTT.
void judge_integrated(const FileSource& files, const std::string& folder, facts::Gpu& gpu) {
    if (gpu.integrated || !gpu.memory_mib || !gpu.shared_mib) return;
    const bool board = files.exists(folder + "/mem_info_vram_vendor") || files.exists(folder + "/board_info");
    const bool small = *gpu.memory_mib <= 4 * kGib && *gpu.shared_mib >= 8 * kGib;
    if (board) gpu.integrated = false;
    else if (small && *gpu.shared_mib >= 4 * *gpu.memory_mib) gpu.integrated = true;
    if (gpu.integrated) gpu.known_by["integrated"] = "what amdgpu says of its memory";
}

void read_amd_memory(const FileSource& files, const std::string& folder, facts::Gpu& gpu) {
    set_memory(gpu, mib(read_number(files, folder + "/mem_info_vram_total", 10)), "amdgpu, mem_info_vram_total");
    if (const auto shared = mib(read_number(files, folder + "/mem_info_gtt_total", 10))) {
        gpu.shared_mib = shared;
        gpu.known_by["shared_mib"] = "amdgpu, mem_info_gtt_total";
    }
    judge_integrated(files, folder, gpu);
}

/// MI300 and newer can be split into several devices: "SPX" is one, "CPX" one for each die.
void read_amd_partition(const FileSource& files, const std::string& folder, facts::Gpu& gpu,
                        std::vector<std::string>& notes) {
    const auto mode = read_text(files, folder + "/current_compute_partition");
    if (!mode || *mode == "SPX" || !is_plain_word(*mode)) return;
    std::string word = *mode;
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    gpu.partition = word;
    gpu.known_by["partition"] = "amdgpu, current_compute_partition";
    notes.push_back(
        fmt::format("the card at {} is split (mode {}): a program sees several smaller ones", gpu.address, *mode));
}

/// The size of a BAR: line `index` of the file `resource`, "first last flags" in hexadecimal.
std::optional<std::uint64_t> bar_bytes(const FileSource& files, const std::string& folder, std::size_t index) {
    const auto text = files.read(folder + "/resource");
    if (!text || text->size() > kMaxText) return std::nullopt;
    const std::vector<std::string_view> rows = lines(*text);
    if (rows.size() <= index) return std::nullopt;
    const std::vector<std::string_view> words = split(rows[index], ' ');
    if (words.size() < 2) return std::nullopt;
    const auto first = parse_unsigned(words[0], 16);
    const auto last = parse_unsigned(words[1], 16);
    if (!first || !last || *last <= *first) return std::nullopt;
    return *last - *first + 1;
}

void read_intel_memory(const FileSource& files, const std::string& folder, facts::Gpu& gpu) {
    if (gpu.integrated != false) return;
    std::uint64_t total = 0;
    for (int tile = 0; tile < kMaxTiles; ++tile) {
        const auto bytes = read_number(files, fmt::format("{}/tile{}/physical_vram_size_bytes", folder, tile), 10);
        if (!bytes || *bytes > std::uint64_t{1} << 56) break;
        total += *bytes;
    }
    set_memory(gpu, mib(total), "xe, physical_vram_size_bytes");
    set_memory(gpu, mib(read_number(files, folder + "/lmem_total_bytes", 10)), "i915, lmem_total_bytes");
    if (gpu.memory_mib) return;
    if (const auto bar = bar_bytes(files, folder, 2))
        set_memory(gpu, mib(intel_memory_of_bar(gpu.device_id, *bar)), "size of BAR 2");
}

void read_driver_version(const FileSource& files, facts::Gpu& gpu) {
    if (!gpu.driver) return;
    const std::string path = "/sys/module/" + *gpu.driver + "/version";
    if (const auto version = read_text(files, path); version && !version->empty() && is_version(*version)) {
        gpu.driver_version = *version;
        gpu.known_by["driver_version"] = path;
        return;
    }
    if (*gpu.driver != "nvidia") return;
    const auto text = files.read("/proc/driver/nvidia/version");
    if (!text || text->size() > kMaxText) return;
    if (const auto version = nvidia_version_in(*text)) {
        gpu.driver_version = *version;
        gpu.known_by["driver_version"] = "/proc/driver/nvidia/version";
    }
}

/// The minor number of a card ("Device Minor: \t 0") as its folder in /proc says it.
std::optional<std::uint64_t> nvidia_minor(const FileSource& files, const std::string& address) {
    const auto text = files.read("/proc/driver/nvidia/gpus/" + address + "/information");
    if (!text || text->size() > kMaxText) return std::nullopt;
    constexpr std::string_view kKey = "Device Minor:";
    for (const std::string_view line : lines(*text))
        if (line.starts_with(kKey)) return parse_unsigned(trim(line.substr(kKey.size())));
    return std::nullopt;
}

/// Instances stand as …/gpu<minor>/mig/gi<n>.
void read_mig(const FileSource& files, facts::Gpu& gpu) {
    const auto minor = nvidia_minor(files, gpu.address);
    if (!minor) return;
    const auto names = files.list(fmt::format("/proc/driver/nvidia/capabilities/gpu{}/mig", *minor));
    if (!names) return;
    if (std::none_of(names->begin(), names->end(), [](const auto& name) { return name.starts_with("gi"); })) return;
    gpu.partition = "mig";
    gpu.known_by["partition"] = "/proc/driver/nvidia/capabilities";
}

void read_function(const FileSource& files, const std::string& folder, facts::Gpu& gpu,
                   std::vector<std::string>& notes) {
    if (!files.exists(folder + "/physfn")) return;
    gpu.partition = "vf";
    gpu.known_by["partition"] = "/sys, physfn";
    notes.push_back(fmt::format("{} is a virtual function of another card, not a card of its own", gpu.address));
}

}  // namespace

std::string device_folder(const facts::Gpu& gpu) { return "/sys/bus/pci/devices/" + gpu.address; }

std::optional<std::string> nvidia_version_in(std::string_view text) {
    for (const std::string_view line : lines(text)) {
        if (!line.starts_with("NVRM version:")) continue;
        for (const std::string_view word : split(line, ' '))
            if (!word.empty() && word.front() >= '0' && word.front() <= '9' && is_version(word))
                return std::string(word);
    }
    return std::nullopt;
}

void read_device(const FileSource& files, facts::Gpu& gpu, std::vector<std::string>& notes) {
    const std::string folder = device_folder(gpu);
    read_driver_version(files, gpu);
    if (gpu.vendor == "amd") {
        read_amd_memory(files, folder, gpu);
        read_amd_partition(files, folder, gpu, notes);
    }
    if (gpu.vendor == "intel") read_intel_memory(files, folder, gpu);
    if (gpu.vendor == "nvidia" && gpu.driver == "nvidia") read_mig(files, gpu);
    read_function(files, folder, gpu, notes);
    if (gpu.driver && gpu.driver->starts_with("vfio"))
        notes.push_back(
            fmt::format("the card at {} is given to virtual machines ({}): nothing of this machine can use "
                        "it",
                        gpu.address, *gpu.driver));
}

}  // namespace lf::probe
