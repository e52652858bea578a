// SPDX-License-Identifier: MIT
/// \file
/// \brief Which GPUs share machine code. Compute capabilities as numbers: 86 is 8.6, 121 is 12.1.
///
/// Sources: NVIDIA's CUDA programming guide, "Binary Compatibility"; LLVM's AMDGPUUsage, "AMDGPU Generic Processors".
#pragma once

#include <string_view>

namespace lf::gpucode {

/// Chips of NVIDIA's Tegra line: machine code is neither shared with the other chips nor among them.
bool is_tegra(int capability);

/// The same major number, and no older: what machine code and families ask of a card that is no Tegra.
bool same_major_and_not_older(int card, int made_for);

/// Is `gfx_target` ("gfx1101") a member of the generic target ("gfx11-generic")?
bool in_generic(std::string_view generic, std::string_view gfx_target);

}  // namespace lf::gpucode
