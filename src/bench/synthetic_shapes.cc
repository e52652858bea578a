// SPDX-License-Identifier: MIT
#include "bench/synthetic_shapes.h"

#include <fmt/format.h>

#include <array>

namespace lf::bench {
namespace {

// From the config.json of the models' repositories on huggingface.co. They are kept so that a comparison of two
// machines is one of the same work; a shape that changes needs another name.
constexpr std::array kShapes = {
    ModelShape{.name = "0.3B",
               .origin = "TinyLlama 1.1B at half its width (no model has this shape)",
               .layers = 22,
               .width = 1024,
               .feed_forward = 2816,
               .heads = 16,
               .kv_heads = 4,
               .vocabulary = 32000,
               .context = 32768},
    ModelShape{.name = "1B",
               .origin = "Llama 3.2 1B (meta-llama/Llama-3.2-1B)",
               .layers = 16,
               .width = 2048,
               .feed_forward = 8192,
               .heads = 32,
               .kv_heads = 8,
               .vocabulary = 128256,
               .context = 131072,
               .rope_base = 500000.0F,
               .tied = true,
               .rope_factors = true},
    ModelShape{.name = "3B",
               .origin = "Llama 3.2 3B (meta-llama/Llama-3.2-3B)",
               .layers = 28,
               .width = 3072,
               .feed_forward = 8192,
               .heads = 24,
               .kv_heads = 8,
               .vocabulary = 128256,
               .context = 131072,
               .rope_base = 500000.0F,
               .tied = true,
               .rope_factors = true},
    ModelShape{.name = "8B",
               .origin = "Llama 3.1 8B (meta-llama/Llama-3.1-8B)",
               .layers = 32,
               .width = 4096,
               .feed_forward = 14336,
               .heads = 32,
               .kv_heads = 8,
               .vocabulary = 128256,
               .context = 131072,
               .rope_base = 500000.0F,
               .rope_factors = true},
    ModelShape{.name = "moe",
               .origin = "Granite 3.1 1B A400M (ibm-granite/granite-3.1-1b-a400m-instruct)",
               .architecture = "granitemoe",
               .layers = 24,
               .width = 1024,
               .feed_forward = 512,
               .heads = 16,
               .kv_heads = 8,
               .vocabulary = 49155,
               .context = 131072,
               .rope_base = 1500000.0F,
               .norm_epsilon = 1e-6F,
               .tied = true,
               .experts = 32,
               .experts_used = 8},
};

// llama.cpp, src/llama-quant.cpp: llama_tensor_get_type_impl. tests/bench/models.py asks llama-quantize for every
// shape.
constexpr std::array kQuants = {
    Quant{"Q4_0", 2, GgmlType::q4_0, GgmlType::q6_k, GgmlType::q4_0, Quant::none},
    Quant{"Q4_K_S", 14, GgmlType::q4_k, GgmlType::q6_k, GgmlType::q5_k, Quant::first},
    Quant{"Q4_K_M", 15, GgmlType::q4_k, GgmlType::q6_k, GgmlType::q6_k, Quant::more_bits},
    Quant{"Q5_K_S", 16, GgmlType::q5_k, GgmlType::q6_k, GgmlType::q5_k, Quant::none},
    Quant{"Q5_K_M", 17, GgmlType::q5_k, GgmlType::q6_k, GgmlType::q6_k, Quant::more_bits},
    Quant{"Q6_K", 18, GgmlType::q6_k, GgmlType::q6_k, GgmlType::q6_k, Quant::none},
    Quant{"Q8_0", 7, GgmlType::q8_0, GgmlType::q8_0, GgmlType::q8_0, Quant::none},
    Quant{"F16", 1, GgmlType::f16, GgmlType::f16, GgmlType::f16, Quant::none},
};

/// use_more_bits: the first and last eighth, and every third layer between.
bool more_bits(std::uint32_t layer, std::uint32_t layers) {
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}

GgmlType better_type(const Quant& quant, std::uint32_t layer, std::uint32_t layers, std::uint32_t first) {
    const bool better =
        quant.layers == Quant::first ? layer < first : quant.layers == Quant::more_bits && more_bits(layer, layers);
    return better ? quant.better : quant.type;
}

/// Collects tensors, each behind the one before.
class Table {
  public:
    void add(std::string name, std::vector<std::uint64_t> dimensions, GgmlType type) {
        tensors_.push_back({std::move(name), std::move(dimensions), static_cast<std::uint32_t>(type), end_});
        end_ += gguf_aligned(tensor_bytes(tensors_.back()).value_or(0));
    }
    std::vector<GgufTensor> take() { return std::move(tensors_); }

  private:
    std::vector<GgufTensor> tensors_;
    std::uint64_t end_ = 0;
};

/// llama.cpp sorts a layer's tensors by name; a router stays in single precision.
void add_layer(Table& table, const ModelShape& shape, const Quant& quant, std::uint32_t layer) {
    const std::uint64_t width = shape.width, ff = shape.feed_forward, experts = shape.experts;
    const std::uint64_t kv = std::uint64_t{shape.kv_heads} * (shape.width / shape.heads);
    const auto add = [&](std::string_view name, std::vector<std::uint64_t> dimensions, GgmlType type) {
        table.add(fmt::format("blk.{}.{}.weight", layer, name), std::move(dimensions), type);
    };
    const auto add_feed_forward = [&](std::string_view name, std::uint64_t in, std::uint64_t out, GgmlType type) {
        if (experts == 0) return add(name, {in, out}, type);
        add(fmt::format("{}_exps", name), {in, out, experts}, type);
    };
    add("attn_k", {width, kv}, quant.type);
    add("attn_norm", {width}, GgmlType::f32);
    add("attn_output", {width, width}, quant.type);
    add("attn_q", {width, width}, quant.type);
    add("attn_v", {width, kv}, better_type(quant, layer, shape.layers, 4));
    add_feed_forward("ffn_down", ff, width, better_type(quant, layer, shape.layers, shape.layers / 8));
    add_feed_forward("ffn_gate", width, ff, quant.type);
    if (experts != 0) add("ffn_gate_inp", {width, experts}, GgmlType::f32);
    add("ffn_norm", {width}, GgmlType::f32);
    add_feed_forward("ffn_up", width, ff, quant.type);
}

}  // namespace

std::span<const ModelShape> model_shapes() { return kShapes; }
std::span<const Quant> model_quants() { return kQuants; }

std::vector<GgufTensor> model_tensors(const ModelShape& shape, const Quant& quant) {
    Table table;
    if (!shape.tied) table.add("output.weight", {shape.width, shape.vocabulary}, quant.output);
    table.add("output_norm.weight", {shape.width}, GgmlType::f32);
    if (shape.rope_factors) table.add("rope_freqs.weight", {shape.width / shape.heads / 2}, GgmlType::f32);
    table.add("token_embd.weight", {shape.width, shape.vocabulary}, shape.tied ? quant.output : quant.type);
    for (std::uint32_t layer = 0; layer < shape.layers; ++layer) add_layer(table, shape, quant, layer);
    return table.take();
}

}  // namespace lf::bench
