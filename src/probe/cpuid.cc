// SPDX-License-Identifier: MIT
#include "probe/cpuid.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxLines = 4096;

// Intel SDM vol. 2A (CPUID) for the basic leaves, AMD APM vol. 3 appendix E for the extended ones; 0x40000000 is the
// hypervisor's signature, by agreement of the hypervisors.
constexpr auto kWanted = std::to_array<WantedLeaf>({
    {0x0, 0},        {0x1, 0},        {0x2, 0},        {0x4, 0},        {0x4, 1},        {0x4, 2},
    {0x4, 3},        {0x4, 4},        {0x7, 0},        {0x7, 1},        {0xb, 0},        {0xb, 1},
    {0xb, 2},        {0xd, 0},        {0xd, 1},        {0x14, 0},       {0x19, 0},       {0x1a, 0},
    {0x1e, 0},       {0x1e, 1},       {0x1f, 0},       {0x1f, 1},       {0x1f, 2},       {0x1f, 3},
    {0x1f, 4},       {0x1f, 5},       {0x24, 0},       {0x40000000, 0}, {0x80000000, 0}, {0x80000001, 0},
    {0x80000002, 0}, {0x80000003, 0}, {0x80000004, 0}, {0x80000005, 0}, {0x80000006, 0}, {0x80000007, 0},
    {0x80000008, 0}, {0x8000001d, 0}, {0x8000001d, 1}, {0x8000001d, 2}, {0x8000001d, 3}, {0x8000001d, 4},
    {0x8000001e, 0}, {0x80000021, 0}, {0x80000026, 0}, {0x80000026, 1}, {0x80000026, 2}, {0x80000026, 3},
    {0x80000026, 4},
});

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> out;
    for (const std::string_view word : split(line, ' '))
        if (!trim(word).empty()) out.push_back(trim(word));
    return out;
}

/// One line of the text form; false if it is none.
bool read_line(std::string_view line, CpuDump& dump, bool& has_xcr0) {
    const std::vector<std::string_view> parts = words(line);
    if (parts.size() == 2 && (parts[0] == "xcr0" || parts[0] == "XCR0")) {
        const auto value = parse_unsigned(parts[1], 16);
        if (has_xcr0 || (!value && parts[1] != "none")) return false;
        has_xcr0 = true;
        if (value) dump.xcr0 = *value;
        return true;
    }
    if (parts.size() != 6) return false;
    std::array<std::uint32_t, 6> numbers{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto value = parse_unsigned(parts[i], 16);
        if (!value || *value > UINT32_MAX) return false;
        numbers[i] = static_cast<std::uint32_t>(*value);
    }
    const auto [leaf, subleaf, eax, ebx, ecx, edx] = numbers;
    return dump.leaves.emplace(LeafKey{leaf, subleaf}, Registers{eax, ebx, ecx, edx}).second;
}

Error line_error(const std::string& file, std::size_t number, std::string_view line, std::string message) {
    Error error = world_error("cpuid-dump", std::move(message),
                              "a line is \"leaf subleaf eax ebx ecx edx\" or \"XCR0 value\", in hexadecimal");
    error.where.file = file;
    error.where.line = static_cast<std::uint32_t>(number);
    error.where.column = 1;
    error.where.source_line = printable(line.substr(0, 200));
    return error;
}

/// What a subleaf of the topology leaves counts; 0: nothing, the list ends here. The APIC id is in EDX of each; in leaf
/// 1 it is EBX[31:24], in 0x8000001E EAX, with the numbers of core and node in EBX and ECX[7:0] (Intel SDM vol. 2A,
/// CPUID; AMD APM vol. 3, E.4.17).
std::uint32_t level_type(const Registers& topology) { return (topology.ecx >> 8) & 0xff; }

}  // namespace

std::uint32_t Registers::at(facts::CpuidRegister which) const {
    const std::array<std::uint32_t, 4> all = {eax, ebx, ecx, edx};
    return all[static_cast<std::size_t>(which)];
}

std::optional<Registers> CpuDump::find(std::uint32_t leaf, std::uint32_t subleaf) const {
    const auto found = leaves.find({leaf, subleaf});
    if (found == leaves.end()) return std::nullopt;
    return found->second;
}

std::span<const WantedLeaf> wanted_leaves() { return kWanted; }

Result<CpuDump> parse_cpu_dump(std::string_view text, const std::string& file) {
    CpuDump dump;
    bool has_xcr0 = false;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (++number > kMaxLines)
            return fail(line_error(file, number, line, fmt::format("more than {} lines", kMaxLines)));
        if (line.empty() || line.starts_with('#')) continue;
        if (line.size() > 200 || !read_line(line, dump, has_xcr0))
            return fail(line_error(file, number, line, "not an answer of CPUID, or one that came before"));
    }
    return dump;
}

std::string format_cpu_dump(const CpuDump& dump) {
    std::string out = "# leaf subleaf eax ebx ecx edx (hex), then XCR0\n";
    for (const auto& [key, value] : dump.leaves)
        out += fmt::format("{:08x} {:02x} {:08x} {:08x} {:08x} {:08x}\n", key.first, key.second, value.eax, value.ebx,
                           value.ecx, value.edx);
    out += dump.xcr0 ? fmt::format("XCR0 {:016x}\n", *dump.xcr0) : "XCR0 none\n";
    return out;
}

std::optional<std::uint32_t> cpu_number(const CpuDump& dump) {
    for (const std::uint32_t leaf : {0x1fU, 0xbU})
        if (const auto found = dump.find(leaf, 0); found && level_type(*found) != 0) return found->edx;
    if (const auto found = dump.find(0x8000001e, 0); found && found->eax != 0) return found->eax;
    const auto leaf_1 = dump.find(1, 0);
    if (!leaf_1) return std::nullopt;
    return leaf_1->ebx >> 24;
}

CpuDump without_cpu_number(CpuDump dump) {
    for (auto& [key, value] : dump.leaves) {
        if (key == LeafKey{1, 0}) value.ebx &= 0x00ffffff;
        if (key.first == 0xb || key.first == 0x1f || key.first == 0x80000026) value.edx = 0;
        if (key.first == 0x8000001e) value = {0, value.ebx & 0xffffff00, value.ecx & 0xffffff00, value.edx};
    }
    return dump;
}

Registers with_cpu_number(LeafKey key, Registers blank, std::uint32_t number) {
    if (key == LeafKey{1, 0}) blank.ebx |= (number & 0xff) << 24;
    if ((key.first == 0xb || key.first == 0x1f || key.first == 0x80000026) && level_type(blank) != 0)
        blank.edx = number;
    if (key.first == 0x8000001e) blank.eax = number;
    return blank;
}

}  // namespace lf::probe
