// SPDX-License-Identifier: MIT
#include "plan/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/unknowns.h"

namespace lf::plan {
namespace {

std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The first bytes of `text` that are at most `columns` code points.
std::string_view cut(std::string_view text, std::size_t columns) {
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end) {
        const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (starts && seen++ == columns) break;
    }
    return text.substr(0, end);
}

/// `text` in lines of at most kExplainColumns, the first after `first`, the others after as many blanks. Words that are
/// too long for a line are cut.
std::string wrap(std::string_view first, std::string_view text) {
    const std::string margin(columns_of(first), ' ');
    const std::size_t room = kExplainColumns - margin.size();
    std::string out(first);
    std::size_t used = 0;
    for (std::string_view word : split(text, ' ')) {
        if (word.empty()) continue;
        if (used > 0 && used + 1 + columns_of(word) > room) {
            out += "\n" + margin;
            used = 0;
        }
        if (used > 0) out += ' ', ++used;
        for (; columns_of(word) > room - used; out += "\n" + margin, used = 0) {
            const std::string_view part = cut(word, room - used);
            out += part;
            word.remove_prefix(part.size());
        }
        out += word;
        used += columns_of(word);
    }
    return out + "\n";
}

std::string explain(const Because& line) {
    std::string out = wrap("", fmt::format("{} = {}  ", printable(line.line), printable(line.value)));
    out += wrap("  rule     ", printable(line.rule));
    out += wrap("  because  ", printable(line.reason));
    for (const std::string& fact : line.facts) out += wrap("  saw      ", printable(fact));
    for (const std::string& loser : line.losers) out += wrap("  not      ", printable(loser));
    return out;
}

// The -D options that stand in a plan under another name.
struct Alias {
    std::string_view option;
    std::string_view line;
};
constexpr Alias kAliases[] = {
    {"GGML_OPENMP", "openmp"},
    {"LLAMA_BUILD_SERVER", "server"},
    {"GGML_BLAS", "blas"},
    {"CMAKE_CUDA_ARCHITECTURES", "cuda.architectures"},
    {"cudaPackages", "cuda.packages"},
    {"CMAKE_HIP_ARCHITECTURES", "rocm.targets"},
    {"GGML_CUDA", "package"},
    {"GGML_HIP", "package"},
    {"GGML_VULKAN", "package"},
    {"GGML_BACKEND_DL", "package"},
    {"GGML_CPU_ALL_VARIANTS", "strategy"},
    {"native", "GGML_NATIVE"},
    {"variant", "package"},
};

// --- a host in three sentences
// -------------------------------------------------------------------------------------------

std::string maker_of(const facts::Gpu& gpu) {
    if (gpu.vendor == "nvidia") return "NVIDIA ";
    if (gpu.vendor == "amd") return "AMD ";
    if (gpu.vendor == "intel") return "Intel ";
    return "";
}

std::string machine_words(const facts::Machine& machine) {
    std::vector<std::string> parts = {cpu_words(machine)};
    std::vector<std::string> gpus;
    for (const facts::Gpu& gpu : machine.gpus) gpus.push_back(gpu_words(gpu));
    for (std::size_t at = 0; at < gpus.size();) {
        const auto same =
            static_cast<std::size_t>(std::find_if(gpus.begin() + static_cast<std::ptrdiff_t>(at), gpus.end(),
                                                  [&](const std::string& gpu) { return gpu != gpus[at]; }) -
                                     (gpus.begin() + static_cast<std::ptrdiff_t>(at)));
        parts.push_back(same > 1 ? fmt::format("{} × {}", same, gpus[at]) : gpus[at]);
        at += same;
    }
    if (!machine.gpus_known) parts.emplace_back("GPUs unknown");
    return join(parts, "; ");
}

std::string chosen_words(const Build& build) {
    std::string out = printable(build.package);
    if (build.package == "llama-cpp-cuda" && build.cuda_architectures)
        out += " for " + printable(*build.cuda_architectures);
    if (build.package == "llama-cpp-rocm" && build.rocm_targets) out += " for " + printable(*build.rocm_targets);
    if (build.source != "flake") out += " from " + printable(build.source);
    if (!build.multi.empty()) out += " with " + printable(join(build.multi, " and "));
    if (build.cpu_variant) out += ", CPU flags like ggml's " + printable(*build.cpu_variant);
    return out + ", " + printable(build.strategy);
}

}  // namespace

