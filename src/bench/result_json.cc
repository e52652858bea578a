// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "bench/result.h"

namespace lf::bench {
namespace {

constexpr std::int64_t kMostCount = 1'000'000;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 60;
constexpr std::array kVerdicts = {Verdict::faster, Verdict::slower, Verdict::cannot_tell};

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}
Json json_of(const Estimate& e) { return {{"mean", e.mean}, {"low", e.low}, {"high", e.high}}; }
Json json_of(const Candidate& c) {
    return {{"name", c.name},
            {"build", c.build},
            {"cpu_variant", or_null(c.cpu_variant)},
            {"device", c.device},
            {"threads", c.threads},
            {"ubatch", c.ubatch},
            {"flash_attention", c.flash_attention},
            {"description", c.description}};
}
Json json_of(const Speeds& s) { return {{"test", name_of(s.test)}, {"tokens_per_second", s.tokens_per_second}}; }
Json json_of(const Warning& w) { return {{"id", w.id}, {"text", w.text}, {"remedy", w.remedy}}; }
Json json_of(const Finding& f) { return {{"candidate", f.candidate}, {"id", f.id}, {"text", f.text}}; }
Json json_of(const Build& b) {
    return {
        {"name", b.name}, {"source", b.source}, {"packages", b.packages}, {"commit", b.commit}, {"number", b.number}};
}
Json json_of(const Model& m) {
    return {{"description", m.description},
            {"type", m.type},
            {"parameters", m.parameters},
            {"bytes", m.bytes},
            {"synthetic", m.synthetic}};
}
Json json_of(const Comparison& c) {
    return {{"candidate", c.candidate}, {"baseline", c.baseline},    {"test", name_of(c.test)},
            {"pairs", c.pairs},         {"ratio", json_of(c.ratio)}, {"verdict", name_of(c.verdict)}};
}
Json json_of(const Summary& s) {
    return {{"candidate", s.candidate},
            {"test", name_of(s.test)},
            {"samples", s.samples},
            {"values", s.values},
            {"outliers", s.outliers},
            {"tokens_per_second", s.tokens_per_second ? json_of(*s.tokens_per_second) : Json(nullptr)}};
}
Json json_of(const Conditions& c) {
    return {{"cpu", c.cpu},
            {"gpu", c.gpu},
            {"cpus", c.cpus},
            {"cores", c.cores},
            {"governor", or_null(c.governor)},
            {"power_profile", or_null(c.power_profile)},
            {"virtual_machine", or_null(c.virtual_machine)},
            {"on_battery", or_null(c.on_battery)},
            {"load_average", or_null(c.load_average)},
            {"memory_mib", or_null(c.memory_mib)},
            {"memory_available_mib", or_null(c.memory_available_mib)},
            {"throttle_events", or_null(c.throttle_events)},
            {"memory_pressure", or_null(c.memory_pressure)},
            {"swapped_mib", or_null(c.swapped_mib)},
            {"other_cpu_share", or_null(c.other_cpu_share)},
            {"busy_programs", c.busy_programs}};
}
Json json_of(const RungEntry& e) {
    return {{"candidate", e.candidate}, {"score", or_null(e.score)}, {"samples", e.samples}, {"dropped", e.dropped}};
}
Json json_of(const Run& r);
Json json_of(const RungRecord& r);
template <class T>
Json list_of(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(json_of(value));
    return list;
}
Json json_of(const RungRecord& r) { return {{"name", r.name}, {"entries", list_of(r.entries)}}; }
Json json_of(const Run& r) {
    return {{"candidate", r.candidate},
            {"phase", r.phase},
            {"round", r.round},
            {"counts", r.counts},
            {"test", r.test},
            {"at", r.at},
            {"seconds", r.seconds},
            {"speeds", list_of(r.speeds)},
            {"loaded_variant", r.loaded_variant},
            {"threads", r.threads},
            {"memory_mib", or_null(r.memory_mib)},
            {"load_average", or_null(r.load_average)},
            {"failure", r.failure},
            {"failure_text", r.failure_text}};
}
/// facts owns the words of a choice; they are parsed again to stand in this object.
Json json_of(const Choice& choice) { return parse_json(facts::to_json(choice), "choice").value_or(Json(nullptr)); }

using Reader = ObjectReader;

bool is_null(Reader& r, const std::string& key) { return r.has(key) && r.value(key).is_null(); }
std::optional<double> optional_number(Reader& r, const std::string& key) {
    if (is_null(r, key)) return std::nullopt;
    return r.number(key);
}
int count(Reader& r, const std::string& key) { return static_cast<int>(r.integer(key, 0, kMostCount)); }
std::optional<std::int64_t> optional_count(Reader& r, const std::string& key) {
    return r.optional_integer(key, 0, kMostBytes);
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
std::vector<double> numbers(Reader& r, const std::string& key) {
    std::vector<double> values;
    r.each(key, [&](const Json& json, const std::string& path) -> Done {
        if (json.is_number()) {
            values.push_back(json.get<double>());
            return {};
        }
        Error error = world_error("json-type", "a number is needed here");
        error.where.file = r.file();
        error.where.json_path = path;
        return fail(std::move(error));
    });
    return values;
}

Test read_test(Reader& r) {
    const std::string text = r.string("test");
    if (const auto test = parse_test(text)) return *test;
    r.reject("test", "bench-word", fmt::format("'{}' is no test of llama-bench", printable(text.substr(0, 80))));
    return {};
}
Verdict read_verdict(Reader& r) {
    const std::string text = r.string("verdict");
    for (const Verdict verdict : kVerdicts)
        if (name_of(verdict) == text) return verdict;
    r.reject("verdict", "bench-word", fmt::format("unknown word '{}'", printable(text.substr(0, 80))));
    return Verdict::cannot_tell;
}
Estimate read_estimate(Reader& r) { return {r.number("mean"), r.number("low"), r.number("high")}; }
Candidate read_candidate(Reader& r) {
    Candidate c;
    c.name = r.string("name");
    c.build = r.string("build");
    c.cpu_variant = r.optional_string("cpu_variant");
    c.device = r.string("device");
    c.threads = count(r, "threads");
    c.ubatch = count(r, "ubatch");
    c.flash_attention = r.string("flash_attention");
    c.description = r.string("description");
    return c;
}
Speeds read_speeds(Reader& r) { return {read_test(r), numbers(r, "tokens_per_second")}; }
Warning read_warning(Reader& r) { return {r.string("id"), r.string("text"), r.string("remedy")}; }
Finding read_finding(Reader& r) { return {r.string("candidate"), r.string("id"), r.string("text")}; }
Model read_model(Reader& r) {
    return {r.string("description"), r.string("type"), r.integer("parameters", 0, kMostBytes),
            r.integer("bytes", 0, kMostBytes), r.boolean("synthetic")};
}
Conditions read_conditions_of(Reader& r) {
    Conditions c;
    c.cpu = r.string("cpu");
    c.gpu = r.string("gpu");
    c.cpus = count(r, "cpus");
    c.cores = count(r, "cores");
    c.governor = r.optional_string("governor");
    c.power_profile = r.optional_string("power_profile");
    c.virtual_machine = r.optional_boolean("virtual_machine");
    c.on_battery = r.optional_boolean("on_battery");
    c.load_average = optional_number(r, "load_average");
    c.memory_mib = optional_count(r, "memory_mib");
    c.memory_available_mib = optional_count(r, "memory_available_mib");
    c.throttle_events = optional_count(r, "throttle_events");
    c.memory_pressure = optional_number(r, "memory_pressure");
    c.swapped_mib = optional_number(r, "swapped_mib");
    c.other_cpu_share = optional_number(r, "other_cpu_share");
    c.busy_programs = r.strings("busy_programs");
    return c;
}
Run read_run(Reader& r) {
    Run run;
    run.candidate = r.string("candidate");
    run.phase = r.string("phase");
    run.round = count(r, "round");
    run.counts = r.boolean("counts");
    run.test = r.string("test");
    run.at = r.number("at");
    run.seconds = r.number("seconds");
    run.speeds = list<Speeds>(r, "speeds", read_speeds);
    run.loaded_variant = r.string("loaded_variant");
    run.threads = count(r, "threads");
    run.memory_mib = optional_count(r, "memory_mib");
    run.load_average = optional_number(r, "load_average");
    run.failure = r.string("failure");
    run.failure_text = r.string("failure_text");
    return run;
}
RungEntry read_rung_entry(Reader& r) {
    return {r.string("candidate"), optional_number(r, "score"), count(r, "samples"), r.string("dropped")};
}
RungRecord read_rung(Reader& r) { return {r.string("name"), list<RungEntry>(r, "entries", read_rung_entry)}; }
Summary read_summary(Reader& r) {
    Summary s;
    s.candidate = r.string("candidate");
    s.test = read_test(r);
    s.samples = count(r, "samples");
    s.values = numbers(r, "values");
    s.outliers = numbers(r, "outliers");
    if (!is_null(r, "tokens_per_second")) s.tokens_per_second = object(r, "tokens_per_second", read_estimate);
    return s;
}
Comparison read_comparison(Reader& r) {
    Comparison c;
    c.candidate = r.string("candidate");
    c.baseline = r.string("baseline");
    c.test = read_test(r);
    c.pairs = count(r, "pairs");
    c.ratio = object(r, "ratio", read_estimate);
    c.verdict = read_verdict(r);
    return c;
}
Build read_build(Reader& r) {
    Build b;
    b.name = r.string("name");
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
std::optional<Choice> read_choice(Reader& r) {
    if (is_null(r, "choice")) return std::nullopt;
    auto choice = facts::choice_from_json(write_json(r.value("choice")), r.file());
    if (choice) return std::move(*choice);
    r.take(fail(std::move(choice.error())));
    return std::nullopt;
}

}  // namespace

std::string to_json(const BenchResult& result) {
    return write_json({{"schema", facts::kBenchSchema},
                       {"version", facts::kBenchVersion},
                       {"host", result.host},
                       {"question", result.question},
                       {"candidates", list_of(result.candidates)},
                       {"builds", list_of(result.builds)},
                       {"model", json_of(result.model)},
                       {"conditions", json_of(result.conditions)},
                       {"seed", result.seed},
                       {"complete", result.complete},
                       {"seconds", result.seconds},
                       {"overhead_seconds", result.overhead_seconds},
                       {"runs", list_of(result.runs)},
                       {"findings", list_of(result.findings)},
                       {"rungs", list_of(result.rungs)},
                       {"choice", result.choice ? json_of(*result.choice) : Json(nullptr)},
                       {"summaries", list_of(result.summaries)},
                       {"comparisons", list_of(result.comparisons)},
                       {"warnings", list_of(result.warnings)},
                       {"commands", result.commands}});
}

Result<BenchResult> from_json(std::string_view text, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(text, file));
    Reader r(json, file);
    r.schema(facts::kBenchSchema, facts::kBenchVersion);
    BenchResult result;
    result.host = r.string("host");
    result.question = r.string("question");
    result.candidates = list<Candidate>(r, "candidates", read_candidate);
    result.builds = list<Build>(r, "builds", read_build);
    result.model = object(r, "model", read_model);
    result.conditions = object(r, "conditions", read_conditions_of);
    result.seed = static_cast<std::uint64_t>(r.integer("seed", 0, INT64_MAX));
    result.complete = r.boolean("complete");
    result.seconds = r.number("seconds");
    result.overhead_seconds = r.number("overhead_seconds");
    result.runs = list<Run>(r, "runs", read_run);
    result.findings = list<Finding>(r, "findings", read_finding);
    result.rungs = list<RungRecord>(r, "rungs", read_rung);
    result.choice = read_choice(r);
    result.summaries = list<Summary>(r, "summaries", read_summary);
    result.comparisons = list<Comparison>(r, "comparisons", read_comparison);
    result.warnings = list<Warning>(r, "warnings", read_warning);
    result.commands = r.strings("commands");
    LF_TRY(r.finish());
    return result;
}

}  // namespace lf::bench
