// SPDX-License-Identifier: MIT
/// \file
/// \brief Which register states an operating system saves, as far as CPUID alone can prove it.
#pragma once

#include <cstdint>
#include <optional>

#include "probe/cpuid.h"

namespace lf::probe {

struct ProvenState {
    std::uint64_t xcr0 = 0;
    bool assumed = false;   ///< leaf 0xD is not in the dump: every state that the CPU's features work on
    bool apx_open = false;  ///< the CPU supports APX, and leaf 0xD cannot prove whether it is in use: not in `xcr0`
};

/// nullopt where OSXSAVE is not set: the system saves nothing beyond SSE.
std::optional<ProvenState> proven_state(const CpuDump& dump);

}  // namespace lf::probe
