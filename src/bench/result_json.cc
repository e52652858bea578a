// SPDX-License-Identifier: MIT
#include <array>

#include "base/json.h"
#include "bench/result.h"

namespace lf::bench {
namespace {

constexpr std::string_view kSchema = "llama-fleet/bench";
constexpr std::int64_t kMostCount = 1'000'000;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 60;
constexpr std::array kTests = {Test::prompt, Test::generation};
constexpr std::array kVerdicts = {Verdict::faster, Verdict::slower, Verdict::cannot_tell};

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}
Json json_of(const Estimate& e) { return {{"mean", e.mean}, {"low", e.low}, {"high", e.high}}; }
Json json_of(const Candidate& c) { return {{"name", c.name}, {"variant", c.variant}, {"description", c.description}}; }
Json json_of(const Sample& s) {
    return {{"candidate", s.candidate},
            {"repeat", s.repeat},
            {"test", name_of(s.test)},
            {"tokens_per_second", s.tokens_per_second},
            {"load_average", s.load_average}};
}
Json json_of(const Summary& s) {
    return {{"candidate", s.candidate},
            {"test", name_of(s.test)},
            {"samples", s.samples},
            {"tokens_per_second", s.tokens_per_second ? json_of(*s.tokens_per_second) : Json(nullptr)}};
}
Json json_of(const Comparison& c) {
    return {{"candidate", c.candidate}, {"baseline", c.baseline},    {"test", name_of(c.test)},
            {"pairs", c.pairs},         {"ratio", json_of(c.ratio)}, {"verdict", name_of(c.verdict)}};
}
Json json_of(const Warning& w) { return {{"id", w.id}, {"text", w.text}, {"remedy", w.remedy}}; }
Json json_of(const Build& b) {
    return {{"source", b.source}, {"packages", b.packages}, {"commit", b.commit}, {"number", b.number}};
}
Json json_of(const Model& m) {
    return {{"description", m.description},
            {"type", m.type},
            {"parameters", m.parameters},
            {"bytes", m.bytes},
            {"synthetic", m.synthetic}};
}
Json json_of(const Conditions& c) {
    return {{"cpu", c.cpu},
            {"cpus", c.cpus},
            {"threads", c.threads},
            {"governor", or_null(c.governor)},
            {"virtual_machine", or_null(c.virtual_machine)},
            {"load_average", or_null(c.load_average)}};
}
template <class T>
Json list_of(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(json_of(value));
    return list;
}

std::optional<double> optional_number(ObjectReader& r, const std::string& key) {
    if (r.has(key) && r.value(key).is_null()) return std::nullopt;
    return r.number(key);
}
int count(ObjectReader& r, const std::string& key) { return static_cast<int>(r.integer(key, 0, kMostCount)); }

/// The enumerator whose name_of is the text of `key`.
template <class Enum, std::size_t n>
Enum enumerator(ObjectReader& r, const std::string& key, const std::array<Enum, n>& all) {
    const std::string text = r.string(key);
    for (const Enum value : all)
        if (name_of(value) == text) return value;
    r.reject(key, "bench-word", "unknown word '" + text + "'");
    return all.front();
}

using Reader = ObjectReader;
Estimate read_estimate(Reader& r) { return {r.number("mean"), r.number("low"), r.number("high")}; }
Candidate read_candidate(Reader& r) { return {r.string("name"), r.string("variant"), r.string("description")}; }
Sample read_sample(Reader& r) {
    return {r.string("candidate"), count(r, "repeat"), enumerator(r, "test", kTests), r.number("tokens_per_second"),
            r.number("load_average")};
}
Warning read_warning(Reader& r) { return {r.string("id"), r.string("text"), r.string("remedy")}; }
Model read_model(Reader& r) {
    return {r.string("description"), r.string("type"), r.integer("parameters", 0, kMostBytes),
            r.integer("bytes", 0, kMostBytes), r.boolean("synthetic")};
}
Conditions read_conditions_of(Reader& r) {
    Conditions c;
    c.cpu = r.string("cpu");
    c.cpus = count(r, "cpus");
    c.threads = count(r, "threads");
    c.governor = r.optional_string("governor");
    c.virtual_machine = r.optional_boolean("virtual_machine");
    c.load_average = optional_number(r, "load_average");
    return c;
}

/// The object at `key`, read by `read`; errors go to `r`.
template <class Read>
auto object(Reader& r, const std::string& key, Read read) {
    Reader inner(r.value(key), r.file(), r.path_of(key));
    auto value = read(inner);
    r.take(inner.finish());
    return value;
}
template <class T, class Read>
std::vector<T> list(Reader& r, const std::string& key, Read read) {
    std::vector<T> values;
    r.each(key, [&](const Json& json, const std::string& path) -> Done {
        Reader inner(json, r.file(), path);
        values.push_back(read(inner));
        return inner.finish();
    });
    return values;
}

Summary read_summary(Reader& r) {
    Summary s;
    s.candidate = r.string("candidate");
    s.test = enumerator(r, "test", kTests);
    s.samples = count(r, "samples");
    if (r.has("tokens_per_second") && !r.value("tokens_per_second").is_null())
        s.tokens_per_second = object(r, "tokens_per_second", read_estimate);
    return s;
}
Comparison read_comparison(Reader& r) {
    Comparison c;
    c.candidate = r.string("candidate");
    c.baseline = r.string("baseline");
    c.test = enumerator(r, "test", kTests);
    c.pairs = count(r, "pairs");
    c.ratio = object(r, "ratio", read_estimate);
    c.verdict = enumerator(r, "verdict", kVerdicts);
    return c;
}
Build read_build(Reader& r) {
    Build b;
    b.source = r.string("source");
    b.commit = r.string("commit");
    b.number = r.integer("number", 0, kMostBytes);
    const Json& packages = r.value("packages");
    if (!packages.is_object()) {
        r.reject("packages", "json-type", "an object of names and versions is needed");
        return b;
    }
    Reader names(packages, r.file(), r.path_of("packages"));
    for (const auto& [name, version] : packages.items()) b.packages[name] = names.string(name);
    r.take(names.finish());
    return b;
}

}  // namespace

