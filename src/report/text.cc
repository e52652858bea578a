// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/wrap.h"
#include "plan/explain.h"
#include "report/render.h"
#include "report/words.h"

namespace lf::report {
namespace {

std::string estimate_words(const facts::Estimate& ratio) {
    return fmt::format("{} ({} to {})", times_words(ratio.mean), times_words(ratio.low), times_words(ratio.high));
}

std::string row(std::string_view label, const std::string& text) {
    return text.empty() ? "" : wrapped(fmt::format("  {:<9}", label), printable(text));
}

/// A cell and, on a line of its own that can be pasted, what would tell.
std::string cell_row(std::string_view label, const Cell& cell) {
    std::string out = row(label, cell.why.empty() ? cell.words : cell.words + ": " + cell.why);
    if (!cell.next.empty()) out += fmt::format("           {}\n", printable(cell.next));
    return out;
}

std::string gains_text(const Host& host) {
    const std::vector<Gain> gains = gains_of(host);
    if (gains.empty()) return "";
    std::string out = row("gain", fmt::format("of {} against {}:", gains.front().candidate, gains.front().baseline));
    for (const Gain& gain : gains)
        out += row("", fmt::format("{} {}{}{}, n {}", gain.what, estimate_words(gain.ratio),
                                   gain.verdict.empty() ? "" : " ", gain.verdict, gain.pairs));
    return out;
}

std::string speed_text(const bench::Summary& summary) {
    if (const auto& speed = summary.tokens_per_second)
        return fmt::format("{} ({} to {})", speed_words(speed->mean), speed_words(speed->low),
                           speed_words(speed->high));
    return summary.values.empty() ? "none" : speed_words(summary.values.front());
}

/// A long name has a line of its own, so that the columns stay.
std::string chart_line(const bench::BenchResult& result, const bench::Summary& summary) {
    constexpr std::size_t kName = 18;
    const std::string name = printable(summary.candidate);
    std::string out = name.size() > kName ? fmt::format("    {}\n    {:<{}}", name, "", kName)
                                          : fmt::format("    {:<{}}", name, kName);
    out += fmt::format(" {:<26} {}\n", speed_text(summary), summary.samples);
    if (const bench::Comparison* one = comparison_of(result, summary))
        out += fmt::format("      {} {}, n {}\n", estimate_words(one->ratio), bench::name_of(one->verdict), one->pairs);
    for (const double value : summary.outliers) out += fmt::format("      outlier {}\n", speed_words(value));
    return out;
}

std::string charts_text(const bench::BenchResult& result) {
    std::string out;
    for (const bench::Test& test : tests_of(result)) {
        out += wrapped(
            "  ", fmt::format("{}: {}; tokens a second (95 % interval), n, times as fast as {}", bench::name_of(test),
                              test_words(test),
                              result.candidates.empty() ? "the first" : printable(result.candidates.front().name)));
        for (const bench::Summary& summary : result.summaries)
            if (summary.test == test) out += chart_line(result, summary);
    }
    return out;
}

std::string bench_text(const Host& host) {
    const bench::BenchResult& result = *host.bench;
    std::string out = row("", unfinished_words(host)) + row("", foreign_words(host));
    if (result.choice) {
        out += row("choice", choice_words(*result.choice));
        out += row("goal", goal_words(*result.choice));
        out += row("run it", server_words(*result.choice));
    }
    out += charts_text(result);
    for (const bench::Finding& one : result.findings)
        out += row("finding", fmt::format("{}: {}", one.candidate, one.text));
    std::vector<std::string> remedies;
    for (const bench::Warning& one : result.warnings) {
        out += row("warning", one.text);
        if (!one.remedy.empty() && std::ranges::find(remedies, one.remedy) == remedies.end())
            remedies.push_back(one.remedy);
    }
    for (const std::string& remedy : remedies) out += row("better", remedy);
    if (!result.commands.empty()) out += row("repeat", "each candidate, by hand:");
    for (const std::string& command : result.commands) out += fmt::format("           {}\n", printable(command));
    return out;
}

std::string problems_text(const std::vector<Error>& problems) {
    std::string out;
    for (const Error& error : problems) {
        out += row("error", problem_words(error));
        for (const std::string_view line : lines(error.hint)) out += row("", std::string(line));
    }
    return out;
}

std::string host_text(const FleetReport& fleet, const Host& host) {
    std::string out = "\n" + printable(host.name) + "\n" + problems_text(host.problems);
    out += cell_row("is", machine_cell(host)) + cell_row("gets", chosen_cell(host));
    if (host.plan) out += row("because", plan::summarize({}, *host.plan).why);
    out += cell_row("checked", checked_cell(fleet, host)) + cell_row("audited", audited_cell(host));
    out += cell_row("measured", measured_cell(host)) + gains_text(host);
    if (host.audit) {
        for (const AuditFinding& one : host.audit->findings)
            out += row("audit", fmt::format("{}: {}", place_words(one), one.text));
        for (const std::string& one : host.audit->unused) out += row("unused", one);
    }
    return host.bench ? out + bench_text(host) : out;
}

}  // namespace

std::string render_text(const FleetReport& fleet) {
    const Counts counts = counts_of(fleet);
    std::string first =
        fmt::format("{}: {} with a plan, {} shown by check, {} measured, {} chosen by it",
                    counted(counts.hosts, "host"), counts.planned, counts.shown, counts.measured, counts.chosen);
    if (counts.kept > 0) first += fmt::format(", {} where the default was not beaten", counts.kept);
    if (counts.untold > 0) first += fmt::format(", {} not told from the default", counts.untold);
    std::string out = wrapped("", first);
    out += problems_text(fleet.problems);
    for (const std::string& note : fleet_notes(fleet)) out += wrapped("", printable(note));
    for (const Host& host : fleet.hosts) out += host_text(fleet, host);
    return out;
}

}  // namespace lf::report
