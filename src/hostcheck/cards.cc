// SPDX-License-Identifier: MIT
// Which cards of the machine the plan is about: the others may be as they like.
#include <algorithm>

#include "base/text.h"
#include "hostcheck/looks.h"
#include "plan/rules_cuda.h"

namespace lf::hostcheck {
namespace {

plan::Backend backend_named(std::string_view name) {
    for (const auto backend : {plan::Backend::cuda, plan::Backend::rocm, plan::Backend::vulkan})
        if (plan::name_of(backend) == name) return backend;
    return plan::Backend::none;
}

/// Could the owner have chosen the back end for this card in spite of the rules?
bool could_take(const plan::Card& card, plan::Backend backend) {
    if (backend == plan::Backend::cuda) return plan::could_take_cuda(card);
    if (backend == plan::Backend::rocm) return plan::could_take_rocm(card);
    return card.backend != plan::Backend::none || card.gpu->vendor == "intel";
}

/// Was code made for it? Targets for ROCm can be a near chip's, so a list that names no card here is not asked.
bool was_planned(const plan::Build& build, const plan::Card& card, plan::Backend backend) {
    if (backend == plan::Backend::cuda && build.cuda_architectures)
        return plan::has_cuda_code_for(card.capability, *build.cuda_architectures);
    if (backend == plan::Backend::rocm && build.rocm_targets && card.gpu->gfx_target)
        return std::ranges::count(split(*build.rocm_targets, ';'), std::string_view(*card.gpu->gfx_target)) > 0;
    return true;
}

}  // namespace

std::vector<const facts::Gpu*> cards_for(const Request& request, std::string_view backend, std::string_view vendor) {
    if (!uses(request.plan.build, backend)) return {};
    const plan::Backend wanted = backend_named(backend);
    const auto as_they_are = plan::judge_cards(request.now);
    const auto choose = [&](const std::vector<plan::Card>& cards, const auto& takes) {
        std::vector<const facts::Gpu*> all;
        std::vector<const facts::Gpu*> planned;
        for (std::size_t i = 0; i < cards.size(); ++i) {
            if (!takes(i)) continue;
            all.push_back(&request.now.gpus[i]);
            if (was_planned(request.plan.build, cards[i], wanted)) planned.push_back(all.back());
        }
        return planned.empty() && wanted == plan::Backend::rocm ? all : planned;
    };
    std::vector<const facts::Gpu*> out;
    for (const bool given_away_too : {false, true}) {
        facts::Machine ideal = request.now;
        const auto cards = plan::judge_cards_if_driven(ideal, given_away_too);
        out = choose(cards,
                     [&](std::size_t i) { return cards[i].backend == wanted || as_they_are[i].backend == wanted; });
        if (out.empty()) out = choose(cards, [&](std::size_t i) { return could_take(cards[i], wanted); });
        if (!out.empty()) break;
    }
    if (!vendor.empty()) std::erase_if(out, [&](const facts::Gpu* gpu) { return gpu->vendor != vendor; });
    return out;
}

int capability_of(const facts::Gpu& gpu) {
    facts::Machine machine;
    machine.gpus = {gpu};
    return plan::judge_cards(machine).front().capability;
}

}  // namespace lf::hostcheck
