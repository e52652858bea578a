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
    bool strong = false;           ///< a GPU that a package is chosen for even beside another maker's
    Backend backend = Backend::none;
    const RuleText* rule = nullptr;  ///< the rule that said so; never nullptr after judging
};

/// The host's cards, each judged by the first rule that holds for it.
std::vector<Card> judge_cards(const facts::Machine& machine);

/// The host's cards as they would be judged if each had the kernel driver it can be used with, and only these: a card
/// that is kept for a virtual machine counts if `given_away_too`. `ideal` takes the changed facts, which the cards
/// point into.
std::vector<Card> judge_cards_if_driven(facts::Machine& ideal, bool given_away_too);

/// "nouveau", "nova_core", "NovaCore": Linux' own drivers for NVIDIA's cards.
bool is_free_nvidia_driver(std::string_view driver);

/// Is the card bound to a driver that keeps it for a virtual machine?
bool is_given_away(const facts::Gpu& gpu);

/// A board of NVIDIA's Jetson family, whose driver and CUDA come with JetPack. Thor's GPU sits on PCI, the older ones'
/// do not.
bool is_jetson(const facts::Gpu& gpu);

/// What models may take of the card's memory, in MiB: its own; of an integrated GPU also what it may use of the
/// machine's. nullopt = not known.
std::optional<std::int64_t> memory_budget_mib(const facts::Gpu& gpu);

/// Do ROCm's libraries (rocBLAS) bring kernels for this target ("gfx1100")?
bool rocm_has_kernels(std::string_view target);

/// Could code for CUDA be made for this card, should the owner choose it in spite of the rules?
bool could_take_cuda(const Card& card);

/// Could code for ROCm be made for this card, should the owner choose it in spite of the rules?
bool could_take_rocm(const Card& card);

/// Must code for CUDA be made for this card? It must for those that CUDA serves; where it serves none, for every card
/// that could take it.
bool wants_cuda_code(const Card& card, const std::vector<Card>& all);

/// Must code for ROCm be made for this card? It must for those that ROCm serves; where it serves none, for every AMD
/// card that could take it, should the owner choose ROCm in spite of the rules.
bool wants_rocm_code(const Card& card, const std::vector<Card>& all);

/// "gpus[0] 10de:25a2 GA107M [GeForce RTX 3050 Mobile]", safe to print.
std::string describe(const Card& card);

struct GpuPlan {
    std::string package;                            ///< "llama-cpp-cuda"
    std::optional<std::string> cuda_architectures;  ///< "86-real;120a-real"
    std::optional<std::string> rocm_targets;        ///< "gfx1100"
    std::optional<std::string> cuda_packages;       ///< "cudaPackages_12_8"; nullopt = nixpkgs' default
    std::vector<std::string> backends;              ///< all that could serve a card here: for multi and universal
    std::vector<std::string> together;              ///< those of strong cards of several makers; empty = one maker's
    Because package_line;
    Because cuda_line;
    Because cuda_packages_line;
    Because rocm_line;
    /// Why code for CUDA must not be compressed, one sentence a card; empty = it may be.
    std::vector<std::string> cuda_uncompressed;
    std::vector<std::string> notes;
    std::vector<Card> cards;
};

GpuPlan plan_gpu(const facts::Machine& machine);

/// CMAKE_CUDA_ARCHITECTURES for a compute capability: 86 → "86-real", 120 → "120a-real".
std::string cuda_architecture(int capability);

/// The table of judge_cards.
RuleChapter card_rules();

/// What keeps a card from working, or is to be known about it: one sentence each.
std::vector<std::string> card_notes(const std::vector<Card>& cards);

std::vector<RuleChapter> gpu_rules();

}  // namespace lf::plan
