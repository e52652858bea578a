// SPDX-License-Identifier: MIT
// What serves a card: one table, asked from the top.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "plan/cpu_variants.h"
#include "plan/nvidia_driver.h"
#include "plan/rules_cuda.h"
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
// Drivers of Linux for NVIDIA's cards that are not NVIDIA's own, which CUDA needs.
constexpr std::string_view kFreeNvidia = "nouveau nova nova_core nova-core nova_drm nova-drm NovaCore";
// Integrated GPUs as strong as a card: Strix Halo has a 256-bit memory bus and may use most of the machine's memory.
constexpr std::string_view kLargeApu = "gfx1151";
// Less memory than this holds no model of any use (RamaLama draws the same line).
constexpr std::int64_t kLeastMib = 1024;
// Intel's generations from Arc on, as our tables of ids call them (src/probe/gpu_intel.cc): its cards, and the
// integrated GPUs of Meteor Lake and newer, whether they are sold as "Arc" or as plain "Graphics".
constexpr std::string_view kArcGenerations = "Xe-HPG Xe2-HPG Xe-LPG Xe-LPG+ Xe2-LPG Xe3-LPG Xe3P-LPG";
// The same as chips, for facts that do not say the generation (version 1 of facts).
constexpr std::string_view kArcChips[] = {"DG2",        "ATS-M",      "BMG",          "Battlemage",   "Meteor Lake",
                                          "Arrow Lake", "Lunar Lake", "Panther Lake", "Wildcat Lake", "Nova Lake"};
// Intel's cards that compute and have no Vulkan driver in Mesa.
constexpr std::string_view kIntelNoVulkan = "Xe-HP Xe-HPC Xe3P i740";

bool one_of(std::string_view word, std::string_view list) { return std::ranges::count(words(list), word) > 0; }
bool is(const Card& card, std::string_view vendor) { return card.gpu->vendor == vendor; }
bool driven_by(const Card& card, std::string_view drivers) {
    return card.gpu->driver && one_of(*card.gpu->driver, drivers);
}
std::string_view gfx(const Card& card) { return card.gfx_major ? std::string_view(*card.gpu->gfx_target) : ""; }

bool is_tegra(const Card& card) { return card.gpu->address.starts_with("platform:"); }
bool is_wsl(const Card& card) { return card.gpu->address.starts_with("wsl:"); }
bool is_free_driven(const Card& card) { return card.gpu->driver && is_free_nvidia_driver(*card.gpu->driver); }
bool is_small(const Card& card) {
    const auto budget = memory_budget_mib(*card.gpu);
    return budget && *budget < kLeastMib;
}

bool has_word(std::string_view text, std::string_view word) {
    const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) return true;
    }
    return false;
}

/// Our tables decide; names help only where they do not know the chip, for a name is there on some systems only.
bool is_arc(const Card& card) {
    const facts::Gpu& gpu = *card.gpu;
    if (gpu.architecture) return one_of(*gpu.architecture, kArcGenerations);
    if (gpu.chip)
        return std::ranges::any_of(kArcChips, [&](std::string_view chip) { return gpu.chip->starts_with(chip); });
    return gpu.name && has_word(*gpu.name, "Arc");
}

bool is_intel_card_without_vulkan(const Card& card) {
    return card.gpu->integrated == false && card.gpu->architecture && one_of(*card.gpu->architecture, kIntelNoVulkan);
}

constexpr RuleText kOtherDriver = {
    "nvidia-other-driver", "NVIDIA, 7.2 or older, beside a card of Blackwell or newer", "none",
    "this card needs the closed kernel modules of driver 580, the newer one the open ones: one system has one driver",
    "NVIDIA, README of the driver: Blackwell needs the open modules, which begin at Turing"};

struct CardRule {
    RuleText text;
    bool (*holds)(const Card&);
    Backend backend;
};

constexpr RuleText kOtherSet = {
    "nvidia-other-set", "NVIDIA, 7.2 or older, beside a card that needs CUDA 13", "vulkan",
    "CUDA 13 does not compile for this card and the other one needs it: one package has one CUDA",
    "CUDA 13.0 release notes: 5.0 to 7.2 are gone, 11.0 is new"};

