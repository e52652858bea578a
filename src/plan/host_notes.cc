// SPDX-License-Identifier: MIT
#include "plan/host_notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/codec.h"

namespace lf::plan {
namespace {

bool used(const NoteFacts& facts, const Card& card) {
    return card.backend != Backend::none && uses(facts.build, name_of(card.backend));
}

bool on_gpu(const NoteFacts& facts) {
    return std::ranges::any_of(facts.cards, [&](const Card& card) { return used(facts, card); });
}

std::string gib(std::int64_t mib) { return fmt::format("{}.{} GiB", mib / 1024, mib % 1024 * 10 / 1024); }

std::string memory_on_gpu(const NoteFacts& facts) {
    if (!on_gpu(facts)) return "";
    std::vector<std::string> unknown;
    for (const Card& card : facts.cards)
        if (used(facts, card) && !memory_budget_mib(*card.gpu)) unknown.push_back(describe(card));
    if (!unknown.empty())
        return fmt::format("how large a model fits on the GPU cannot be said: the memory of {} is not in the facts",
                           join(unknown, ", "));
    const auto room = model_memory_mib(facts);
    return room ? fmt::format(
                      "models up to {} fit on the GPU, weights and context together: its memory less {} MiB a "
                      "card; what is larger is computed in part on the CPU",
                      gib(*room), kMarginMib)
                : "";
}

std::string memory_on_cpu(const NoteFacts& facts) {
    if (on_gpu(facts) || !facts.machine.memory_mib) return "";
    return fmt::format(
        "models up to {} fit in memory, weights and context together: MemTotal less {} MiB; a limit of "
        "a service or container can be lower",
        gib(std::max<std::int64_t>(*facts.machine.memory_mib - kMarginMib, 0)), kMarginMib);
}

std::string moved(const NoteFacts& facts) {
    const auto& hypervisor = facts.machine.cpu.hypervisor;
    if (!hypervisor) return "";
    return fmt::format(
        "a virtual machine ({}): the plan is for the features that it shows now; moving it to an older host, also "
        "live, would stop the program. \"strategy\": \"universal\" in overrides.json takes another of ggml's CPU "
        "variants without compiling again",
        printable(*hypervisor));
}

std::string masked(const NoteFacts& facts) {
    const facts::FeatureSet& hidden = facts.machine.cpu.features_masked;
    if (hidden.empty()) return "";
    std::vector<std::string> names;
    names.reserve(hidden.size());
    for (const std::string& name : hidden) names.push_back(printable(name));
    const std::string_view cure =
        facts.machine.cpu.hypervisor
            ? "the hypervisor hides them: the CPU model \"host\" (host-passthrough) shows them"
            : "firmware or the kernel hides them: see the firmware's settings and the kernel's command line";
    return fmt::format("CPUs of this kind also have {}, which this one does not show; {}", join(names, ", "), cure);
}

std::string offline(const NoteFacts& facts) {
    const int cpus = facts.machine.cpu.offline_cpus.value_or(0);
    if (cpus < 1) return "";
    return fmt::format(
        "{} CPU{} offline: their features are not known. If {} come online and lack something, the "
        "program may stop: probe again then",
        cpus, cpus == 1 ? " is" : "s are", cpus == 1 ? "it should" : "they should");
}

std::string kinds(const NoteFacts& facts) {
    const auto& all = facts.machine.cpu.kinds;
    if (all.size() < 2) return "";
    std::vector<std::string> parts;
    parts.reserve(all.size());
    for (const facts::CoreKind& kind : all) {
        // Two kinds may have one role (Cortex-X925 and A725): then only their names tell them apart.
        const bool alike = std::ranges::count(all, kind.role, &facts::CoreKind::role) > 1;
        const auto& word = (alike && kind.name) || !kind.role ? kind.name : kind.role;
        parts.push_back(
            fmt::format("{} {}", kind.cores ? std::to_string(*kind.cores) : "?", printable(word.value_or("unknown"))));
    }
    const std::string threads = all.front().cores ? fmt::format(": try --threads {}", *all.front().cores) : "";
    return fmt::format(
        "{} kinds of cores ({} cores): the plan uses what all of them have. Slow cores hold the fast "
        "ones up{}",
        all.size(), join(parts, ", "), threads);
}

struct NoteRule {
    RuleText text;
    std::string (*say)(const NoteFacts&);  ///< "" = it does not hold
};

constexpr NoteRule kRules[] = {
    {{"note-memory-gpu", "a card that the package uses", "which size of model fits",
      "what does not fit is computed by the CPU", "llama.cpp --fit leaves 1024 MiB of each device"},
     memory_on_gpu},
    {{"note-memory-cpu", "the package uses the CPU only and the size of memory is known", "which size of model fits",
      "what does not fit is read from disk again and again", "Linux MemTotal"},
     memory_on_cpu},
    {{"note-vm-moves", "a hypervisor shows itself", "a warning", "live migration can take features away",
      "peers' reports; Linux shows a guest the features of the host it started on"},
     moved},
    {{"note-masked", "every CPU of this kind has features that this one does not show", "which, and who hides them",
      "they are never planned for, and could be had", "tables of src/probe"},
     masked},
    {{"note-offline", "some CPUs are offline", "a warning", "only online CPUs tell their features",
      "Linux /sys/devices/system/cpu/offline"},
     offline},
    {{"note-kinds", "cores of several kinds", "a hint for --threads",
      "ggml splits work evenly, so the slowest core decides", "users' measurements on hybrid CPUs"},
     kinds},
};

}  // namespace

std::optional<std::int64_t> model_memory_mib(const NoteFacts& facts) {
    std::int64_t sum = 0;
    bool any = false;
    for (const Card& card : facts.cards) {
        if (!used(facts, card)) continue;
        auto budget = memory_budget_mib(*card.gpu);
        if (!budget) return std::nullopt;
        // Numbers of a machine are hostile: no card has more than a PiB, and no sum of them overflows.
        budget = std::clamp<std::int64_t>(*budget, 0, std::int64_t{1} << 30);
        if (card.gpu->integrated == true && facts.machine.memory_mib)
            budget = std::min(*budget, std::max<std::int64_t>(*facts.machine.memory_mib, 0) +
                                           std::clamp<std::int64_t>(card.gpu->memory_mib.value_or(0), 0, *budget));
        sum += std::max<std::int64_t>(*budget - kMarginMib, 0);
        any = true;
    }
    return any ? std::optional(sum) : std::nullopt;
}

std::vector<std::string> host_notes(const NoteFacts& facts) {
    std::vector<std::string> notes;
    for (const NoteRule& rule : kRules)
        if (std::string text = rule.say(facts); !text.empty()) notes.push_back(std::move(text));
    return notes;
}

RuleChapter note_rules() {
    RuleChapter chapter{"Notes", "What stands under `notes` in a plan and changes nothing in the build.", {}};
    for (const NoteRule& rule : kRules) chapter.rules.push_back(entry_of(rule.text));
    return chapter;
}

}  // namespace lf::plan
