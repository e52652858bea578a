// SPDX-License-Identifier: MIT
// Layer "targets": the machine code for GPUs covers the host's GPUs, as its facts tell them.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "check/gpu_targets.h"
#include "check/layers.h"
#include "plan/rules_gpu.h"

namespace lf::check {
namespace {

/// One kind of GPU code: which setting lists its targets, and how a card is covered by it.
struct Kind {
    std::string_view backend;
    std::string_view setting;
    bool (*asked)(const plan::Card& card, const std::vector<plan::Card>& all);  ///< must this card be covered?
    bool (*maker)(const plan::Card& card);
    Covered (*covered)(std::string_view targets, const plan::Card& card);
    std::string (*target)(const plan::Card& card);
};

std::string capability_text(const plan::Card& card) {
    return fmt::format("{}.{}", card.capability / 10, card.capability % 10);
}

constexpr Kind kKinds[] = {
    {"cuda", "CMAKE_CUDA_ARCHITECTURES",
     [](const plan::Card& card, const std::vector<plan::Card>&) { return card.backend == plan::Backend::cuda; },
     [](const plan::Card& card) { return card.gpu->vendor == "nvidia"; },
     [](std::string_view targets, const plan::Card& card) { return cuda_coverage(targets, card.capability); },
     capability_text},
    {"rocm", "CMAKE_HIP_ARCHITECTURES",
     [](const plan::Card& card, const std::vector<plan::Card>& all) { return plan::wants_rocm_code(card, all); },
     [](const plan::Card& card) { return card.gpu->vendor == "amd"; },
     [](std::string_view targets, const plan::Card& card) { return hip_coverage(targets, *card.gpu->gfx_target); },
     [](const plan::Card& card) { return *card.gpu->gfx_target; }},
};

std::string name_of_card(const plan::Card& card, const Kind& kind) {
    const std::string name = card.gpu->name ? printable(*card.gpu->name) : fmt::format("gpus[{}]", card.index);
    return fmt::format("{} ({})", name, printable(kind.target(card)));
}

void judge_card(const plan::Card& card, const Kind& kind, const std::string& targets, LayerReport& report) {
    const Covered covered = kind.covered(targets, card);
    const std::string name = name_of_card(card, kind);
    switch (covered.coverage) {
        case Coverage::exact: break;
        case Coverage::compatible:
            report.notes.push_back(fmt::format("{} runs the code made for {}", name, printable(covered.by)));
            break;
        case Coverage::just_in_time:
            report.notes.push_back(
                fmt::format("{} is covered by {} only just in time: the driver compiles it at the first start", name,
                            printable(covered.by)));
            break;
        case Coverage::perhaps: report.why = fmt::format("{}: {}", name, printable(covered.why)); break;
        case Coverage::none:
            report.differences.push_back({std::string(kind.setting), "code for " + name, printable(targets)});
            break;
    }
}

void judge_kind(const Kind& kind, const Settings& settings, const std::vector<plan::Card>& cards, LayerReport& report) {
    const auto setting = settings.by_name.find(std::string(kind.setting));
    const std::string targets = setting == settings.by_name.end() ? "" : setting->second.value;
    bool any = false;
    for (const plan::Card& card : cards) {
        if (!kind.asked(card, cards)) {
            if (kind.maker(card) && card.backend != plan::Backend::none)
                report.notes.push_back(fmt::format("not asked for: {}, which {} serves", plan::describe(card),
                                                   plan::name_of(card.backend)));
            continue;
        }
        any = true;
        if (setting == settings.by_name.end())
            report.why = fmt::format("{} is not set: ggml's own choice is not known here", kind.setting);
        else judge_card(card, kind, targets, report);
    }
    if (!any) report.notes.push_back(fmt::format("the facts show no card that needs {} code", kind.backend));
    if (!targets.empty()) {
        if (!report.basis.empty()) report.basis += ", ";
        report.basis += fmt::format("{} {}", kind.backend, printable(targets));
    }
}

}  // namespace

LayerReport targets_layer(const Expectation& expected, const Settings& settings,
                          const std::optional<facts::Machine>& machine) {
    LayerReport report;
    report.layer = Layer::targets;
    if (expected.backends.empty()) {
        report.verdict = Verdict::not_planned;
        report.why = "no machine code for GPUs in it";
        return report;
    }
    if (!machine) {
        report.why = "no facts of this host are at hand; `llama-fleet probe` writes them";
        return report;
    }
    const std::vector<plan::Card> cards = plan::judge_cards(*machine);
    for (const Kind& kind : kKinds) {
        const auto& backends = expected.backends;
        if (std::find(backends.begin(), backends.end(), kind.backend) == backends.end()) continue;
        judge_kind(kind, settings, cards, report);
    }
    if (!report.differences.empty()) report.verdict = Verdict::not_shown;
    else if (report.why.empty()) report.verdict = Verdict::shown;
    return report;
}

}  // namespace lf::check
