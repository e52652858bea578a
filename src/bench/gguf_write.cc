// SPDX-License-Identifier: MIT
#include "bench/gguf_write.h"

#include <bit>

namespace lf::bench {
namespace {

/// gguf.md, enum gguf_metadata_value_type.
enum ValueType : std::uint32_t { uint32 = 4, int32 = 5, float32 = 6, boolean = 7, string = 8, list = 9, uint64 = 10 };

void put(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}
void put_string(std::string& out, std::string_view text) {
    put(out, text.size(), 8);
    out += text;
}

}  // namespace

void GgufHeader::key(std::string_view key, std::uint32_t type) {
    put_string(values_, key);
    put(values_, type, 4);
    ++count_;
}
void GgufHeader::array(std::string_view name, std::uint32_t type, std::uint64_t length) {
    key(name, list);
    put(values_, type, 4);
    put(values_, length, 8);
}
void GgufHeader::text(std::string_view name, std::string_view value) {
    key(name, string);
    put_string(values_, value);
}
void GgufHeader::number(std::string_view name, std::uint32_t value) {
    key(name, uint32);
    put(values_, value, 4);
}
void GgufHeader::big_number(std::string_view name, std::uint64_t value) {
    key(name, uint64);
    put(values_, value, 8);
}
void GgufHeader::real(std::string_view name, float value) {
    key(name, float32);
    put(values_, std::bit_cast<std::uint32_t>(value), 4);
}
void GgufHeader::flag(std::string_view name, bool value) {
    key(name, boolean);
    put(values_, value ? 1 : 0, 1);
}
void GgufHeader::texts(std::string_view name, const std::vector<std::string>& values) {
    array(name, string, values.size());
    for (const std::string& value : values) put_string(values_, value);
}
void GgufHeader::reals(std::string_view name, const std::vector<float>& values) {
    array(name, float32, values.size());
    for (const float value : values) put(values_, std::bit_cast<std::uint32_t>(value), 4);
}
void GgufHeader::integers(std::string_view name, const std::vector<std::int32_t>& values) {
    array(name, int32, values.size());
    for (const std::int32_t value : values) put(values_, static_cast<std::uint32_t>(value), 4);
}

std::string GgufHeader::finish(const std::vector<GgufTensor>& tensors) const {
    std::string out = "GGUF";
    put(out, 3, 4);
    put(out, tensors.size(), 8);
    put(out, count_, 8);
    out += values_;
    for (const GgufTensor& tensor : tensors) {
        put_string(out, tensor.name);
        put(out, tensor.dimensions.size(), 4);
        for (const std::uint64_t n : tensor.dimensions) put(out, n, 8);
        put(out, tensor.type, 4);
        put(out, tensor.offset, 8);
    }
    out.resize(gguf_aligned(out.size()));
    return out;
}

}  // namespace lf::bench
