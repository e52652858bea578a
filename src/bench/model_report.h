// SPDX-License-Identifier: MIT
/// \file
/// \brief What a GGUF file is: for people and as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/gguf.h"

namespace lf::bench {

/// All tensors of one type together.
struct TypeShare {
    std::uint32_t type = 0;
    std::uint64_t tensors = 0;
    std::uint64_t parameters = 0;
    std::uint64_t bytes = 0;  ///< 0 for a type that is not in our table
};

/// What a file says of itself; nothing where it does not. Texts are as they stand in the file.
struct ModelReport {
    std::uint32_t gguf_version = 0;
    std::string architecture;
    std::string name;
    std::optional<std::uint64_t> file_type;
    std::uint64_t parameters = 0;
    std::uint64_t tensors = 0;
    std::optional<std::uint64_t> layers, width, feed_forward, heads, kv_heads, context, vocabulary;
    std::optional<std::uint64_t> experts, experts_used;
    std::optional<std::uint64_t> split_count, split_number;  ///< number from 0
    std::vector<TypeShare> types;                            ///< most bytes first
    std::uint64_t file_bytes = 0;
    std::uint64_t header_bytes = 0;
    std::uint64_t weight_bytes = 0;         ///< of the tensors of known types
    std::optional<double> bits_per_weight;  ///< nothing if there are no tensors, or some of unknown types
    std::optional<std::string> synthetic;   ///< "synthetic:0.3B:Q4_K_M" if we wrote it
    std::optional<std::uint64_t> seed;      ///< of one that we wrote
};
ModelReport report_model(const GgufInfo& info, std::uint64_t file_size);

/// Lines of at most 80 columns; control characters of the file are shown, not obeyed.
std::string render_model(const GgufInfo& info, std::uint64_t file_size);
/// schema "llama-fleet/model" version 1; unknown values are null.
std::string model_json(const GgufInfo& info, std::uint64_t file_size);

}  // namespace lf::bench
