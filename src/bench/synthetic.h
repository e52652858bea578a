// SPDX-License-Identifier: MIT
/// \file
/// \brief Models with random weights, of the shape and the types of real ones, so that nothing has to be downloaded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bench/gguf.h"
#include "bench/synthetic_shapes.h"

namespace lf::bench {

struct SyntheticModel {
    ModelShape shape;
    Quant quant;
    std::uint64_t seed = 1;
};

/// What `bench` measures if nobody names a model.
inline constexpr std::string_view kDefaultModel = "synthetic:0.3B:Q4_K_M";

/// Does `word` ask for a synthetic model? ("synthetic", "synthetic:…"; a file of that name is "./synthetic:…")
bool is_synthetic(std::string_view word);

/// "synthetic:SHAPE[:QUANT]" in any case of letters; QUANT is Q4_K_M if it is left out, Q4_K and Q5_K are their M, as
/// for llama-quantize. Errors: "bench-model" (usage) with did-you-mean and the list.
Result<SyntheticModel> parse_synthetic(std::string_view specification);

/// "synthetic:0.3B:Q4_K_M"
std::string specification(const SyntheticModel& model);

/// What can be asked for, for people: two tables within 80 columns.
std::string list_synthetic();

/// Bytes of the file that write_model makes. Errors: "bench-shape".
Result<std::uint64_t> model_size(const SyntheticModel& model);

/// The bytes before the weights. `model` must be one that model_size has a size for.
std::string model_header(const SyntheticModel& model);

/// Writes the model; the same model has the same bytes. The file is whole or not there; another process that writes the
/// same file is waited for. Errors: "bench-shape", "bench-disk-full" (before the first byte is written), "file-…".
Done write_model(const SyntheticModel& model, const std::string& path);

/// The path of the model in `directory`, written if it is not there yet or is not what write_model makes. That is told
/// by its size, its whole header, and the first and last weights of every tensor.
Result<std::string> cached_model(const SyntheticModel& model, const std::string& directory);

/// "synthetic llama 0.3B Q4_K_M (22 layers, width 1024), random weights"
std::string describe(const SyntheticModel& model);

}  // namespace lf::bench
