// SPDX-License-Identifier: MIT
// Which package a host gets, and for which chips it is compiled.
#include "plan/rules_gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "plan/nvidia_driver.h"
#include "plan/rules_cuda.h"

namespace lf::plan {

namespace {

using Cards = std::vector<Card>;

bool any(const Cards& cards, Backend backend) { return std::ranges::count(cards, backend, &Card::backend) > 0; }

/// Back ends of the cards that count, one maker after the other; empty where one maker's cards are alone.
std::vector<std::string> several_makers(const Cards& cards) {
    std::set<std::string> makers;
    std::set<Backend> backends;
    for (const Card& card : cards) {
        if (!card.strong) continue;
        makers.insert(card.gpu->vendor);
        backends.insert(card.backend);
    }
    std::vector<std::string> out;
    if (makers.size() < 2 || backends.size() < 2) return out;
    out.reserve(backends.size());
    for (const Backend backend : backends) out.emplace_back(name_of(backend));
    return out;
}

struct PackageRule {
    RuleText text;
    bool (*holds)(const Cards&);
    std::string_view package;
    Backend backend;  ///< none: no single one
};

constexpr PackageRule kRules[] = {
    {{"package-multi", "strong cards of several makers are served by different back ends", "llama-cpp-multi",
      "cards of several makers, each with the back end that serves it best, loaded side by side",
      "ggml: GGML_BACKEND_DL loads several back ends, without it CUDA and HIP drop one another (llama.cpp 29048, "
      "11506)"},
     [](const Cards& cards) { return !several_makers(cards).empty(); },
     "llama-cpp-multi",
     Backend::none},
    {{"package-cuda", "a card is served by cuda", "llama-cpp-cuda",
      "CUDA serves an NVIDIA card here, and nothing else in this machine is likely to be faster",
      "order CUDA, ROCm, Vulkan, CPU: as all peers choose"},
     [](const Cards& cards) { return any(cards, Backend::cuda); },
     "llama-cpp-cuda",
     Backend::cuda},
    {{"package-rocm", "a card is served by rocm", "llama-cpp-rocm",
      "ROCm has kernels for an AMD card here, and nothing else in this machine is likely to be faster",
      "order CUDA, ROCm, Vulkan, CPU: as all peers choose"},
     [](const Cards& cards) { return any(cards, Backend::rocm); },
     "llama-cpp-rocm",
     Backend::rocm},
    {{"package-vulkan", "a card is served by vulkan", "llama-cpp-vulkan",
      "a GPU that Vulkan serves, and neither CUDA nor ROCm does better without a measurement",
      "order CUDA, ROCm, Vulkan, CPU: as all peers choose"},
     [](const Cards& cards) { return any(cards, Backend::vulkan); },
     "llama-cpp-vulkan",
     Backend::vulkan},
    {{"package-cpu-no-use-for-gpu", "there are GPUs, none of them is served", "llama-cpp-cpu",
      "no GPU of this host is known to beat its CPU", "rules above"},
     [](const Cards& cards) { return !cards.empty(); },
     "llama-cpp-cpu",
     Backend::none},
    {{"package-cpu-no-gpu", "no GPU", "llama-cpp-cpu", "this host has no GPU", ""},
     [](const Cards&) { return true; },
     "llama-cpp-cpu",
     Backend::none},
};

constexpr RuleText kUnknown = {
    "package-cpu-gpus-unknown", "which GPUs there are could not be told (gpus is null in the facts)", "llama-cpp-cpu",
    "whether this host has a GPU is not known, and nothing is planned for what is not proven",
    "rule of llama-fleet: unknown is not none"};

constexpr RuleText kCudaTargets = {
    "cuda-exact-machine-code", "a card is served by cuda; else any NVIDIA card of 5.0 or newer that CUDA could serve",
    "cuda.architectures: N-real for each different card; 12Xa-real for 12.X",
    "machine code for exactly this host's cards: nothing to translate at the first start, nothing built for others",
    "ggml 0.21.0 src/ggml-cuda/CMakeLists.txt: it makes 12X into 12Xa itself, for the FP4 tensor cores; it has no code "
    "for 90a"};
constexpr RuleText kRocmTargets = {
    "rocm-exact-targets", "a card is served by rocm; else any AMD card of gfx9 or newer, on x86_64-linux",
    "rocm.targets: the target of each different card", "machine code for exactly this host's cards",
    "ggml 0.21.0 src/ggml-hip/CMakeLists.txt; llama.cpp package.nix rocmGpuTargets"};
constexpr RuleText kNoTarget = {"no-such-gpu", "no such card",
                                "null: the package keeps its own targets and counts as not planned",
                                "this host has no card for it", "nix/overlay.nix"};

std::string package_of(Backend backend) {
    return backend == Backend::none ? "llama-cpp-cpu" : fmt::format("llama-cpp-{}", name_of(backend));
}

Because line_by(std::string line, std::string value, const RuleText& rule) {
    return {std::move(line), std::move(value), std::string(rule.id), std::string(rule.because), {}, {}};
}

// --- why the other packages lost
// ---------------------------------------------------------------------------------------

constexpr std::string_view kMakers[] = {"", "nvidia", "amd", ""};  // by Backend: whose cards it is for

std::string why_not(Backend loser, Backend chosen, const Cards& cards) {
    const std::string_view maker = kMakers[static_cast<std::size_t>(loser)];
    if (loser == Backend::vulkan && chosen == Backend::cuda) return "on NVIDIA cards CUDA is faster";
    if (loser == Backend::vulkan && chosen == Backend::rocm)
        return "often faster at generation and slower at prompts on AMD cards; a measurement may change this";
    if (loser == Backend::rocm && any(cards, loser))
        return "serves another card here; the variant multi would use both";
    std::vector<std::string> reasons;
    for (const Card& card : cards)
        if ((maker.empty() || card.gpu->vendor == maker) && card.backend != loser)
            reasons.push_back(fmt::format("gpus[{}]: {}", card.index, card.rule->because));
    if (!reasons.empty()) return join(reasons, "; ");
    if (loser == Backend::vulkan) return "no GPU here";
    return loser == Backend::cuda ? "no NVIDIA card here" : "no AMD card here";
}

std::vector<std::string> losers(Backend chosen, const Cards& cards) {
    std::vector<std::string> out;
    for (const Backend loser : {Backend::cuda, Backend::rocm, Backend::vulkan})
        if (loser != chosen) out.push_back(fmt::format("{}: {}", package_of(loser), why_not(loser, chosen, cards)));
    if (chosen != Backend::none) out.emplace_back("llama-cpp-cpu: leaves the GPU unused");
    for (const Card& card : cards)
        if (chosen != Backend::none && card.backend != Backend::none && card.backend != chosen)
            out.push_back(fmt::format("{}: {} would serve it ({}), but another card decides", describe(card),
                                      name_of(card.backend), card.rule->id));
    return out;
}

std::vector<std::string> losers_of_multi(const std::vector<std::string>& together) {
    std::vector<std::string> out;
    out.reserve(together.size() + 1);
    for (const std::string& backend : together)
        out.push_back(fmt::format("llama-cpp-{}: leaves the cards of the other maker idle", backend));
    out.emplace_back("llama-cpp-cpu: leaves the GPUs unused");
    return out;
}

/// Nothing was found because nothing could be looked at.
void say_unknown(GpuPlan& plan) {
    plan.package_line = line_by("package", plan.package, kUnknown);
    plan.package_line.facts.emplace_back("gpus is null: unknown, not none");
    for (const Backend loser : {Backend::cuda, Backend::rocm, Backend::vulkan})
        plan.package_line.losers.push_back(
            fmt::format("{}: whether a card is here that it serves is not known", package_of(loser)));
    plan.notes.emplace_back(
        "which GPUs this host has is not known: probe on the host itself, where /sys can be read, or name the back end "
        "under \"variant\" in overrides.json (vulkan needs no target)");
}

std::string seen(const Card& card) {
    std::string out = describe(card);
    if (card.capability > 0) out += fmt::format(" is {}.{}", card.capability / 10, card.capability % 10);
    if (card.gfx_major) out += " is " + printable(*card.gpu->gfx_target);
    if (card.gpu->integrated == true) out += ", integrated";
    if (card.gpu->driver) out += ", driver " + printable(*card.gpu->driver);
    if (card.gpu->driver_version) out += " " + printable(*card.gpu->driver_version);
    if (card.gpu->partition) out += ", partition " + printable(*card.gpu->partition);
    return out + fmt::format(": {} ({})", name_of(card.backend), card.rule->id);
}

// --- targets
// -----------------------------------------------------------------------------------------------------------

void add_cuda(const Cards& cards, GpuPlan& plan) {
    std::set<int> capabilities;
    plan.cuda_line = line_by("cuda.architectures", "none", kNoTarget);
    std::vector<std::string> facts;
    for (const Card& card : cards) {
        if (!wants_cuda_code(card, cards)) continue;
        capabilities.insert(card.capability);
        facts.push_back(fmt::format("{} is {}.{}", describe(card), card.capability / 10, card.capability % 10));
    }
    if (capabilities.empty()) return;
    std::vector<std::string> architectures;
    architectures.reserve(capabilities.size());
    for (const int capability : capabilities) architectures.push_back(cuda_architecture(capability));
    plan.cuda_architectures = join(architectures, ";");
    plan.cuda_line = line_by("cuda.architectures", *plan.cuda_architectures, kCudaTargets);
    plan.cuda_line.facts = std::move(facts);
    plan.cuda_line.losers.emplace_back(
        "the package's default: code for every card that CUDA knows, a much longer build");
    if (!any(cards, Backend::cuda))
        plan.cuda_line.reason += ", should llama-cpp-cuda be built here in spite of the choice";
}

void add_rocm(const Cards& cards, GpuPlan& plan) {
    std::set<std::string> targets;
    plan.rocm_line = line_by("rocm.targets", "none", kNoTarget);
    std::vector<std::string> facts;
    for (const Card& card : cards) {
        if (!wants_rocm_code(card, cards)) continue;
        targets.insert(*card.gpu->gfx_target);
        facts.push_back(fmt::format("{} is {}", describe(card), *card.gpu->gfx_target));
    }
    if (targets.empty()) return;
    plan.rocm_targets = join(std::vector<std::string>(targets.begin(), targets.end()), ";");
    plan.rocm_line = line_by("rocm.targets", *plan.rocm_targets, kRocmTargets);
    plan.rocm_line.facts = std::move(facts);
    if (!any(cards, Backend::rocm))
        plan.rocm_line.reason += ", should llama-cpp-rocm be built here in spite of the choice";
}

}  // namespace

bool could_take_cuda(const Card& card) {
    return card.gpu->vendor == "nvidia" && card.cuda_here && card.capability >= 50 &&
           card.rule->id != "gpu-given-away" && card.rule->id != "gpu-too-small" && card.rule->id != "tegra-too-old" &&
           card.rule->id != "nvidia-other-driver";
}

bool could_take_rocm(const Card& card) {
    return card.gpu->vendor == "amd" && card.rocm_here && card.gfx_major.value_or(0) >= 9 &&
           card.rule->id != "gpu-given-away" && card.rule->id != "gpu-too-small";
}

bool wants_cuda_code(const Card& card, const std::vector<Card>& all) {
    return any(all, Backend::cuda) ? card.backend == Backend::cuda : could_take_cuda(card);
}

bool wants_rocm_code(const Card& card, const std::vector<Card>& all) {
    return any(all, Backend::rocm) ? card.backend == Backend::rocm : could_take_rocm(card);
}

std::string cuda_architecture(int capability) {
    return fmt::format("{}{}-real", capability, capability / 10 == 12 ? "a" : "");
}

GpuPlan plan_gpu(const facts::Machine& machine) {
    GpuPlan plan;
    plan.cards = judge_cards(machine);
    const Cards& cards = plan.cards;
    const auto* const rule = std::ranges::find_if(kRules, [&](const PackageRule& r) { return r.holds(cards); });
    plan.package = std::string(rule->package);
    plan.together = several_makers(cards);
    plan.package_line = line_by("package", plan.package, rule->text);
    for (const Card& card : cards) plan.package_line.facts.push_back(seen(card));
    if (cards.empty()) plan.package_line.facts.emplace_back("gpus is empty");
    plan.package_line.losers = plan.together.empty() ? losers(rule->backend, cards) : losers_of_multi(plan.together);
    if (!machine.gpus_known && cards.empty()) say_unknown(plan);
    for (const Backend backend : {Backend::cuda, Backend::rocm, Backend::vulkan})
        if (any(cards, backend)) plan.backends.emplace_back(name_of(backend));
    add_cuda(cards, plan);
    add_rocm(cards, plan);
    CudaSet set = plan_cuda_set(cards);
    plan.cuda_packages = std::move(set.packages);
    plan.cuda_packages_line = std::move(set.line);
    const auto about_cards = card_notes(cards);
    plan.notes.insert(plan.notes.end(), about_cards.begin(), about_cards.end());
    plan.cuda_uncompressed = std::move(set.uncompressed);
    return plan;
}

std::vector<RuleChapter> gpu_rules() {
    RuleChapter packages{"GPU: the package", "Asked once for the host, from the top.", {}};
    for (const PackageRule& rule : kRules) packages.rules.push_back(entry_of(rule.text));
    packages.rules.push_back(entry_of(kUnknown));
    RuleChapter targets{"GPU: machine code", "", {entry_of(kCudaTargets), entry_of(kRocmTargets), entry_of(kNoTarget)}};
    return {card_rules(), std::move(packages), std::move(targets), cuda_rules(), driver_rules()};
}

}  // namespace lf::plan
