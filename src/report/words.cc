// SPDX-License-Identifier: MIT
#include "report/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "audit/words.h"
#include "base/text.h"
#include "facts/codec.h"
#include "plan/explain.h"

namespace lf::report {
namespace {

const plan::Plan kNoPlan;
const facts::Machine kNoFacts;

bool has_problem_in(const Host& host, std::string_view folder) {
    return std::ranges::any_of(host.problems, [&](const Error& error) { return error.where.file.starts_with(folder); });
}

/// A command with the host's name for {0}; none for a file that no host can be called as.
std::string next_of(const Host& host, const char* command) {
    return facts::is_host_name(host.name) ? fmt::format(fmt::runtime(command), host.name) : "";
}

/// The candidate whose gain is shown where nothing was chosen by measurement; "" = none stands out.
std::string shown_candidate(const bench::BenchResult& result) {
    for (const bench::Candidate& candidate : result.candidates)
        if (candidate.name == "plan") return candidate.name;
    return result.candidates.size() == 2 ? result.candidates[1].name : "";
}

std::string yes_no(bool value) { return value ? "yes" : "no"; }

std::string version_words(const bench::Build& build) {
    std::string out = build.source.empty() ? build.name : build.source;
    for (const auto& [name, version] : build.packages) out += fmt::format(", {} {}", name, version);
    if (build.number != 0) out += fmt::format(", build {}", build.number);
    if (!build.commit.empty()) out += fmt::format(" ({})", build.commit);
    return out;
}

}  // namespace

double kept(double value) { return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr); }

std::string speed_words(double speed) {
    speed = kept(speed);
    return fmt::format("{:.{}f}", speed, speed < 0.0995 ? 3 : speed < 9.995 ? 2 : speed < 999.95 ? 1 : 0);
}

std::string times_words(double ratio) {
    ratio = kept(ratio);
    return fmt::format("{:.{}f}x", ratio, ratio < 0.0995 ? 3 : ratio < 9.995 ? 2 : 1);
}

std::string part_words(double part) {
    part = kept(part);
    return fmt::format("{:.{}f}", part, part < 0.0995 ? 3 : 2);
}

