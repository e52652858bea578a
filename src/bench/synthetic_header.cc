// SPDX-License-Identifier: MIT
#include "bench/synthetic_header.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "bench/gguf_write.h"
#include "bench/synthetic.h"

namespace lf::bench {
namespace {

// Written into the header, so that a cache made by another form of the writer is not taken for ours.
constexpr std::uint32_t kWriterVersion = 1;

constexpr std::uint32_t kSpecial = 3;
constexpr std::uint32_t kFirstWord = kSpecial + 256;

std::string token(std::uint32_t index) {
    constexpr std::array<std::string_view, kSpecial> kNames = {"<unk>", "<s>", "</s>"};
    if (index < kSpecial) return std::string(kNames[index]);
    if (index < kFirstWord) return fmt::format("<0x{:02X}>", index - kSpecial);
    return fmt::format("\u2581w{}", index);
}

/// A vocabulary that llama.cpp reads without complaint: special tokens, the 256 bytes, made-up words.
/// Types: llama.h, enum llama_token_type: 1 normal, 2 unknown, 3 control, 6 byte.
void put_vocabulary(GgufHeader& header, std::uint32_t size) {
    std::vector<std::string> tokens;
    std::vector<float> scores;
    std::vector<std::int32_t> types;
    for (std::uint32_t i = 0; i < size; ++i) {
        tokens.push_back(token(i));
        scores.push_back(i < kFirstWord ? 0.0F : -static_cast<float>(i));
        types.push_back(i == 0 ? 2 : i < kSpecial ? 3 : i < kFirstWord ? 6 : 1);
    }
    header.text("tokenizer.ggml.model", "llama");
    header.text("tokenizer.ggml.pre", "default");
    header.texts("tokenizer.ggml.tokens", tokens);
    header.reals("tokenizer.ggml.scores", scores);
    header.integers("tokenizer.ggml.token_type", types);
    header.number("tokenizer.ggml.unknown_token_id", 0);
    header.number("tokenizer.ggml.bos_token_id", 1);
    header.number("tokenizer.ggml.eos_token_id", 2);
    header.flag("tokenizer.ggml.add_bos_token", true);
    header.flag("tokenizer.ggml.add_eos_token", false);
}

void put_shape(GgufHeader& header, const ModelShape& shape) {
    const auto key = [&](std::string_view name) { return fmt::format("{}.{}", shape.architecture, name); };
    header.number(key("context_length"), shape.context);
    header.number(key("embedding_length"), shape.width);
    header.number(key("block_count"), shape.layers);
    header.number(key("feed_forward_length"), shape.feed_forward);
    header.number(key("attention.head_count"), shape.heads);
    header.number(key("attention.head_count_kv"), shape.kv_heads);
    header.number(key("rope.dimension_count"), shape.width / shape.heads);
    header.number(key("vocab_size"), shape.vocabulary);
    header.real(key("rope.freq_base"), shape.rope_base);
    header.real(key("attention.layer_norm_rms_epsilon"), shape.norm_epsilon);
    if (shape.experts == 0) return;
    header.number(key("expert_count"), shape.experts);
    header.number(key("expert_used_count"), shape.experts_used);
    // Granite's own factors (config.json: attention_multiplier, embedding_multiplier, residual_multiplier,
    // logits_scaling); other architectures do not ask for them.
    header.real(key("attention.scale"), 0.015625F);
    header.real(key("embedding_scale"), 12.0F);
    header.real(key("residual_scale"), 0.22F);
    header.real(key("logit_scale"), 6.0F);
}

}  // namespace

std::string model_header(const SyntheticModel& model) {
    GgufHeader header;
    header.text("general.architecture", model.shape.architecture);
    header.text("general.type", "model");
    header.text("general.name", fmt::format("llama-fleet synthetic {}, random weights", model.shape.name));
    header.number("general.file_type", model.quant.file_type);
    header.number("general.quantization_version", 2);
    header.text(kSyntheticKey, specification(model));
    header.big_number(kSeedKey, model.seed);
    header.number("llama-fleet.writer", kWriterVersion);
    put_shape(header, model.shape);
    put_vocabulary(header, model.shape.vocabulary);
    return header.finish(model_tensors(model.shape, model.quant));
}

}  // namespace lf::bench
