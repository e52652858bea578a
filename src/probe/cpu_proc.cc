// SPDX-License-Identifier: MIT
#include "probe/cpu_proc.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/x86_features.h"
#include "probe/feature_sets.h"
#include "probe/reading.h"
#include "probe/source.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxFields = 128;         // of one processor
constexpr std::size_t kMaxFeatureNames = 1024;  // as facts/codec.cc

// The line that lists the features: x86, ARM, s390. RISC-V's "isa" is no list.
constexpr std::string_view kFeatureKeys[] = {"flags", "Features", "features"};

std::string_view feature_line(const CpuinfoBlock& block) {
    for (const std::string_view key : kFeatureKeys)
        if (const auto line = block.find(key)) return *line;
    return {};
}

struct Renamed {
    std::string_view before, now;
};

// What other kernels call a feature of ours: Linux before 2.6.39 and BSD's compatibility files, and flags that Linux
// shows in place of the CPU's own.
constexpr Renamed kRenamed[] = {
    {"sse3", "pni"},
    {"lzcnt", "abm"},
    {"pclmul", "pclmulqdq"},
    {"sha", "sha_ni"},
    {"ffxsr", "fxsr_opt"},
    {"sse5", "xop"},
    {"prfchw", "3dnowprefetch"},
    {"user_shstk", "shstk"},
    {"avx512vnni", "avx512_vnni"},
    {"avx512vbmi2", "avx512_vbmi2"},
    {"avx512bitalg", "avx512_bitalg"},
    {"avx512vpopcntdq", "avx512_vpopcntdq"},
    {"xd", "nx"},
};

std::string_view current_name(std::string_view word) {
    for (const Renamed& row : kRenamed)
        if (row.before == word) return row.now;
    return word;
}

facts::FeatureSet features_of(std::string_view line, bool x86) {
    facts::FeatureSet out;
    for (const std::string_view read : split(line, ' ')) {
        const std::string_view word = x86 ? current_name(read) : read;
        const facts::X86Feature* known = x86 ? facts::find_x86_feature(word) : nullptr;
        const bool wanted = !x86 || (known != nullptr && !known->system);
        if (is_plain_word(word) && wanted && out.size() < kMaxFeatureNames) out.emplace(word);
    }
    return out;
}

std::optional<std::string> text_of(const CpuinfoBlock& block, std::string_view key) {
    const auto value = block.find(key);
    if (!value || value->empty() || *value == "unknown") return std::nullopt;  // as gVisor writes
    return label(*value);
}

std::optional<int> number_of(const CpuinfoBlock& block, std::string_view key) {
    const auto value = block.find(key);
    const auto number = value ? parse_unsigned(*value) : std::nullopt;
    if (!number || *number > 0xffff) return std::nullopt;
    return static_cast<int>(*number);
}

}  // namespace

std::optional<std::string_view> CpuinfoBlock::find(std::string_view key) const {
    for (const auto& [name, value] : fields)
        if (name == key) return value;
    return std::nullopt;
}

std::vector<CpuinfoBlock> parse_cpuinfo(std::string_view cpuinfo) {
    std::vector<CpuinfoBlock> out(1);
    bool in_processor = false;
    while (!cpuinfo.empty()) {
        const std::size_t end = std::min(cpuinfo.find('\n'), cpuinfo.size());
        const std::string_view line = cpuinfo.substr(0, end);
        cpuinfo.remove_prefix(std::min(end + 1, cpuinfo.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view key = trim(line.substr(0, colon));
        if (key == "processor" && std::exchange(in_processor, true)) {
            if (out.size() == static_cast<std::size_t>(kMaxCpus)) break;
            out.emplace_back();
        }
        if (out.back().fields.size() < kMaxFields) out.back().fields.emplace_back(key, trim(line.substr(colon + 1)));
    }
    if (!in_processor) out.clear();
    return out;
}

namespace {
/// By what only one architecture writes. Which byte order a POWER has is not told: nearly all Linux on it is little.
std::string architecture_by_text(std::string_view cpuinfo) {
    struct Sign {
        std::string_view text;
        std::string_view architecture;
    };
    constexpr Sign kSigns[] = {{"IBM/S390", "s390x"},
                               {"Loongson-64bit", "loongarch64"},
                               {"loongarch64", "loongarch64"},
                               {": POWER", "ppc64le"},
                               {": Power11", "ppc64le"},
                               {"UltraSparc", "sparc64"},
                               {"sun4", "sparc64"},
                               {"(pvr ", "ppc"}};
    for (const Sign& sign : kSigns)
        if (cpuinfo.find(sign.text) != std::string_view::npos) return std::string(sign.architecture);
    return "unknown";
}
}  // namespace

std::string architecture_of(std::string_view cpuinfo) {
    const std::vector<CpuinfoBlock> blocks = parse_cpuinfo(cpuinfo);
    if (blocks.empty()) return architecture_by_text(cpuinfo);
    const CpuinfoBlock& first = blocks.front();
    if (const auto flags = first.find("flags")) return has_word(*flags, "lm") ? "x86_64" : "i686";
    // Linux before 3.19 writes "AArch64" for 8. 32-bit ARM kernels write the CPU once, behind the last processor.
    for (const CpuinfoBlock* block : {&first, &blocks.back()})
        if (const auto generation = block->find("CPU architecture"))
            return *generation == "8" || *generation == "AArch64" ? "aarch64" : "armv7l";
    if (const auto isa = first.find("isa")) return isa->starts_with("rv64") ? "riscv64" : "riscv32";
    return architecture_by_text(cpuinfo);
}

void read_cpu_proc(std::string_view cpuinfo, facts::Cpu& cpu, std::vector<std::string>& notes) {
    const std::vector<CpuinfoBlock> blocks = parse_cpuinfo(cpuinfo);
    if (blocks.empty()) {
        notes.emplace_back("the CPU is unknown: /proc/cpuinfo lists no processor");
        return;
    }
    const CpuinfoBlock& first = blocks.front();
    if (facts::is_x86(cpu.architecture)) cpu.source = "cpuinfo";
    cpu.vendor = text_of(first, "vendor_id");
    cpu.model_name = text_of(first, "model name");
    cpu.family = number_of(first, "cpu family");
    cpu.model = number_of(first, "model");
    cpu.stepping = number_of(first, "stepping");
    if (has_word(feature_line(first), "hypervisor")) cpu.hypervisor = "unknown";
    SharedFeatures shared;
    std::string_view line_before;
    for (const CpuinfoBlock& block : blocks) {
        const std::string_view line = feature_line(block);
        if (&block != &blocks.front() && line == line_before) continue;
        shared.add(features_of(line, facts::is_x86(cpu.architecture)));
        line_before = line;
    }
    shared.store(cpu, notes);
}

}  // namespace lf::probe
