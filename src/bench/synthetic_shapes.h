// SPDX-License-Identifier: MIT
/// \file
/// \brief The shapes of models that can be written without a download, and the mixes of tensor types, as tables.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/gguf.h"

namespace lf::bench {

/// The speed of llama.cpp depends on the shape and the types of the weights, not on their values.
struct ModelShape {
    std::string_view name;    ///< as in a specification: "1B"
    std::string_view origin;  ///< the model that has this shape, and where that is written down
    std::string_view architecture = "llama";
    std::uint32_t layers = 0;
    std::uint32_t width = 0;         ///< of the embedding; a multiple of 256
    std::uint32_t feed_forward = 0;  ///< of one expert, if there are experts; a multiple of 256
    std::uint32_t heads = 0;
    std::uint32_t kv_heads = 0;
    std::uint32_t vocabulary = 0;
    std::uint32_t context = 0;  ///< that it was trained for
    float rope_base = 10000.0F;
    float norm_epsilon = 1e-5F;
    bool tied = false;               ///< the embedding is the output matrix too
    bool rope_factors = false;       ///< has a tensor rope_freqs, as Llama 3.1 and later
    std::uint32_t experts = 0;       ///< 0 = dense
    std::uint32_t experts_used = 0;  ///< for a token
};
std::span<const ModelShape> model_shapes();

/// A mix of llama-quantize.
struct Quant {
    std::string_view name;  ///< "Q4_K_M"
    std::uint32_t file_type;
    GgmlType type;    ///< of most matrices
    GgmlType output;  ///< of the matrix that gives the output
    GgmlType better;  ///< of attn_v and ffn_down in some layers …
    /// … in the first few (attn_v: four, ffn_down: an eighth), or as llama-quantize's use_more_bits says.
    enum Layers : std::uint8_t { none, first, more_bits } layers;
};
std::span<const Quant> model_quants();

/// The tensors in the order in which llama-quantize writes them, with their types and offsets.
std::vector<GgufTensor> model_tensors(const ModelShape& shape, const Quant& quant);

}  // namespace lf::bench
