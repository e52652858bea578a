// SPDX-License-Identifier: MIT
#include "hostcheck/hostcheck.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hostcheck/looks.h"

namespace lf::hostcheck {
namespace {

constexpr Check kChecks[] = {
    {"nvidia-driver-missing", Weight::stops, "NVIDIA's driver is bound to the card", nvidia_driver_missing},
    {"nouveau-bound", Weight::stops, "no free driver holds a card that CUDA is planned for", nouveau_bound},
    {"nvidia-driver-too-old", Weight::stops, "the driver runs what the planned CUDA makes", nvidia_driver_too_old},
    {"nvidia-devices", Weight::stops, "NVIDIA's device files are there and may be used", nvidia_devices},
    {"amdgpu-missing", Weight::stops, "amdgpu is bound to cards of AMD", amdgpu_missing},
    {"render-node", Weight::stops, "render nodes in /dev/dri may be used", render_nodes},
    {"kfd", Weight::stops, "/dev/kfd may be used", kfd},
    {"kfd-cwsr", Weight::warns, "the kernel tells ROCm what Strix Halo's waves take", kfd_cwsr},
    {"driver-libraries", Weight::stops, "libraries of drivers are where programs look", driver_libraries},
    {"vulkan-icd", Weight::stops, "the Vulkan loader finds a driver for the cards", vulkan_icd},
    {"rocm-kernels", Weight::stops, "ROCm has kernels for the planned targets", rocm_kernels},
    {"service-devices", Weight::stops, "the service sees device files", service_devices},
    {"service-device-allow", Weight::stops, "the service may open the devices that it needs", service_device_allow},
    {"service-memory", Weight::stops, "the service may make memory executable where drivers compile", service_memory},
    {"service-groups", Weight::stops, "the service's user is in the groups of GPUs", service_groups},
    {"cpu-lacks", Weight::stops, "every CPU has what the plan asks for", cpu_lacks},
    {"os-does-not-save", Weight::stops, "the operating system saves the registers that the plan uses", os_saves},
    {"amx-permission", Weight::stops, "the kernel grants AMX", amx_permission},
    {"unfree", Weight::stops, "CUDA's licence is allowed", unfree},
    {"disk", Weight::warns, "the disk has room for the build", disk},
    {"facts-stale", Weight::warns, "the facts in the repository are this machine's", stale_facts},
};

}  // namespace

bool uses_gpu(const plan::Build& build) { return uses(build, "cuda") || uses(build, "rocm") || uses(build, "vulkan"); }

bool is_nixos(const Request& request) {
    const auto id = request.now.environment ? request.now.environment->os_id : std::nullopt;
    return id ? *id == "nixos" : request.machine.files().exists("/etc/NIXOS");
}

std::string describe(const facts::Gpu& gpu) {
    std::string out = fmt::format("{:04x}:{:04x}", gpu.vendor_id, gpu.device_id);
    if (gpu.name) out += " " + printable(*gpu.name);
    else if (gpu.chip) out += " " + printable(*gpu.chip);
    return gpu.address.empty() ? out : out + " at " + printable(gpu.address);
}

std::span<const Check> checks() { return kChecks; }

Report check_host(const Request& request) {
    Report report{request.plan.host, request.plan.build.package, {}, {}, {}};
    for (const Check& check : kChecks) {
        Answer answer = check.look(request);
        if (!answer.asked) continue;
        const std::string id(check.id);
        if (!answer.cannot_tell.empty()) report.unanswered.push_back({id, std::move(answer.cannot_tell)});
        else if (answer.findings.empty()) report.fine.push_back(id);
        for (Finding& finding : answer.findings) {
            finding.id = id;
            if (finding.weight == Weight::stops) finding.weight = check.weight;
            report.findings.push_back(std::move(finding));
        }
    }
    return report;
}

bool works(const Report& report) {
    return std::ranges::none_of(report.findings, [](const Finding& one) { return one.weight == Weight::stops; });
}

}  // namespace lf::hostcheck
