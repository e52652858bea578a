// SPDX-License-Identifier: MIT
#include "plan/rules_cpu.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/feature_words.h"
#include "plan/arm_arch.h"
#include "plan/cpu_options.h"
#include "plan/cpu_variants.h"
#include "plan/rules_other_cpu.h"

namespace lf::plan {
namespace {

constexpr RuleText kNative = {
    "native-off", "always", "GGML_NATIVE off, one option for each feature",
    "with it on ggml ignores every explicit option, and Nix' compiler wrapper strips -march=native: plain SSE2",
    "ggml 0.21.0 CMakeLists.txt; nixpkgs cc-wrapper.sh; llama.cpp pull request 5066"};
constexpr RuleText kVariant = {
    "best-variant-that-runs", "ggml has CPU variants for this architecture",
    "cpu.variant: the one with the highest score whose options are all on",
    "ggml itself would load this one of its CPU variants; the plan may switch on more than it has",
    "ggml 0.21.0 src/CMakeLists.txt, cpu-feats.cpp: names and scores"};
constexpr RuleText kNoVariant = {"no-variant-known", "any other architecture", "cpu.variant none",
                                 "no CPU variant of ggml is known for this architecture", ""};
constexpr RuleText kArmArch = {
    "arm-march-by-hwcaps", "the CPU is aarch64 and cpu.features proves armv8.2-a",
    "GGML_CPU_ARM_ARCH: the highest version and every extension that is proven",
    "ARM has no option a feature: ggml takes one -march string, and without it builds for armv8-a of 2011",
    "ggml 0.21.0 src/ggml-cpu/CMakeLists.txt; Linux elf_hwcaps.rst; GCC aarch64-option-extensions.def"};
constexpr std::string_view kArmSource = "GCC aarch64-arches.def, aarch64-option-extensions.def; Linux elf_hwcaps.rst";
constexpr std::string_view kOffReason =
    "it would make the compiler emit instructions that not every CPU of this host is known to have";

struct Evidence {
    bool holds = true;
    std::vector<std::string> facts;
};

std::string joined(const std::vector<std::string_view>& parts) { return fmt::format("{}", fmt::join(parts, ", ")); }

/// Are all of `needed` features of every CPU? Says what was seen.
Evidence look_for(const facts::Cpu& cpu, std::string_view needed) {
    std::vector<std::string_view> there;
    std::vector<std::string_view> missing;
    std::vector<std::string_view> on_some;
    for (const std::string_view feature : words(needed)) {
        const std::string name(feature);
        (cpu.features.contains(name) ? there : missing).push_back(feature);
        if (!cpu.features.contains(name) && cpu.features_some.contains(name)) on_some.push_back(feature);
    }
    Evidence seen;
    seen.holds = missing.empty();
    if (!there.empty()) seen.facts.push_back("cpu.features has " + joined(there));
    if (!missing.empty()) seen.facts.push_back("cpu.features lacks " + joined(missing));
    if (!on_some.empty()) seen.facts.push_back("only some CPUs have " + joined(on_some) + " (cpu.features_some)");
    return seen;
}

void look_at_options(const Flags& flags, const CpuOption& row, Evidence& seen) {
    if (!row.not_with.empty() && flags.at(std::string(row.not_with)) == FlagValue(true)) {
        seen.holds = false;
        seen.facts.push_back(fmt::format("{} is on, and a compiler takes one of the two only", row.not_with));
    }
    for (const std::string_view option : words(row.builds_on)) {
        if (flags.at(std::string(option)) == FlagValue(true)) continue;
        seen.holds = false;
        seen.facts.push_back(fmt::format("{} is off, and this builds on it", option));
    }
}

std::string_view on_off(bool value) { return value ? "on" : "off"; }

Because by_rule(const CpuOption& option, const Evidence& seen) {
    const bool on = seen.holds && option.opt_in.empty();
    Because line{std::string(option.name),
                 std::string(on_off(on)),
                 std::string(option.rule),
                 std::string(on           ? option.because
                             : seen.holds ? option.opt_in
                                          : kOffReason),
                 seen.facts,
                 {}};
    if (!seen.holds) line.losers.push_back("on: a program that meets such an instruction is killed (SIGILL)");
    if (seen.holds && !on) line.losers.push_back(fmt::format("on: {}; the owner may want it", option.because));
    if (on && !option.loser.empty()) line.losers.emplace_back(option.loser);
    return line;
}

Done add_option(const facts::Cpu& cpu, const CpuWishes& wishes, const CpuOption& option, CpuPlan& plan) {
    Evidence seen = look_for(cpu, option.features);
    look_at_options(plan.flags, option, seen);
    const std::string name(option.name);
    Because line = by_rule(option, seen);
    bool value = seen.holds && option.opt_in.empty();
    if (const auto wish = wishes.flags.find(name); wish != wishes.flags.end()) {
        value = wish->second == FlagValue(true);
        if (value && !seen.holds)
            return fail(owner_error("plan-override",
                                    fmt::format("the overrides switch {} on, which this host cannot run: {}", name,
                                                fmt::join(seen.facts, "; ")),
                                    fmt::format("take {} out of {}; a plan never asks for a feature that a CPU lacks",
                                                name, wishes.said_at.at(name))));
        line = by_owner(std::move(line), std::string(on_off(value)), wishes.said_at.at(name));
    }
    if (wishes.native) line.facts.emplace_back("ggml ignores it while GGML_NATIVE is on");
    plan.flags[name] = value;
    plan.because.push_back(std::move(line));
    return {};
}

void add_native(const CpuWishes& wishes, CpuPlan& plan) {
    Because line{"GGML_NATIVE", "off", std::string(kNative.id), std::string(kNative.because), {}, {}};
    line.losers.emplace_back("on: only the strategy builder-native makes it real");
    if (wishes.native_said_at)
        line = by_owner(std::move(line), std::string(on_off(wishes.native)), *wishes.native_said_at);
    plan.flags["GGML_NATIVE"] = wishes.native;
    plan.because.push_back(std::move(line));
}

// --- ARM
// ---------------------------------------------------------------------------------------------------------------

/// Does every CPU have what the owner's string makes the compiler emit? Else what it asks for.
std::optional<std::string> why_not(const facts::Cpu& cpu, const std::string& wanted) {
    const auto needed = march_needs(wanted);
    if (!needed) return "a part of it is not known";
    const auto missing = facts::lacking(cpu.features, *needed);
    if (missing.empty()) return std::nullopt;
    return "it lacks " + joined(missing);
}

Done add_march(const facts::Cpu& cpu, const CpuWishes& wishes, CpuPlan& plan) {
    March march = planned_march(cpu, !wishes.cuda);
    Because line{"GGML_CPU_ARM_ARCH",      march.text.empty() ? "none" : march.text,
                 std::string(kArmArch.id), std::string(kArmArch.because),
                 std::move(march.facts),   std::move(march.losers)};
    if (march.text.empty()) line.reason = "not written: armv8.2-a is not proven, and armv8-a runs on every aarch64 CPU";
    if (const auto wish = wishes.flags.find("GGML_CPU_ARM_ARCH"); wish != wishes.flags.end()) {
        const std::string& wanted = std::get<std::string>(wish->second);
        if (const auto why = why_not(cpu, wanted))
            return fail(owner_error(
                "plan-override",
                fmt::format("the overrides want GGML_CPU_ARM_ARCH={}, but only {} is proven of this host: {}", wanted,
                            march.text.empty() ? "armv8-a" : march.text, *why),
                "leave out the extensions that the host is not known to have"));
        march.text = wanted;
        line = by_owner(std::move(line), wanted.empty() ? "none" : wanted, wishes.said_at.at("GGML_CPU_ARM_ARCH"));
    }
    if (march.text.empty()) plan.notes.emplace_back("the CPU is planned for as armv8-a, the least that aarch64 has");
    if (march.text.ends_with("+sme"))
        plan.notes.emplace_back(
            "+sme needs GCC 14 or clang 18 (nixpkgs since 25.05); an override of GGML_CPU_ARM_ARCH takes it out");
    if (!march.text.empty()) plan.flags["GGML_CPU_ARM_ARCH"] = march.text;
    plan.because.push_back(std::move(line));
    return {};
}

// --- the nearest CPU variant
// -------------------------------------------------------------------------------------------

std::string missing_of(const CpuVariant& variant, const Flags& flags) {
    std::vector<std::string> missing;
    for (const std::string_view option : words(variant.options))
        if (const std::string name = "GGML_" + std::string(option); flags.at(name) != FlagValue(true))
            missing.push_back(name);
    return join(missing, ", ");
}

/// What the plan switches on and ggml's variant does not have.
void compare_with_variant(const std::string& march, const CpuVariant& best, Because& line) {
    std::vector<std::string_view> beyond;
    for (const ArmExtension& extension : arm_extensions())
        if (std::ranges::count(split(march, '+'), extension.name) > 0 &&
            std::ranges::count(words(best.options), extension.name) == 0)
            beyond.push_back(extension.name);
    if (!beyond.empty()) {
        std::string fact =
            fmt::format("the plan has {} besides, and no variant of ggml for Linux is this set", joined(beyond));
        if (const CpuVariant* other = arm_variant_elsewhere(march))
            fact += fmt::format("; elsewhere {} is", other->name);
        line.facts.push_back(std::move(fact));
    }
    for (const CpuVariant& variant : arm_variants()) {
        if (variant.score <= best.score) continue;
        std::vector<std::string_view> missing = words(variant.options);
        std::erase_if(missing,
                      [&](std::string_view option) { return std::ranges::count(split(march, '+'), option) > 0; });
        line.losers.push_back(fmt::format("{}: needs {}", variant.name, joined(missing)));
    }
}

Because variant_line(const facts::Cpu& cpu, CpuPlan& plan) {
    Because line{"cpu.variant", "none", std::string(kNoVariant.id), std::string(kNoVariant.because), {}, {}};
    line.facts.push_back("cpu.architecture is " + printable(cpu.architecture));
    const bool x86 = plan.flags.contains("GGML_SSE42");
    if (!x86 && cpu.architecture != "aarch64") return line;
    const auto flag = plan.flags.find("GGML_CPU_ARM_ARCH");
    const std::string march = flag == plan.flags.end() ? "" : std::get<std::string>(flag->second);
    const CpuVariant& best = x86 ? best_x86_variant(plan.flags) : best_arm_variant(march);
    plan.variant = std::string(best.name);
    line.value = best.name;
    line.rule = kVariant.id;
    line.reason = kVariant.because;
    line.facts.push_back(fmt::format("its score is {}, the highest of those whose options are all on", best.score));
    if (!x86) {
        compare_with_variant(march, best, line);
        return line;
    }
    for (const CpuVariant& variant : x86_variants())
        if (variant.score > best.score)
            line.losers.push_back(fmt::format("{}: needs {}", variant.name, missing_of(variant, plan.flags)));
    return line;
}

void add_notes(const facts::Cpu& cpu, const CpuWishes& wishes, CpuPlan& plan) {
    std::vector<std::string_view> lost;
    const CpuArchitecture* architecture = find_architecture(cpu.architecture);
    for (const CpuOption& option : architecture != nullptr ? architecture->options : std::span<const CpuOption>())
        for (const std::string_view feature : words(option.features))
            if (cpu.features_some.contains(std::string(feature)) && !cpu.features.contains(std::string(feature)))
                lost.push_back(feature);
    if (!lost.empty())
        plan.notes.push_back(fmt::format(
            "only some CPUs of this host have {}; a program runs on all of them, so it is not used", joined(lost)));
    if (cpu.features.empty())
        plan.notes.emplace_back(
            "no CPU feature could be read: nothing beyond the architecture's minimum is switched on");
    if (!has_cpu_rules(cpu.architecture))
        plan.notes.push_back(fmt::format("no rule knows the architecture {}: ggml's portable defaults are built",
                                         printable(cpu.architecture)));
    for (const auto& [name, value] : wishes.flags)
        if (!plan.flags.contains(name))
            plan.notes.push_back(
                fmt::format("{} is left out: {} has no such option", name, printable(cpu.architecture)));
}

}  // namespace

bool has_cpu_rules(std::string_view architecture) {
    return find_architecture(architecture) != nullptr || architecture == "aarch64" ||
           find_cpu_name_option(architecture) != nullptr;
}

Because by_owner(Because rule, std::string value, const std::string& said_at) {
    rule.losers = {fmt::format("{}: what the rule {} says: {}", rule.value, rule.rule, rule.reason)};
    rule.value = std::move(value);
    rule.rule = "owner-override";
    rule.reason = "the owner wants it so";
    rule.facts.insert(rule.facts.begin(), fmt::format("overrides.json says so at {}", said_at));
    return rule;
}

bool is_cpu_option(const std::string& name) {
    if (name == "GGML_CPU_ARM_ARCH" || std::ranges::count(cpu_name_options(), name, &CpuNameOption::name) > 0)
        return true;
    return std::ranges::any_of(cpu_architectures(), [&](const CpuArchitecture& architecture) {
        return std::ranges::count(architecture.options, name, &CpuOption::name) > 0;
    });
}

Result<CpuPlan> plan_cpu(const facts::Cpu& cpu, const CpuWishes& wishes) {
    CpuPlan plan;
    add_native(wishes, plan);
    if (const CpuArchitecture* architecture = find_architecture(cpu.architecture); architecture != nullptr) {
        for (const CpuOption& option : architecture->options) LF_TRY(add_option(cpu, wishes, option, plan));
    } else if (cpu.architecture == "aarch64") {
        LF_TRY(add_march(cpu, wishes, plan));
    } else if (const CpuNameOption* option = find_cpu_name_option(cpu.architecture); option != nullptr) {
        LF_TRY(add_cpu_name(cpu, wishes, *option, plan));
    }
    plan.because.insert(plan.because.begin(), variant_line(cpu, plan));
    add_notes(cpu, wishes, plan);
    return plan;
}

std::vector<RuleChapter> cpu_rules() {
    std::vector<RuleChapter> chapters;
    chapters.push_back({"CPU: all architectures",
                        "Features count only where every online CPU has them (`cpu.features`); those of some CPUs "
                        "(`cpu.features_some`) are reported and never planned for.",
                        {entry_of(kNative), entry_of(kVariant), entry_of(kNoVariant)}});
    for (const CpuArchitecture& architecture : cpu_architectures()) {
        RuleChapter chapter{std::string(architecture.title),
                            "Every option is written, on or off, so that a plan means the same in every environment.",
                            {}};
        for (const CpuOption& option : architecture.options) {
            std::string when = "every CPU has " + joined(words(option.features));
            if (!option.builds_on.empty()) when += "; on: " + joined(words(option.builds_on));
            if (!option.not_with.empty()) when += fmt::format("; off: {}", option.not_with);
            const bool wanted = !option.opt_in.empty();
            chapter.rules.push_back(
                {std::string(option.rule), when,
                 fmt::format("{} {}", option.name, wanted ? "off until the owner wants it on" : "on, else off"),
                 std::string(wanted ? option.opt_in : option.because), std::string(architecture.source)});
        }
        chapters.push_back(std::move(chapter));
    }
    RuleChapter arm{"CPU: aarch64", "ggml takes one -march string here.", {entry_of(kArmArch)}};
    for (const ArmBase& base : arm_bases())
        if (!base.because.empty() && !features_of(base).empty())
            arm.rules.push_back({fmt::format("arm-version-{}", base.name),
                                 fmt::format("every CPU has {}", joined(features_of(base))), std::string(base.name),
                                 std::string(base.because), std::string(kArmSource)});
    for (const ArmExtension& extension : arm_extensions()) {
        std::string when = "every CPU has " + joined(words(extension.features));
        if (!extension.also.empty()) when += ", " + joined(words(extension.also));
        if (!extension.builds_on.empty()) when += fmt::format("; {} is there", extension.builds_on);
        arm.rules.push_back({fmt::format("arm-{}", extension.name), std::move(when), fmt::format("+{}", extension.name),
                             std::string(extension.because), std::string(kArmSource)});
    }
    chapters.push_back(std::move(arm));
    for (RuleChapter& chapter : other_cpu_rules()) chapters.push_back(std::move(chapter));
    return chapters;
}

}  // namespace lf::plan
