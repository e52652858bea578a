// SPDX-License-Identifier: MIT
#include "plan/planner.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/host_notes.h"
#include "plan/measured.h"
#include "plan/options.h"
#include "plan/overrides.h"
#include "plan/rules_build.h"
#include "plan/rules_cpu.h"
#include "plan/rules_cuda.h"
#include "plan/rules_gpu.h"

namespace lf::plan {
namespace {

std::string text_of(const FlagValue& value) {
    const bool* on = std::get_if<bool>(&value);
    return on != nullptr ? (*on ? "on" : "off") : std::get<std::string>(value);
}

/// The owner's word instead of the rule's; what the rule said stays visible as a loser.
void overrule(Because& line, std::string value, const std::string& said_at) {
    std::string ruled = fmt::format("{}: what the rule {} says: {}", line.value, line.rule, line.reason);
    line.losers.insert(line.losers.begin(), std::move(ruled));
    line.value = std::move(value);
    line.rule = "owner-override";
    line.reason = "the owner wants it so";
    line.facts.insert(line.facts.begin(), fmt::format("overrides.json says so at {}", said_at));
}

Error refused(std::string message, std::string hint) {
    return owner_error("plan-override", std::move(message), std::move(hint));
}

std::string cards_in_words(const Because& package_line) {
    return package_line.facts.empty() ? "" : ": " + join(package_line.facts, "; ");
}

/// Can the package that the owner wants be built for and run on this host?
Done check_package(const std::string& package, const GpuPlan& gpu, const facts::Machine& machine) {
    const std::string seen = cards_in_words(gpu.package_line);
    if (package == "llama-cpp-cuda" && !gpu.cuda_architectures)
        return fail(
            refused(fmt::format("the overrides want cuda, but {} has no card that CUDA serves{}", machine.host, seen),
                    "choose vulkan or cpu, or leave \"variant\" out"));
    if (package == "llama-cpp-rocm" && !gpu.rocm_targets)
        return fail(
            refused(fmt::format("the overrides want rocm, but {} ({}) has no card that ROCm can be compiled for{}",
                                machine.host, machine.system, seen),
                    "ROCm is on x86_64-linux only, for gfx9 and newer: choose vulkan or cpu"));
    return {};
}

/// The owner's package set of CUDA: it must compile for every card that code is made for.
Done overrule_cuda_set(const Wishes& wishes, const std::string& host, GpuPlan& gpu) {
    if (!wishes.wish.cuda_packages) return {};
    const std::string& wanted = *wishes.wish.cuda_packages;
    for (const Card& card : gpu.cards)
        if (wants_cuda_code(card, gpu.cards) && set_compiles_for(wanted, card.capability) == false)
            return fail(
                refused(fmt::format("the overrides want {}, which has no machine code for {} of {}", wanted,
                                    describe(card), host),
                        fmt::format("take \"cudaPackages\" out of {}, or name a set that compiles for {}.{}",
                                    wishes.said_at.at("cudaPackages"), card.capability / 10, card.capability % 10)));
    gpu.cuda_packages = wanted == "default" ? std::nullopt : std::optional(wanted);
    overrule(gpu.cuda_packages_line, gpu.cuda_packages.value_or("none"), wishes.said_at.at("cudaPackages"));
    return {};
}

/// What llama-cpp-multi and llama-cpp-universal load side by side.
Result<std::vector<std::string>> side_by_side(const std::string& package, const GpuPlan& gpu, const std::string& host) {
    if (package == "llama-cpp-universal") return gpu.backends;
    if (package != "llama-cpp-multi") return std::vector<std::string>{};
    if (!gpu.together.empty()) return gpu.together;
    std::vector<std::string> backends = gpu.backends;
    if (backends.size() == 1) backends.emplace_back("vulkan");
    if (backends.empty() || backends.front() == "vulkan")
        return fail(refused(fmt::format("the overrides want multi, but {} has no card that CUDA or ROCm serves{}", host,
                                        cards_in_words(gpu.package_line)),
                            "multi is CUDA and ROCm, or one of them with Vulkan: choose vulkan or cpu"));
    return backends;
}

/// Needed by the strategies whose packages carry the CPU variant's name.
Done check_variant(const std::string& strategy, const CpuPlan& cpu, const facts::Machine& machine) {
    if (strategy == "tailored" || cpu.variant) return {};
    return fail(refused(fmt::format("the strategy {} needs a CPU variant of ggml, and none is known for {}", strategy,
                                    printable(machine.cpu.architecture)),
                        "leave \"strategy\" and \"native\" out"));
}

/// ggml's variant is shared by CPUs that -march=native tells apart (Zen 4 and 5, Haswell to Zen 3): what one builds for
/// itself gets a name of its own.
std::optional<std::string> native_name(const Build& build, const facts::Cpu& cpu) {
    if (build.strategy != "builder-native" || !build.cpu_variant) return std::nullopt;
    const std::vector<std::string> features(cpu.features.begin(), cpu.features.end());  // sorted: a set
    return fmt::format("{}-{}", *build.cpu_variant, sha256_hex(join(features, " ")).substr(0, 8));
}

Because multi_line(const std::vector<std::string>& backends, const std::string& package) {
    Because line{"multi", backends.empty() ? "none" : join(backends, ", "), "multi-by-package", "", {}, {}};
    line.reason = backends.empty() ? "the package has one back end at most"
                                   : "every back end that serves a card of this host, loaded side by side";
    line.facts.push_back("the package is " + package);
    return line;
}

struct Parts {
    GpuPlan gpu;
    CpuPlan cpu;
    BuildPlan build;
    std::vector<std::string> measured;  ///< notes
};

/// The one flag that no package of nixpkgs sets and a host can need: the owner's word about it goes before.
void write_uncompressed(const std::vector<std::string>& facts, Plan& plan) {
    Build& build = plan.build;
    const std::string flag(kCompressionFlag);
    const bool cuda = build.package == "llama-cpp-cuda" || std::ranges::count(build.multi, "cuda") > 0;
    if (!cuda || facts.empty() || build.extra_flags.contains(flag)) return;
    build.extra_flags[flag] = "none";
    plan.because.push_back(uncompressed_line(facts));
}

/// Owner's flags that no rule writes.
Done add_extra_flags(const Wishes& wishes, const GpuPlan& gpu, Plan& plan) {
    for (const auto& [name, value] : wishes.wish.flags) {
        if (is_cpu_option(name) || name == "LLAMA_BUILD_SERVER") continue;
        if (name == "CMAKE_CUDA_ARCHITECTURES" || name == "CMAKE_HIP_ARCHITECTURES")
            return fail(
                refused(fmt::format("{} is not set under \"flags\"", name),
                        fmt::format("the plan writes exactly this host's cards: cuda {}, rocm {}",
                                    gpu.cuda_architectures.value_or("none"), gpu.rocm_targets.value_or("none"))));
        plan.build.extra_flags[name] = value;
        const Option* option = find_option(name);
        Because line{name, text_of(value), "owner-override", "the owner wants it so", {}, {}};
        line.facts.push_back("overrides.json says so at " + wishes.said_at.at(name));
        if (option != nullptr && !option->fallback.empty())
            line.losers.push_back(fmt::format("{}: the default of ggml {}", option->fallback, kGgmlVersion));
        plan.because.push_back(std::move(line));
    }
    return {};
}

void overrule_build(const Wishes& wishes, const Shape& shape, BuildPlan& build) {
    const auto line = [&](const char* name) -> Because& {
        return *std::ranges::find(build.because, name, &Because::line);
    };
    const auto switched = [&](const char* name, const char* wish, bool on, bool& value) {
        value = on;
        overrule(line(name), on ? "on" : "off", wishes.said_at.at(wish));
    };
    if (shape.strategy) {
        build.strategy = *shape.strategy;
        overrule(line("strategy"), *shape.strategy, shape.strategy_said_at);
    }
    if (wishes.wish.source) {
        build.source = *wishes.wish.source;
        overrule(line("source"), *wishes.wish.source, wishes.said_at.at("source"));
    }
    if (wishes.wish.blas) switched("blas", "blas", *wishes.wish.blas, build.blas);
    if (wishes.wish.openmp) switched("openmp", "openmp", *wishes.wish.openmp, build.openmp);
    if (const auto server = wishes.wish.flags.find("LLAMA_BUILD_SERVER"); server != wishes.wish.flags.end())
        switched("server", "LLAMA_BUILD_SERVER", server->second == FlagValue(true), build.server);
}

CpuWishes cpu_wishes(const Wishes& wishes, const Shape& shape, const GpuPlan& gpu) {
    CpuWishes out;
    out.cuda = gpu.cuda_architectures.has_value();
    out.native = shape.native.value_or(false);
    if (shape.native) out.native_said_at = shape.native_said_at;
    out.said_at = wishes.said_at;
    for (const auto& [name, value] : wishes.wish.flags)
        if (is_cpu_option(name)) out.flags[name] = value;
    return out;
}

std::vector<std::string> notes_of(const facts::Machine& machine, const Parts& parts, const Build& build) {
    std::vector<std::string> notes = parts.measured;
    if (notes.empty()) notes.emplace_back("nothing is measured yet: rules alone chose; `llama-fleet bench` compares");
    notes.insert(notes.end(), parts.gpu.notes.begin(), parts.gpu.notes.end());
    notes.insert(notes.end(), parts.cpu.notes.begin(), parts.cpu.notes.end());
    if (const auto amx = build.cpu_flags.find("GGML_AMX_INT8");
        amx != build.cpu_flags.end() && amx->second == FlagValue(true))
        notes.emplace_back(
            "AMX makes prompts faster and may make generation slower: measure it if replies matter more");
    if (build.strategy == "builder-native")
        notes.emplace_back(
            "builder-native: the machine that builds must be this host, and Nix cannot know when it is not");
    if (build.source == "nixpkgs" && build.package != "llama-cpp-universal")
        notes.emplace_back(
            "nixpkgs' package runs llama-server while it is built: Nix asks the builder for a feature such as "
            "llama-cpp-zen4 (doc/overlay.md)");
    const auto more = host_notes({machine, parts.gpu.cards, build});
    notes.insert(notes.end(), more.begin(), more.end());
    for (const std::string& note : machine.notes) notes.push_back("facts: " + printable(note));
    return notes;
}

/// What was measured on the host, over what its facts say. A measurement that asks for what the facts do not prove
/// changes nothing: facts never make a plan fail, and neither does what was measured.
void take_up(const MeasuredQuestion& question, Parts& parts) {
    if (const auto why = why_not_used(question)) {
        parts.measured.push_back("a measurement is there: " + *why);
        return;
    }
    parts.measured = measured_notes(question.choice);
    GpuPlan measured = parts.gpu;
    measured.package = measured_package(question, measured.package_line, parts.measured);
    const bool card = measured.package == "llama-cpp-cpu" ||
                      std::ranges::any_of(question.machine.gpus, [](const auto& gpu) { return !is_given_away(gpu); });
    if (card && check_package(measured.package, parts.gpu, question.machine)) {
        parts.gpu = std::move(measured);
    } else {
        parts.measured.push_back(
            fmt::format("{} was measured fastest, but no card that it serves is in the facts: {} stays",
                        question.choice.backend, parts.gpu.package));
    }
    take_measured_variant(question, parts.cpu);
}

void gather(Parts& parts, Plan& plan) {
    plan.because.push_back(std::move(parts.gpu.package_line));
    for (Because& line : parts.build.because) plan.because.push_back(std::move(line));
    plan.because.push_back(std::move(parts.gpu.cuda_line));
    plan.because.push_back(std::move(parts.gpu.cuda_packages_line));
    plan.because.push_back(std::move(parts.gpu.rocm_line));
    plan.because.push_back(multi_line(plan.build.multi, plan.build.package));
    for (Because& line : parts.cpu.because) plan.because.push_back(std::move(line));
}

}  // namespace

Result<Plan> make_plan(const facts::Machine& machine, const Overrides& overrides,
                       const std::optional<facts::Choice>& choice) {
    const Wishes wishes = wishes_for(overrides, machine.host);
    LF_ASSIGN(const Shape shape, shape_of(wishes));
    Parts parts;
    parts.gpu = plan_gpu(machine);
    const CpuWishes cpu = cpu_wishes(wishes, shape, parts.gpu);
    LF_ASSIGN(parts.cpu, plan_cpu(machine.cpu, cpu));
    if (choice)
        take_up({machine, *choice, shape.package.has_value(), shape.native.has_value() || !cpu.flags.empty()}, parts);
    const std::string package = shape.package.value_or(parts.gpu.package);
    LF_TRY(check_package(package, parts.gpu, machine));
    LF_TRY(overrule_cuda_set(wishes, machine.host, parts.gpu));
    const auto avx2 = parts.cpu.flags.find("GGML_AVX2");
    parts.build = plan_build(
        {package, machine.cpu.architecture, avx2 != parts.cpu.flags.end() && avx2->second == FlagValue(true)});
    overrule_build(wishes, shape, parts.build);
    LF_TRY(check_variant(parts.build.strategy, parts.cpu, machine));

    Plan plan;
    plan.host = machine.host;
    plan.system = machine.system;
    Build& build = plan.build;
    build.strategy = parts.build.strategy;
    build.package = package;
    build.source = parts.build.source;
    build.blas = parts.build.blas;
    build.openmp = parts.build.openmp;
    build.server = parts.build.server;
    build.cpu_flags = parts.cpu.flags;
    build.cpu_variant = parts.cpu.variant;
    build.cpu_native = native_name(build, machine.cpu);
    build.cuda_architectures = parts.gpu.cuda_architectures;
    build.cuda_packages = parts.gpu.cuda_packages;
    build.rocm_targets = parts.gpu.rocm_targets;
    LF_ASSIGN(build.multi, side_by_side(package, parts.gpu, machine.host));
    if (shape.package) overrule(parts.gpu.package_line, package, shape.package_said_at);
    plan.notes = notes_of(machine, parts, build);
    gather(parts, plan);
    LF_TRY(add_extra_flags(wishes, parts.gpu, plan));
    write_uncompressed(parts.gpu.cuda_uncompressed, plan);
    return plan;
}

}  // namespace lf::plan
