// SPDX-License-Identifier: MIT
#include "probe/gpu_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/value_rules.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxText = 1 << 16;
constexpr std::size_t kMaxCards = 256;
constexpr std::string_view kStopped = "its answer stops in the middle or is not in the form that is expected";

/// "key value" → value, if the line has this key.
std::optional<std::string_view> value_of(std::string_view line, std::string_view key) {
    if (!line.starts_with(key) || line.substr(key.size(), 1) != " ") return std::nullopt;
    return trim(line.substr(key.size()));
}

/// The lines between "<kind> 1" and "end"; nullopt if either is not there. `failure` is set by a line "failed …".
struct Body {
    std::vector<std::string_view> rows;
    std::optional<std::string> failure;
};
Body body_of(std::string_view text, std::string_view kind) {
    Body body;
    if (text.size() > kMaxText) {
        body.failure = fmt::format("its answer has {} bytes", text.size());
        return body;
    }
    const std::vector<std::string_view> all = lines(text);
    for (const std::string_view line : all)
        if (const auto why = value_of(line, "failed")) {
            body.failure = label(*why);
            return body;
        }
    if (all.size() < 2 || value_of(all.front(), kind) != "1" || all.back() != "end") body.failure = kStopped;
    else body.rows.assign(all.begin() + 1, all.end() - 1);
    return body;
}

/// "10de:2335"
template <typename Number>
bool read_ids(std::string_view text, Number& vendor, Number& device) {
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) return false;
    const auto first = parse_unsigned(parts[0], 16);
    const auto second = parse_unsigned(parts[1], 16);
    if (!first || !second || *first > 0xffffffff || *second > 0xffffffff) return false;
    vendor = static_cast<Number>(*first);
    device = static_cast<Number>(*second);
    return true;
}

std::optional<std::string> address_in(std::string_view word) {
    if (!facts::is_gpu_address(word) || word.find(':') == std::string_view::npos || word.starts_with("platform") ||
        word.starts_with("wsl"))
        return std::nullopt;
    return std::string(word);
}

void read_nvml_line(std::string_view line, NvmlAnswer& answer) {
    if (const auto value = value_of(line, "card")) {
        const std::vector<std::string_view> words = split(*value, ' ');
        NvmlCard card;
        card.address = address_in(words[0]);
        if (words.size() > 1) read_ids(words[1], card.vendor, card.device);
        if (answer.cards.size() < kMaxCards) answer.cards.push_back(std::move(card));
        return;
    }
    if (const auto value = value_of(line, "driver"); value && !value->empty()) answer.driver = label(*value);
    if (answer.cards.empty()) return;
    NvmlCard& card = answer.cards.back();
    if (const auto value = value_of(line, "name"); value && !value->empty()) card.name = label(*value);
    if (const auto value = value_of(line, "capability"); value && facts::is_capability(*value))
        card.capability = std::string(*value);
    if (const auto value = value_of(line, "memory"))
        if (const auto bytes = parse_unsigned(*value);
            bytes && *bytes >> 20 != 0 && *bytes >> 20 <= static_cast<std::uint64_t>(facts::kMaxMib))
            card.memory_mib = static_cast<std::int64_t>(*bytes >> 20);
    if (value_of(line, "mig") == "1") card.mig = true;
    if (value_of(line, "vgpu") == "1") card.virtual_gpu = true;
}

struct VulkanDriver {
    std::uint32_t id;  ///< VkDriverId
    std::string_view word;
    int rank;  ///< ggml-vulkan.cpp: RADV before AMDVLK before AMD's own; NVIDIA's own before NVK
    bool on_cpu;
};

constexpr auto kDrivers = std::to_array<VulkanDriver>({
    {1, "amd-proprietary", 3, false},
    {2, "amdvlk", 2, false},
    {3, "radv", 1, false},
    {4, "nvidia", 1, false},
    {5, "intel-proprietary", 2, false},
    {6, "anv", 1, false},
    {7, "imagination", 2, false},
    {8, "qualcomm", 2, false},
    {9, "arm", 2, false},
    {10, "swiftshader", 9, true},
    {12, "broadcom", 2, false},
    {13, "llvmpipe", 9, true},
    {14, "moltenvk", 2, false},
    {17, "verisilicon", 2, false},
    {18, "turnip", 1, false},
    {19, "v3dv", 1, false},
    {20, "panvk", 1, false},
    {21, "samsung", 2, false},
    {22, "venus", 4, false},
    {23, "dozen", 4, false},
    {24, "nvk", 2, false},
    {25, "powervr-mesa", 1, false},
    {26, "honeykrisp", 1, false},
});
constexpr std::uint32_t kTypeCpu = 4;  // VK_PHYSICAL_DEVICE_TYPE_CPU

void name_driver(VulkanDevice& device, std::uint32_t id, bool& on_cpu) {
    const auto* row = std::find_if(kDrivers.begin(), kDrivers.end(), [&](const auto& each) { return each.id == id; });
    device.driver = row == kDrivers.end() ? fmt::format("driver-{}", id) : std::string(row->word);
    device.rank = row == kDrivers.end() ? 5 : row->rank;
    on_cpu = device.type == kTypeCpu || (row != kDrivers.end() && row->on_cpu);
}

/// "device 1002:744c type 2 driver 3 at 0000:03:00.0"; "at -" where the driver does not say.
void read_vulkan_line(std::string_view line, VulkanAnswer& answer) {
    const auto value = value_of(line, "device");
    if (!value || answer.devices.size() >= kMaxCards) return;
    const std::vector<std::string_view> words = split(*value, ' ');
    VulkanDevice device;
    if (words.size() != 7 || words[1] != "type" || words[3] != "driver" || words[5] != "at") return;
    const auto type = parse_unsigned(words[2]);
    const auto driver = parse_unsigned(words[4]);
    if (!read_ids(words[0], device.vendor, device.device) || !type || !driver || *type > 100 || *driver > 0xffffffff)
        return;
    device.type = static_cast<std::uint32_t>(*type);
    device.address = address_in(words[6]);
    bool on_cpu = false;
    name_driver(device, static_cast<std::uint32_t>(*driver), on_cpu);
    if (!on_cpu) answer.devices.push_back(std::move(device));
}

}  // namespace

NvmlAnswer parse_nvml(std::string_view text) {
    NvmlAnswer answer;
    const Body body = body_of(text, "nvml");
    answer.failure = body.failure;
    for (const std::string_view line : body.rows) read_nvml_line(line, answer);
    return answer;
}

VulkanAnswer parse_vulkan(std::string_view text) {
    VulkanAnswer answer;
    const Body body = body_of(text, "vulkan");
    answer.failure = body.failure;
    for (const std::string_view line : body.rows) read_vulkan_line(line, answer);
    return answer;
}

}  // namespace lf::probe
