// SPDX-License-Identifier: MIT
// What a back end loads when the program starts.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hostcheck/looks.h"
#include "plan/nvidia_driver.h"

namespace lf::hostcheck {
namespace {

constexpr std::string_view kNixosDriver = "/run/opengl-driver";
constexpr std::string_view kGraphics = "hardware.graphics.enable = true; (before NixOS 24.11: hardware.opengl.enable)";

// Where the Vulkan loader looks for drivers: NixOS, then the usual ones.
constexpr std::string_view kIcdFolders[] = {"/run/opengl-driver/share/vulkan/icd.d", "/etc/vulkan/icd.d",
                                            "/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"};

// Which driver files serve whose cards; a part of the file's name.
struct Icd {
    std::string_view vendor;
    std::string_view names;
    std::string_view cure;
};
constexpr Icd kIcds[] = {
    {"amd", "radeon amd_icd amdvlk", "hardware.graphics.enable = true; (Mesa's radv; Debian: mesa-vulkan-drivers)"},
    {"intel", "intel", "hardware.graphics.enable = true; (Mesa's anv; Debian: mesa-vulkan-drivers)"},
    {"nvidia", "nvidia nouveau",
     "NVIDIA's driver brings its own (services.xserver.videoDrivers = [ \"nvidia\" ]; and hardware.nvidia.open), or "
     "Mesa's NVK: hardware.graphics.enable = true;"},
};

// Which other target's kernels a chip without kernels of its own runs, and the variable that says so. Users' practice,
// not AMD's: chips of one GFX generation differ in stepping only.
struct Stands {
    std::string_view target;
    std::string_view by;
    std::string_view version;
};
constexpr Stands kStands[] = {
    {"gfx1031", "gfx1030", "10.3.0"}, {"gfx1032", "gfx1030", "10.3.0"}, {"gfx1033", "gfx1030", "10.3.0"},
    {"gfx1034", "gfx1030", "10.3.0"}, {"gfx1035", "gfx1030", "10.3.0"}, {"gfx1036", "gfx1030", "10.3.0"},
    {"gfx1103", "gfx1102", "11.0.2"}, {"gfx1150", "gfx1100", "11.0.0"}, {"gfx1151", "gfx1100", "11.0.0"},
    {"gfx90c", "gfx900", "9.0.0"},    {"gfx902", "gfx900", "9.0.0"},
};

bool any_card_without(const Request& request, const std::vector<std::string>& files, const Icd& icd) {
    if (cards_for(request, "vulkan", icd.vendor).empty()) return false;
    return std::ranges::none_of(files, [&](const std::string& file) {
        return std::ranges::any_of(split(icd.names, ' '), [&](std::string_view name) {
            return file.find(name) != std::string::npos && file.ends_with(".json");
        });
    });
}

}  // namespace

Answer driver_libraries(const Request& request) {
    if (!uses_gpu(request.plan.build)) return not_asked();
    const FileSource& files = request.machine.files();
    const bool wsl =
        std::ranges::any_of(request.now.gpus, [](const facts::Gpu& gpu) { return gpu.address.starts_with("wsl:"); });
    Answer answer;
    if (wsl && uses(request.plan.build, "cuda")) {
        if (!files.exists("/usr/lib/wsl/lib/libcuda.so.1"))
            answer.findings.push_back(finding("CUDA under WSL loads Windows' driver, and it is not where WSL puts it",
                                              {"/usr/lib/wsl/lib/libcuda.so.1 is not there"},
                                              "wsl.useWindowsDriver = true; and NVIDIA's driver in Windows"));
        return answer;
    }
    if (!is_nixos(request)) return not_asked();
    if (!files.exists("/run")) return cannot_tell("the capture has no /run");
    if (!files.exists(std::string(kNixosDriver)))
        answer.findings.push_back(finding("drivers of GPUs are not where programs of NixOS look for them",
                                          {fmt::format("{} is not there", kNixosDriver)}, std::string(kGraphics)));
    else if (const auto cards = cards_for(request, "cuda");
             uses(request.plan.build, "cuda") && !files.exists("/run/opengl-driver/lib/libcuda.so.1"))
        answer.findings.push_back(finding("the driver library of CUDA is missing",
                                          {"/run/opengl-driver/lib/libcuda.so.1 is not there"},
                                          plan::nixos_driver_lines(cards.empty() ? 0 : capability_of(*cards.front()))));
    return answer;
}

Answer vulkan_icd(const Request& request) {
    if (!uses(request.plan.build, "vulkan")) return not_asked();
    std::vector<std::string> seen;
    bool any_folder = false;
    for (const std::string_view folder : kIcdFolders) {
        const auto names = request.machine.files().list(std::string(folder));
        if (!names) continue;
        any_folder = true;
        seen.insert(seen.end(), names->begin(), names->end());
    }
    if (!any_folder && !request.machine.files().exists("/etc") && !request.machine.files().exists("/run"))
        return cannot_tell("the capture holds no folder of Vulkan drivers");
    Answer answer;
    for (const Icd& icd : kIcds) {
        if (!any_card_without(request, seen, icd)) continue;
        answer.findings.push_back(finding(
            fmt::format("the Vulkan loader finds no driver for the cards of {}", icd.vendor),
            {fmt::format("looked for {} in {}", icd.names, fmt::join(kIcdFolders, ", "))}, std::string(icd.cure)));
    }
    return answer;
}

Answer rocm_kernels(const Request& request) {
    if (!uses(request.plan.build, "rocm") || !request.plan.build.rocm_targets) return not_asked();
    Answer answer;
    for (const std::string_view target : split(*request.plan.build.rocm_targets, ';')) {
        if (plan::rocm_has_kernels(target)) continue;
        const auto* const row = std::ranges::find(kStands, target, &Stands::target);
        answer.findings.push_back(
            finding(fmt::format("rocBLAS has no kernels for {}", printable(target)),
                    {fmt::format("rocm.targets is {}", printable(*request.plan.build.rocm_targets))},
                    row == std::end(kStands)
                        ? std::string("\"variant\": \"vulkan\" in overrides.json")
                        : fmt::format("\"variant\": \"vulkan\" in overrides.json; or build for {} and set "
                                      "systemd.services.llama-cpp.environment.HSA_OVERRIDE_GFX_VERSION = \"{}\";",
                                      row->by, row->version)));
    }
    return answer;
}

}  // namespace lf::hostcheck
