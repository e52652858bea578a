// SPDX-License-Identifier: MIT
// Kernel drivers and device files.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hostcheck/looks.h"
#include "plan/nvidia_driver.h"
#include "plan/rules_cuda.h"

namespace lf::hostcheck {
namespace {

std::string nvidia_lines(const facts::Gpu& gpu) { return plan::nixos_driver_lines(capability_of(gpu)); }

bool is_free_driver(const facts::Gpu& gpu) { return gpu.driver && plan::is_free_nvidia_driver(*gpu.driver); }

/// Jetson and WSL: their drivers are no kernel modules of the owner's choice.
bool has_driver_to_choose(const facts::Gpu& gpu) {
    return !plan::is_jetson(gpu) && !gpu.address.starts_with("platform:") && !gpu.address.starts_with("wsl:");
}

std::string driver_words(const facts::Gpu& gpu) {
    return fmt::format("{}: {}", describe(gpu),
                       gpu.driver ? "driver " + printable(*gpu.driver) : std::string("no driver"));
}

/// Where another card that the plan uses has its driver, a card without is a loss and no end.
Weight weight_beside(const std::vector<const facts::Gpu*>& cards, std::string_view driver) {
    return std::ranges::any_of(cards, [&](const facts::Gpu* gpu) { return gpu->driver == driver; }) ? Weight::warns
                                                                                                    : Weight::stops;
}

std::string_view words_of(Access access) {
    switch (access) {
        case Access::granted: return "may be used";
        case Access::denied: return "permission denied";
        case Access::missing: return "not there";
        case Access::cannot_tell: return "cannot be told";
    }
    return "";
}

/// Asks for all of `paths`: what is denied or missing becomes a finding with the cure for it.
Answer ask(const Request& request, const std::vector<std::string>& paths, std::string_view what,
           std::string_view if_missing, std::string_view if_denied) {
    Answer answer;
    bool missing = false;
    std::vector<std::string> saw;
    for (const std::string& path : paths) {
        const Access access = request.access.of(path);
        if (access == Access::cannot_tell)
            return cannot_tell(fmt::format("whether {} may be used is not known (a captured machine)", path));
        if (access == Access::granted) continue;
        missing = missing || access == Access::missing;
        saw.push_back(fmt::format("{}: {}", printable(path), words_of(access)));
    }
    if (!saw.empty())
        answer.findings.push_back(
            finding(std::string(what), std::move(saw), std::string(missing ? if_missing : if_denied)));
    return answer;
}

constexpr std::string_view kGroups =
    "users.users.NAME.extraGroups = [ \"render\" \"video\" ]; then log in again (elsewhere: usermod -aG render,video "
    "NAME)";

/// Of the nvidia module that is loaded, whether or not it serves a card.
std::optional<plan::DriverVersion> loaded_driver(const Request& request) {
    const auto text = request.machine.files().read("/sys/module/nvidia/version");
    return text && text->size() < 64 ? plan::driver_version_of(std::string(trim(*text))) : std::nullopt;
}

}  // namespace

Answer nouveau_bound(const Request& request) {
    if (!uses(request.plan.build, "cuda")) return not_asked();
    const auto cards = cards_for(request, "cuda");
    Answer answer;
    for (const facts::Gpu* gpu : cards) {
        if (!is_free_driver(*gpu)) continue;
        answer.findings.push_back(finding("CUDA is planned, and a free driver is bound to the card, which has none",
                                          {driver_words(*gpu)}, nvidia_lines(*gpu) + " then boot again"));
        answer.findings.back().weight = weight_beside(cards, "nvidia");
    }
    return answer;
}

Answer nvidia_driver_missing(const Request& request) {
    if (!uses(request.plan.build, "cuda")) return not_asked();
    const auto cards = cards_for(request, "cuda");
    Answer answer;
    if (cards.empty())
        answer.findings.push_back(
            finding("CUDA is planned, and this machine shows no card that it was planned for",
                    {fmt::format("{} GPUs, cuda.architectures {}", request.now.gpus.size(),
                                 printable(request.plan.build.cuda_architectures.value_or("none")))},
                    "probe and plan again: llama-fleet fit . --update --here NAME --write"));
    for (const facts::Gpu* gpu : cards) {
        if (!has_driver_to_choose(*gpu) || gpu->driver == "nvidia" || is_free_driver(*gpu)) continue;
        const bool given = plan::is_given_away(*gpu);
        std::vector<std::string> saw = {driver_words(*gpu)};
        if (const auto loaded = loaded_driver(request); loaded && plan::too_new_for(*loaded, capability_of(*gpu)))
            saw.push_back(
                fmt::format("the driver {} is too new for this chip, and ignores it", plan::driver_text(*loaded)));
        answer.findings.push_back(
            finding(given ? "CUDA is planned, and the card is kept for a virtual machine"
                          : "CUDA is planned, and NVIDIA's driver is not bound to the card",
                    std::move(saw),
                    given ? "take its ids out of boot.extraModprobeConfig (vfio-pci ids=…), or plan again"
                          : nvidia_lines(*gpu)));
        answer.findings.back().weight = weight_beside(cards, "nvidia");
    }
    return answer;
}

Answer nvidia_driver_too_old(const Request& request) {
    if (!uses(request.plan.build, "cuda")) return not_asked();
    const plan::Build& build = request.plan.build;
    // Without a set of its own the package takes nixpkgs' default, which may be any from 12 on.
    const auto set = build.cuda_packages ? plan::major_of_set(*build.cuda_packages) : std::nullopt;
    const int major = set.value_or(12);
    const auto oldest = plan::oldest_driver_for(major);
    const auto flag = build.extra_flags.find(std::string(plan::kCompressionFlag));
    const bool plain = flag != build.extra_flags.end() && flag->second == plan::FlagValue("none");
    Answer answer;
    bool known = false;
    bool of_default = true;
    for (const facts::Gpu* gpu : cards_for(request, "cuda")) {
        const auto driver = plan::driver_version_of(gpu->driver_version);
        if (!driver || !oldest || gpu->address.starts_with("platform:")) continue;
        known = true;
        of_default = of_default && *driver >= *plan::oldest_driver_for(13);
        std::string what;
        if (*driver < *oldest)
            what = fmt::format("the driver is older than CUDA {} needs ({})", major, plan::driver_text(*oldest));
        else if (!plain && plan::reads_compressed(*gpu) == false)
            what = "the driver is older than 550, and cannot read the compressed code that CUDA 12.4 and newer make";
        if (what.empty()) continue;
        answer.findings.push_back(
            finding(std::move(what), {fmt::format("{}: driver {}", describe(*gpu), printable(*gpu->driver_version))},
                    nvidia_lines(*gpu) + " or plan again with these facts"));
    }
    if (!known) return cannot_tell("the version of NVIDIA's driver is not in the facts of this machine");
    if (answer.findings.empty() && !set && !of_default)
        return cannot_tell(
            "the plan was made without a driver older than 580 and takes nixpkgs' default CUDA, which may be 13 and "
            "need "
            "580: plan again with these facts");
    return answer;
}

Answer nvidia_devices(const Request& request) {
    if (!uses(request.plan.build, "cuda")) return not_asked();
    const bool bound = std::ranges::any_of(cards_for(request, "cuda"), [](const facts::Gpu* gpu) {
        return gpu->driver == "nvidia" && has_driver_to_choose(*gpu);
    });
    if (!bound) return not_asked();  // another check says why
    return ask(
        request, {"/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia-uvm"},
        "CUDA needs the device files of NVIDIA's driver",
        "boot.kernelModules = [ \"nvidia_uvm\" ]; hardware.nvidia.nvidiaPersistenced = true; now: nvidia-modprobe -u "
        "-c 0 (in a container: hardware.nvidia-container-toolkit.enable = true)",
        "they are open to all unless NVreg_DeviceFileMode says otherwise: take that out of "
        "boot.extraModprobeConfig");
}

Answer amdgpu_missing(const Request& request) {
    Answer answer;
    bool any = false;
    for (const std::string_view backend : {"rocm", "vulkan"}) {
        const auto cards = cards_for(request, backend);
        for (const facts::Gpu* gpu : cards) {
            if (gpu->vendor != "amd" || !has_driver_to_choose(*gpu)) continue;
            any = true;
            if (gpu->driver == "amdgpu") continue;
            answer.findings.push_back(finding(
                "a card of AMD without the kernel driver amdgpu can neither ROCm nor Vulkan use", {driver_words(*gpu)},
                gpu->driver == "radeon"
                    ? "boot.kernelParams = [ \"radeon.si_support=0\" \"radeon.cik_support=0\" "
                      "\"amdgpu.si_support=1\" \"amdgpu.cik_support=1\" ];"
                    : "hardware.amdgpu.initrd.enable = true; hardware.enableRedistributableFirmware = true;"));
            // Vulkan has other makers' cards too.
            const bool others = std::ranges::any_of(cards, [](const facts::Gpu* card) {
                return card->driver == "amdgpu" || (card->vendor != "amd" && card->driver);
            });
            answer.findings.back().weight = others ? Weight::warns : Weight::stops;
        }
    }
    return any ? answer : not_asked();
}

Answer render_nodes(const Request& request) {
    if (cards_for(request, "rocm").empty() && cards_for(request, "vulkan").empty()) return not_asked();
    const auto names = request.machine.files().list("/dev/dri");
    std::vector<std::string> nodes;
    for (const std::string& name : names ? *names : std::vector<std::string>{})
        if (name.starts_with("renderD") && name.size() < 16) nodes.push_back("/dev/dri/" + name);
    if (nodes.empty()) nodes.emplace_back("/dev/dri/renderD128");
    return ask(request, nodes, "programs reach the GPU through its render node",
               "hardware.graphics.enable = true; and a kernel driver for the card (in a container: --device /dev/dri)",
               kGroups);
}

Answer kfd(const Request& request) {
    if (!uses(request.plan.build, "rocm")) return not_asked();
    Answer answer = ask(
        request, {"/dev/kfd"}, "ROCm reaches the card through /dev/kfd",
        "the kernel needs amdgpu with CONFIG_HSA_AMD (NixOS' has it): boot.initrd.kernelModules = [ \"amdgpu\" ]; (in "
        "a container: --device /dev/kfd)",
        kGroups);
    const auto cards = cards_for(request, "rocm");
    const bool another = std::ranges::any_of(cards, [](const facts::Gpu* gpu) { return gpu->kfd == true; });
    for (const facts::Gpu* gpu : cards) {
        if (gpu->kfd != false) continue;
        answer.findings.push_back(
            finding("ROCm is planned, and the kernel's KFD does not list the card",
                    {fmt::format("{}: no node in /sys/class/kfd/kfd/topology/nodes", describe(*gpu))},
                    "see dmesg for kfd (PCIe atomics, firmware); in a container pass the card in; or plan again with "
                    "these facts: Vulkan needs no KFD"));
        if (another) answer.findings.back().weight = Weight::warns;
        answer.cannot_tell.clear();
    }
    return answer;
}

/// Strix Halo has a larger register file than the runtime's formula knows: since Linux 7.0 KFD tells the size itself.
Answer kfd_cwsr(const Request& request) {
    constexpr std::string_view kNodes = "/sys/class/kfd/kfd/topology/nodes";
    constexpr std::string_view kStrixHalo = "gfx_target_version 110501";
    const auto cards = cards_for(request, "rocm");
    if (std::ranges::none_of(cards, [](const facts::Gpu* gpu) { return gpu->gfx_target == "gfx1151"; }))
        return not_asked();
    const auto nodes = request.machine.files().list(std::string(kNodes));
    for (const std::string& node : nodes ? *nodes : std::vector<std::string>{}) {
        const auto text = request.machine.files().read(fmt::format("{}/{}/properties", kNodes, node));
        if (!text || text->find(kStrixHalo) == std::string::npos) continue;
        if (text->find("cwsr_size ") != std::string::npos) return fine();
        Answer answer;
        answer.findings.push_back(finding(
            "the kernel does not tell ROCm how much memory a saved wave of Strix Halo takes: programs may hang the GPU",
            {fmt::format("{}/{}/properties has no cwsr_size", kNodes, printable(node))},
            "boot.kernelPackages = pkgs.linuxPackages_latest; (Linux 7.0 or newer, with ROCm 7.2.1 or newer); until "
            "then boot.kernelParams = [ \"amdgpu.cwsr_enable=0\" ];"));
        return answer;
    }
    return cannot_tell("KFD shows no node of a Strix Halo");
}

}  // namespace lf::hostcheck
