// SPDX-License-Identifier: MIT
/// \file
/// \brief The GGUF model format: header, key/value pairs, tensor table.
///
/// Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little endian).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "bench/gguf_types.h"

namespace lf::bench {

struct GgufTensor {
    std::string name;
    std::vector<std::uint64_t> dimensions;  ///< fastest first, 0 to 4
    std::uint32_t type = 0;
    std::uint64_t offset = 0;  ///< in the data section
};
/// Weights of a tensor, and the bytes that they take; nothing if that is 2^62 or more, or not whole blocks. The bytes
/// of a type that is not in our table are not known.
std::optional<std::uint64_t> tensor_elements(const GgufTensor& tensor);
std::optional<std::uint64_t> tensor_bytes(const GgufTensor& tensor);

/// A value of a key; arrays are kept as their length only.
using GgufValue = std::variant<std::uint64_t, std::int64_t, double, bool, std::string>;

struct GgufInfo {
    std::uint32_t version = 0;
    std::map<std::string, GgufValue> values;
    std::map<std::string, std::uint64_t> array_lengths;
    std::vector<GgufTensor> tensors;
    std::uint64_t data_offset = 0;  ///< where the data section begins in the file
    std::uint64_t parameters = 0;   ///< sum over the tensors
    std::string describe() const;   ///< "llama 0.12B Q4_K_M"
    /// A value of that kind; signed numbers count as numbers if they are not negative. Nothing if there is none.
    std::optional<std::string> text(const std::string& key) const;
    std::optional<std::uint64_t> number(const std::string& key) const;
    /// general.architecture as it stands there, "" without one; keys of the shape begin with it and a dot.
    std::string architecture() const;
};

/// The header of a model; nothing in it is trusted. `bytes` is the beginning of the file, `file_size` the whole. Of
/// what is returned every tensor lies wholly inside the file, none over another, and no name stands for two things.
/// Errors: "gguf-format" with where.file; "gguf-truncated" if the file is shorter than its tensors.
Result<GgufInfo> parse_gguf(std::string_view bytes, std::uint64_t file_size, const std::string& file);
/// Reads as much of the file as the header needs (64 MiB at most).
Result<GgufInfo> read_gguf(const std::string& file);

}  // namespace lf::bench