std::string to_json(const BenchResult& result) {
    return write_json({{"schema", kSchema},
                       {"version", kBenchVersion},
                       {"host", result.host},
                       {"candidates", list_of(result.candidates)},
                       {"build", json_of(result.build)},
                       {"model", json_of(result.model)},
                       {"conditions", json_of(result.conditions)},
                       {"prompt_tokens", result.prompt_tokens},
                       {"generated_tokens", result.generated_tokens},
                       {"repeats_wanted", result.repeats_wanted},
                       {"complete", result.complete},
                       {"seconds", result.seconds},
                       {"samples", list_of(result.samples)},
                       {"summaries", list_of(result.summaries)},
                       {"comparisons", list_of(result.comparisons)},
                       {"warnings", list_of(result.warnings)},
                       {"commands", result.commands}});
}

Result<BenchResult> from_json(std::string_view text, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(text, file));
    Reader r(json, file);
    r.schema(kSchema, kBenchVersion);
    BenchResult result;
    result.host = r.string("host");
    result.candidates = list<Candidate>(r, "candidates", read_candidate);
    result.build = object(r, "build", read_build);
    result.model = object(r, "model", read_model);
    result.conditions = object(r, "conditions", read_conditions_of);
    result.prompt_tokens = count(r, "prompt_tokens");
    result.generated_tokens = count(r, "generated_tokens");
    result.repeats_wanted = count(r, "repeats_wanted");
    result.complete = r.boolean("complete");
    result.seconds = r.number("seconds");
    result.samples = list<Sample>(r, "samples", read_sample);
    result.summaries = list<Summary>(r, "summaries", read_summary);
    result.comparisons = list<Comparison>(r, "comparisons", read_comparison);
    result.warnings = list<Warning>(r, "warnings", read_warning);
    result.commands = r.strings("commands");
    LF_TRY(r.finish());
    return result;
}

}  // namespace lf::bench
