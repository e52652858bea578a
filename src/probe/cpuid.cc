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
constexpr std::array<WantedLeaf, 11> kWanted = {{{0x0, 0},
                                                 {0x1, 0},
                                                 {0x7, 0},
                                                 {0x7, 1},
                                                 {0x40000000, 0},
                                                 {0x80000000, 0},
                                                 {0x80000001, 0},
                                                 {0x80000002, 0},
                                                 {0x80000003, 0},
                                                 {0x80000004, 0},
                                                 {0x80000008, 0}}};

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

CpuDump without_cpu_number(CpuDump dump) {
    // Leaf 1 EBX[31:24] is the initial APIC id (Intel SDM vol. 2A, CPUID).
    if (const auto found = dump.leaves.find({1, 0}); found != dump.leaves.end()) found->second.ebx &= 0x00ffffff;
    return dump;
}

}  // namespace lf::probe