constexpr CardRule kRules[] = {
    {{"gpu-given-away", "the card is bound to vfio-pci, pci-stub or Xen's pciback", "none",
      "the card is kept for a virtual machine, so no program of this host can use it",
      "Linux Documentation/driver-api/vfio.rst"},
     [](const Card& c) { return driven_by(c, kGivenAway); },
     Backend::none},
    {{"wsl-without-cuda", "the GPU that Windows lends to WSL, not known to be NVIDIA's with compute capability 5.0",
      "none", "WSL brings a driver for CUDA only; its Vulkan is a translation to Direct3D 12 that is not complete",
      "Microsoft, GPU accelerated computing in WSL; Mesa dozen is not conformant"},
     [](const Card& c) { return is_wsl(c) && (!is(c, "nvidia") || c.capability < 50); },
     Backend::none},
    {{"gpu-too-small", "the memory that the card may use is known and is less than 1 GiB", "none",
      "no model of any use fits, and what is left on the CPU decides the speed", "RamaLama ignores cards below 1 GiB"},
     is_small,
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
      "CUDA 12 compiles for 5.0 and newer, and no Vulkan driver of an older card is proven to run llama.cpp",
      "CUDA 12 release notes; ggml 0.21.0 src/ggml-cuda/CMakeLists.txt"},
     [](const Card& c) { return is(c, "nvidia") && c.capability < 50; },
     Backend::none},
    {{"tegra-too-old", "a Tegra chip of 5.3 or 6.2 (Jetson Nano, TX1, TX2)", "none",
      "NVIDIA's last system for these boards, JetPack 4, ends at CUDA 10.2, which ggml cannot use",
      "NVIDIA JetPack archive: 4.6 is the last for TX1, TX2 and Nano; ggml needs CUDA 11.7"},
     [](const Card& c) { return is(c, "nvidia") && is_tegra(c) && (c.capability == 53 || c.capability == 62); },
     Backend::none},
    {{"nvidia-on-nouveau", "NVIDIA, 7.5 or newer, the kernel driver nouveau or nova is bound", "vulkan",
      "CUDA needs NVIDIA's own driver; under this one Mesa's NVK serves the card through Vulkan",
      "Mesa NVK documentation; Linux nouveau raises clocks by GSP firmware from Turing on"},
     [](const Card& c) { return is(c, "nvidia") && is_free_driven(c) && c.capability >= 75; },
     Backend::vulkan},
    {{"nvidia-on-nouveau-slow", "NVIDIA, older than 7.5, the kernel driver nouveau is bound", "none",
      "CUDA needs NVIDIA's own driver, and nouveau leaves a card of before Turing at the clocks of its start",
      "nouveau, PowerManagement: signed firmware keeps Maxwell 2 to Volta from changing clocks"},
     [](const Card& c) { return is(c, "nvidia") && is_free_driven(c); },
     Backend::none},
    {{"nvidia-driver-too-old", "NVIDIA, its driver is older than every CUDA that compiles for the card needs", "vulkan",
      "the driver runs no program that a current CUDA makes; Vulkan it has",
      "NVIDIA, CUDA Compatibility: CUDA 12 needs driver 525.60.13, CUDA 13 needs 580"},
     [](const Card& c) { return is(c, "nvidia") && c.cuda_here && driver_too_old(*c.gpu, c.capability); },
     Backend::vulkan},
    {{"nvidia-without-cuda", "NVIDIA, 5.0 or newer, on a system for which nixpkgs has no CUDA", "vulkan",
      "CUDA is there for x86_64-linux and aarch64-linux only", "nixpkgs cudaPackages"},
     [](const Card& c) { return is(c, "nvidia") && !c.cuda_here; },
     Backend::vulkan},
    {{"nvidia-cuda", "NVIDIA, compute capability 5.0 or newer", "cuda",
      "CUDA is the fastest way to use an NVIDIA card; Vulkan was seen up to 10 times slower",
      "llama.cpp issue 21984 (RTX 5060 through Vulkan)"},
     [](const Card& c) { return is(c, "nvidia"); },
     Backend::cuda},

    {{"amd-before-gcn", "AMD, a chip of before GCN", "none",
      "older than GCN: it has no driver for Vulkan and ROCm never knew it", "Mesa RADV begins at GCN 1"},
     [](const Card& c) { return is(c, "amd") && !c.gfx_major && c.gpu->chip && !c.gpu->gfx_target; },
     Backend::none},
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
    {{"amd-compute-no-kfd", "AMD data-centre chip that the kernel's KFD does not list, although it is there", "none",
      "ROCm reaches a card through KFD, which has no node for this one, and the chip has no graphics for Vulkan",
      "Linux Documentation/gpu/amdgpu (KFD); ROCm 7.0 system requirements"},
     [](const Card& c) { return is(c, "amd") && one_of(gfx(c), kCompute) && c.gpu->kfd == false; },
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
    {{"amd-gcn-1-2", "AMD, gfx6 or gfx7, amdgpu bound", "vulkan",
      "ROCm dropped these chips; under amdgpu, Linux' default for them since 6.19, Mesa's RADV serves them",
      "Mesa RADV; Linux 6.19 amdgpu (si_support, cik_support)"},
     [](const Card& c) { return is(c, "amd") && (*c.gfx_major == 6 || *c.gfx_major == 7) && driven_by(c, "amdgpu"); },
     Backend::vulkan},
    {{"amd-too-old", "AMD, gfx7 or older, without amdgpu", "none",
      "a chip of before GCN 3 has Vulkan under amdgpu alone, which is not bound, and ROCm dropped it",
      "Mesa RADV needs amdgpu; ROCm 7.0 system requirements"},
     [](const Card& c) { return is(c, "amd") && *c.gfx_major < 8; },
     Backend::none},
    {{"amd-large-apu", "AMD Strix Halo (gfx1151)", "vulkan",
      "an APU as strong as a card, with most of the machine's memory; Vulkan serves it, and ROCm 7.0 does not list it",
      "ROCm 7.0 system requirements; users measured ROCm faster at prompts and Vulkan at generation: measure both"},
     [](const Card& c) { return is(c, "amd") && one_of(gfx(c), kLargeApu); },
     Backend::vulkan},
    {{"amd-integrated", "AMD, shares the machine's memory", "vulkan",
      "an integrated GPU: Vulkan needs no kernels for its exact target, and was seen to generate 26 % faster than ROCm",
      "users' measurements on gfx1150; nixpkgs rocmPackages has no gfx90c or gfx1103 kernels"},
     [](const Card& c) { return is(c, "amd") && c.gpu->integrated == true; },
     Backend::vulkan},
    {{"amd-no-kfd", "AMD, known not to be integrated, the kernel's KFD is there and does not list the card", "vulkan",
      "ROCm reaches a card through KFD, which has no node for this one; Vulkan needs none",
      "Linux Documentation/gpu/amdgpu (KFD): one node in the topology for each device"},
     [](const Card& c) { return is(c, "amd") && c.gpu->kfd == false; },
     Backend::vulkan},
    {{"amd-rocm", "AMD, known not to be integrated, target among those that ROCm serves, on x86_64-linux", "rocm",
      "ROCm has kernels for exactly this chip and is faster than Vulkan at prompts",
      "ROCm 7.0 system requirements; nixpkgs rocmPackages; llama.cpp issue 20934 (RX 7900 XTX)"},
     [](const Card& c) { return is(c, "amd") && c.gpu->integrated == false && one_of(gfx(c), kRocm) && c.rocm_here; },
     Backend::rocm},
    {{"amd-perhaps-integrated", "AMD, a target that ROCm serves, not known whether it is integrated", "vulkan",
      "it is not known to be a card of its own, and Vulkan serves both kinds",
      "rule of llama-fleet: unknown is not proven"},
     [](const Card& c) { return is(c, "amd") && !c.gpu->integrated && one_of(gfx(c), kRocm) && c.rocm_here; },
     Backend::vulkan},
    {{"amd-vulkan", "AMD, gfx8 or newer, anything else", "vulkan",
      "ROCm has no kernels for this chip on this system; Vulkan serves it", "ROCm 7.0 system requirements; Mesa RADV"},
     [](const Card& c) { return is(c, "amd"); },
     Backend::vulkan},

    {{"intel-arc", "Intel Arc, or the integrated GPU of Meteor Lake or newer", "vulkan",
      "Vulkan is the one back end for Arc and its integrated kin that the official package has",
      "llama.cpp .devops/nix/package.nix has no SYCL"},
     [](const Card& c) { return is(c, "intel") && is_arc(c); },
     Backend::vulkan},
    {{"intel-compute", "an Intel card whose generation has no Vulkan driver (Xe-HP, Xe-HPC, Xe3P)", "none",
      "no Vulkan driver serves it, and the official package has no SYCL",
      "Mesa ANV's list of devices; llama.cpp .devops/nix/package.nix"},
     is_intel_card_without_vulkan,
     Backend::none},
    {{"intel-card", "any other Intel card that is known not to be integrated", "vulkan",
      "a card with memory of its own, served by Mesa's Vulkan driver (Iris Xe MAX: DG1)", "Mesa ANV's list of devices"},
     [](const Card& c) { return is(c, "intel") && c.gpu->integrated == false; },
     Backend::vulkan},
    {{"intel-unknown-chip-with-driver", "Intel, chip unknown, not known to be integrated, xe bound", "vulkan",
      "a chip that no table knows, but the driver xe does, which serves what is newer than Arc",
      "Linux drivers/gpu/drm/xe: Xe2 and newer by default"},
     [](const Card& c) { return is(c, "intel") && !c.gpu->chip && !c.gpu->integrated && driven_by(c, "xe"); },
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

/// Cards that no single CUDA serves: the newest ones decide.
void agree_on_cuda(std::vector<Card>& cards) {
    const auto on_cuda = [](const Card& card) { return card.backend == Backend::cuda; };
    CudaRelease first;
    for (const Card& card : cards)
        if (on_cuda(card)) first = std::max(first, first_cuda_for(card.capability));
    for (Card& card : cards) {
        const auto end = cuda_without(card.capability);
        if (!on_cuda(card) || !end || *end > first) continue;
        card.backend = Backend::vulkan;
        card.rule = &kOtherSet;
    }
}

/// Cards that no single driver serves: the newest ones decide.
void agree_on_driver(std::vector<Card>& cards) {
    const auto on_cuda = [](const Card& card) { return card.backend == Backend::cuda && !is_tegra(card); };
    int newest = 0;
    for (const Card& card : cards)
        if (on_cuda(card)) newest = std::max(newest, card.capability);
    for (Card& card : cards) {
        if (!on_cuda(card) || !exclude_each_other(card.capability, newest)) continue;
        card.backend = Backend::none;
        card.rule = &kOtherDriver;
    }
}

/// A GPU that a package is chosen for even beside another maker's.
bool is_strong(const Card& card) {
    if (card.backend == Backend::none || is_free_driven(card)) return false;
    return card.gpu->integrated == false || is(card, "nvidia") || one_of(gfx(card), kLargeApu);
}

}  // namespace

std::string_view name_of(Backend backend) {
    constexpr std::string_view kNames[] = {"none", "cuda", "rocm", "vulkan"};
    return kNames[static_cast<std::size_t>(backend)];
}

bool is_free_nvidia_driver(std::string_view driver) { return one_of(driver, kFreeNvidia); }

bool is_given_away(const facts::Gpu& gpu) { return gpu.driver && one_of(*gpu.driver, kGivenAway); }

bool is_jetson(const facts::Gpu& gpu) {
    if (gpu.vendor != "nvidia") return false;
    return gpu.address.starts_with("platform:") || gpu.chip == "GB10B" || gpu.compute_capability == "11.0";
}

bool rocm_has_kernels(std::string_view target) { return one_of(target, kRocm) || one_of(target, kCompute); }

std::optional<std::int64_t> memory_budget_mib(const facts::Gpu& gpu) {
    if (gpu.integrated == false) return gpu.memory_mib;
    if (!gpu.integrated || !gpu.shared_mib) return std::nullopt;
    return gpu.memory_mib.value_or(0) + *gpu.shared_mib;
}

std::vector<Card> judge_cards(const facts::Machine& machine) {
    std::vector<Card> cards;
    cards.reserve(machine.gpus.size());
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
    agree_on_cuda(cards);
    agree_on_driver(cards);
    for (Card& card : cards) card.strong = is_strong(card);
    return cards;
}

std::vector<Card> judge_cards_if_driven(facts::Machine& ideal, bool given_away_too) {
    for (facts::Gpu& gpu : ideal.gpus) {
        const bool on_pci = !gpu.address.starts_with("platform:") && !gpu.address.starts_with("wsl:");
        if (!on_pci || (is_given_away(gpu) && !given_away_too)) continue;
        if (gpu.vendor == "nvidia") gpu.driver = "nvidia";
        if (gpu.vendor == "amd") gpu.driver = "amdgpu";
        if (gpu.vendor == "intel" && is_given_away(gpu)) gpu.driver = "xe";
        gpu.driver_version.reset();
        gpu.kfd.reset();
    }
    return judge_cards(ideal);
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
    chapter.rules.push_back(entry_of(kOtherSet));
    chapter.rules.push_back(entry_of(kOtherDriver));
    return chapter;
}

}  // namespace lf::plan
