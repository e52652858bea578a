// SPDX-License-Identifier: MIT
#include "plan/measured.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "plan/cpu_options.h"
#include "plan/cpu_variants.h"

namespace lf::plan {
namespace {

constexpr RuleText kBackend = {"measured-backend",
                               "bench --choose found another backend faster than the default, the rules' backend was "
                               "among its candidates, and the "
                               "owner chose none",
                               "the package of that backend",
                               "it was measured fastest of these candidates, with this model, at this revision",
                               "llama-fleet/bench/<host>.json"};
constexpr RuleText kVariant = {
    "measured-variant",
    "bench --choose found a narrower CPU variant faster than the default, on the CPU, and the owner set no CPU flag",
    "the options that this variant lacks are off",
    "it was measured fastest of these candidates, with this model, at this revision", "llama-fleet/bench/<host>.json"};

std::string ratio_text(std::string_view what, const std::optional<facts::Estimate>& ratio) {
    if (!ratio) return {};
    return fmt::format("{} {:.2f}x ({:.2f} to {:.2f})", what, ratio->mean, ratio->low, ratio->high);
}

/// "generation 1.18x (1.15 to 1.21), prompts 0.55x (…), n = 12, against dispatch".
std::string evidence(const facts::Choice& choice) {
    std::vector<std::string> parts;
    for (const std::string& part : {ratio_text("prompts", choice.prompt), ratio_text("generation", choice.generation)})
        if (!part.empty()) parts.push_back(part);
    parts.push_back(fmt::format("n = {}, against {}", choice.pairs, printable(choice.default_candidate)));
    return join(parts, ", ");
}

/// What was ruled stays visible as a loser.
void overrule(Because& line, std::string value, const RuleText& rule, const facts::Choice& choice) {
    line.losers.insert(line.losers.begin(),
                       fmt::format("{}: what the rule {} says: {}", line.value, line.rule, line.reason));
    line.value = std::move(value);
    line.rule = rule.id;
    line.reason = rule.because;
    line.facts.insert(line.facts.begin(),
                      fmt::format("measured {}: {}", printable(choice.candidate), evidence(choice)));
}

/// "llama-cpp-cuda" → "cuda"; "multi" and "universal" hold several.
std::string_view backend_of(std::string_view package) {
    constexpr std::string_view kPrefix = "llama-cpp-";
    return package.starts_with(kPrefix) ? package.substr(kPrefix.size()) : package;
}

const CpuVariant* find_x86(std::string_view name) {
    const auto all = x86_variants();
    const auto found = std::find_if(all.begin(), all.end(), [&](const CpuVariant& v) { return v.name == name; });
    return found == all.end() ? nullptr : &*found;
}

/// The options by which ggml's variants differ, "GGML_" in front.
std::set<std::string> variant_options() {
    std::set<std::string> names;
    for (const CpuVariant& variant : x86_variants())
        for (const std::string_view option : words(variant.options)) names.insert("GGML_" + std::string(option));
    return names;
}

bool is_on(const Flags& flags, const std::string& name) {
    const auto found = flags.find(name);
    return found != flags.end() && found->second == FlagValue(true);
}

Because* line_of(CpuPlan& cpu, std::string_view name) {
    const auto found =
        std::find_if(cpu.because.begin(), cpu.because.end(), [&](const Because& b) { return b.line == name; });
    return found == cpu.because.end() ? nullptr : &*found;
}

void switch_off(CpuPlan& cpu, const std::string& name, const facts::Choice& choice) {
    cpu.flags[name] = false;
    if (Because* line = line_of(cpu, name)) overrule(*line, "off", kVariant, choice);
}

/// In the tables' order, so that what builds on an option that went is met after it.
void switch_off_what_lacks(CpuPlan& cpu, const CpuVariant& variant, const CpuArchitecture& architecture,
                           const facts::Choice& choice) {
    const std::set<std::string> differing = variant_options();
    std::set<std::string> kept;
    for (const std::string_view option : words(variant.options)) kept.insert("GGML_" + std::string(option));
    for (const CpuOption& option : architecture.options) {
        const std::string name(option.name);
        if (!is_on(cpu.flags, name)) continue;
        bool stands = !differing.contains(name) || kept.contains(name);
        for (const std::string_view below : words(option.builds_on))
            stands = stands && is_on(cpu.flags, std::string(below));
        if (!stands) switch_off(cpu, name, choice);
    }
}

/// Is all that the variant needs switched on by the rules?
bool is_within(const CpuVariant& variant, const Flags& flags) {
    const auto options = words(variant.options);
    return std::all_of(options.begin(), options.end(),
                       [&](std::string_view option) { return is_on(flags, "GGML_" + std::string(option)); });
}

}  // namespace

std::optional<std::string> why_not_used(const MeasuredQuestion& question) {
    const auto& model = question.machine.cpu.model_name;
    const std::string measured_on(trim(question.choice.cpu));
    if (model && !measured_on.empty() && trim(*model) != measured_on)
        return fmt::format("not used: it was measured on another CPU ({}); measure again: llama-fleet bench --choose",
                           printable(measured_on));
    if (question.choice.candidate == question.choice.default_candidate)
        return fmt::format("nothing is changed by it: {} was not beaten", printable(question.choice.candidate));
    if (question.choice.backend == "other")
        return fmt::format("not used: no package has the backend of {}", printable(question.choice.device));
    if (question.choice.verdict != "faster")
        return fmt::format("nothing is changed by it: {} and the default could not be told apart",
                           printable(question.choice.candidate));
    return std::nullopt;
}

std::string measured_package(const MeasuredQuestion& question, Because& line, std::vector<std::string>& notes) {
    const facts::Choice& choice = question.choice;
    std::string ruled = line.value;
    std::string package = "llama-cpp-" + choice.backend;
    const std::string backend(backend_of(ruled));
    if (package == ruled || question.owner_chose_package) return ruled;
    if (std::find(choice.backends.begin(), choice.backends.end(), backend) == choice.backends.end()) {
        notes.push_back(fmt::format("{} was measured fastest, but {} was not among the candidates: it stays",
                                    choice.backend, ruled));
        return ruled;
    }
    overrule(line, package, kBackend, choice);
    return package;
}

void take_measured_variant(const MeasuredQuestion& question, CpuPlan& cpu) {
    const facts::Choice& choice = question.choice;
    if (choice.backend != "cpu" || !choice.cpu_variant || choice.cpu_variant == cpu.variant) return;
    const std::string name = printable(*choice.cpu_variant);
    if (!choice.server_arguments.empty()) {
        cpu.notes.push_back(
            fmt::format("the variant {} was measured fastest together with other run-time parameters: the "
                        "CPU flags stay; compare it alone: bench --candidate variant={}",
                        name, name));
        return;
    }
    if (question.owner_chose_cpu) {
        cpu.notes.push_back(fmt::format("the variant {} was measured fastest; the owner's CPU flags stay", name));
        return;
    }
    const CpuVariant* variant = find_x86(*choice.cpu_variant);
    const CpuArchitecture* architecture = find_architecture(question.machine.cpu.architecture);
    if (variant == nullptr || architecture == nullptr || !is_within(*variant, cpu.flags)) {
        cpu.notes.push_back(
            fmt::format("the variant {} was measured fastest, but the facts do not prove that this host "
                        "can run it: measure again",
                        name));
        return;
    }
    switch_off_what_lacks(cpu, *variant, *architecture, choice);
    if (Because* line = line_of(cpu, "cpu.variant")) overrule(*line, name, kVariant, choice);
    cpu.variant = name;
}

std::vector<std::string> measured_notes(const facts::Choice& choice) {
    std::vector<std::string> notes;
    notes.push_back(fmt::format("measured fastest of these candidates, with {}, at {}: {} ({})",
                                printable(choice.model), printable(choice.revision), printable(choice.candidate),
                                evidence(choice)));
    if (!choice.server_arguments.empty())
        notes.push_back(
            fmt::format("measured run-time parameters: llama-server {}", join(choice.server_arguments, " ")));
    return notes;
}

std::vector<RuleChapter> measured_rules() {
    return {
        {"What was measured",
         "A result of `llama-fleet bench --choose` in `llama-fleet/bench/<host>.json` is one more fact. It is used "
         "where its verdict is \"faster\" and the CPU is still the one that it was measured on. It takes away what the "
         "measured variant lacks and adds nothing; on ARM it changes no flag.",
         {entry_of(kBackend), entry_of(kVariant)}}};
}

}  // namespace lf::plan
