// SPDX-License-Identifier: MIT
// Model files from anywhere: either refused, or every tensor lies inside the file and none over another, the sums that
// are shown add up, and text and JSON of it can be printed and read. The first two bytes say how much longer the file
// claims to be than its header, so that truncated and whole ones are both met.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/text.h"
#include "bench/gguf.h"
#include "bench/model_report.h"

namespace {

void must(bool holds) {
    if (!holds) std::abort();
}

void check_places(const lf::bench::GgufInfo& info, std::uint64_t file_size) {
    std::uint64_t end = 0, parameters = 0;
    for (const lf::bench::GgufTensor& tensor : info.tensors) {
        const std::uint64_t bytes = lf::bench::tensor_bytes(tensor).value_or(0);
        must(tensor.offset >= end && info.data_offset <= file_size);
        must(tensor.offset <= file_size - info.data_offset && bytes <= file_size - info.data_offset - tensor.offset);
        end = tensor.offset + bytes;
        parameters += lf::bench::tensor_elements(tensor).value();
    }
    must(parameters == info.parameters);
}

void check_sums(const lf::bench::ModelReport& report) {
    std::uint64_t tensors = 0, parameters = 0, bytes = 0;
    for (const lf::bench::TypeShare& share : report.types) {
        tensors += share.tensors;
        parameters += share.parameters;
        bytes += share.bytes;
    }
    must(tensors == report.tensors && parameters == report.parameters && bytes == report.weight_bytes);
    must(bytes <= report.file_bytes);
}

/// One line of text holds no byte that moves a cursor, and only a long word of ours may make it longer than 80.
void check_text(const std::string& text) {
    for (const char c : text) must(c == '\n' || c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    for (const std::string_view line : lf::lines(text)) must(line.size() < 1000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::uint64_t file_size = bytes.size() + data[0] * std::uint64_t{4096} + data[1];
    const auto info = lf::bench::parse_gguf(bytes, file_size, "model.gguf");
    if (!info) {
        must(info.error().id == "gguf-format" || info.error().id == "gguf-truncated");
        return 0;
    }
    check_places(*info, file_size);
    check_sums(lf::bench::report_model(*info, file_size));
    check_text(lf::bench::render_model(*info, file_size));
    check_text(info->describe());
    must(lf::parse_json(lf::bench::model_json(*info, file_size), "model.json").has_value());
    return 0;
}
