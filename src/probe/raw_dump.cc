// SPDX-License-Identifier: MIT
// The formats are told apart line by line: each kind of line begins in its own way, so that a file may have anything
// between them (InstLatx64's files hold MSRs, names and sizes of caches too).
#include "probe/raw_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.h"
#include "probe/source.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxAnswers = 4096;  // of one CPU
constexpr std::size_t kMaxLine = 400;
constexpr std::size_t kMaxArmRegisters = 64;

struct Answer {
    std::uint32_t leaf = 0;
    std::optional<std::uint32_t> subleaf;
    Registers registers;
};

/// What a line is; an answer that cannot be read is `broken`.
enum class LineKind : std::uint8_t { other, answer, heading, xcr0, arm, end, broken };

struct Line {
    LineKind kind = LineKind::other;
    Answer answer;
    int cpu = 0;
    std::uint64_t value = 0;
    std::string name;
};

std::optional<std::uint32_t> number(std::string_view text, int base) {
    if (base == 16 && (text.starts_with("0x") || text.starts_with("0X"))) text.remove_prefix(2);
    const auto value = parse_unsigned(text, base);
    if (!value || *value > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

std::vector<std::string_view> words(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t begin = text.find_first_not_of(separators);
        if (begin == std::string_view::npos) return out;
        const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
        out.push_back(text.substr(begin, end - begin));
        text.remove_prefix(end);
    }
}

/// Four registers out of four words.
std::optional<Registers> registers(const std::vector<std::string_view>& parts, std::size_t first, int base) {
    std::array<std::uint32_t, 4> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto value = first + i < parts.size() ? number(parts[first + i], base) : std::nullopt;
        if (!value) return std::nullopt;
        values[i] = *value;
    }
    return Registers{values[0], values[1], values[2], values[3]};
}

Line answered(std::uint32_t leaf, std::optional<std::uint32_t> subleaf, const std::optional<Registers>& values) {
    if (!values) return {LineKind::broken, {}, 0, 0, {}};
    return {LineKind::answer, {leaf, subleaf, *values}, 0, 0, {}};
}

// --- AIDA64 and InstLatx64 ---

constexpr std::string_view kHeadings[] = {"Logical CPU #", "CPUID Registers (CPU #", "CPU#"};

std::optional<Line> heading(std::string_view line) {
    for (const std::string_view begin : kHeadings) {
        const std::size_t at = line.find(begin);
        if (at == std::string_view::npos) continue;
        const std::string_view rest = line.substr(at + begin.size());
        const auto cpu = number(rest.substr(0, rest.find_first_not_of("0123456789")), 10);
        if (!cpu || *cpu > kMaxCpus) return std::nullopt;
        return Line{LineKind::heading, {}, static_cast<int>(*cpu), 0, {}};
    }
    return std::nullopt;
}

std::optional<std::uint32_t> written_subleaf(std::string_view line) {
    const std::size_t at = line.find("[SL ");
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = line.substr(at + 4);
    return number(rest.substr(0, rest.find(']')), 16);
}

std::optional<Line> aida_line(std::string_view line) {
    if (auto found = heading(line)) return found;
    if (!line.starts_with("CPUID ")) return std::nullopt;
    const std::vector<std::string_view> parts = words(line.substr(6), " \t:-");
    if (parts.empty() || parts[0].size() != 8) return std::nullopt;  // "CPUID Manufacturer", "CPUID Revision"
    const auto leaf = number(parts[0], 16);
    if (!leaf) return std::nullopt;
    return answered(*leaf, written_subleaf(line), registers(parts, 1, 16));
}

// --- libcpuid ---

struct Prefix {
    std::string_view text;
    std::uint32_t leaf;  ///< the first leaf, or the leaf whose subleaves these are
    bool subleaves;
};

constexpr Prefix kPrefixes[] = {{"basic_cpuid[", 0x0, false},
                                {"ext_cpuid[", 0x80000000, false},
                                {"intel_fn4[", 0x4, true},
                                {"intel_fn11[", 0xb, true},
                                {"intel_fn12h[", 0x12, true},
                                {"intel_fn14h[", 0x14, true},
                                {"amd_fn8000001dh[", 0x8000001d, true},
                                {"amd_fn80000026h[", 0x80000026, true}};

