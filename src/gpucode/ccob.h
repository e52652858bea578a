// SPDX-License-Identifier: MIT
/// \file
/// \brief Compressed bundles (CCOB, versions 1 to 3): only the list at their beginning is unpacked.
#pragma once

#include <cstdint>
#include <functional>

#include "gpucode/collect.h"

namespace lf::gpucode {

/// The bundle at `start`; where it ends. `next`: where the next bundle may begin, from an offset on; asked only where
/// the header does not say how long this one is (version 1 with zlib), or says what cannot be.
std::uint64_t read_compressed_bundle(Span span, std::uint64_t start,
                                     const std::function<std::uint64_t(std::uint64_t)>& next, Collector& out);

}  // namespace lf::gpucode
