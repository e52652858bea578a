// SPDX-License-Identifier: MIT
#include "bench/model_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/json.h"
#include "base/text.h"
#include "base/wrap.h"
#include "bench/synthetic_header.h"

namespace lf::bench {
namespace {

std::vector<TypeShare> type_shares(const std::vector<GgufTensor>& tensors) {
    std::vector<TypeShare> shares;
    for (const GgufTensor& tensor : tensors) {
        auto share =
            std::find_if(shares.begin(), shares.end(), [&](const TypeShare& s) { return s.type == tensor.type; });
        if (share == shares.end()) share = shares.insert(shares.end(), TypeShare{.type = tensor.type});
        ++share->tensors;
        share->parameters += tensor_elements(tensor).value_or(0);
        share->bytes += tensor_bytes(tensor).value_or(0);
    }
    std::sort(shares.begin(), shares.end(), [](const TypeShare& a, const TypeShare& b) {
        return a.bytes != b.bytes ? a.bytes > b.bytes : a.type < b.type;
    });
    return shares;
}

std::string type_name(std::uint32_t type) {
    const GgmlTypeInfo* info = type_info(type);
    return info == nullptr ? fmt::format("type {}", type) : std::string(info->name);
}

std::string size(std::uint64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (bytes >= std::uint64_t{1} << 30) return fmt::format("{:.2f} GiB", value / 0x1p30);
    if (bytes >= std::uint64_t{1} << 20) return fmt::format("{:.1f} MiB", value / 0x1p20);
    return fmt::format("{:.1f} KiB", value / 0x1p10);
}

std::string count(std::uint64_t parameters) {
    const auto value = static_cast<double>(parameters);
    if (parameters >= 1'000'000'000) return fmt::format("{:.2f} B", value / 1e9);
    if (parameters >= 1'000'000) return fmt::format("{:.1f} M", value / 1e6);
    return fmt::format("{}", parameters);
}

std::string shown(const std::optional<std::uint64_t>& value) {
    return value ? fmt::format("{}", *value) : std::string("not said");
}

/// Strings of a file may be megabytes long.
std::string short_text(const std::string& text) { return printable(text.substr(0, 200)); }

std::string heads(const ModelReport& report) {
    if (!report.heads) return "not said, or not the same in all layers";
    if (!report.kv_heads) return fmt::format("{}", *report.heads);
    return fmt::format("{}, {} of keys and values", *report.heads, *report.kv_heads);
}

std::string first_line(const ModelReport& report) {
    if (report.synthetic)
        return fmt::format("{}: random weights, written by llama-fleet (seed {})", short_text(*report.synthetic),
                           shown(report.seed));
    return report.name.empty() ? std::string("a model without a name") : short_text(report.name);
}

std::string file_type(const ModelReport& report) {
    if (!report.file_type) return "not said";
    const std::string_view name = file_type_name(*report.file_type);
    return name.empty() ? fmt::format("number {}, which is not known", *report.file_type) : std::string(name);
}

std::string split_text(const ModelReport& report) {
    return fmt::format("part {} of {}; tensors, weights and bytes are those of this part",
                       report.split_number.value_or(0) + 1, *report.split_count);
}

std::string type_table(const ModelReport& report) {
    std::string out =
        fmt::format("\n  {:<9} {:>7} {:>10} {:>11} {:>6}\n", "type", "tensors", "weights", "bytes", "share");
    for (const TypeShare& share : report.types) {
        const double part = report.weight_bytes == 0
                                ? 0
                                : 100 * static_cast<double>(share.bytes) / static_cast<double>(report.weight_bytes);
        const bool known = type_info(share.type) != nullptr;
        out += fmt::format("  {:<9} {:>7} {:>10} {:>11} {:>6}\n", type_name(share.type), share.tensors,
                           count(share.parameters), known ? size(share.bytes) : "unknown",
                           known ? fmt::format("{:.1f} %", part) : "");
    }
    return out;
}

Json json_of(const std::optional<std::uint64_t>& value) { return value ? Json(*value) : Json(nullptr); }
Json json_of(const std::optional<std::string>& value) { return value ? Json(*value) : Json(nullptr); }

}  // namespace

ModelReport report_model(const GgufInfo& info, std::uint64_t file_size) {
    const auto shape = [&](std::string_view key) {
        return info.number(fmt::format("{}.{}", info.architecture(), key));
    };
    ModelReport report;
    report.gguf_version = info.version;
    report.architecture = info.architecture();
    report.name = info.text("general.name").value_or("");
    report.file_type = info.number("general.file_type");
    report.parameters = info.parameters;
    report.tensors = info.tensors.size();
    report.layers = shape("block_count");
    report.width = shape("embedding_length");
    report.feed_forward = shape("feed_forward_length");
    report.heads = shape("attention.head_count");
    report.kv_heads = shape("attention.head_count_kv");
    report.context = shape("context_length");
    const auto tokens = info.array_lengths.find("tokenizer.ggml.tokens");
    report.vocabulary = tokens != info.array_lengths.end() ? tokens->second : shape("vocab_size");
    report.experts = shape("expert_count");
    report.experts_used = shape("expert_used_count");
    report.split_count = info.number("split.count");
    report.split_number = info.number("split.no");
    report.types = type_shares(info.tensors);
    report.file_bytes = file_size;
    report.header_bytes = info.data_offset;
    for (const TypeShare& share : report.types) report.weight_bytes += share.bytes;
    const bool all_known = std::all_of(report.types.begin(), report.types.end(),
                                       [](const TypeShare& share) { return type_info(share.type) != nullptr; });
    if (all_known && report.parameters > 0)
        report.bits_per_weight = 8 * static_cast<double>(report.weight_bytes) / static_cast<double>(report.parameters);
    report.synthetic = info.text(std::string(kSyntheticKey));
    if (report.synthetic) report.seed = info.number(std::string(kSeedKey));
    return report;
}

std::string render_model(const GgufInfo& info, std::uint64_t file_size) {
    const ModelReport report = report_model(info, file_size);
    std::string out = wrapped("", first_line(report));
    const auto line = [&](std::string_view key, const std::string& value) {
        out += wrapped(fmt::format("  {:<12} ", key), value);
    };
    line("architecture", report.architecture.empty() ? "not said" : short_text(report.architecture));
    line("file type", file_type(report));
    line("weights",
         count(report.parameters) +
             (report.bits_per_weight ? fmt::format(", {:.2f} bits each", *report.bits_per_weight) : std::string()));
    line("layers", shown(report.layers));
    line("width", shown(report.width) + ", feed forward " + shown(report.feed_forward));
    line("heads", heads(report));
    if (report.experts.value_or(0) > 0)
        line("experts", fmt::format("{}, {} used for a token", *report.experts, shown(report.experts_used)));
    line("context", shown(report.context));
    line("vocabulary", shown(report.vocabulary));
    line("file", fmt::format("{}, header {}, GGUF version {}", size(report.file_bytes), size(report.header_bytes),
                             report.gguf_version));
    if (report.split_count.value_or(0) > 1) line("split", split_text(report));
    return out + type_table(report);
}

std::string model_json(const GgufInfo& info, std::uint64_t file_size) {
    const ModelReport report = report_model(info, file_size);
    Json types = Json::array();
    for (const TypeShare& share : report.types)
        types.push_back({{"type", type_name(share.type)},
                         {"tensors", share.tensors},
                         {"parameters", share.parameters},
                         {"bytes", type_info(share.type) == nullptr ? Json(nullptr) : Json(share.bytes)}});
    Json split = nullptr;
    if (report.split_count) split = {{"count", *report.split_count}, {"number", json_of(report.split_number)}};
    const std::string_view file_type = file_type_name(report.file_type.value_or(~std::uint64_t{0}));
    return write_json({
        {"schema", "llama-fleet/model"},
        {"version", 1},
        {"gguf_version", report.gguf_version},
        {"architecture", report.architecture},
        {"name", report.name},
        {"file_type", file_type.empty() ? Json(nullptr) : Json(file_type)},
        {"parameters", report.parameters},
        {"tensors", report.tensors},
        {"bits_per_weight", report.bits_per_weight ? Json(*report.bits_per_weight) : Json(nullptr)},
        {"layers", json_of(report.layers)},
        {"width", json_of(report.width)},
        {"feed_forward", json_of(report.feed_forward)},
        {"heads", json_of(report.heads)},
        {"kv_heads", json_of(report.kv_heads)},
        {"context", json_of(report.context)},
        {"vocabulary", json_of(report.vocabulary)},
        {"experts", json_of(report.experts)},
        {"experts_used", json_of(report.experts_used)},
        {"split", split},
        {"types", types},
        {"file_bytes", report.file_bytes},
        {"header_bytes", report.header_bytes},
        {"weight_bytes", report.weight_bytes},
        {"synthetic", json_of(report.synthetic)},
        {"seed", json_of(report.seed)},
    });
}

}  // namespace lf::bench