std::optional<Line> libcpuid_line(std::string_view line) {
    if (line.size() == 80 && line.find_first_not_of('-') == std::string_view::npos)
        return Line{LineKind::end, {}, 0, 0, {}};
    if (line.starts_with("arm_")) {
        const std::size_t equals = line.find('=');
        const auto value =
            equals == std::string_view::npos ? std::nullopt : parse_unsigned(line.substr(equals + 1), 16);
        if (!value || equals > 32) return Line{LineKind::broken, {}, 0, 0, {}};
        return Line{LineKind::arm, {}, 0, *value, std::string(line.substr(4, equals - 4))};
    }
    for (const Prefix& prefix : kPrefixes) {
        if (!line.starts_with(prefix.text)) continue;
        const std::vector<std::string_view> parts = words(line.substr(prefix.text.size()), "]= ");
        const auto index = parts.empty() ? std::nullopt : number(parts[0], 10);
        if (!index || *index > 0xffff) return Line{LineKind::broken, {}, 0, 0, {}};
        const std::uint32_t leaf = prefix.subleaves ? prefix.leaf : prefix.leaf + *index;
        return answered(leaf, prefix.subleaves ? *index : 0, registers(parts, 1, 16));
    }
    return std::nullopt;
}

// --- cpuid -r, decimal, our own ---

std::optional<Line> cpuid_r_line(std::string_view line) {
    if (line == "CPU:") return Line{LineKind::heading, {}, 0, 0, {}};
    if (line.starts_with("CPU ") && line.ends_with(':')) {
        const auto cpu = number(line.substr(4, line.size() - 5), 10);
        if (!cpu || *cpu > kMaxCpus) return std::nullopt;
        return Line{LineKind::heading, {}, static_cast<int>(*cpu), 0, {}};
    }
    if (!line.starts_with("0x") || line.find("eax=") == std::string_view::npos) return std::nullopt;
    std::vector<std::string_view> parts = words(line, " :");
    const std::size_t first = parts.size() == 5 ? 1 : 2;  // old versions of cpuid write no subleaf
    if (parts.size() != first + 4) return Line{LineKind::broken, {}, 0, 0, {}};
    constexpr std::string_view kNames[] = {"eax=", "ebx=", "ecx=", "edx="};
    for (std::size_t i = 0; i < 4; ++i) {
        if (!parts[first + i].starts_with(kNames[i])) return Line{LineKind::broken, {}, 0, 0, {}};
        parts[first + i].remove_prefix(4);
    }
    const auto leaf = number(parts[0], 16);
    const auto subleaf = first == 1 ? std::nullopt : number(parts[1], 16);
    if (!leaf || (first == 2 && !subleaf)) return Line{LineKind::broken, {}, 0, 0, {}};
    return answered(*leaf, subleaf, registers(parts, first, 16));
}

std::optional<Line> six_numbers(std::string_view line) {
    const bool decimal = line.find(',') != std::string_view::npos;
    const std::vector<std::string_view> parts = words(line, decimal ? ", \t" : " \t");
    const int base = decimal ? 10 : 16;
    if (parts.size() == 2 && (parts[0] == "XCR0" || parts[0] == "xcr0")) {
        if (parts[1] == "none") return Line{};
        const auto value = parse_unsigned(parts[1], 16);
        if (!value) return Line{LineKind::broken, {}, 0, 0, {}};
        return Line{LineKind::xcr0, {}, 0, *value, {}};
    }
    if (parts.size() != 6) return std::nullopt;
    const auto leaf = number(parts[0], base);
    const auto subleaf = number(parts[1], base);
    const auto values = registers(parts, 2, base);
    if (!leaf || !subleaf || !values) return std::nullopt;
    return answered(*leaf, *subleaf, values);
}

Line read_line(std::string_view line) {
    if (line.empty() || line.starts_with('#') || line.size() > kMaxLine) return {};
    for (const auto& reader : {aida_line, libcpuid_line, cpuid_r_line, six_numbers})
        if (auto found = reader(line)) return *std::move(found);
    return {};
}

// --- putting them together ---

constexpr std::uint32_t kStateLeaf = 0xd;
constexpr std::uint32_t kMaxUnmarked = 64;  // subleaves of one leaf; it also bounds the search for the next free one

/// Puts `answer` where it belongs. Without its subleaf it is the next one of its leaf; those of leaf 0xD have gaps, so
/// that only the first is certain. The first of two equal ones counts.
void store(const Answer& answer, CpuDump& dump) {
    std::uint32_t subleaf = answer.subleaf.value_or(0);
    if (!answer.subleaf) {
        while (subleaf < kMaxUnmarked && dump.leaves.contains({answer.leaf, subleaf})) ++subleaf;
        if (subleaf == kMaxUnmarked || (answer.leaf == kStateLeaf && subleaf > 0)) return;
    }
    dump.leaves.emplace(LeafKey{answer.leaf, subleaf}, answer.registers);
}

