// SPDX-License-Identifier: MIT
#include "probe/memory_devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::string_view kTextForm = "memory devices of the firmware's table";
constexpr std::size_t kMaxDevices = 1024;
constexpr std::int64_t kMaxMib = std::int64_t{1} << 34;  // 16 PiB in one slot
constexpr std::string_view kEdac = "/sys/devices/system/edac/mc";

struct TypeName {
    std::uint8_t number;
    std::string_view name;
};

// SMBIOS 3.7, table 78 (memory type), those that are main memory.
constexpr TypeName kTypes[] = {{0x0f, "SDRAM"},  {0x12, "DDR"},    {0x13, "DDR2"},  {0x14, "DDR2"},
                               {0x18, "DDR3"},   {0x1a, "DDR4"},   {0x1b, "LPDDR"}, {0x1c, "LPDDR2"},
                               {0x1d, "LPDDR3"}, {0x1e, "LPDDR4"}, {0x20, "HBM"},   {0x21, "HBM2"},
                               {0x22, "DDR5"},   {0x23, "LPDDR5"}, {0x24, "HBM3"},  {0x25, "MRDIMM"}};

/// One structure: its formatted part and the strings after it.
struct Structure {
    std::string_view formatted;
    std::vector<std::string_view> strings;

    unsigned number(std::size_t at, std::size_t bytes) const {
        unsigned out = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            out |= static_cast<unsigned>(static_cast<unsigned char>(formatted[at + i])) << (8 * i);
        return out;
    }
    bool has(std::size_t at, std::size_t bytes) const { return at + bytes <= formatted.size(); }
    std::string_view string(std::size_t at) const {
        const unsigned index = has(at, 1) ? number(at, 1) : 0;
        return index == 0 || index > strings.size() ? std::string_view() : strings[index - 1];
    }
};

/// Takes one structure off the table: header (type, length, handle), formatted part, strings, each ended by NUL, and
/// one NUL more. false at the end or at rubbish.
bool take(std::string_view& table, Structure& out) {
    constexpr std::size_t kHeader = 4;
    if (table.size() < kHeader) return false;
    const std::size_t length = static_cast<unsigned char>(table[1]);
    if (length < kHeader || length + 2 > table.size()) return false;
    out.formatted = table.substr(0, length);
    out.strings.clear();
    table.remove_prefix(length);
    if (table[0] == '\0' && table[1] == '\0') {
        table.remove_prefix(2);
        return true;
    }
    while (!table.empty() && table.front() != '\0') {
        const std::size_t end = table.find('\0');
        if (end == std::string_view::npos) return false;
        out.strings.push_back(table.substr(0, end));
        table.remove_prefix(end + 1);
    }
    if (table.empty()) return false;
    table.remove_prefix(1);
    return true;
}

std::int64_t mib_of(const Structure& device) {
    if (!device.has(0x0c, 2)) return 0;
    const unsigned size = device.number(0x0c, 2);
    if (size == 0 || size == 0xffff) return 0;
    if (size == 0x7fff) return device.has(0x1c, 4) ? device.number(0x1c, 4) & 0x7fffffff : 0;
    return (size & 0x8000) != 0 ? (size & 0x7fff) / 1024 : size;
}

std::optional<int> speed_at(const Structure& device, std::size_t at, std::size_t extended) {
    if (!device.has(at, 2)) return std::nullopt;
    unsigned speed = device.number(at, 2);
    if (speed == 0xffff) speed = device.has(extended, 4) ? device.number(extended, 4) & 0x7fffffff : 0;
    if (speed == 0 || speed > 100'000) return std::nullopt;
    return static_cast<int>(speed);
}

std::string lower_words(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 64)) {
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
        else out += ' ';
    }
    return out;
}

/// What follows `word` in a locator: "channel a", "channela", "node 1" → "a", "a", "1"; "" if it is not there. A name
/// of a channel is one letter or a small number.
std::string after(const std::string& text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        if (at > 0 && text[at - 1] >= 'a' && text[at - 1] <= 'z') continue;
        std::size_t from = at + word.size();
        while (from < text.size() && text[from] == ' ') ++from;
        std::size_t end = from;
        const auto is_digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
        while (is_digit(end)) ++end;
        if (end > from) return text.substr(from, end - from);
        const bool letter = from < text.size() && text[from] >= 'a' && text[from] <= 'z';
        if (letter && (from + 1 == text.size() || text[from + 1] == ' ' || is_digit(from + 1)))
            return text.substr(from, 1);
    }
    return {};
}