std::string cpu_words(const facts::Machine& machine) {
    const facts::Cpu& cpu = machine.cpu;
    std::string out = cpu.model_name ? printable(trim(*cpu.model_name)) : printable(cpu.architecture) + " CPU";
    if (cpu.microarchitecture) out += fmt::format(" ({})", printable(*cpu.microarchitecture));
    if (cpu.cpus) out += fmt::format(", {} thread{}", *cpu.cpus, *cpu.cpus == 1 ? "" : "s");
    if (machine.memory_mib) out += fmt::format(", {} GiB", (*machine.memory_mib + 512) / 1024);
    return out;
}

std::string gpu_words(const facts::Gpu& gpu) {
    std::string out = maker_of(gpu);
    if (gpu.name) out += printable(*gpu.name);
    else if (gpu.chip) out += printable(*gpu.chip);
    else out += fmt::format("{:04x}:{:04x}", gpu.vendor_id, gpu.device_id);
    if (gpu.compute_capability) out += ", compute " + printable(*gpu.compute_capability);
    if (gpu.gfx_target) out += ", " + printable(*gpu.gfx_target);
    if (gpu.integrated == true) out += ", integrated";
    return out;
}

std::string explain_plan(const Plan& plan) {
    std::string out =
        wrap("", fmt::format("{} ({}): {}", printable(plan.host), printable(plan.system), chosen_words(plan.build)));
    for (const Because& line : plan.because) out += "\n" + explain(line);
    if (!plan.notes.empty()) out += "\n";
    for (const std::string& note : plan.notes) out += wrap("note: ", printable(note));
    return out;
}

const Because* find_line(const Plan& plan, std::string_view name) {
    std::string wanted = lower_case(name);
    if (wanted.starts_with("-d")) wanted = lower_case(split(split(name.substr(2), '=').front(), ':').front());
    for (const Alias& alias : kAliases)
        if (lower_case(alias.option) == wanted) {
            wanted = lower_case(alias.line);
            break;
        }
    const auto line =
        std::ranges::find_if(plan.because, [&](const Because& b) { return lower_case(b.line) == wanted; });
    return line == plan.because.end() ? nullptr : &*line;
}

Result<std::string> explain_line(const Plan& plan, std::string_view name) {
    if (const Because* line = find_line(plan, name)) return explain(*line);
    std::vector<std::string> names;
    names.reserve(plan.because.size() + std::size(kAliases));
    for (const Because& line : plan.because) names.push_back(line.line);
    for (const Alias& alias : kAliases) names.emplace_back(alias.option);
    const auto near = did_you_mean(name, names);
    return fail(usage_error(
        "plan-line-unknown", fmt::format("the plan of {} has no line '{}'", printable(plan.host), printable(name)),
        near ? fmt::format("did you mean '{}'?", *near) : "`llama-fleet plan --why` without a name shows all lines"));
}

Summary summarize(const facts::Machine& machine, const Plan& plan) {
    Summary summary{machine_words(machine), chosen_words(plan.build), ""};
    const auto package = std::ranges::find(plan.because, "package", &Because::line);
    if (package != plan.because.end()) summary.why = printable(package->reason);
    return summary;
}

std::string summary_text(const facts::Machine& machine, const Plan& plan) {
    const Summary summary = summarize(machine, plan);
    std::string out = wrap(printable(plan.host) + ": ", summary.machine);
    out += wrap("  → ", summary.chosen) + wrap("  because ", summary.why);
    for (const std::string& line : unknowns(machine)) out += "  unknown " + line + "\n";
    return out;
}

}  // namespace lf::plan