Error dump_error(const std::string& file, std::size_t line, std::string_view text, std::string message,
                 std::string next) {
    Error error = world_error("cpuid-dump", std::move(message), std::move(next));
    error.where.file = file;
    error.where.line = static_cast<std::uint32_t>(line);
    error.where.column = 1;
    error.where.source_line = printable(text.substr(0, 200));
    return error;
}

struct NotADump {
    std::string_view sign;
    std::string_view what;
    std::string_view next;
};

constexpr NotADump kNotDumps[] = {
    {"\xff\xfe", "this is text in UTF-16", "write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"},
    {"\nvendor_id", "this is a /proc/cpuinfo, not a dump of CPUID",
     "put it into a folder as DIR/proc/cpuinfo, and name the folder: --root DIR"},
    {"processor\t:", "this is a /proc/cpuinfo, not a dump of CPUID",
     "put it into a folder as DIR/proc/cpuinfo, and name the folder: --root DIR"},
    {"processor ", "this looks like a /proc/cpuinfo, not a dump of CPUID",
     "put it into a folder as DIR/proc/cpuinfo, and name the folder: --root DIR"},
    {"machdep.cpu.", "this is what sysctl says on macOS, not a dump of CPUID", "a dump of `cpuid -r`, or of AIDA64"},
    {"\"hardware\"", "this looks like JSON, not a dump of CPUID", "facts and facter.json have other options"},
};

Error no_answers(std::string_view text, const std::string& file) {
    for (const NotADump& row : kNotDumps)
        if (text.substr(0, 4096).find(row.sign) != std::string_view::npos)
            return dump_error(file, 1, text.substr(0, text.find('\n')), std::string(row.what), std::string(row.next));
    return dump_error(file, 1, text.substr(0, text.find('\n')), "no answer of CPUID is in this file",
                      "forms that are read: `cpuid -r`, AIDA64 and InstLatx64, libcpuid, and a capture's .cpuid");
}

/// AIDA64 counts the CPUs of some files from 1.
template <typename Value>
void number_from_zero(std::map<int, Value>& cpus) {
    if (cpus.empty() || cpus.begin()->first != 1) return;
    std::map<int, Value> out;
    for (auto& [cpu, value] : cpus) out.emplace(cpu - 1, std::move(value));
    cpus = std::move(out);
}

/// The CPU that a heading begins: the one it names; if that one is there already (some files number all of them 0,
/// others have a second part with the same headings), the next one.
int begun(int named, const RawDump& dump) {
    if (!dump.cpus.contains(named) && !dump.arm.contains(named)) return named;
    const int last = dump.cpus.empty() ? dump.arm.rbegin()->first : dump.cpus.rbegin()->first;
    return std::min(last, kMaxCpus) + 1;
}

/// One line put into `dump`; what is wrong with it, else empty.
std::string take(const Line& line, int& cpu, RawDump& dump) {
    switch (line.kind) {
        case LineKind::heading: cpu = begun(line.cpu, dump); break;
        case LineKind::broken: return "a line that begins like an answer of CPUID is none";
        case LineKind::xcr0: dump.cpus[cpu].xcr0 = line.value; break;
        case LineKind::answer: store(line.answer, dump.cpus[cpu]); break;
        case LineKind::arm: dump.arm[cpu].emplace(line.name, line.value); break;
        case LineKind::other:
        case LineKind::end: break;
    }
    if (dump.cpus.size() > kMaxCpus || dump.arm.size() > kMaxCpus) return "more CPUs than any machine has";
    if (line.kind == LineKind::answer && dump.cpus[cpu].leaves.size() > kMaxAnswers)
        return "too many answers of one CPU";
    if (line.kind == LineKind::arm && dump.arm[cpu].size() > kMaxArmRegisters) return "too many registers of one CPU";
    return {};
}

}  // namespace

Result<RawDump> parse_raw_dump(std::string_view text, const std::string& file) {
    RawDump dump;
    int cpu = 0;
    std::size_t number = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view raw = trim(rest.substr(0, end));
        while (raw.starts_with('>')) raw = trim(raw.substr(1));  // quoted in a mail or an issue
        rest.remove_prefix(std::min(end + 1, rest.size()));
        ++number;
        const Line line = read_line(raw);
        if (line.kind == LineKind::end) break;
        if (std::string wrong = take(line, cpu, dump); !wrong.empty())
            return fail(dump_error(file, number, raw, std::move(wrong), "is the file whole?"));
    }
    std::erase_if(dump.cpus, [](const auto& entry) { return entry.second.leaves.empty(); });
    if (dump.cpus.empty() && dump.arm.empty()) return fail(no_answers(text, file));
    number_from_zero(dump.cpus);
    number_from_zero(dump.arm);
    return dump;
}

}  // namespace lf::probe
