// SPDX-License-Identifier: MIT
// Layer "binary": what audit finds inside the finished build, where the store has it. Flags are promises; this is the
// machine code itself.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "check/compiler_flags.h"
#include "check/layers.h"
#include "plan/cpu_variants.h"
#include "plan/rules_gpu.h"

namespace lf::check {
namespace {

/// By which instructions an option of ggml shows itself in the CPU backend library.
struct Proof {
    std::string_view option;
    std::string_view features;  ///< an instruction that needs one of these proves it, blank-separated; "" = nothing can
    std::string_view only_with;  ///< without this option ggml has no code for it; "" = it always has
    bool certain;                ///< false: whether such instructions come out is the compiler's choice
};

// Which of them ggml's own code always brings along: instructions counted in the 14 CPU libraries of ggml 0.21 that
// Debian sid builds with GCC. A library with AVX writes SSE4 in AVX's encoding, so AVX proves SSE4.2. Of AMX only the
// 8-bit kernels exist, and GGML_AMX_BF16 changes no code at all.
constexpr Proof kProofs[] = {
    {"GGML_SSE42", "ssse3 sse4_1 sse4_2 avx", "", true},
    {"GGML_AVX", "avx", "", true},
    {"GGML_F16C", "f16c", "", true},
    {"GGML_FMA", "fma", "", true},
    {"GGML_BMI2", "bmi2", "", true},
    {"GGML_AVX2", "avx2", "", true},
    {"GGML_AVX_VNNI", "avx_vnni", "", true},
    {"GGML_AVX512", "avx512f", "", true},
    {"GGML_AVX512_VBMI", "avx512vbmi", "", false},
    {"GGML_AVX512_VNNI", "avx512_vnni", "", true},
    {"GGML_AVX512_BF16", "avx512_bf16", "", true},
    {"GGML_AMX_TILE", "amx_tile", "GGML_AMX_INT8", true},
    {"GGML_AMX_INT8", "amx_int8", "", true},
    {"GGML_AMX_BF16", "", "", false},
};

bool is_on(const plan::Flags& flags, std::string_view name) {
    const auto flag = flags.find(std::string(name));
    return flag != flags.end() && flag->second == plan::FlagValue(true);
}

bool is_off(const plan::Flags& flags, std::string_view name) {
    const auto flag = flags.find(std::string(name));
    return flag != flags.end() && flag->second == plan::FlagValue(false);
}

/// The files whose code the options decide: the CPU backend library, or all where it is linked into the programs.
std::vector<const audit::FileAudit*> cpu_files(const audit::BuildAudit& build, const std::string& variant) {
    std::vector<const audit::FileAudit*> library;
    std::vector<const audit::FileAudit*> all;
    for (const audit::FileAudit& file : build.files) {
        if (!file.examined) continue;
        all.push_back(&file);
        if (file.ggml_cpu && file.ggml_variant == variant) library.push_back(&file);
    }
    return library.empty() ? all : library;
}

/// Instructions that need one of `features`.
std::uint64_t count_of(const std::vector<const audit::FileAudit*>& files, std::string_view features) {
    const auto wanted = plan::words(features);
    std::uint64_t count = 0;
    for (const audit::FileAudit* file : files) {
        for (const audit::IsaUse& use : file->program.uses) {
            if (use.isa >= x86::isa_sets().size()) continue;
            const auto needs = plan::words(x86::isa_sets()[use.isa].features);
            const bool one = std::any_of(needs.begin(), needs.end(), [&](std::string_view feature) {
                return std::find(wanted.begin(), wanted.end(), feature) != wanted.end();
            });
            if (one) count += use.count;
        }
    }
    return count;
}

std::uint64_t instructions_of(const std::vector<const audit::FileAudit*>& files) {
    std::uint64_t count = 0;
    for (const audit::FileAudit* file : files) count += file->program.instructions;
    return count;
}

/// "libggml-cpu-zen4.so", or "3 files" where it is in several.
std::string name_of(const std::vector<const audit::FileAudit*>& files) {
    if (files.size() != 1) return fmt::format("{} files", files.size());
    const std::string& path = files.front()->path;
    return printable(path.substr(path.rfind('/') + 1));
}

/// An option that is on and shows no instruction, or is off and shows some.
void judge_option(const Proof& proof, const plan::Flags& flags, const std::vector<const audit::FileAudit*>& files,
                  LayerReport& report) {
    const std::uint64_t count = proof.features.empty() ? 0 : count_of(files, proof.features);
    if (is_off(flags, proof.option)) {
        if (count != 0)
            report.notes.push_back(fmt::format("{} is off in the plan, and {} has {} instructions of it", proof.option,
                                               name_of(files), count));
        return;
    }
    if (!is_on(flags, proof.option) || count != 0) return;
    if (proof.features.empty() || (!proof.only_with.empty() && !is_on(flags, proof.only_with))) {
        report.notes.push_back(fmt::format("{} cannot be seen: ggml has no code of its own for it", proof.option));
    } else if (!proof.certain) {
        report.notes.push_back(fmt::format("{}: no instruction of it in {}; the compiler may have chosen others",
                                           proof.option, name_of(files)));
    } else {
        report.differences.push_back(
            {std::string(proof.option), fmt::format("instructions of it in {}", name_of(files)),
             fmt::format("none among {}", instructions_of(files)), "was it built by another plan?"});
    }
}

void judge_options(const Expectation& expected, const audit::BuildAudit& build, LayerReport& report) {
    const auto variant = flags_of_variant(expected.cpu_variant);
    const plan::Flags& flags = variant ? *variant : expected.flags;
    if (expected.native_wanted) {
        report.notes.emplace_back("which instructions -march=native meant is the builder's own matter");
        return;
    }
    const auto files = cpu_files(build, variant ? expected.cpu_variant : "");
    if (files.empty()) return;
    for (const Proof& proof : kProofs) judge_option(proof, flags, files, report);
}

/// What stops the host: the first place of each file that its CPU cannot run, of those that it would load.
void judge_code(const audit::BuildAudit& build, const audit::HostVerdict& verdict, const std::string& host,
                LayerReport& report) {
    for (const audit::FileVerdict& one : verdict.files) {
        const std::string name = printable(build.files.at(one.file).path);
        if (one.outcome == audit::Outcome::crashes || one.outcome == audit::Outcome::wrong)
            report.differences.push_back(
                {name, fmt::format("code that {} can run", printable(host)), printable(one.why)});
        if (one.outcome == audit::Outcome::cannot_tell && report.why.empty())
            report.why = fmt::format("{}: {}", name, printable(one.why));
    }
    if (verdict.outcome == audit::Outcome::not_loaded)
        report.differences.push_back(
            {printable(build.path), fmt::format("code that {} can run", printable(host)), printable(verdict.why)});
}

/// Does the plan serve the card with this package? Others may well find nothing in it: a CUDA build beside an iGPU.
bool is_served(const Expectation& expected, const plan::Card& card, const std::vector<plan::Card>& all) {
    const auto has = [&](std::string_view backend) {
        return std::find(expected.backends.begin(), expected.backends.end(), backend) != expected.backends.end();
    };
    return (has("cuda") && card.backend == plan::Backend::cuda) || (has("rocm") && plan::wants_rocm_code(card, all)) ||
           (is_on(expected.flags, "GGML_VULKAN") && card.backend == plan::Backend::vulkan);
}

/// Where the build has no code for the card's maker at all, the targets that were planned tell it.
void judge_cards(const Expectation& expected, const facts::Machine& machine, const audit::HostVerdict& verdict,
                 LayerReport& report) {
    const std::vector<plan::Card> cards = plan::judge_cards(machine);
    for (const plan::Card& planned : cards) {
        if (!is_served(expected, planned, cards) || planned.index >= verdict.cards.size()) continue;
        const audit::CardVerdict& card = verdict.cards[planned.index];  // one for each of the machine's, in its order
        if (card.backend.empty()) continue;
        const std::string text = fmt::format("{}: {}", printable(card.card), printable(card.text));
        if (!card.known) {
            if (report.why.empty()) report.why = text;
        } else if (card.fit == gpucode::Fit::no) {
            report.differences.push_back({printable(card.card), "code for it", printable(card.text)});
        } else if (card.fit == gpucode::Fit::compiles_first) {
            report.notes.push_back(text);
        }
    }
}

std::set<std::string> targets_inside(const audit::BuildAudit& build, bool hip) {
    std::set<std::string> out;
    for (const audit::FileAudit& file : build.files) {
        for (const gpucode::Target& target : file.gpu.targets) {
            const bool cuda = target.kind == gpucode::Kind::cuda_machine || target.kind == gpucode::Kind::cuda_ptx;
            if (hip ? target.kind == gpucode::Kind::hip_machine : cuda) out.insert(target.name);
        }
    }
    return out;
}

/// What an entry of CMAKE_CUDA_ARCHITECTURES leaves in the file: "86-real" → sm_86, "86" → sm_86 and compute_86. Plain
/// 12X is 12Xa, as ggml makes of it. None for `native` and `all`, which depend on the toolkit.
std::vector<std::string> names_of_cuda(std::string_view entry) {
    const std::size_t dash = entry.find('-');
    std::string number(entry.substr(0, dash));
    if (number.empty() || number.front() < '0' || number.front() > '9') return {};
    if (number.size() == 3 && number.starts_with("12")) number += 'a';
    const std::string_view kind = dash == std::string_view::npos ? "" : entry.substr(dash + 1);
    std::vector<std::string> out;
    if (kind != "virtual") out.push_back("sm_" + number);
    if (kind != "real") out.push_back("compute_" + number);
    return out;
}

std::string listed(const std::set<std::string>& names) {
    return names.empty() ? "no code for GPUs of this maker"
                         : join(std::vector<std::string>(names.begin(), names.end()), ", ");
}

/// Every planned target is really inside.
void judge_targets(std::string_view setting, const Settings& settings, const audit::BuildAudit& build,
                   LayerReport& report) {
    const auto found = settings.by_name.find(std::string(setting));
    if (found == settings.by_name.end()) return;
    const bool hip = setting == "CMAKE_HIP_ARCHITECTURES";
    const std::set<std::string> inside = targets_inside(build, hip);
    for (const std::string_view part : split(found->second.value, ';')) {
        const std::string_view entry = trim(part);
        if (entry.empty()) continue;
        const auto names = hip ? std::vector<std::string>{std::string(entry)} : names_of_cuda(entry);
        for (const std::string& name : names) {
            const bool there = std::any_of(inside.begin(), inside.end(), [&](const std::string& one) {
                return one == name || (hip && one.starts_with(name + ":"));
            });
            if (!there) report.differences.push_back({std::string(setting), printable(name), listed(inside)});
        }
    }
}

/// "2 of 3 files, 1.2 MB of code"
std::string basis_of(const Built& built) {
    const auto examined =
        std::count_if(built.audit.files.begin(), built.audit.files.end(), [](const auto& one) { return one.examined; });
    return fmt::format("{} of {} files of {}", examined, built.audit.files.size(), printable(built.audit.path));
}

/// Why nothing of it could be looked at; "" = something was.
std::string unexamined(const Built& built) {
    if (!built.why.empty()) return printable(built.why);
    for (const audit::FileAudit& file : built.audit.files) {
        if (file.examined || file.gpu.any()) return "";
    }
    for (const audit::FileAudit& file : built.audit.files) {
        if (!file.why_not.empty()) return printable(file.why_not);
    }
    return "none of its files could be examined";
}

}  // namespace

LayerReport binary_layer(const Expectation& expected, const Settings& settings, const std::vector<std::string>& outputs,
                         const std::optional<facts::Machine>& machine, const Evidence& evidence) {
    LayerReport report;
    report.layer = Layer::binary;
    const auto found = outputs.empty() ? evidence.builds.end() : evidence.builds.find(outputs.front());
    if (found == evidence.builds.end()) {
        report.why = kNotBuiltHere;
        return report;
    }
    const audit::BuildAudit& build = found->second.audit;
    report.why = unexamined(found->second);
    if (!report.why.empty()) return report;
    report.basis = basis_of(found->second);
    judge_options(expected, build, report);
    judge_targets("CMAKE_CUDA_ARCHITECTURES", settings, build, report);
    judge_targets("CMAKE_HIP_ARCHITECTURES", settings, build, report);
    if (machine && machine->cpu.features.empty()) {
        report.why = "the facts of this host name no feature of its CPU";
    } else if (machine) {
        const audit::HostVerdict verdict = audit::judge(build, *machine);
        judge_code(build, verdict, machine->host, report);
        judge_cards(expected, *machine, verdict, report);
    } else {
        report.why = "no facts of this host are at hand; `llama-fleet probe` writes them";
    }
    if (!report.differences.empty()) report.verdict = Verdict::not_shown;
    else if (report.why.empty()) report.verdict = Verdict::shown;
    return report;
}

}  // namespace lf::check