/// A word for the channel where the locators name one ("P0 CHANNEL A", "Controller0-ChannelB-DIMM0",
/// "P1_Node0_Channel3_Dimm0"). "DIMM_A1" is not enough: the letter is the processor with some makers.
std::string channel_in(std::string_view locator, std::string_view bank) {
    const std::string text = lower_words(locator) + "  " + lower_words(bank);
    const std::string channel = after(text, "channel");
    if (channel.empty()) return {};
    std::string out;
    constexpr std::string_view kAbove[] = {"cpu", "proc", "socket", "p", "node", "controller", "mc"};
    for (const std::string_view word : kAbove)
        if (const std::string number = after(text, word); !number.empty()) out += fmt::format("{}{}-", word, number);
    return out + "channel" + channel;
}

/// ROM, flash and non-volatile modules, which some firmware lists among the memory.
bool is_no_main_memory(const Structure& device) {
    const unsigned type = device.has(0x12, 1) ? device.number(0x12, 1) : 0;
    return type == 0x08 || type == 0x09 || type == 0x1f;
}

MemoryDevice device_of(const Structure& structure) {
    MemoryDevice out;
    out.mib = mib_of(structure);
    const auto type = structure.has(0x12, 1) ? static_cast<std::uint8_t>(structure.number(0x12, 1)) : std::uint8_t{0};
    for (const TypeName& row : kTypes)
        if (row.number == type) out.type = row.name;
    out.mts = speed_at(structure, 0x20, 0x58);
    if (!out.mts) out.mts = speed_at(structure, 0x15, 0x54);
    if (const unsigned bits = structure.has(0x0a, 2) ? structure.number(0x0a, 2) : 0; bits > 0 && bits <= 1024)
        out.data_bits = static_cast<int>(bits);
    out.channel = channel_in(structure.string(0x10), structure.string(0x11));
    return out;
}

std::string number_or_dash(const std::optional<int>& number) { return number ? fmt::format("{}", *number) : "-"; }

std::optional<int> small_number(std::string_view text) {
    const auto number = parse_unsigned(text);
    if (!number || *number == 0 || *number > 100'000) return std::nullopt;
    return static_cast<int>(*number);
}

std::optional<MemoryDevice> parse_line(std::string_view line) {
    const std::vector<std::string_view> words = split(line, ' ');
    if (words.size() != 10 || words[0] != "mib" || words[2] != "type" || words[4] != "mts" || words[6] != "bits" ||
        words[8] != "channel")
        return std::nullopt;
    MemoryDevice out;
    const auto mib = parse_unsigned(words[1]);
    if (!mib || *mib == 0 || *mib > static_cast<unsigned long long>(kMaxMib)) return std::nullopt;
    out.mib = static_cast<std::int64_t>(*mib);
    if (is_plain_word(words[3])) out.type = words[3];
    out.mts = small_number(words[5]);
    out.data_bits = small_number(words[7]);
    if (is_plain_word(words[9])) out.channel = words[9];
    return out;
}

/// "Registered-DDR4", "Load-Reduced-DDR5-RAM", "Low-Power-DDR4-RAM" (drivers/edac/edac_mc.c) → "DDR4", "DDR5",
/// "LPDDR4".
std::string edac_type(std::string_view text) {
    const std::size_t at = text.find("DDR");
    if (at == std::string_view::npos) return {};
    const std::string_view name = text.substr(at, text.find('-', at) - at);
    const std::string type = (text.starts_with("Low-Power") ? "LP" : "") + std::string(name);
    const auto is_it = [&](const TypeName& row) { return row.name == type; };
    return std::any_of(std::begin(kTypes), std::end(kTypes), is_it) ? type : "";
}

/// "channel 1 slot 0", "csrow 0 channel 1 ", "memory 0" → "mc0-channel1".
std::string edac_channel(const std::string& controller, std::string_view location) {
    const std::string channel = after(lower_words(location), "channel");
    return channel.empty() ? "" : controller + "-channel" + channel;
}

std::vector<MemoryDevice> edac_devices(const FileSource& files) {
    std::vector<MemoryDevice> out;
    const auto controllers = files.list(std::string(kEdac));
    if (!controllers) return out;
    for (const std::string& controller : *controllers) {
        if (!controller.starts_with("mc") || !is_plain_word(controller)) continue;
        const std::string folder = fmt::format("{}/{}", kEdac, controller);
        const auto names = files.list(folder);
        if (!names) continue;
        for (const std::string& name : *names) {
            if (!(name.starts_with("dimm") || name.starts_with("rank")) || !is_plain_word(name)) continue;
            const std::string place = fmt::format("{}/{}", folder, name);
            const auto mib = read_number(files, place + "/size", 10);
            if (!mib || *mib == 0 || out.size() == kMaxDevices) continue;
            MemoryDevice device;
            device.mib = static_cast<std::int64_t>(std::min<std::uint64_t>(*mib, static_cast<std::uint64_t>(kMaxMib)));
            device.type = edac_type(read_text(files, place + "/dimm_mem_type").value_or(""));
            device.channel = edac_channel(controller, read_text(files, place + "/dimm_location").value_or(""));
            out.push_back(std::move(device));
        }
    }
    return out;
}

/// 64-bit channels: as many as are named, or for soldered memory, whose packages have 16 or 32 bits each, their sum.
std::optional<int> channels_of(const std::vector<MemoryDevice>& devices) {
    std::set<std::string> names;
    bool all_named = true;
    bool all_wide = true;
    int bits = 0;
    for (const MemoryDevice& device : devices) {
        all_named = all_named && !device.channel.empty();
        names.insert(device.channel);
        all_wide = all_wide && device.type.starts_with("LPDDR") && device.data_bits;
        bits += device.data_bits.value_or(0);
    }
    if (all_wide && bits >= 64) return bits / 64;
    if (all_named && !names.empty()) return static_cast<int>(names.size());
    return std::nullopt;
}

void summarize(const std::vector<MemoryDevice>& devices, facts::Environment& environment) {
    std::set<std::string> types;
    std::optional<int> slowest;
    bool all_timed = true;
    for (const MemoryDevice& device : devices) {
        types.insert(device.type);
        all_timed = all_timed && device.mts.has_value();
        if (device.mts && (!slowest || *device.mts < *slowest)) slowest = device.mts;
    }
    if (types.size() == 1 && !types.begin()->empty()) environment.memory_type = *types.begin();
    if (all_timed) environment.memory_mts = slowest;
    environment.memory_channels = channels_of(devices);
    std::vector<std::string> unknown;
    if (!environment.memory_type) unknown.emplace_back("type");
    if (!environment.memory_mts) unknown.emplace_back("speed");
    if (!environment.memory_channels) unknown.emplace_back("channels");
    if (!unknown.empty())
        environment.notes.push_back(fmt::format("of the memory modules is not told: {}", join(unknown, ", ")));
}

}  // namespace

