// SPDX-License-Identifier: MIT
/// \file
/// \brief The devices that one installed llama.cpp sees on this machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "bench/installed.h"
#include "bench/pinning.h"

namespace lf::bench {

struct Device {
    std::string name;  ///< as -dev takes it: "Vulkan0", "CUDA0", "ROCm1"
    std::string description;
    std::int64_t memory_mib = 0;
    std::int64_t free_mib = 0;
    std::string backend;    ///< "Vulkan", "CUDA", "ROCm"
    bool software = false;  ///< it computes on the CPU (llvmpipe): never faster than the CPU itself
    bool operator==(const Device&) const = default;
};

/// Asks llama-bench --list-devices. Empty where the build serves the CPU alone. BLAS is no device here: ggml counts it
/// as one, but it computes on the CPU, and LlamaBenchRun::blas asks for it. Errors: "bench-option" (this llama-bench
/// cannot list them), "bench-devices" (it failed), "interrupted".
Result<std::vector<Device>> list_devices(const InstalledBuild& build, const Scratch& scratch, ProcessRunner& processes);

/// From what it printed on both outputs.
std::vector<Device> parse_devices(std::string_view out, std::string_view err);

}  // namespace lf::bench
