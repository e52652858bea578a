// SPDX-License-Identifier: MIT
#include "probe/cpu_arm.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "probe/arm_cores.h"
#include "probe/core_kinds.h"
#include "probe/cpu_proc.h"
#include "probe/feature_sets.h"
#include "probe/reading.h"
#include "probe/topology.h"

namespace lf::probe {
namespace {

// In the order of the bits, from bit 0; "-" = no name in /proc/cpuinfo.
constexpr std::string_view kHwcap =
    "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma lrcpc dcpop sha3 sm3 "
    "sm4 "
    "asimddp sha512 sve asimdfhm dit uscat ilrcpc flagm ssbs sb paca pacg gcs cmpbr fprcvt f8mm8 f8mm4 svef16mm "
    "sveeltperm sveaes2 svebfscale sve2p2 sme2p2 smesbitperm smeaes smesfexpa smestmop smesmop4";
constexpr std::string_view kHwcap2 =
    "dcpodp sve2 sveaes svepmull svebitperm svesha3 svesm4 flagm2 frint svei8mm svef32mm svef64mm svebf16 i8mm bf16 "
    "dgh "
    "rng bti mte ecv afp rpres mte3 sme smei16i64 smef64f64 smei8i32 smef16f32 smeb16f32 smef32f32 smefa64 wfxt ebf16 "
    "sveebf16 cssc rprfm sve2p1 sme2 sme2p1 smei16i32 smebi32i32 smeb16b16 smef16f16 mops hbc sveb16b16 lrcpc3 lse128 "
    "fpmr lut faminmax f8cvt f8fma f8dp4 f8dp2 f8e4m3 f8e5m2 smelutv2 smef8f16 smef8f32 smesf8fma smesf8dp4 smesf8dp2 "
    "poe";
constexpr std::string_view kHwcap3 =
    "mtefar mtestoreonly lsfe ls64 sveb16mm sve2p3 smelut6 sme2p3 f16mm f16f32dot f16f32mm svelut6";

void add_names(std::uint64_t word, std::string_view names, facts::FeatureSet& out) {
    unsigned bit = 0;
    for (const std::string_view name : split(names, ' ')) {
        if (bit < 64 && ((word >> bit) & 1) != 0 && name != "-") out.emplace(name);
        ++bit;
    }
}

/// The words of "AT_HWCAP …" lines (question.h).
std::optional<facts::FeatureSet> from_answer(const MachineSource& source) {
    const auto text = source.answer(Question::hwcap);
    if (!text) return std::nullopt;
    std::map<std::string, std::uint64_t> words;
    for (const std::string_view line : lines(*text)) {
        const std::size_t blank = line.find(' ');
        const auto value =
            blank == std::string_view::npos ? std::nullopt : parse_unsigned(trim(line.substr(blank)), 16);
        if (value && words.size() < 8) words[std::string(line.substr(0, blank))] = *value;
    }
    if (!words.contains("AT_HWCAP")) return std::nullopt;
    return arm_features(words["AT_HWCAP"], words["AT_HWCAP2"], words["AT_HWCAP3"]);
}

/// MIDR_EL1: implementer 31:24, variant 23:20, architecture 19:16, part 15:4, revision 3:0.
struct Midr {
    std::uint32_t value = 0;
    std::uint8_t implementer() const { return static_cast<std::uint8_t>(value >> 24); }
    std::uint16_t part() const { return static_cast<std::uint16_t>((value >> 4) & 0xfff); }
};

std::optional<std::uint32_t> hexadecimal(std::optional<std::string_view> text, int base) {
    if (!text) return std::nullopt;
    if (text->starts_with("0x")) return hexadecimal(text->substr(2), 16);
    const auto value = parse_unsigned(*text, base);
    if (!value || *value > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

/// Of each block; a kernel for 32 bits writes them once for all, after the last.
std::map<int, Midr> midrs_of_cpuinfo(const std::vector<CpuinfoBlock>& blocks) {
    std::map<int, Midr> out;
    const auto of = [](const CpuinfoBlock& block) -> std::optional<Midr> {
        const auto implementer = hexadecimal(block.find("CPU implementer"), 10);
        const auto part = hexadecimal(block.find("CPU part"), 10);
        if (!implementer || !part || *implementer > 0xff || *part > 0xfff) return std::nullopt;
        const std::uint32_t variant = hexadecimal(block.find("CPU variant"), 10).value_or(0) & 0xf;
        const std::uint32_t revision = hexadecimal(block.find("CPU revision"), 10).value_or(0) & 0xf;
        return Midr{*implementer << 24 | variant << 20 | 0xfU << 16 | *part << 4 | revision};
    };
    const std::optional<Midr> last = blocks.empty() ? std::nullopt : of(blocks.back());
    for (const CpuinfoBlock& block : blocks) {
        const auto number = hexadecimal(block.find("processor"), 10);
        const auto midr = of(block) ? of(block) : last;
        if (number && midr) out[static_cast<int>(std::min<std::uint32_t>(*number, kMaxCpus - 1))] = *midr;
    }
    return out;
}

/// The registers of every online CPU, /sys before /proc/cpuinfo (which leaves out what a 32-bit program asked for).
std::map<int, Midr> read_midrs(const FileSource& files, const std::vector<CpuinfoBlock>& blocks) {
    std::map<int, Midr> out = midrs_of_cpuinfo(blocks);
    for (const int cpu : online_cpus(files)) {
        const auto text =
            read_text(files, fmt::format("/sys/devices/system/cpu/cpu{}/regs/identification/midr_el1", cpu));
        if (!text) continue;
        const std::string_view digits = text->starts_with("0x") ? std::string_view(*text).substr(2) : *text;
        const auto value = parse_unsigned(digits, 16);
        if (value && *value <= UINT32_MAX) out[cpu] = Midr{static_cast<std::uint32_t>(*value)};
    }
    return out;
}

struct Kind {
    Midr midr;
    std::vector<int> cpus;
    int capacity = 0;  ///< 0 = not told
    const ArmCore* core = nullptr;
    bool little() const { return core != nullptr && core->size == ArmClass::little; }
};

/// Equal cores, the most capable first. Where the kernel tells no capacity: little cores last, else in order of CPUs.
std::vector<Kind> group(const FileSource& files, const std::map<int, Midr>& midrs) {
    std::vector<Kind> kinds;
    for (const auto& [cpu, midr] : midrs) {
        auto found =
            std::ranges::find_if(kinds, [&, value = midr.value](const Kind& k) { return k.midr.value == value; });
        if (found == kinds.end()) {
            kinds.push_back(
                {midr, {}, cpu_capacity(files, cpu).value_or(0), find_arm_core(midr.implementer(), midr.part())});
            found = kinds.end() - 1;
        }
        found->cpus.push_back(cpu);
        found->capacity = std::max(found->capacity, cpu_capacity(files, cpu).value_or(0));
    }
    std::ranges::stable_sort(kinds, [](const Kind& a, const Kind& b) {
        if (a.capacity != b.capacity) return a.capacity > b.capacity;
        return !a.little() && b.little();
    });
    return kinds;
}

/// Cores of one design are alike, whatever their revisions. A role only where there are several designs.
std::optional<std::string> role_of(const Kind& kind, const std::vector<Kind>& all) {
    const bool several = std::ranges::any_of(all, [&](const Kind& k) { return k.midr.part() != kind.midr.part(); });
    if (!several) return std::nullopt;
    const int best = all.front().capacity;
    if (kind.little()) return "efficiency";
    if (kind.core == nullptr && best > 0 && kind.capacity > 0 && 2 * kind.capacity < best) return "efficiency";
    if (kind.core == nullptr && best == 0) return std::nullopt;
    return "performance";
}

void store(const FileSource& files, const std::vector<Kind>& kinds, facts::Cpu& cpu) {
    std::vector<KindOfCpus> out;
    for (const Kind& kind : kinds) {
        KindOfCpus found;
        found.kind.role = role_of(kind, kinds);
        if (kind.core != nullptr) found.kind.name = std::string(kind.core->name);
        found.kind.midr = fmt::format("0x{:08x}", kind.midr.value);
        found.cpus = kind.cpus;
        out.push_back(std::move(found));
    }
    store_kinds(files, std::move(out), cpu);
}

/// Kernels write the same set for every CPU; where a file does not, only what all have counts.
void from_cpuinfo(const std::vector<CpuinfoBlock>& blocks, facts::Cpu& cpu, std::vector<std::string>& notes) {
    SharedFeatures shared;
    std::string_view before;
    for (const CpuinfoBlock& block : blocks) {
        const auto line = block.find("Features");
        if (!line || *line == before) continue;
        facts::FeatureSet features;
        for (const std::string_view word : split(*line, ' '))
            if (is_plain_word(word) && features.size() < 1024) features.emplace(word);
        shared.add(features);
        before = *line;
    }
    shared.store(cpu, notes);
}

}  // namespace

facts::FeatureSet arm_features(std::uint64_t hwcap, std::uint64_t hwcap2, std::uint64_t hwcap3) {
    facts::FeatureSet out;
    add_names(hwcap, kHwcap, out);
    add_names(hwcap2, kHwcap2, out);
    add_names(hwcap3, kHwcap3, out);
    return out;
}

void read_cpu_arm(const MachineSource& source, std::string_view cpuinfo, facts::Cpu& cpu,
                  std::vector<std::string>& notes) {
    const std::vector<CpuinfoBlock> blocks = parse_cpuinfo(cpuinfo);
    const auto answered = cpu.architecture == "aarch64" ? from_answer(source) : std::nullopt;
    cpu.source = answered ? "hwcap" : "cpuinfo";
    if (answered) cpu.features = *answered;
    else from_cpuinfo(blocks, cpu, notes);
    if (cpu.features.empty())
        notes.emplace_back("the CPU's features are unknown: neither HWCAP nor /proc/cpuinfo has them");

    const std::vector<Kind> kinds = group(source.files(), read_midrs(source.files(), blocks));
    if (kinds.empty()) {
        notes.emplace_back("the CPU's cores are unknown: neither /sys nor /proc/cpuinfo has MIDR_EL1");
        return;
    }
    const Kind& best = kinds.front();
    if (const auto maker = arm_implementer(best.midr.implementer())) cpu.vendor = std::string(*maker);
    if (best.core != nullptr) cpu.microarchitecture = std::string(best.core->design);
    else
        notes.push_back(fmt::format("no table knows this core: implementer 0x{:02x}, part 0x{:03x}",
                                    best.midr.implementer(), best.midr.part()));
    store(source.files(), kinds, cpu);
    if (cpu.kinds.size() == 1 && cpu.kinds.front().name) cpu.model_name = cpu.kinds.front().name;
}

}  // namespace lf::probe
