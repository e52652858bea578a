// SPDX-License-Identifier: MIT
/// \file
/// \brief The GGUF model format: header, key/value pairs, tensor table.
///
/// Layout and numbers: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3, little endian); block
/// sizes: ggml's ggml-common.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace lf::bench {

/// Tensor types that we write or name; numbers as in ggml.h.
enum class GgmlType : std::uint32_t { f32 = 0, f16 = 1, q4_0 = 2, q8_0 = 8, q4_k = 12, q5_k = 13, q6_k = 14 };

struct GgmlTypeInfo {
    GgmlType type;
    std::string_view name;      ///< "Q4_K"
    std::uint32_t block;        ///< weights in a block
    std::uint32_t block_bytes;  ///< bytes of it
};
/// nullptr for a type that is not in our table.
const GgmlTypeInfo* type_info(std::uint32_t type);

struct GgufTensor {
    std::string name;
    std::vector<std::uint64_t> dimensions;  ///< fastest first, 1 to 4
    std::uint32_t type = 0;
    std::uint64_t offset = 0;  ///< in the data section
};

/// A value of a key; arrays are kept as their length only.
using GgufValue = std::variant<std::uint64_t, std::int64_t, double, bool, std::string>;

struct GgufInfo {
    std::uint32_t version = 0;
    std::map<std::string, GgufValue> values;
    std::map<std::string, std::uint64_t> array_lengths;
    std::vector<GgufTensor> tensors;
    std::uint64_t data_offset = 0;  ///< where the data section begins in the file
    std::uint64_t parameters = 0;   ///< sum over the tensors, saturating
    std::string describe() const;   ///< "llama 0.12B Q4_K_M"
};

/// The header of a model; nothing in it is trusted. `bytes` is the beginning of the file, `file_size` the whole.
/// Errors: "gguf-format" with where.file; "gguf-truncated" if tensors lie behind the end of the file.
Result<GgufInfo> parse_gguf(std::string_view bytes, std::uint64_t file_size, const std::string& file);
/// Reads as much of the file as the header needs (64 MiB at most).
Result<GgufInfo> read_gguf(const std::string& file);

}  // namespace lf::bench
