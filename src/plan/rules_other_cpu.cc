// SPDX-License-Identifier: MIT
#include "plan/rules_other_cpu.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/feature_words.h"
#include "plan/arm_arch.h"
#include "plan/cpu_variants.h"

namespace lf::plan {
namespace {

// -mcpu=powerN emits all of that version of the Power ISA, VSX and (from 10 on) MMA included. Linux names the version
// in /proc/cpuinfo, as the mode that a partition runs in ("POWER9 (architected)" on a POWER10); cpu.features has it by
// the names of the C library's dynamic linker (glibc, sysdeps/powerpc/dl-procinfo.c). POWER11 is ISA 3.1 like POWER10,
// and ggml itself builds it so. Big-endian kernels do not promise VSX (ppc64le's ABI does): nothing is written there.
constexpr CpuName kPower[] = {
    {"power10", "arch_3_1 arch_3_00 arch_2_07 altivec", "matrix products in one instruction (MMA)"},
    {"power9", "arch_3_00 arch_2_07 altivec", "ggml's kernels for POWER start here"},
    {"power8", "arch_2_07 altivec", "what ppc64le itself asks for"},
};

// ggml passes -march alone; the NEON code converts half floats with instructions that only +neon-vfpv4 (or ARMv8) has,
// so plain NEON (Cortex-A8, A9) would not compile. A compiler that fixes -mfpu, as nixpkgs' for armv7l does, builds the
// same code as without.
constexpr CpuName kArm32[] = {
    {"armv7-a+neon-vfpv4", "neon vfpv4", "128-bit vectors, and multiply and add in one instruction"},
};

constexpr CpuNameOption kOptions[] = {
    {"ppc64le", "CPU: POWER", "GGML_CPU_POWERPC_CPUTYPE", "power-by-isa-version",
     "not written: no version of the Power ISA is proven, and ppc64le's own minimum runs everywhere",
     "ggml 0.21.0 src/ggml-cpu/CMakeLists.txt; GCC rs6000-cpus.def", kPower},
    {"armv7l armv8l", "CPU: 32-bit ARM", "GGML_CPU_ARM_ARCH", "arm32-by-neon-and-vfpv4",
     "not written: without NEON and VFPv4 the compiler's own default is the safe thing",
     "ggml 0.21.0 src/ggml-cpu/CMakeLists.txt; GCC arm-cpus.in", kArm32},
};

struct Seen {
    const CpuName* best = nullptr;
    std::vector<std::string> facts;
    std::vector<std::string> losers;
};

bool proven(const facts::Cpu& cpu, const CpuName& row) { return facts::has_all(cpu.features, row.features); }

Seen look(const facts::Cpu& cpu, const CpuNameOption& option) {
    Seen seen;
    for (const CpuName& row : option.values) {
        const auto missing = facts::lacking(cpu.features, words(row.features));
        if (missing.empty()) {
            seen.best = &row;
            seen.facts.push_back(fmt::format("cpu.features has {}", fmt::join(words(row.features), ", ")));
            break;
        }
        seen.losers.push_back(fmt::format("{}: cpu.features lacks {}", row.value, fmt::join(missing, ", ")));
    }
    return seen;
}

Error refusal(const CpuNameOption& option, const std::string& wanted, const CpuName* best) {
    return owner_error("plan-override",
                       fmt::format("the overrides want {}={}, but {} is proven of this host", option.name, wanted,
                                   best == nullptr ? "nothing" : best->value),
                       "name what the host is known to have, or take the line out");
}

}  // namespace

std::span<const CpuNameOption> cpu_name_options() { return kOptions; }

const CpuNameOption* find_cpu_name_option(std::string_view uname_machine) {
    for (const CpuNameOption& option : kOptions)
        if (std::ranges::count(words(option.architectures), uname_machine) > 0) return &option;
    return nullptr;
}

std::optional<std::vector<std::string_view>> named_needs(std::string_view uname_machine, std::string_view option,
                                                         std::string_view value) {
    if (uname_machine == "aarch64" && option == "GGML_CPU_ARM_ARCH") return march_needs(value);
    const CpuNameOption* row = find_cpu_name_option(uname_machine);
    if (row == nullptr || row->name != option) return std::nullopt;
    const auto found = std::ranges::find(row->values, value, &CpuName::value);
    if (found == row->values.end()) return std::nullopt;
    return words(found->features);
}

Done add_cpu_name(const facts::Cpu& cpu, const CpuWishes& wishes, const CpuNameOption& option, CpuPlan& plan) {
    Seen seen = look(cpu, option);
    const std::string name(option.name);
    std::string value(seen.best == nullptr ? "" : seen.best->value);
    Because line{name,
                 value.empty() ? "none" : value,
                 std::string(option.rule),
                 std::string(seen.best == nullptr ? option.unset : seen.best->because),
                 std::move(seen.facts),
                 std::move(seen.losers)};
    if (const auto wish = wishes.flags.find(name); wish != wishes.flags.end()) {
        const std::string& wanted = std::get<std::string>(wish->second);
        const auto row = std::ranges::find(option.values, wanted, &CpuName::value);
        if (!wanted.empty() && (row == option.values.end() || !proven(cpu, *row)))
            return fail(refusal(option, wanted, seen.best));
        line = by_owner(std::move(line), wanted.empty() ? "none" : wanted, wishes.said_at.at(name));
        value = wanted;
    }
    if (!value.empty()) plan.flags[name] = value;
    plan.because.push_back(std::move(line));
    return {};
}

std::vector<RuleChapter> other_cpu_rules() {
    std::vector<RuleChapter> chapters;
    for (const CpuNameOption& option : kOptions) {
        std::vector<std::string> rows;
        for (const CpuName& row : option.values)
            rows.push_back(fmt::format("{} where every CPU has {} ({})", row.value,
                                       fmt::join(words(row.features), ", "), row.because));
        chapters.push_back(
            {std::string(option.title),
             "ggml takes the name of a processor here.",
             {{std::string(option.rule), fmt::format("the CPU is {}", fmt::join(words(option.architectures), " or ")),
               fmt::format("{}: {}, else nothing", option.name, join(rows, "; ")),
               "a program that meets an instruction which the CPU lacks is killed (SIGILL)",
               std::string(option.source)}}});
    }
    return chapters;
}

}  // namespace lf::plan
