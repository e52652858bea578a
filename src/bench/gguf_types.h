// SPDX-License-Identifier: MIT
/// \file
/// \brief The types of tensors and of whole files that GGUF numbers, as tables.
///
/// Numbers and blocks: ggml.h (enum ggml_type), ggml-common.h and llama.h (enum llama_ftype), as of ggml 0.27;
/// tests/bench/models.py compares both tables with those of Debian's python3-gguf.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lf::bench {

/// The types that we write; numbers as in ggml.h.
enum class GgmlType : std::uint32_t { f32 = 0, f16 = 1, q4_0 = 2, q8_0 = 8, q4_k = 12, q5_k = 13, q6_k = 14 };

struct GgmlTypeInfo {
    std::uint32_t number;
    std::string_view name;      ///< "Q4_K"
    std::uint32_t block;        ///< weights in a block
    std::uint32_t block_bytes;  ///< bytes of it
};
std::span<const GgmlTypeInfo> ggml_types();
/// nullptr for a number that is not in the table.
const GgmlTypeInfo* type_info(std::uint32_t number);
const GgmlTypeInfo& type_info(GgmlType type);

struct FileType {
    std::uint32_t number;
    std::string_view name;  ///< as llama-quantize is told: "Q4_K_M"
};
std::span<const FileType> file_types();
/// general.file_type → name; "" if it is not known.
std::string_view file_type_name(std::uint64_t number);

/// Offsets are multiples of this; the default of GGUF.
inline constexpr std::uint64_t kGgufAlignment = 32;
constexpr std::uint64_t gguf_aligned(std::uint64_t n) {
    return (n + kGgufAlignment - 1) / kGgufAlignment * kGgufAlignment;
}

}  // namespace lf::bench