std::optional<std::vector<MemoryDevice>> parse_smbios_memory(std::string_view table) {
    std::vector<MemoryDevice> out;
    Structure structure;
    bool any = false;
    while (take(table, structure)) {
        any = true;
        const auto type = static_cast<unsigned char>(structure.formatted[0]);
        if (type == 127) break;  // end of table
        if (type != 17 || is_no_main_memory(structure)) continue;
        MemoryDevice device = device_of(structure);
        if (device.mib > 0 && device.mib <= kMaxMib && out.size() < kMaxDevices) out.push_back(std::move(device));
    }
    if (!any) return std::nullopt;
    return out;
}

std::string format_memory_devices(const std::vector<MemoryDevice>& devices) {
    std::string out = std::string(kTextForm) + "\n";
    for (const MemoryDevice& device : devices)
        out += fmt::format("mib {} type {} mts {} bits {} channel {}\n", device.mib,
                           device.type.empty() ? "-" : device.type, number_or_dash(device.mts),
                           number_or_dash(device.data_bits), device.channel.empty() ? "-" : device.channel);
    return out;
}

std::optional<std::vector<MemoryDevice>> parse_memory_devices(std::string_view text) {
    if (!text.starts_with(kTextForm)) return std::nullopt;
    std::vector<MemoryDevice> out;
    for (const std::string_view line : lines(text))
        if (auto device = parse_line(line); device && out.size() < kMaxDevices) out.push_back(std::move(*device));
    return out;
}

void read_memory_devices(const FileSource& files, facts::Environment& environment) {
    const std::string path(kDmiTable);
    const auto table = files.read(path);
    std::optional<std::vector<MemoryDevice>> devices;
    if (table) devices = parse_memory_devices(*table);
    if (table && !devices) devices = parse_smbios_memory(*table);
    const bool empty = !devices || devices->empty();
    if (empty) devices = edac_devices(files);
    if (!devices->empty()) {
        summarize(*devices, environment);
    } else if (!table && files.exists(path)) {
        environment.notes.push_back("type, speed and channels of the memory are unknown: " +
                                    reason(path, table.error()) + " (root may), and no EDAC driver tells of them");
    } else {
        environment.notes.emplace_back(
            "type, speed and channels of the memory are unknown: neither firmware nor EDAC lists modules");
    }
}

}  // namespace lf::probe
