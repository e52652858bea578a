// SPDX-License-Identifier: MIT
// What serves a card: one table, asked from the top.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "plan/cpu_variants.h"
#include "plan/rules_gpu.h"

namespace lf::plan {
namespace {

// Data-centre chips of AMD: they have no graphics, so Vulkan is not proven for them.
constexpr std::string_view kCompute = "gfx908 gfx90a gfx942 gfx950";
// Cards that ROCm serves: nixpkgs' rocmPackages builds for them and rocBLAS has kernels for them. Those of
// AMD's own support list for ROCm 7.0 (docs, system requirements) and gfx1102, which both of the former have.
// gfx900 and gfx906 are in older lists and unsupported now.
constexpr std::string_view kRocm = "gfx1030 gfx1100 gfx1101 gfx1102 gfx1200 gfx1201";
// Drivers that keep a card for a virtual machine: Linux' vfio-pci and pci-stub, Xen's pciback.
constexpr std::string_view kGivenAway = "vfio-pci pci-stub pciback xen-pciback";
// Intel's Arc chips as pci.ids names them; their integrated kin carry "Arc" in the name.
constexpr std::string_view kArcChips = "DG2 ATS-M BMG Battlemage";

bool one_of(std::string_view word, std::string_view list) { return std::ranges::count(words(list), word) > 0; }
bool is(const Card& card, std::string_view vendor) { return card.gpu->vendor == vendor; }
bool driven_by(const Card& card, std::string_view drivers) {
    return card.gpu->driver && one_of(*card.gpu->driver, drivers);
}
std::string_view gfx(const Card& card) { return card.gfx_major ? std::string_view(*card.gpu->gfx_target) : ""; }

bool has_word(std::string_view text, std::string_view word) {
    const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) return true;
    }
    return false;
}

bool is_arc(const Card& card) {
    const auto starts = [&](std::string_view chip) { return card.gpu->chip && card.gpu->chip->starts_with(chip); };
    const std::vector<std::string_view> chips = words(kArcChips);
    return std::ranges::any_of(chips, starts) || (card.gpu->name && has_word(*card.gpu->name, "Arc"));
}

struct CardRule {
    RuleText text;
    bool (*holds)(const Card&);
    Backend backend;
};

