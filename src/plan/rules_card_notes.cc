// SPDX-License-Identifier: MIT
// What the owner should know about single cards.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/nvidia_driver.h"
#include "plan/rules_cuda.h"
#include "plan/rules_gpu.h"

namespace lf::plan {
namespace {

struct DriverOf {
    Backend backend;
    std::string_view vendor;
    std::string_view driver;
    std::string_view cure;  ///< NVIDIA's lines follow
};

constexpr DriverOf kDrivers[] = {
    {Backend::cuda, "nvidia", "nvidia", "CUDA works with NVIDIA's driver only: "},
    {Backend::rocm, "amd", "amdgpu", "ROCm needs the kernel driver amdgpu"},
    {Backend::vulkan, "amd", "amdgpu", "Vulkan on AMD needs the kernel driver amdgpu"},
};

bool on_pci(const Card& card) {
    return !card.gpu->address.starts_with("platform:") && !card.gpu->address.starts_with("wsl:");
}

void note_driver(const Card& card, std::vector<std::string>& notes) {
    for (const DriverOf& row : kDrivers) {
        if (row.backend != card.backend || card.gpu->vendor != row.vendor || card.gpu->driver == row.driver) continue;
        if (!on_pci(card) || is_jetson(*card.gpu)) continue;
        const std::string bound =
            card.gpu->driver ? printable(*card.gpu->driver) + " is bound" : "no kernel driver is bound";
        notes.push_back(fmt::format("{}: {}; {}{}", describe(card), bound, row.cure,
                                    row.backend == Backend::cuda ? nixos_driver_lines(card.capability) : ""));
    }
}

void note_toolkit(const Card& card, std::vector<std::string>& notes) {
    if (card.backend != Backend::cuda) return;
    const CudaRelease first = first_cuda_for(card.capability);
    const std::string is = fmt::format("{} is {}.{}", describe(card), card.capability / 10, card.capability % 10);
    if (const auto end = cuda_without(card.capability))
        notes.push_back(fmt::format("{}: it needs CUDA 12, CUDA {} starts at 7.5", is, end->major));
    if (first > CudaRelease{12, 0})
        notes.push_back(fmt::format("{}: it needs CUDA {}.{} or newer in nixpkgs", is, first.major, first.minor));
}

struct RuleNote {
    std::string_view rule;
    std::string_view text;
};
// What follows from the rule that judged a card.
constexpr RuleNote kByRule[] = {
    {"gpu-given-away", "is kept for a virtual machine and was not planned for"},
    {"gpu-too-small", "has less than 1 GiB of memory and was not planned for"},
    {"wsl-without-cuda", "is lent by Windows and only NVIDIA's cards compute under WSL: it was not planned for"},
    {"tegra-too-old", "is a Jetson whose last CUDA is 10.2: it was not planned for"},
    {"nvidia-other-set", "needs CUDA 12 and another card here CUDA 13: its code is left out of the CUDA package"},
    {"nvidia-other-driver",
     "needs the closed kernel modules of driver 580 and another card here the open ones: one system has one of them, "
     "and "
     "this card was not planned for. Without the newer card, or with it kept for a virtual machine, it would be"},
    {"amd-no-kfd",
     "has no node in the kernel's KFD, so ROCm cannot use it: see what the kernel says (dmesg, kfd; PCIe atomics, a "
     "container without the card), then probe again"},
    {"amd-compute-no-kfd",
     "has no node in the kernel's KFD, so ROCm cannot use it, and nothing else serves it: see what the kernel says "
     "(dmesg, kfd), then probe again"},
    {"amd-too-old",
     "could use Vulkan under amdgpu: boot.kernelParams = [ \"radeon.si_support=0\" \"radeon.cik_support=0\" "
     "\"amdgpu.si_support=1\" \"amdgpu.cik_support=1\" ] (for gfx6 and gfx7), then probe again"},
};

void note_rule(const Card& card, std::vector<std::string>& notes) {
    for (const RuleNote& row : kByRule)
        if (row.rule == card.rule->id) notes.push_back(fmt::format("{} {}", describe(card), row.text));
    if (card.rule->id == "nvidia-on-nouveau" || card.rule->id == "nvidia-on-nouveau-slow")
        notes.push_back(
            fmt::format("{} could use CUDA with NVIDIA's driver: {} then probe again, or \"variant\": \"cuda\" in "
                        "overrides.json now",
                        describe(card), nixos_driver_lines(card.capability)));
    if (card.rule->id != "nvidia-driver-too-old") return;
    const int major = first_cuda_for(card.capability).major;
    const auto oldest = oldest_driver_for(major);
    notes.push_back(fmt::format("{} has driver {}, and CUDA {} needs {}: {} then probe again", describe(card),
                                printable(card.gpu->driver_version.value_or("?")), major,
                                oldest ? driver_text(*oldest) : "a newer one", nixos_driver_lines(card.capability)));
}

/// A card that is not bound beside one whose driver is too new for it.
void note_ignored(const std::vector<Card>& cards, std::vector<std::string>& notes) {
    for (const Card& card : cards) {
        if (card.backend != Backend::cuda || card.gpu->driver == "nvidia") continue;
        for (const Card& other : cards) {
            const auto driver = driver_version_of(other.gpu->driver_version);
            if (other.gpu->driver != "nvidia" || !driver || !too_new_for(*driver, card.capability)) continue;
            notes.push_back(fmt::format("{}: driver {} ignores it, {} is the last that does not", describe(card),
                                        printable(*other.gpu->driver_version), branch_for(card.capability)->newest));
            break;
        }
    }
}

/// Cards that are not simply a card: each is planned for as what it is, and named.
void note_kind(const Card& card, std::vector<std::string>& notes) {
    if (card.backend == Backend::none) return;
    if (card.gpu->partition == "mig")
        notes.push_back(
            fmt::format("{} is cut into MIG instances: a program sees one of them, the first unless "
                        "CUDA_VISIBLE_DEVICES=MIG-… names another; its memory is a part of the card's",
                        describe(card)));
    if (card.gpu->partition == "vf")
        notes.push_back(
            fmt::format("{} is a virtual function (vGPU, SR-IOV): the guest needs the driver that goes "
                        "with the host's, and the host decides what it may compute",
                        describe(card)));
    if (card.gpu->address.starts_with("wsl:"))
        notes.push_back(
            fmt::format("{} is lent by Windows, with Windows' driver: libcuda is in /usr/lib/wsl/lib "
                        "(NixOS-WSL: wsl.useWindowsDriver = true)",
                        describe(card)));
    if (is_jetson(*card.gpu))
        notes.push_back(
            fmt::format("{} is a Jetson: driver and CUDA come with NVIDIA's JetPack (jetpack-nixos), and "
                        "CUDA must be the one that this JetPack runs",
                        describe(card)));
}

/// A card of another maker stays idle although it could help, because it is not known to be one of its own.
void note_idle(const std::vector<Card>& cards, std::vector<std::string>& notes) {
    const auto on = [&](Backend backend) {
        return std::ranges::any_of(cards, [&](const Card& card) { return card.backend == backend; });
    };
    const auto strong = std::ranges::count_if(cards, [](const Card& card) { return card.strong; });
    if (on(Backend::cuda) && on(Backend::rocm) && strong > 1)
        notes.emplace_back(
            "cards of two makers: llama-cpp-multi loads CUDA and ROCm side by side; \"variant\": \"cuda\" in "
            "overrides.json leaves the AMD card idle");
}

}  // namespace

std::vector<std::string> card_notes(const std::vector<Card>& cards) {
    std::vector<std::string> notes;
    for (const Card& card : cards) {
        note_driver(card, notes);
        note_toolkit(card, notes);
        note_rule(card, notes);
        note_kind(card, notes);
    }
    note_ignored(cards, notes);
    note_idle(cards, notes);
    return notes;
}

}  // namespace lf::plan
