// SPDX-License-Identifier: MIT
/// \file
/// \brief Which cards a list of GPU targets serves, by the rules of check/gpu_targets.h.
#pragma once

#include <string_view>
#include <vector>

namespace lf::lint {

/// CMAKE_CUDA_ARCHITECTURES ("75-virtual;86-real") and a compute capability ("8.6"): machine code of the same major
/// version and no higher minor one, or PTX of no higher version.
bool serves_cuda(std::string_view architectures, std::string_view capability);
/// The entries of the list that serve a card best: machine code before PTX, the nearest version; empty = none does.
std::vector<std::string_view> best_for_cuda(std::string_view architectures, std::string_view capability);

/// Only PTX of the list serves the card, by what the driver makes of it when the program runs.
bool compiled_when_run(std::string_view architectures, std::string_view capability);

/// CMAKE_HIP_ARCHITECTURES ("gfx1100;gfx90a:xnack-") and a gfx target.
bool serves_gfx(std::string_view targets, std::string_view gfx);

}  // namespace lf::lint