constexpr CardRule kRules[] = {
    {{"gpu-given-away", "the card is bound to vfio-pci, pci-stub or Xen's pciback", "none",
      "the card is kept for a virtual machine, so no program of this host can use it",
      "Linux Documentation/driver-api/vfio.rst"},
     [](const Card& c) { return driven_by(c, kGivenAway); },
     Backend::none},

    {{"nvidia-unknown-chip-with-driver", "NVIDIA, compute capability unknown, nvidia driver bound", "vulkan",
      "a chip that no table knows yet, but the driver does: CUDA would need its exact capability, Vulkan does not",
      "rule of llama-fleet: unknown is not proven"},
     [](const Card& c) { return is(c, "nvidia") && c.capability == 0 && driven_by(c, "nvidia"); },
     Backend::vulkan},
    {{"nvidia-unknown-chip", "NVIDIA, compute capability unknown", "none",
      "the chip is in no table and no NVIDIA driver speaks for it: nothing is proven to serve it",
      "rule of llama-fleet: unknown is not proven"},
     [](const Card& c) { return is(c, "nvidia") && c.capability == 0; },
     Backend::none},
    {{"nvidia-too-old", "NVIDIA, compute capability below 5.0", "none",
      "CUDA 12 compiles for 5.0 and newer, and no Vulkan driver is proven for older cards",
      "CUDA 12 release notes; ggml 0.21.0 src/ggml-cuda/CMakeLists.txt"},
     [](const Card& c) { return is(c, "nvidia") && c.capability < 50; },
     Backend::none},
    {{"nvidia-without-cuda", "NVIDIA, 5.0 or newer, on a system for which nixpkgs has no CUDA", "vulkan",
      "CUDA is there for x86_64-linux and aarch64-linux only", "nixpkgs cudaPackages"},
     [](const Card& c) { return is(c, "nvidia") && !c.cuda_here; },
     Backend::vulkan},
    {{"nvidia-cuda", "NVIDIA, compute capability 5.0 or newer", "cuda",
      "CUDA is the fastest way to use an NVIDIA card; Vulkan was seen up to 10 times slower",
      "llama.cpp issue 21984 (RTX 5060 through Vulkan)"},
     [](const Card& c) { return is(c, "nvidia"); },
     Backend::cuda},

    {{"amd-unknown-chip-with-driver", "AMD, gfx target unknown, amdgpu bound", "vulkan",
      "a chip that no table knows, but amdgpu does: ROCm would need its exact target, Vulkan does not",
      "rule of llama-fleet: unknown is not proven"},
     [](const Card& c) { return is(c, "amd") && !c.gfx_major && driven_by(c, "amdgpu"); },
     Backend::vulkan},
    {{"amd-unknown-chip", "AMD, gfx target unknown", "none",
      "the chip is in no table and amdgpu is not bound: nothing is proven to serve it",
      "rule of llama-fleet: unknown is not proven"},
     [](const Card& c) { return is(c, "amd") && !c.gfx_major; },
     Backend::none},
    {{"amd-compute", "AMD data-centre chip (gfx908, gfx90a, gfx942, gfx950) on x86_64-linux", "rocm",
      "ROCm is made for these chips, and they have no graphics for Vulkan", "ROCm 7.0 system requirements"},
     [](const Card& c) { return is(c, "amd") && one_of(gfx(c), kCompute) && c.rocm_here; },
     Backend::rocm},
    {{"amd-compute-elsewhere", "AMD data-centre chip on another system", "none",
      "ROCm is there for x86_64-linux only, and Vulkan is not proven for a chip without graphics",
      "nixpkgs rocmPackages"},
     [](const Card& c) { return is(c, "amd") && one_of(gfx(c), kCompute); },
     Backend::none},
    {{"amd-too-old", "AMD, gfx7 or older", "none",
      "older than GCN 3: the default kernel driver has no Vulkan for it and ROCm dropped it",
      "Mesa RADV needs amdgpu; ROCm 7.0 system requirements"},
     [](const Card& c) { return is(c, "amd") && *c.gfx_major < 8; },
     Backend::none},
    {{"amd-integrated", "AMD, shares the machine's memory", "vulkan",
      "an integrated GPU: Vulkan needs no kernels for its exact target, and was seen to generate 26 % faster than ROCm",
      "users' measurements on gfx1150; nixpkgs rocmPackages has no gfx90c or gfx1103 kernels"},
     [](const Card& c) { return is(c, "amd") && c.gpu->integrated == true; },
     Backend::vulkan},
    {{"amd-rocm", "AMD, known not to be integrated, target among those that ROCm serves, on x86_64-linux", "rocm",
      "ROCm has kernels for exactly this chip and is faster than Vulkan at prompts",
      "ROCm 7.0 system requirements; nixpkgs rocmPackages; llama.cpp issue 20934 (RX 7900 XTX)"},
     [](const Card& c) { return is(c, "amd") && c.gpu->integrated == false && one_of(gfx(c), kRocm) && c.rocm_here; },
     Backend::rocm},
    {{"amd-vulkan", "AMD, gfx8 or newer, anything else", "vulkan",
      "ROCm has no kernels for this chip on this system, or it is not known to be a card of its own; Vulkan serves it",
      "ROCm 7.0 system requirements; Mesa RADV"},
     [](const Card& c) { return is(c, "amd"); },
     Backend::vulkan},

    {{"intel-arc", "Intel Arc, discrete or integrated", "vulkan",
      "Vulkan is the one back end for Arc that the official package has",
      "llama.cpp .devops/nix/package.nix has no SYCL"},
     [](const Card& c) { return is(c, "intel") && is_arc(c); },
     Backend::vulkan},
    {{"intel-other", "any other Intel GPU", "none",
      "an HD, UHD or Iris GPU shares the CPU's memory and is slower than its AVX2 unless a measurement says otherwise",
      "llama-fleet rule from reports of users; `llama-fleet bench` may overrule it"},
     [](const Card& c) { return is(c, "intel"); },
     Backend::none},

    {{"gpu-for-display-only", "a server's management chip, a virtual GPU, any other maker", "none",
      "it draws a screen and does not compute, or no back end of llama.cpp is known for it",
      "PCI vendors such as ASPEED, Matrox, QEMU, VMware"},
     [](const Card&) { return true; },
     Backend::none},
};

