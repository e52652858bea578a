// SPDX-License-Identifier: MIT
#include "facts/choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/json.h"
#include "base/text.h"

namespace lf::facts {
namespace {

constexpr std::size_t kMostText = 1000;
constexpr std::size_t kMostArguments = 64;
constexpr std::string_view kBackends[] = {"cpu", "cuda", "rocm", "vulkan", "other"};
constexpr std::string_view kVerdicts[] = {"faster", "~"};

Json json_of(const Estimate& e) { return {{"mean", e.mean}, {"low", e.low}, {"high", e.high}}; }
Json or_null(const std::optional<Estimate>& e) { return e ? json_of(*e) : Json(nullptr); }
template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

bool is_line(std::string_view text) { return text.size() <= kMostText && printable(text) == text; }
/// A word that reaches CMake flags, Nix and shell text.
bool is_variant(std::string_view text) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    return !text.empty() && text.size() <= 64 && text.find_first_not_of(kAllowed) == std::string_view::npos;
}
bool is_argument(std::string_view text) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,=-";
    return !text.empty() && text.size() <= 64 && text.find_first_not_of(kAllowed) == std::string_view::npos;
}
bool one_of(std::span<const std::string_view> words, std::string_view text) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

/// Reads the fields of a choice and says which of them no choice can have.
class Fields {
  public:
    explicit Fields(ObjectReader& reader) : reader_(reader) {}
    template <class Rule>
    std::string text(const std::string& key, Rule rule) {
        std::string value = reader_.string(key);
        if (!rule(value))
            reader_.reject(key, "bench-choice",
                           fmt::format("no measurement can have '{}' here", printable(value.substr(0, 80))),
                           "measure again: llama-fleet bench --choose");
        return value;
    }
    double weight(const std::string& key) {
        const double value = reader_.number(key);
        if (!(value >= 0 && value <= 1)) reader_.reject(key, "bench-choice", "a weight is between 0 and 1");
        return value;
    }
    std::optional<Estimate> ratio(const std::string& key) {
        if (!reader_.has(key) || reader_.value(key).is_null()) return std::nullopt;
        ObjectReader inner(reader_.value(key), reader_.file(), reader_.path_of(key));
        const Estimate estimate{inner.number("mean"), inner.number("low"), inner.number("high")};
        reader_.take(inner.finish());
        if (!(estimate.low > 0 && estimate.low <= estimate.mean && estimate.mean <= estimate.high))
            reader_.reject(key, "bench-choice", "this is no ratio with its interval");
        return estimate;
    }

  private:
    ObjectReader& reader_;
};

Objective read_objective(ObjectReader& reader) {
    Objective objective;
    ObjectReader inner(reader.value("objective"), reader.file(), reader.path_of("objective"));
    Fields fields(inner);
    objective.prompt_weight = fields.weight("prompt_weight");
    objective.generation_weight = fields.weight("generation_weight");
    objective.memory_ceiling_mib = inner.optional_integer("memory_ceiling_mib", 1, std::int64_t{1} << 40);
    reader.take(inner.finish());
    return objective;
}

Result<Choice> read_choice(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader reader(json, file, path);
    Fields fields(reader);
    Choice choice;
    choice.candidate = fields.text("candidate", is_line);
    choice.default_candidate = fields.text("default_candidate", is_line);
    choice.cpu_variant = reader.optional_string("cpu_variant");
    if (choice.cpu_variant && !is_variant(*choice.cpu_variant))
        reader.reject("cpu_variant", "bench-choice", "this is no name of a CPU variant of ggml");
    choice.default_variant =
        fields.text("default_variant", [](std::string_view v) { return v.empty() || is_variant(v); });
    choice.backend = fields.text("backend", [](std::string_view v) { return one_of(kBackends, v); });
    choice.device = fields.text("device", is_line);
    choice.backends = reader.strings("backends");
    for (const std::string& backend : choice.backends)
        if (!one_of(kBackends, backend)) reader.reject("backends", "bench-choice", "these are no backends");
    choice.verdict = fields.text("verdict", [](std::string_view v) { return one_of(kVerdicts, v); });
    choice.objective = read_objective(reader);
    choice.pairs = static_cast<int>(reader.integer("pairs", 0, 1'000'000));
    choice.score = fields.ratio("score");
    choice.prompt = fields.ratio("prompt");
    choice.generation = fields.ratio("generation");
    choice.server_arguments = reader.strings("server_arguments");
    if (choice.server_arguments.size() > kMostArguments ||
        !std::all_of(choice.server_arguments.begin(), choice.server_arguments.end(), is_argument))
        reader.reject("server_arguments", "bench-choice", "these are no arguments of llama-server");
    choice.model = fields.text("model", is_line);
    choice.revision = fields.text("revision", is_line);
    choice.cpu = fields.text("cpu", is_line);
    LF_TRY(reader.finish());
    return choice;
}

}  // namespace

std::string to_json(const Choice& choice) {
    return write_json({{"candidate", choice.candidate},
                       {"default_candidate", choice.default_candidate},
                       {"cpu_variant", or_null(choice.cpu_variant)},
                       {"default_variant", choice.default_variant},
                       {"backend", choice.backend},
                       {"device", choice.device},
                       {"backends", choice.backends},
                       {"verdict", choice.verdict},
                       {"objective",
                        {{"prompt_weight", choice.objective.prompt_weight},
                         {"generation_weight", choice.objective.generation_weight},
                         {"memory_ceiling_mib", or_null(choice.objective.memory_ceiling_mib)}}},
                       {"pairs", choice.pairs},
                       {"score", or_null(choice.score)},
                       {"prompt", or_null(choice.prompt)},
                       {"generation", or_null(choice.generation)},
                       {"server_arguments", choice.server_arguments},
                       {"model", choice.model},
                       {"revision", choice.revision},
                       {"cpu", choice.cpu}});
}

Result<Choice> choice_from_json(std::string_view text, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(text, file));
    return read_choice(json, file, "/choice");
}

Result<std::optional<Choice>> choice_from_bench(std::string_view text, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(text, file));
    ObjectReader reader(json, file);
    reader.schema(kBenchSchema, kBenchVersion);
    // The evidence beside the choice is bench's own business.
    if (json.is_object())
        for (const auto& field : json.items()) reader.has(field.key());
    const Json choice = reader.value("choice");
    LF_TRY(reader.finish());
    if (choice.is_null()) return std::optional<Choice>();
    LF_ASSIGN(Choice read, read_choice(choice, file, "/choice"));
    return std::optional<Choice>(std::move(read));
}

}  // namespace lf::facts
