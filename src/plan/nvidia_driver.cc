// SPDX-License-Identifier: MIT
#include "plan/nvidia_driver.h"

#include <fmt/format.h>

#include <algorithm>

namespace lf::plan {
namespace {

// NVIDIA's legacy list (UNIX drivers: 390.xx, 470.xx and 580.xx are the last for these chips) and "Open Linux kernel
// modules" (README of the driver): open from Turing on, nothing but open from Blackwell on. Names: nixpkgs
// pkgs/os-specific/linux/nvidia-x11.
constexpr int kNoEnd = 999;
constexpr DriverBranch kBranches[] = {
    {20, 21, KernelModules::closed, 390, "legacy_390"}, {30, 37, KernelModules::closed, 470, "legacy_470"},
    {50, 72, KernelModules::closed, 580, "legacy_580"}, {75, 90, KernelModules::either, 0, ""},
    {100, kNoEnd, KernelModules::open, 0, ""},
};

std::string_view words_of(KernelModules modules) {
    switch (modules) {
        case KernelModules::closed: return "closed kernel modules only";
        case KernelModules::either: return "open or closed kernel modules";
        case KernelModules::open: return "open kernel modules only";
    }
    return "";
}

std::string text_of(int capability) { return fmt::format("{}.{}", capability / 10, capability % 10); }

}  // namespace

const DriverBranch* branch_for(int capability) {
    const auto* const row = std::ranges::find_if(
        kBranches, [&](const DriverBranch& branch) { return branch.from <= capability && capability <= branch.to; });
    return row == std::end(kBranches) ? nullptr : row;
}

bool too_new_for(const DriverVersion& driver, int capability) {
    const DriverBranch* branch = branch_for(capability);
    return branch != nullptr && branch->newest != 0 && driver[0] > branch->newest;
}

bool exclude_each_other(int one_capability, int other_capability) {
    const DriverBranch* one = branch_for(one_capability);
    const DriverBranch* other = branch_for(other_capability);
    if (one == nullptr || other == nullptr) return false;
    const auto are = [&](KernelModules a, KernelModules b) { return one->modules == a && other->modules == b; };
    return are(KernelModules::closed, KernelModules::open) || are(KernelModules::open, KernelModules::closed);
}

std::string nixos_driver_lines(int capability) {
    std::string lines = "services.xserver.videoDrivers = [ \"nvidia\" ]; hardware.graphics.enable = true; ";
    const DriverBranch* branch = branch_for(capability);
    if (branch == nullptr)
        return lines + "hardware.nvidia.open = true; (false for cards of before Turing, which also need legacy_580)";
    lines +=
        branch->modules == KernelModules::closed ? "hardware.nvidia.open = false;" : "hardware.nvidia.open = true;";
    if (!branch->package.empty()) {
        lines += " hardware.nvidia.package = config.boot.kernelPackages.nvidiaPackages.";
        lines += branch->package;
        lines += ";";
    }
    return lines;
}

RuleChapter driver_rules() {
    RuleChapter chapter{"GPU: NVIDIA's driver", "Which driver a card needs, for the lines in notes and findings.", {}};
    for (const DriverBranch& branch : kBranches) {
        const std::string range = branch.to == kNoEnd
                                      ? text_of(branch.from) + " or newer"
                                      : fmt::format("{} to {}", text_of(branch.from), text_of(branch.to));
        chapter.rules.push_back(
            {fmt::format("driver-of-{}", text_of(branch.from)), "compute capability " + range,
             fmt::format("{}, {}", branch.newest == 0 ? "the newest driver" : fmt::format("{} at most", branch.newest),
                         words_of(branch.modules)),
             "newer drivers ignore older chips, and the two kinds of kernel modules do not serve the same ones",
             "NVIDIA, legacy GPUs and README of the driver (open kernel modules); nixpkgs nvidia-x11"});
    }
    return chapter;
}

}  // namespace lf::plan
