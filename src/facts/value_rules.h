// SPDX-License-Identifier: MIT
/// \file
/// \brief What a field of the facts may hold: nothing that could do harm in a path, in Nix, in a shell or on a
/// terminal.
#pragma once

#include <cstdint>
#include <string_view>

namespace lf::facts {

// Greater than any real machine's, small enough that hostile facts cost nothing.
inline constexpr int kMaxNumber = 1 << 20;                      // CPUs, cores, nodes, family, model
inline constexpr std::int64_t kMaxMib = std::int64_t{1} << 44;  // 16 EiB

bool is_word(
    std::string_view text);  ///< one word: a feature, a driver, a chip's target; it may reach Nix and shell text
bool is_name(std::string_view text);  ///< a short line for people: no control bytes, valid UTF-8
bool is_note(std::string_view text);
bool is_gpu_address(std::string_view text);  ///< on PCI, or where a GPU is that is not: "platform:17000000.gpu"
bool is_midr(std::string_view text);
bool is_cpu_source(std::string_view text);
bool is_cache_type(std::string_view text);
bool is_role(std::string_view text);
bool is_capability(std::string_view text);
bool is_gfx(std::string_view text);
bool is_gpu_vendor(std::string_view text);
bool is_pci_id(std::string_view text);

}  // namespace lf::facts
