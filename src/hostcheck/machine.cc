// SPDX-License-Identifier: MIT
// CPU, licences, disk, and whether the facts are still those of the machine.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "facts/codec.h"
#include "facts/x86_features.h"
#include "hostcheck/looks.h"
#include "plan/cpu_options.h"
#include "plan/rules_other_cpu.h"

namespace lf::hostcheck {
namespace {

/// Features that the plan's options may make the compiler emit, with the option that asks first.
std::vector<std::pair<std::string, std::string>> asked_features(const Request& request) {
    std::vector<std::pair<std::string, std::string>> out;
    std::set<std::string_view> seen;
    for (const auto& [name, value] : request.plan.build.cpu_flags) {
        const std::string* text = std::get_if<std::string>(&value);
        const auto needed =
            text == nullptr ? std::nullopt : plan::named_needs(request.now.cpu.architecture, name, *text);
        for (const std::string_view feature : needed.value_or(std::vector<std::string_view>{}))
            if (seen.insert(feature).second) out.emplace_back(feature, name);
    }
    const plan::CpuArchitecture* architecture = plan::find_architecture(request.now.cpu.architecture);
    if (architecture == nullptr) return out;
    for (const plan::CpuOption& option : architecture->options) {
        const auto flag = request.plan.build.cpu_flags.find(std::string(option.name));
        if (flag == request.plan.build.cpu_flags.end() || flag->second != plan::FlagValue(true)) continue;
        for (const std::string_view feature : split(option.features, ' '))
            if (!feature.empty() && seen.insert(feature).second) out.emplace_back(feature, option.name);
    }
    return out;
}

bool cpuid_has(const Request& request, int cpu, const facts::X86Feature& feature) {
    const auto registers = request.machine.cpuid(cpu, feature.leaf, feature.subleaf);
    if (!registers) return false;
    const std::uint32_t values[] = {registers->eax, registers->ebx, registers->ecx, registers->edx};
    return ((values[static_cast<std::size_t>(feature.where)] >> feature.bit) & 1U) != 0;
}

/// Does the CPU have it while the operating system does not save its registers?
bool only_unsaved(const Request& request, const std::string& name) {
    const facts::X86Feature* feature = facts::find_x86_feature(name);
    if (feature == nullptr || feature->state == facts::SavedState::none) return false;
    const std::uint64_t needed = facts::required_xcr0(feature->state);
    return std::ranges::any_of(request.machine.cpuid_cpus(), [&](int cpu) {
        const auto xcr0 = request.machine.xcr0(cpu);
        return xcr0 && (*xcr0 & needed) != needed && cpuid_has(request, cpu, *feature);
    });
}

// Free space that a build takes, its inputs from a cache included: rough estimates, not measured. ROCm's
// libraries alone are above 20 GiB.
struct Room {
    std::string_view backend;
    std::int64_t gib;
};
constexpr Room kRooms[] = {{"rocm", 50}, {"cuda", 20}, {"vulkan", 5}, {"cpu", 2}};

/// The value of a field of the answer to Question::xcomp: "permitted 0000000000060000".
std::optional<std::uint64_t> field_of(std::string_view text, std::string_view field) {
    for (const std::string_view line : lines(text)) {
        const auto parts = split(trim(line), ' ');
        if (parts.size() != 2 || parts[0] != field) continue;
        const auto value = parse_unsigned(parts[1], 16);
        return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
    }
    return std::nullopt;
}

void compare(const std::string& what, const auto& then, const auto& now, std::vector<std::string>& changed) {
    if (then != now) changed.push_back(what);
}

std::string words_of(const facts::Gpu& gpu) {
    return fmt::format("{} {:04x}:{:04x} {}", gpu.address, gpu.vendor_id, gpu.device_id,
                       gpu.driver.value_or("no driver"));
}

/// Does an option of the plan ask for it? What a newer llama-fleet knows besides changes no plan.
bool matters(const facts::Cpu& cpu, const std::string& feature) {
    const plan::CpuArchitecture* architecture = plan::find_architecture(cpu.architecture);
    if (architecture == nullptr) return true;
    return std::ranges::any_of(architecture->options, [&](const plan::CpuOption& option) {
        return std::ranges::count(split(option.features, ' '), std::string_view(feature)) > 0;
    });
}

std::vector<std::string> differences(const facts::Machine& then, const facts::Machine& now) {
    std::vector<std::string> changed;
    for (const std::string& feature : then.cpu.features)
        if (!now.cpu.features.contains(feature))
            changed.push_back(fmt::format("cpu.features lost {}", printable(feature)));
    for (const std::string& feature : now.cpu.features)
        if (!then.cpu.features.contains(feature) && matters(now.cpu, feature))
            changed.push_back(fmt::format("cpu.features gained {}", printable(feature)));
    compare("cpu.model_name is another", then.cpu.model_name, now.cpu.model_name, changed);
    compare("the number of CPUs is another", then.cpu.cpus, now.cpu.cpus, changed);
    std::multiset<std::string> before;
    for (const facts::Gpu& gpu : then.gpus) before.insert(words_of(gpu));
    for (const facts::Gpu& gpu : now.gpus) {
        const auto found = before.find(words_of(gpu));
        if (found == before.end()) changed.push_back(fmt::format("gpus gained {}", printable(words_of(gpu))));
        else before.erase(found);
    }
    for (const std::string& gone : before) changed.push_back(fmt::format("gpus lost {}", printable(gone)));
    return changed;
}

}  // namespace

Answer cpu_lacks(const Request& request) {
    if (request.now.cpu.features.empty()) return cannot_tell("no CPU feature of this machine could be read");
    std::vector<std::string> saw;
    for (const auto& [feature, option] : asked_features(request))
        if (!request.now.cpu.features.contains(feature) && !only_unsaved(request, feature))
            saw.push_back(fmt::format("{} asks for {}, which not every CPU here shows", option, feature));
    Answer answer;
    if (!saw.empty())
        answer.findings.push_back(
            finding("the plan is for another CPU: the program would be killed (SIGILL)", std::move(saw),
                    "llama-fleet fit . --update --here NAME --write (in a virtual machine: the CPU model \"host\")"));
    return answer;
}

Answer os_saves(const Request& request) {
    if (request.machine.cpuid_cpus().empty()) return not_asked();
    std::vector<std::string> saw;
    for (const auto& [feature, option] : asked_features(request))
        if (!request.now.cpu.features.contains(feature) && only_unsaved(request, feature))
            saw.push_back(fmt::format("{} asks for {}: CPUID has it, XCR0 lacks {}", option, feature,
                                      describe(facts::find_x86_feature(feature)->state)));
    Answer answer;
    if (!saw.empty())
        answer.findings.push_back(
            finding("the operating system does not save registers that the plan uses", std::move(saw),
                    "take noxsave, noavx and clearcpuid=… out of boot.kernelParams; a hypervisor must show XSAVE"));
    return answer;
}

Answer amx_permission(const Request& request) {
    const auto& flags = request.plan.build.cpu_flags;
    const auto amx = flags.find("GGML_AMX_TILE");
    if (amx == flags.end() || amx->second != plan::FlagValue(true)) return not_asked();
    const auto text = request.machine.answer(probe::Question::xcomp);
    const auto supported = text ? field_of(*text, "supported") : std::nullopt;
    if (!supported) return cannot_tell("the kernel was not asked for its support of AMX (arch_prctl)");
    constexpr std::uint64_t kTileData = std::uint64_t{1} << 18;  // XFEATURE_XTILE_DATA of Linux
    Answer answer;
    if ((*supported & kTileData) == 0)
        answer.findings.push_back(
            finding("the kernel grants no program the tile registers of AMX",
                    {fmt::format("ARCH_GET_XCOMP_SUPP is {:#x}, without bit 18", *supported)},
                    "Linux 5.16 or newer, without clearcpuid=amx…; or \"flags\": { "
                    "\"GGML_AMX_TILE\": false, \"GGML_AMX_INT8\": false, \"GGML_AMX_BF16\": false }"));
    return answer;
}

Answer unfree(const Request& request) {
    if (!uses(request.plan.build, "cuda")) return not_asked();
    const auto allowed = request.now.environment ? request.now.environment->allow_unfree : std::nullopt;
    if (!allowed)
        return cannot_tell(
            "whether unfree packages are allowed is not written in the user's configuration; "
            "`llama-fleet check FLAKE` asks Nix");
    Answer answer;
    if (!*allowed)
        answer.findings.push_back(
            finding("CUDA is not free, and the configuration of nixpkgs refuses what is not", {"allowUnfree is false"},
                    "nixpkgs.config.allowUnfreePredicate = pkgs._cuda.lib.allowUnfreeCudaPredicate; or "
                    "llama-fleet fit . --allow-unfree --write"));
    return answer;
}

Answer disk(const Request& request) {
    const auto free = request.now.environment ? request.now.environment->store_free_gib : std::nullopt;
    if (!free) return cannot_tell("how much of the disk is free is not known");
    const auto* const room = std::ranges::find_if(
        kRooms, [&](const Room& row) { return row.backend == "cpu" || uses(request.plan.build, row.backend); });
    Answer answer;
    if (*free < room->gib)
        answer.findings.push_back(
            finding(fmt::format("a build of {} takes about {} GiB", printable(request.plan.build.package), room->gib),
                    {fmt::format("{} GiB are free where builds land", *free)},
                    "nix-collect-garbage --delete-older-than 14d; or build elsewhere: nix.distributedBuilds = true;"));
    return answer;
}

Answer stale_facts(const Request& request) {
    if (!request.committed) return not_asked();
    auto changed = differences(*request.committed, request.now);
    Answer answer;
    if (!changed.empty())
        answer.findings.push_back(
            finding("the facts in the repository are not those of this machine", std::move(changed),
                    fmt::format("llama-fleet fit . --update --here {} --write", shell_word(request.plan.host))));
    return answer;
}

}  // namespace lf::hostcheck
