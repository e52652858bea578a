// SPDX-License-Identifier: MIT
/// \file
/// \brief Rules about GPUs: what can serve each card, which package the host gets, and for which chips it is compiled.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/machine.h"
#include "plan/plan.h"
#include "plan/rule.h"

namespace lf::plan {

/// What serves a card best where nothing was measured.
enum class Backend : std::uint8_t { none, cuda, rocm, vulkan };

std::string_view name_of(Backend backend);

/// A card with what the rules ask about it.
struct Card {
    const facts::Gpu* gpu = nullptr;
    std::size_t index = 0;         ///< in Machine::gpus
    int capability = 0;            ///< NVIDIA: 86 for "8.6"; 0 = unknown
    std::optional<int> gfx_major;  ///< AMD: 11 for "gfx1103"; nullopt = unknown
    bool cuda_here = false;        ///< the host's system has CUDA
    bool rocm_here = false;        ///< the host's system has ROCm
    Backend backend = Backend::none;
    const RuleText* rule = nullptr;  ///< the rule that said so; never nullptr after judging
};

/// The host's cards, each judged by the first rule that holds for it.
std::vector<Card> judge_cards(const facts::Machine& machine);

/// Must code for ROCm be made for this card? It must for those that ROCm serves; where it serves none, for every AMD
/// card that could take it, should the owner choose ROCm in spite of the rules.
bool wants_rocm_code(const Card& card, const std::vector<Card>& all);

/// "gpus[0] 10de:25a2 GA107M [GeForce RTX 3050 Mobile]", safe to print.
std::string describe(const Card& card);

struct GpuPlan {
    std::string package;                            ///< "llama-cpp-cuda"
    std::optional<std::string> cuda_architectures;  ///< "86-real;120a-real"
    std::optional<std::string> rocm_targets;        ///< "gfx1100"
    std::vector<std::string> backends;              ///< all that could serve a card here: for multi and universal
    Because package_line;
    Because cuda_line;
    Because rocm_line;
    std::vector<std::string> notes;
};

GpuPlan plan_gpu(const facts::Machine& machine);

/// CMAKE_CUDA_ARCHITECTURES for a compute capability: 86 → "86-real", 120 → "120a-real".
std::string cuda_architecture(int capability);

/// The table of judge_cards.
RuleChapter card_rules();

std::vector<RuleChapter> gpu_rules();

}  // namespace lf::plan
