// SPDX-License-Identifier: MIT
#include "probe/gpu_platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/value_rules.h"
#include "probe/gpu_nvidia.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxText = 1 << 16;
constexpr std::size_t kMaxCards = 64;
constexpr std::uint16_t kNvidia = 0x10de;
constexpr std::uint16_t kMicrosoft = 0x1414;
constexpr std::uint16_t kBasicRender = 0x008e;

struct Tegra {
    std::string_view compatible;
    std::string_view chip;
    std::string_view place;  ///< base address of the GPU's registers (Tegra Technical Reference Manuals)
};

constexpr auto kTegras = std::to_array<Tegra>({
    {"nvidia,tegra234", "GA10B", "17000000"},  // Orin
    {"nvidia,tegra194", "GV11B", "17000000"},  // Xavier
    {"nvidia,tegra186", "GP10B", "17000000"},  // TX2
    {"nvidia,tegra210", "GM20B", "57000000"},  // TX1, Nano
    {"nvidia,tegra124", "GK20A", "57000000"},  // TK1
});
constexpr std::string_view kPlatform = "/sys/bus/platform/devices";

/// The name that the kernel gives the GPU at this place: "17000000.gpu"; older ones wrote the chip behind the dot.
std::string platform_name(const FileSource& files, std::string_view place) {
    const auto names = files.list(std::string(kPlatform));
    if (names)
        for (const std::string& name : *names)
            if (name.starts_with(place) && name.substr(place.size(), 2).starts_with(".g") && is_plain_word(name))
                return name;
    return std::string(place) + ".gpu";
}

const Tegra* find_tegra(std::string_view compatible) {
    for (const std::string_view word : split(compatible, '\0'))
        for (const Tegra& row : kTegras)
            if (word == row.compatible) return &row;
    return nullptr;
}

/// "key: value" → value, or "".
std::string_view field(std::string_view text, std::string_view key) {
    for (const std::string_view line : lines(text))
        if (line.starts_with(key)) return trim(line.substr(key.size()));
    return "";
}

}  // namespace

void add_tegra(const FileSource& files, std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes) {
    const auto text = files.read("/proc/device-tree/compatible");
    if (!text || text->size() > kMaxText) return;
    const Tegra* row = find_tegra(*text);
    if (row == nullptr) return;
    const std::string name = platform_name(files, row->place);
    facts::Gpu gpu;
    gpu.address = "platform:" + name;
    gpu.vendor = "nvidia";
    gpu.vendor_id = kNvidia;
    const auto link = files.read_link(fmt::format("{}/{}/driver", kPlatform, name));
    if (link && is_plain_word(link->substr(link->rfind('/') + 1))) gpu.driver = link->substr(link->rfind('/') + 1);
    if (const auto model = files.read("/proc/device-tree/model"); model && model->size() < kMaxText)
        gpu.name = label(std::string_view(*model).substr(0, model->find('\0')));
    describe_nvidia_chip(gpu, *find_nvidia_chip(row->chip), fmt::format("{} in the device tree", row->compatible),
                         notes);
    gpus.push_back(std::move(gpu));
}

bool is_wsl(const FileSource& files) { return files.exists("/dev/dxg"); }

void add_wsl(std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes) {
    std::erase_if(gpus, [](const auto& gpu) { return gpu.vendor_id == kMicrosoft && gpu.device_id == kBasicRender; });
    facts::Gpu gpu;
    gpu.address = "wsl:dxg";
    gpu.vendor = "other";
    gpu.vendor_id = kMicrosoft;
    gpu.device_id = kBasicRender;
    gpu.name = "GPU of the Windows host";
    gpu.driver = "dxgkrnl";
    gpus.push_back(std::move(gpu));
    notes.emplace_back(
        "this is WSL: the GPU belongs to Windows and is reached through /dev/dxg; no target is named for it");
}

void add_proc_nvidia(const FileSource& files, std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes) {
    const auto names = files.list("/proc/driver/nvidia/gpus");
    std::size_t added = 0;
    for (const std::string& address : names ? *names : std::vector<std::string>{}) {
        const bool known =
            std::any_of(gpus.begin(), gpus.end(), [&](const auto& gpu) { return gpu.address == address; });
        if (known || !facts::is_gpu_address(address) || added == kMaxCards) continue;
        facts::Gpu gpu;
        gpu.address = address;
        gpu.vendor = "nvidia";
        gpu.vendor_id = kNvidia;
        gpu.driver = "nvidia";
        const auto text = files.read(fmt::format("/proc/driver/nvidia/gpus/{}/information", address));
        if (text && text->size() <= kMaxText)
            if (const std::string_view model = field(*text, "Model:"); !model.empty()) gpu.name = label(model);
        gpu.known_by["address"] = "/proc/driver/nvidia/gpus";
        gpus.push_back(std::move(gpu));
        ++added;
    }
    const bool any = std::any_of(gpus.begin(), gpus.end(), [](const auto& gpu) { return gpu.vendor == "nvidia"; });
    if (!any && files.exists("/dev/nvidia0"))
        notes.emplace_back(
            "/dev/nvidia0 is there, but neither /sys nor /proc/driver/nvidia tells which card it is (a container?)");
}

}  // namespace lf::probe
