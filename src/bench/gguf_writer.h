// SPDX-License-Identifier: MIT
/// \file
/// \brief Writes a model of llama's architecture with random weights, so that nothing has to be downloaded.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace lf::bench {

/// The speed of llama.cpp depends on the shape and the types of the weights, not on their values.
struct ModelShape {
    std::string name = "0.2B";
    std::uint32_t layers = 12;
    std::uint32_t width = 1024;         ///< of the embedding; a multiple of 256
    std::uint32_t feed_forward = 2816;  ///< a multiple of 256
    std::uint32_t heads = 16;
    std::uint32_t kv_heads = 4;
    std::uint32_t vocabulary = 32000;
    std::uint32_t context = 2048;
    std::uint64_t seed = 1;
};

/// Bytes of the file that write_model makes. Errors: "bench-shape".
Result<std::uint64_t> model_size(const ModelShape& shape);

/// Writes the model in a mix of Q4_K and Q6_K as llama-quantize's Q4_K_M; same shape and seed, same bytes. The file is
/// whole or not there. Errors: "bench-disk-full" (asked before the first byte is written), "file-…".
Done write_model(const ModelShape& shape, const std::string& path);

/// The path of the model in `directory`, written if it is not there yet or is not what write_model makes.
Result<std::string> cached_model(const ModelShape& shape, const std::string& directory);

/// "synthetic llama 0.2B Q4_K_M (12 layers, width 1024), random weights"
std::string describe(const ModelShape& shape);

}  // namespace lf::bench
