// SPDX-License-Identifier: MIT
/// \file
/// \brief Clang's offload bundles, which HIP puts its code into: plain and compressed (CCOB). See doc/gpu-code.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpucode/collect.h"

namespace lf::gpucode {

inline constexpr std::string_view kBundleMagic = "__CLANG_OFFLOAD_BUNDLE__", kCompressedMagic = "CCOB";

/// Does a bundle begin here, plain or compressed?
bool is_bundle(elf::Bytes bytes);

/// Every bundle in `span`; `starts` as in read_fatbins. A compressed bundle is one piece for all its targets: its bytes
/// are shared out among them by their size unpacked, rounded down.
void read_bundles(Span span, const std::vector<std::uint64_t>& starts, Collector& out);

/// What the id of an entry names: "hipv4-amdgcn-amd-amdhsa--gfx90a:xnack+" is HIP code for "gfx90a:xnack+".
struct BundleTarget {
    Kind kind = Kind::hip_machine;
    std::string name;
};
/// nullopt: nothing that is known. However many dashes and parts stand before the target.
std::optional<BundleTarget> bundle_target(std::string_view id);
/// "host-x86_64-unknown-linux-gnu-": an entry for the CPU.
bool is_host_id(std::string_view id);

}  // namespace lf::gpucode
