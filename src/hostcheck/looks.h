// SPDX-License-Identifier: MIT
/// \file
/// \brief The single checks, and what they share. For hostcheck.cc and the tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hostcheck/hostcheck.h"
#include "plan/codec.h"
#include "plan/rules_gpu.h"

namespace lf::hostcheck {

bool uses_gpu(const plan::Build& build);

/// The cards of this machine that the plan uses through this back end, or would if their kernel driver were bound:
/// never one that no code was made for, nor one that is kept for a virtual machine while another is at hand. `vendor`
/// "" = of every maker.
std::vector<const facts::Gpu*> cards_for(const Request& request, std::string_view backend,
                                         std::string_view vendor = "");

/// 86 for a card of compute capability 8.6; 0 = not known.
int capability_of(const facts::Gpu& gpu);

bool is_nixos(const Request& request);

/// "10de:25a2 GA107M at 0000:01:00.0", safe to print.
std::string describe(const facts::Gpu& gpu);

inline Answer not_asked() { return {{}, false, {}}; }
inline Answer cannot_tell(std::string why) { return {{}, true, std::move(why)}; }
inline Answer fine() { return {}; }
inline Finding finding(std::string what, std::vector<std::string> saw, std::string cure) {
    return {{}, Weight::stops, std::move(what), std::move(saw), std::move(cure)};
}

// drivers and devices
Answer nouveau_bound(const Request& request);
Answer nvidia_driver_missing(const Request& request);
Answer nvidia_driver_too_old(const Request& request);
Answer nvidia_devices(const Request& request);
Answer amdgpu_missing(const Request& request);
Answer render_nodes(const Request& request);
Answer kfd(const Request& request);
Answer kfd_cwsr(const Request& request);

// libraries and kernels for GPUs
Answer driver_libraries(const Request& request);
Answer vulkan_icd(const Request& request);
Answer rocm_kernels(const Request& request);

// the service's unit
Answer service_devices(const Request& request);
Answer service_device_allow(const Request& request);
Answer service_memory(const Request& request);
Answer service_groups(const Request& request);

// CPU and the rest
Answer cpu_lacks(const Request& request);
Answer os_saves(const Request& request);
Answer amx_permission(const Request& request);
Answer unfree(const Request& request);
Answer disk(const Request& request);
Answer stale_facts(const Request& request);

}  // namespace lf::hostcheck
