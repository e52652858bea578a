// SPDX-License-Identifier: MIT
/// \file
/// \brief LLVM's offload packages (section .llvm.offloading): what clang's newer driver embeds into object files, and
/// what OpenMP and SYCL programs keep. See doc/gpu-code.md.
#pragma once

#include "gpucode/collect.h"

namespace lf::gpucode {

/// Does a package begin here (10 FF 10 AD)?
bool is_offload_package(elf::Bytes bytes);

/// Every package in `span`.
void read_offload_packages(Span span, Collector& out);

}  // namespace lf::gpucode
