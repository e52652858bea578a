// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cstdlib>
#include <unordered_map>

#include "audit/words.h"
#include "base/json.h"
#include "report/render.h"
#include "report/words.h"

namespace lf::report {
namespace {

std::string bytes_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// Says what is the same for many hosts once.
class Shared {
  public:
    /// `value`, or who had the same before under the same name.
    Json operator()(const char* name, Json value, const std::string& host) {
        constexpr std::size_t kWorthIt = 60;
        std::string bytes = bytes_of(value);
        if (bytes.size() < kWorthIt) return value;
        const auto [found, is_new] = first_.try_emplace(name + std::move(bytes), host);
        return is_new ? std::move(value) : Json(found->second);
    }

    /// The number of a sentence that stands often: its place in `texts`.
    std::size_t text(std::string_view sentence) {
        const auto [found, is_new] = numbers_.try_emplace(std::string(sentence), texts_.size());
        if (is_new) texts_.push_back(found->first);
        return found->second;
    }
    const Json& texts() const { return texts_; }

  private:
    std::unordered_map<std::string, std::string> first_;
    std::unordered_map<std::string, std::size_t> numbers_;
    Json texts_ = Json::array();
};

template <class T, class Make>
Json list_of(const std::vector<T>& values, Make make) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(make(value));
    return list;
}

/// Mean, low and high of the 95 % interval.
Json estimate_json(const facts::Estimate& e) { return Json::array({kept(e.mean), kept(e.low), kept(e.high)}); }

Json cell_json(const Cell& cell) {
    constexpr const char* kStates[] = {"plain", "good", "bad", "open"};
    Json json = Json::object();
    if (cell.state != State::plain) json["state"] = kStates[static_cast<std::size_t>(cell.state)];
    if (!cell.words.empty()) json["words"] = cell.words;
    if (!cell.next.empty()) json["next"] = cell.next;
    if (!cell.why.empty()) json["why"] = cell.why;
    return json;
}

Json gain_json(const Gain& gain) {
    return {
        {"what", gain.what}, {"ratio", estimate_json(gain.ratio)}, {"pairs", gain.pairs}, {"verdict", gain.verdict}};
}

Json measured_json(const Host& host) {
    Json json = cell_json(measured_cell(host));
    const std::vector<Gain> gains = gains_of(host);
    if (gains.empty()) return json;
    json["gains"] = list_of(gains, gain_json);
    json["baseline"] = gains.front().baseline;
    json["candidate"] = gains.front().candidate;
    return json;
}

Json problem_json(const Error& error) {
    return {{"id", error.id}, {"text", problem_words(error)}, {"next", error.hint}};
}

Json facts_json(const facts::Machine& machine) {
    return {{"system", machine.system},
            {"features", machine.cpu.features},
            {"features_some", machine.cpu.features_some},
            {"notes", machine.notes}};
}

Json because_json(const plan::Because& line) {
    return {{"line", line.line},     {"value", line.value}, {"rule", line.rule},
            {"reason", line.reason}, {"facts", line.facts}, {"losers", line.losers}};
}

Json difference_json(const check::Difference& one) {
    return {{"name", one.name}, {"wanted", one.wanted}, {"got", one.got}, {"advice", one.advice}};
}

Json layer_json(const check::LayerReport& layer) {
    return {{"layer", check::layer_name(layer.layer)},
            {"verdict", check::short_words(layer.verdict, false)},
            {"why", layer.why},
            {"basis", layer.basis},
            {"differences", list_of(layer.differences, difference_json)}};
}

Json check_json(const check::HostReport& host) {
    return {{"why", host.why},
            {"differences", list_of(host.differences, difference_json)},
            {"notes", host.notes},
            {"packages", list_of(host.packages, [](const check::PackageReport& package) {
                 return Json{{"package", package.package},
                             {"selected", package.selected},
                             {"verdict", check::short_words(package.verdict, false)},
                             {"why", package.why},
                             {"failure", package.failure ? package.failure->message : ""},
                             {"layers", list_of(package.layers, layer_json)}};
             })}};
}

Json audit_json(const Audit& audit) {
    return {{"outcome", audit::id_of(audit.outcome)},
            {"basis", audit.basis},
            {"why", audit.why},
            {"unused", audit.unused},
            {"findings", list_of(audit.findings, [](const AuditFinding& finding) {
                 return Json{
                     {"file", finding.file},
                     {"address", finding.address == 0 ? Json(nullptr) : Json(fmt::format("0x{:x}", finding.address))},
                     {"text", finding.text}};
             })}};
}

Json bar_json(const bench::BenchResult& result, const bench::Summary& summary) {
    Json json = {{"candidate", summary.candidate}, {"n", summary.samples}};
    if (summary.tokens_per_second) json["speed"] = estimate_json(*summary.tokens_per_second);
    else json["values"] = list_of(summary.values, kept);
    if (!summary.outliers.empty()) json["outliers"] = list_of(summary.outliers, kept);
    if (const bench::Comparison* one = comparison_of(result, summary)) {
        json["ratio"] = estimate_json(one->ratio);
        json["pairs"] = one->pairs;
        json["verdict"] = bench::name_of(one->verdict);
    }
    return json;
}

Json test_json(const bench::BenchResult& result, const bench::Test& test) {
    Json bars = Json::array();
    for (const bench::Summary& summary : result.summaries)
        if (summary.test == test) bars.push_back(bar_json(result, summary));
    return {{"test", bench::name_of(test)}, {"bars", std::move(bars)}};
}

/// A candidate of a step is its name, or [name, part of the fastest's speed]; the part as it is shown.
Json entry_json(const bench::RungEntry* entry) {
    if (!entry->score) return entry->candidate;
    return Json::array({entry->candidate, std::strtod(part_words(*entry->score).c_str(), nullptr)});
}

Json step_json(const SearchStep& step, Shared& shared) {
    Json json = {{"step", shared.text(step.name)}, {"went_on", step.went_on}};
    if (step.samples > 0) json["n"] = step.samples;
    if (!step.left_over.empty()) json["left"] = list_of(step.left_over, entry_json);
    for (const SearchGroup& group : step.dropped)
        json["out"].push_back({shared.text(group.reason), list_of(group.entries, entry_json)});
    return json;
}

Json search_json(const bench::BenchResult& result, Shared& shared) {
    return list_of(search_of(result), [&](const SearchStep& step) { return step_json(step, shared); });
}

Json choice_json(const facts::Choice& choice) {
    return {{"candidate", choice.candidate},
            {"default", choice.default_candidate},
            {"verdict", choice.verdict},
            {"words", choice_words(choice)},
            {"prompt_weight", kept(choice.objective.prompt_weight)},
            {"generation_weight", kept(choice.objective.generation_weight)},
            {"server_arguments", choice.server_arguments},
            {"model", choice.model},
            {"revision", choice.revision}};
}

Json bench_json(const bench::BenchResult& result, const std::string& host, Shared& shared) {
    Json tests = Json::array();
    for (const bench::Test& test : tests_of(result)) tests.push_back(test_json(result, test));
    const Json measured = list_of(measurement_lines(result), [](const Line& line) {
        return Json{{"label", line.label}, {"text", line.text}};
    });
    const Json candidates = list_of(result.candidates, [](const bench::Candidate& one) {
        return Json{{"name", one.name}, {"words", candidate_words(one)}, {"description", one.description}};
    });
    const Json findings = list_of(result.findings, [](const bench::Finding& one) {
        return Json{{"candidate", one.candidate}, {"id", one.id}, {"text", one.text}};
    });
    const Json warnings = list_of(result.warnings, [](const bench::Warning& one) {
        return Json{{"id", one.id}, {"text", one.text}, {"remedy", one.remedy}};
    });
    return {{"complete", result.complete},
            {"effort", effort_words(result)},
            {"baseline", result.candidates.empty() ? "" : result.candidates.front().name},
            {"measured", shared("measured", measured, host)},
            {"candidates", shared("candidates", candidates, host)},
            {"tests", std::move(tests)},
            {"findings", shared("findings", findings, host)},
            {"warnings", shared("warnings", warnings, host)},
            {"search", shared("search", search_json(result, shared), host)},
            {"choice", result.choice ? shared("choice", choice_json(*result.choice), host) : Json(nullptr)},
            {"commands", shared("commands", Json(result.commands), host)}};
}

Json host_json(const FleetReport& fleet, const Host& host, Shared& shared) {
    const std::string& name = host.name;
    Json json = {{"host", name},
                 {"machine", cell_json(machine_cell(host))},
                 {"chosen", cell_json(chosen_cell(host))},
                 {"checked", cell_json(checked_cell(fleet, host))},
                 {"audited", cell_json(audited_cell(host))},
                 {"measured", measured_json(host)}};
    if (!host.problems.empty()) json["problems"] = list_of(host.problems, problem_json);
    if (host.facts) json["facts"] = shared("facts", facts_json(*host.facts), name);
    if (host.plan) {
        json["because"] = shared("because", list_of(host.plan->because, because_json), name);
        json["notes"] = shared("notes", Json(host.plan->notes), name);
    }
    if (host.check) json["check"] = shared("check", check_json(*host.check), name);
    if (host.audit) json["audit"] = audit_json(*host.audit);
    if (host.bench) json["bench"] = bench_json(*host.bench, name, shared);
    if (const std::string more = unfinished_words(host); !more.empty()) json["unfinished"] = more;
    if (const std::string foreign = foreign_words(host); !foreign.empty()) json["foreign"] = foreign;
    if (!host.check_commands.empty())
        json["commands"] = list_of(host.check_commands, [](const check::HostCommand& one) { return one.text; });
    return json;
}

}  // namespace

std::string to_json(const FleetReport& fleet, bool compact) {
    const Counts counts = counts_of(fleet);
    Shared shared;
    Json hosts = Json::array();
    for (const Host& host : fleet.hosts) hosts.push_back(host_json(fleet, host, shared));
    const Json json = {{"schema", "llama-fleet/report"},
                       {"version", kReportVersion},
                       {"counts",
                        {{"hosts", counts.hosts},
                         {"planned", counts.planned},
                         {"shown", counts.shown},
                         {"measured", counts.measured},
                         {"chosen", counts.chosen},
                         {"kept", counts.kept},
                         {"untold", counts.untold},
                         {"findings", counts.findings},
                         {"warnings", counts.warnings},
                         {"problems", counts.problems}}},
                       {"problems", list_of(fleet.problems, problem_json)},
                       {"notes", fleet_notes(fleet)},
                       {"texts", shared.texts()},
                       {"hosts", std::move(hosts)}};
    return compact ? bytes_of(json) : write_json(json);
}

}  // namespace lf::report