// What nvcc compiles for from CUDA 12 on (CUDA programming guide, compute capabilities). A newer one is unknown
// until a toolkit is known that takes it.
constexpr int kCapabilities[] = {50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};

/// "8.6" → 86, "12.0" → 120; 0 for what has not that form and for what no known CUDA compiles for.
int capability_of(const std::optional<std::string>& text) {
    if (!text) return 0;
    const auto parts = split(*text, '.');
    if (parts.size() != 2 || parts[0].size() > 2 || parts[1].size() != 1) return 0;
    const auto major = parse_unsigned(parts[0]);
    const auto minor = parse_unsigned(parts[1]);
    if (!major || !minor) return 0;
    const int value = static_cast<int>(*major * 10 + *minor);
    return value < 50 || std::ranges::count(kCapabilities, value) > 0 ? value : 0;
}

/// "gfx90a" → 9, "gfx1103" → 11: the last two digits are minor and stepping, hexadecimal.
std::optional<int> gfx_major_of(const std::optional<std::string>& text) {
    if (!text || !text->starts_with("gfx") || text->size() < 6 || text->size() > 7) return std::nullopt;
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (!std::all_of(text->end() - 2, text->end(), is_hex)) return std::nullopt;
    const auto major = parse_unsigned(std::string_view(*text).substr(3, text->size() - 5));
    return major ? std::optional<int>(static_cast<int>(*major)) : std::nullopt;
}

}  // namespace

std::string_view name_of(Backend backend) {
    constexpr std::string_view kNames[] = {"none", "cuda", "rocm", "vulkan"};
    return kNames[static_cast<std::size_t>(backend)];
}

std::vector<Card> judge_cards(const facts::Machine& machine) {
    std::vector<Card> cards;
    for (const facts::Gpu& gpu : machine.gpus) {
        Card card;
        card.gpu = &gpu;
        card.index = cards.size();
        card.capability = capability_of(gpu.compute_capability);
        card.gfx_major = gfx_major_of(gpu.gfx_target);
        card.cuda_here = one_of(machine.system, "x86_64-linux aarch64-linux");
        card.rocm_here = machine.system == "x86_64-linux";
        const auto* const rule = std::ranges::find_if(kRules, [&](const CardRule& r) { return r.holds(card); });
        card.backend = rule->backend;
        card.rule = &rule->text;
        cards.push_back(card);
    }
    return cards;
}

std::string describe(const Card& card) {
    std::string out = fmt::format("gpus[{}] {:04x}:{:04x}", card.index, card.gpu->vendor_id, card.gpu->device_id);
    if (card.gpu->name) return out + " " + printable(*card.gpu->name);
    if (card.gpu->chip) return out + " " + printable(*card.gpu->chip);
    return out;
}

RuleChapter card_rules() {
    RuleChapter chapter{
        "GPU: what serves a card", "Asked for each card from the top; the first rule that holds decides.", {}};
    for (const CardRule& rule : kRules) chapter.rules.push_back(entry_of(rule.text));
    return chapter;
}

}  // namespace lf::plan