std::string counted(int count, std::string_view one) {
    return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string place_words(const AuditFinding& finding) {
    return finding.address == 0 ? finding.file : fmt::format("{} at 0x{:x}", finding.file, finding.address);
}

std::string problem_words(const Error& error) {
    std::string out = error.where.file;
    if (error.where.line != 0) out += fmt::format(":{}:{}", error.where.line, error.where.column);
    if (!error.where.json_path.empty()) out += (out.empty() ? "" : ": ") + error.where.json_path;
    return (out.empty() ? "" : out + ": ") + error.message;
}

Cell machine_cell(const Host& host) {
    if (host.facts) return {State::plain, plan::summarize(*host.facts, kNoPlan).machine};
    if (has_problem_in(host, "llama-fleet/facts")) return {State::bad, "its facts cannot be read"};
    return {State::open, "no facts", next_of(host, "llama-fleet probe --host {0} --output llama-fleet/facts")};
}

Cell chosen_cell(const Host& host) {
    if (host.plan) return {State::plain, plan::summarize(kNoFacts, *host.plan).chosen};
    if (has_problem_in(host, "llama-fleet/plan")) return {State::bad, "its plan cannot be read"};
    return {State::open, "no plan", "llama-fleet fit . --write"};
}

Cell checked_cell(const FleetReport& fleet, const Host& host) {
    constexpr State kStates[] = {State::good, State::bad, State::open, State::plain};
    if (!fleet.not_checked.empty()) return {State::open, "not checked"};
    if (host.check) {
        const check::Verdict verdict = host.check->verdict;
        // "flags reach the derivation: shown" without what is said already
        const std::string claim = check::verdict_words(check::decisive_layer(*host.check), verdict, false);
        const std::size_t colon = claim.find(": ");
        return {kStates[static_cast<std::size_t>(verdict)], check::short_words(verdict, fleet.stand_ins), "",
                colon == std::string::npos ? "" : claim.substr(0, colon)};
    }
    if (fleet.checked) return {State::open, "not checked", "", "the check that was given does not speak of it"};
    return {State::open, "not checked"};
}

Cell audited_cell(const Host& host) {
    if (!host.audit) return {State::open, "not audited"};
    const Audit& audit = *host.audit;
    constexpr State kStates[] = {State::good, State::bad, State::bad, State::open, State::bad};
    const State state = kStates[static_cast<std::size_t>(audit.outcome)];
    const bool uncovered = state == State::good && !audit.findings.empty();
    // Where it runs, nothing but a card can be a finding.
    if (uncovered)
        return {State::bad, audit.findings.size() == 1 ? "a card is not covered" : "cards are not covered", "",
                fmt::format("{}: {}", audit.findings.front().file, audit.findings.front().text)};
    return {state, std::string(audit::words_of(audit.outcome)), "", audit.why.empty() ? audit.basis : audit.why};
}

std::vector<Gain> gains_of(const Host& host) {
    std::vector<Gain> gains;
    if (!host.bench) return gains;
    const bench::BenchResult& result = *host.bench;
    if (result.choice) {
        const facts::Choice& choice = *result.choice;
        const auto add = [&](const char* what, const std::optional<facts::Estimate>& ratio,
                             const std::string& verdict) {
            if (ratio)
                gains.push_back({choice.candidate, what, *ratio, choice.pairs, verdict, choice.default_candidate});
        };
        add("score", choice.score, choice.verdict);
        add("prompt", choice.prompt, "");
        add("generation", choice.generation, "");
        return gains;
    }
    const std::string candidate = shown_candidate(result);
    for (const bench::Comparison& one : result.comparisons)
        if (one.candidate == candidate)
            gains.push_back({candidate, bench::name_of(one.test), one.ratio, one.pairs,
                             std::string(bench::name_of(one.verdict)), one.baseline});
    return gains;
}

Cell measured_cell(const Host& host) {
    if (!host.bench) {
        if (has_problem_in(host, "llama-fleet/bench")) return {State::bad, "its result cannot be read"};
        return {State::open, "not measured", next_of(host, "llama-fleet bench --choose --flake . --host {0}")};
    }
    const std::vector<Gain> gains = gains_of(host);
    if (!gains.empty()) return {};
    if (host.bench->choice && outcome_of(*host.bench->choice) == Outcome::kept)
        return {State::plain, host.bench->choice->default_candidate + ": the default was not beaten"};
    if (host.bench->choice) return {State::plain, host.bench->choice->candidate + ", too few runs for a number"};
    if (host.bench->summaries.empty())
        return {State::open, host.broken_off ? "broken off before a run counted" : "no run of it counted"};
    return {State::plain, fmt::format("{}, {}", counted(static_cast<int>(host.bench->candidates.size()), "candidate"),
                                      host.bench->complete ? "none chosen" : "broken off")};
}

std::string unfinished_words(const Host& host) {
    const bool whole = host.bench && host.bench->complete;
    if (host.broken_off)
        return fmt::format("{} broken off: go on with the same command and --resume",
                           whole ? "a later measurement was" : "not complete,");
    return host.bench && !whole ? "not complete: runs are missing; measure again" : "";
}

std::string foreign_words(const Host& host) {
    if (!host.bench || !host.facts || !host.facts->cpu.model_name) return "";
    const std::string_view there = trim(host.bench->conditions.cpu), here = trim(*host.facts->cpu.model_name);
    if (there.empty() || there == here) return "";
    return fmt::format("measured on another CPU than the facts name: {}; measure again", there);
}

State state_of(const Gain& gain) {
    return gain.verdict == "faster" ? State::good : gain.verdict == "slower" ? State::bad : State::plain;
}

const bench::Comparison* comparison_of(const bench::BenchResult& result, const bench::Summary& summary) {
    for (const bench::Comparison& one : result.comparisons)
        if (one.candidate == summary.candidate && one.test == summary.test) return &one;
    return nullptr;
}

std::vector<bench::Test> tests_of(const bench::BenchResult& result) {
    std::vector<bench::Test> tests;
    for (const bench::Summary& summary : result.summaries)
        if (std::ranges::find(tests, summary.test) == tests.end()) tests.push_back(summary.test);
    return tests;
}

std::string test_words(const bench::Test& test) {
    std::string out = test.kind == bench::TestKind::prompt ? "reading a prompt" : "writing text";
    out += fmt::format(", {} tokens", test.tokens);
    return test.depth > 0 ? out + fmt::format(" behind {} tokens of context", test.depth) : out;
}

std::string candidate_words(const bench::Candidate& candidate) {
    std::string out = candidate.build;
    if (candidate.cpu_variant) out += ", CPU code " + *candidate.cpu_variant;
    if (!candidate.device.empty() && candidate.device != "none") out += ", " + candidate.device;
    if (candidate.threads != 0) out += ", " + counted(candidate.threads, "thread");
    if (candidate.ubatch != 0) out += fmt::format(", ubatch {}", candidate.ubatch);
    if (!candidate.flash_attention.empty()) out += ", flash attention " + candidate.flash_attention;
    return out;
}

// long: one line a fact
std::vector<Line> measurement_lines(const bench::BenchResult& result) {
    std::vector<Line> lines;
    const auto add = [&](const char* label, std::string text) { lines.push_back({label, std::move(text)}); };
    for (const bench::Build& build : result.builds) add("build", version_words(build));
    if (!result.model.description.empty())
        add("model", fmt::format("{}, {} MiB{}", result.model.description, result.model.bytes >> 20,
                                 result.model.synthetic ? ", random weights" : ""));
    const bench::Conditions& c = result.conditions;
    if (!c.cpu.empty())
        add("CPU", fmt::format("{}, {} of {}", c.cpu, counted(c.cpus, "CPU"), counted(c.cores, "core")));
    if (!c.gpu.empty()) add("GPU", c.gpu);
    if (c.governor) add("governor", *c.governor);
    if (c.power_profile) add("power profile", *c.power_profile);
    if (c.virtual_machine) add("virtual machine", yes_no(*c.virtual_machine));
    if (c.on_battery) add("on battery", yes_no(*c.on_battery));
    if (c.memory_mib) add("memory", fmt::format("{} MiB", *c.memory_mib));
    if (c.throttle_events) add("throttled", fmt::format("{} times", *c.throttle_events));
    if (c.memory_pressure) add("memory pressure", fmt::format("{:.1f} %", *c.memory_pressure));
    if (c.swapped_mib) add("swapped in", fmt::format("{:.0f} MiB", *c.swapped_mib));
    return lines;
}

std::string effort_words(const bench::BenchResult& result) {
    std::string out =
        fmt::format("{:.1f} s in llama-bench, {:.1f} s beside it", result.seconds, result.overhead_seconds);
    if (const auto& load = result.conditions.load_average) out += fmt::format("; load before {:.2f}", *load);
    if (const auto& memory = result.conditions.memory_available_mib)
        out += fmt::format("; memory free before {} MiB", *memory);
    return out + fmt::format("; seed {}", result.seed);
}

int finding_count(const Host& host) {
    std::size_t count = host.bench ? host.bench->findings.size() : 0;
    if (host.audit) count += host.audit->findings.size();
    return static_cast<int>(count);
}

std::vector<std::string> fleet_notes(const FleetReport& fleet) {
    std::vector<std::string> notes;
    if (!fleet.not_checked.empty()) notes.push_back("not checked: " + fleet.not_checked);
    else if (!fleet.checked)
        notes.emplace_back("not checked: run llama-fleet check . --json > check.json and give the file with --check");
    if (fleet.stand_ins) notes.emplace_back("checked with stand-in inputs, not with those that the flake pins");
    if (std::ranges::none_of(fleet.hosts, [](const Host& host) { return host.audit.has_value(); }))
        notes.emplace_back(
            "not audited: run llama-fleet audit --flake . --json > audit.json and give the file with --audit");
    return notes;
}

Counts counts_of(const FleetReport& fleet) {
    constexpr int Counts::*kCounted[] = {&Counts::chosen, &Counts::kept, &Counts::untold};
    Counts counts;
    counts.hosts = static_cast<int>(fleet.hosts.size());
    counts.problems = static_cast<int>(fleet.problems.size());
    for (const Host& host : fleet.hosts) {
        counts.planned += host.plan ? 1 : 0;
        counts.shown += host.check && host.check->verdict == check::Verdict::shown ? 1 : 0;
        counts.measured += host.bench ? 1 : 0;
        if (host.bench && host.bench->choice)
            ++(counts.*kCounted[static_cast<std::size_t>(outcome_of(*host.bench->choice))]);
        counts.findings += finding_count(host);
        counts.warnings += host.bench ? static_cast<int>(host.bench->warnings.size()) : 0;
        counts.problems += static_cast<int>(host.problems.size());
    }
    return counts;
}

}  // namespace lf::report
