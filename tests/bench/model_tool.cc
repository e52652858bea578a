// SPDX-License-Identifier: MIT
// For tests and benchmarks: what the program writes and reads of models, without running llama-bench.
//   model_tool list                 shapes and quants, each with its numbers
//   model_tool types                tables of tensor and file types
//   model_tool table SPEC           the tensors of a synthetic model: name type offset bytes dimensions…
//   model_tool write SPEC FILE      writes it
//   model_tool inspect|json FILE    what a GGUF file is
//   model_tool tensors FILE         its tensors, as table
//   model_tool seeds DIR            small headers for tests/fuzz/gguf_fuzz.cc
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "bench/model_report.h"
#include "bench/synthetic.h"

namespace {

using namespace lf::bench;

int complain(const lf::Error& error) {
    fmt::print(stderr, "{}: {}{}{}\n{}\n", error.id, error.where.file, error.where.file.empty() ? "" : ": ",
               error.message, error.hint);
    return 1;
}

void print_tensors(const std::vector<GgufTensor>& tensors) {
    for (const GgufTensor& tensor : tensors) {
        const GgmlTypeInfo* type = type_info(tensor.type);
        fmt::print("{} {} {} {}", tensor.name, type == nullptr ? "?" : type->name, tensor.offset,
                   tensor_bytes(tensor).value_or(0));
        for (const std::uint64_t n : tensor.dimensions) fmt::print(" {}", n);
        fmt::print("\n");
    }
}

void print_list() {
    for (const ModelShape& s : model_shapes())
        fmt::print("shape {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}\n", s.name, s.architecture, s.layers, s.width,
                   s.feed_forward, s.heads, s.kv_heads, s.vocabulary, s.context, s.rope_base, s.norm_epsilon,
                   s.tied ? 1 : 0, s.rope_factors ? 1 : 0, s.experts, s.experts_used);
    for (const Quant& quant : model_quants()) fmt::print("quant {} {}\n", quant.name, quant.file_type);
}

void print_types() {
    for (const GgmlTypeInfo& type : ggml_types())
        fmt::print("type {} {} {} {}\n", type.number, type.name, type.block, type.block_bytes);
    for (const FileType& type : file_types()) fmt::print("file {} {}\n", type.number, type.name);
}

int read(const std::string& what, const std::string& file) {
    const auto info = read_gguf(file);
    if (!info) return complain(info.error());
    const std::uint64_t size = std::filesystem::file_size(file);
    if (what == "inspect") fmt::print("{}", render_model(*info, size));
    if (what == "json") fmt::print("{}", model_json(*info, size));
    if (what == "tensors") print_tensors(info->tensors);
    return 0;
}

int write(const std::string& what, const std::string& specification, const std::string& file) {
    const auto model = parse_synthetic(specification);
    if (!model) return complain(model.error());
    if (what == "table") print_tensors(model_tensors(model->shape, model->quant));
    if (what != "write") return 0;
    const auto done = write_model(*model, file);
    return done ? 0 : complain(done.error());
}

/// Two bytes that say how many KiB (times four) of weights follow, and a header with sixteen tokens.
int write_seeds(const std::string& directory) {
    for (const char* specification : {"synthetic:0.3B:Q4_K_M", "synthetic:1B:F16", "synthetic:moe:Q8_0"}) {
        SyntheticModel model = parse_synthetic(specification).value();
        model.shape.layers = 1;
        model.shape.width = model.shape.feed_forward = 256;
        model.shape.heads = model.shape.kv_heads = 4;
        model.shape.vocabulary = 16;
        if (model.shape.experts != 0) model.shape.experts = model.shape.experts_used = 2;
        std::uint64_t end = 0;
        for (const GgufTensor& tensor : model_tensors(model.shape, model.quant))
            end = tensor.offset + tensor_bytes(tensor).value();
        const std::string seed = std::string{static_cast<char>(end / 4096 + 1), '\0'} + model_header(model);
        const std::string name = fmt::format(
            "{}/{}", directory, std::string_view(specification).substr(std::string_view("synthetic:").size()));
        if (const auto done = lf::write_file_atomically(name, seed); !done) return complain(done.error());
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const std::string what = words.empty() ? "" : words[0];
    if (words.size() == 1 && what == "list") return print_list(), 0;
    if (words.size() == 1 && what == "types") return print_types(), 0;
    if (words.size() == 2 && what == "seeds") return write_seeds(words[1]);
    if (words.size() == 2 && what == "table") return write(what, words[1], "");
    if (words.size() == 3 && what == "write") return write(what, words[1], words[2]);
    if (words.size() == 2 && (what == "inspect" || what == "json" || what == "tensors")) return read(what, words[1]);
    fmt::print(stderr, "usage: see model_tool.cc\n");
    return 2;
}
