// SPDX-License-Identifier: MIT
/// \file
/// \brief How far ggml's kernels in a file go, and what of a host's CPU they leave alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/audit.h"

namespace lf::audit {

/// What the kernels of a file need of a CPU.
struct KernelUse {
    facts::FeatureSet features;  ///< of their instructions, all together
    facts::FeatureSet anywhere;  ///< of all the file's instructions
    bool by_name = false;        ///< the kernels were found by their names; else the whole file was counted
    std::uint64_t instructions = 0;
};

/// Of a file with ggml's kernels. Where functions have no names, a set counts if at least one instruction in 500 of the
/// file's code is of it: that is more than the string functions of a C library have that is linked in (a few hundred
/// instructions), and less than a build for such a CPU has (one in 20 and more).
KernelUse kernel_use(const FileAudit& file);

/// What the host has and these kernels leave alone, the most important first; at most one line for the width of
/// registers, then one for each further set that would be used at that width. `name` is the file's.
std::vector<Unused> unused_by(const KernelUse& use, const facts::FeatureSet& host, const std::string& name);

/// "AVX-512", "AVX2", "AVX", "SSE4.2", "SSE2": the widest of them whose features are there.
std::string_view width_words(const facts::FeatureSet& features);

}  // namespace lf::audit
