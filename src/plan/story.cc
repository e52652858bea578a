// SPDX-License-Identifier: MIT
#include "plan/story.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/wrap.h"
#include "facts/x86_features.h"
#include "plan/arm_arch.h"
#include "plan/cpu_options.h"
#include "plan/explain.h"
#include "plan/rules_doc.h"
#include "plan/rules_gpu.h"
#include "plan/rules_other_cpu.h"

namespace lf::plan {
namespace {

std::string online(const facts::Cpu& cpu) {
    if (!cpu.cpus) return "on every online CPU";
    return *cpu.cpus == 1 ? "on the one online CPU" : fmt::format("on all {} online CPUs", *cpu.cpus);
}

std::string cpuid_place(const facts::X86Feature& feature) {
    constexpr std::string_view kRegisters[] = {"EAX", "EBX", "ECX", "EDX"};
    return fmt::format("CPUID leaf {:#x} subleaf {}, {} bit {}", feature.leaf, feature.subleaf,
                       kRegisters[static_cast<std::size_t>(feature.where)], feature.bit);
}

// Where `features` of a machine is from, by cpu.source.
struct Place {
    std::string_view source;
    std::string_view text;
};
constexpr Place kPlaces[] = {
    {"cpuinfo", "the flags of every CPU in /proc/cpuinfo (x86: flags, ARM: Features, RISC-V: isa)"},
    {"hwcap", "the kernel's hardware capabilities (AT_HWCAP and AT_HWCAP2 of getauxval)"},
    {"facter", "the CPU features in facter.json of nixos-facter"},
};

/// Where the feature is looked up on this machine.
std::string place_of(const facts::Cpu& cpu, std::string_view feature) {
    const facts::X86Feature* bit = cpu.architecture == "x86_64" ? facts::find_x86_feature(feature) : nullptr;
    if (cpu.source == "cpuid" && bit != nullptr) return cpuid_place(*bit);
    const auto* const place = std::ranges::find_if(kPlaces, [&](const Place& row) { return cpu.source == row.source; });
    if (place != std::end(kPlaces)) return std::string(place->text);
    std::string out = "the facts do not say where they were read";
    if (bit != nullptr) out += fmt::format(" (a CPU shows it in {})", cpuid_place(*bit));
    return out;
}

std::vector<std::string_view> features_behind(const facts::Cpu& cpu, std::string_view line) {
    std::vector<std::string_view> out;
    const auto add = [&](std::string_view features) {
        for (const std::string_view feature : split(features, ' '))
            if (!feature.empty() && std::ranges::count(out, feature) == 0) out.push_back(feature);
    };
    if (const CpuArchitecture* architecture = find_architecture(cpu.architecture))
        for (const CpuOption& option : architecture->options)
            if (option.name == line) add(option.features);
    if (const CpuNameOption* option = find_cpu_name_option(cpu.architecture); option != nullptr && option->name == line)
        for (const CpuName& row : option->values) add(row.features);
    if (line == "GGML_CPU_ARM_ARCH" && cpu.architecture == "aarch64") {
        for (const ArmBase& base : arm_bases()) add(base.features);
        for (const ArmExtension& extension : arm_extensions()) add(extension.features);
    }
    return out;
}

bool is_about_cards(std::string_view line) {
    constexpr std::string_view kLines[] = {"package", "cuda.architectures", "cuda.packages", "rocm.targets", "multi"};
    return std::ranges::count(kLines, line) > 0;
}

std::optional<RuleEntry> rule_named(std::string_view id) {
    for (const RuleChapter& chapter : all_rules())
        for (const RuleEntry& rule : chapter.rules)
            if (rule.id == id) return rule;
    return std::nullopt;
}

template <class T>
std::string shown(const T& value) {
    if constexpr (std::is_same_v<T, bool>) return value ? "yes" : "no";
    else if constexpr (std::is_same_v<T, std::int64_t>) return std::to_string(value);
    else return printable(value);
}

}  // namespace

std::string feature_story(const facts::Cpu& cpu, std::string_view feature) {
    const std::string name(feature);
    const std::string place = place_of(cpu, feature);
    const facts::X86Feature* bit = cpu.architecture == "x86_64" ? facts::find_x86_feature(feature) : nullptr;
    const bool saved = cpu.source == "cpuid" && bit != nullptr && bit->state != facts::SavedState::none;
    if (cpu.features.contains(name))
        return fmt::format("{}: {}{}, {}", printable(name), place,
                           saved ? fmt::format(", and the operating system saves {}", describe(bit->state)) : "",
                           online(cpu));
    std::string out = fmt::format("{}: {}: ", printable(name), place);
    if (cpu.features_some.contains(name)) return out + "on some online CPUs only, so it cannot be planned for";
    if (cpu.features_masked.contains(name))
        return out + "not shown, though every CPU of this kind has it: a hypervisor, firmware or the kernel hides it";
    if (cpu.features.empty()) return out + "no feature could be read";
    return out + (saved ? fmt::format("not set, or the operating system does not save {}", describe(bit->state))
                        : std::string("not there"));
}

std::vector<std::string> card_story(const facts::Machine& machine, std::size_t index) {
    const facts::Gpu& gpu = machine.gpus[index];
    std::vector<std::string> out;
    out.push_back(fmt::format("gpus[{}]: vendor {:04x}, device {:04x}, at {}", index, gpu.vendor_id, gpu.device_id,
                              gpu.address.empty() ? "an unknown address" : printable(gpu.address)));
    const auto tell = [&](const char* field, const auto& value) {
        if (!value) return;
        const auto source = gpu.known_by.find(field);
        out.push_back(fmt::format("gpus[{}].{} is {}{}", index, field, shown(*value),
                                  source == gpu.known_by.end() ? "" : ", from " + printable(source->second)));
    };
    tell("name", gpu.name);
    tell("chip", gpu.chip);
    tell("architecture", gpu.architecture);
    tell("compute_capability", gpu.compute_capability);
    tell("gfx_target", gpu.gfx_target);
    tell("integrated", gpu.integrated);
    tell("driver", gpu.driver);
    tell("driver_version", gpu.driver_version);
    tell("memory_mib", gpu.memory_mib);
    tell("shared_mib", gpu.shared_mib);
    tell("vulkan_driver", gpu.vulkan_driver);
    tell("partition", gpu.partition);
    return out;
}

Result<std::string> tell_line(const Plan& plan, const facts::Machine& machine, std::string_view name) {
    LF_ASSIGN(std::string out, explain_line(plan, name));
    const Because& line = *find_line(plan, name);
    if (const auto rule = rule_named(line.rule)) {
        out += wrapped("  when     ", rule->when);
        if (!rule->source.empty()) out += wrapped("  source   ", rule->source);
    }
    for (const std::string_view feature : features_behind(machine.cpu, line.line))
        out += wrapped("  known    ", feature_story(machine.cpu, feature));
    if (!is_about_cards(line.line)) return out;
    const std::vector<Card> cards = judge_cards(machine);
    for (const Card& card : cards) {
        for (const std::string& fact : card_story(machine, card.index)) out += wrapped("  known    ", fact);
        out += wrapped("  card     ", fmt::format("gpus[{}]: {} by the rule {}: {}", card.index, name_of(card.backend),
                                                  card.rule->id, card.rule->because));
        if (!card.rule->source.empty()) out += wrapped("  source   ", std::string(card.rule->source));
    }
    return out;
}

}  // namespace lf::plan
