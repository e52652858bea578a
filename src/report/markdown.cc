// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/explain.h"
#include "report/html.h"
#include "report/render.h"
#include "report/words.h"

namespace lf::report {
namespace {

/// Data as Markdown text: what Markdown or HTML would take for markup is escaped; always one line.
std::string plain(std::string_view text) {
    constexpr std::string_view kMarks = "\\`*_{}[]()#+-.!|~:@^=$";
    std::string out;
    for (const char c : printable(text)) {
        if (c == '<') out += "&lt;";
        else if (c == '>') out += "&gt;";
        else if (c == '&') out += "&amp;";
        else if (c == '\t') out += ' ';
        else if (kMarks.find(c) != std::string_view::npos &&
                 !(c == '.' || c == '-' || c == '(' || c == ')' || c == ':')) {
            out += '\\';
            out += c;
        } else out += c;
    }
    // A line that begins with these would be a list or a heading's underline.
    const std::size_t first = out.find_first_not_of(' ');
    if (first != std::string::npos && (out[first] == '-' || (out[first] >= '0' && out[first] <= '9')))
        out = "\u200b" + out.substr(first);
    return out;
}

/// A command between as many backticks as none of its own runs has.
std::string code(std::string_view text, bool in_table = false) {
    const std::string shown = printable(text);
    if (trim(shown).empty()) return "(nothing)";
    std::size_t longest = 0, run = 0;
    for (const char c : shown) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    std::string out;
    for (const char c : shown) out += c == '|' && in_table ? "\\|" : std::string(1, c);
    return longest == 0 ? fence + out + fence : fence + " " + out + " " + fence;
}

std::string mark(State state) {
    switch (state) {
        case State::good: return "✓ ";
        case State::bad: return "✗ ";
        case State::open: return "○ ";
        case State::plain: return "";
    }
    return "";
}

std::string cell_text(const Cell& cell) {
    std::string out = mark(cell.state) + plain(cell.words);
    if (!cell.why.empty()) out += ": " + plain(cell.why);
    return cell.next.empty() ? out : out + ": " + code(cell.next, true);
}

std::string ratio_text(const facts::Estimate& ratio, int pairs, std::string_view verdict) {
    return fmt::format("**{}** ({} to {}) {}, n {}", times_words(ratio.mean), times_words(ratio.low),
                       times_words(ratio.high), plain(verdict), pairs);
}

std::string gain_text(const Host& host) {
    std::string out;
    for (const Gain& gain : gains_of(host))
        out += fmt::format("{}{}{} {}", out.empty() ? "" : "<br>", mark(state_of(gain)), plain(gain.what),
                           ratio_text(gain.ratio, gain.pairs, gain.verdict));
    if (out.empty()) return cell_text(measured_cell(host));
    const Gain first = gains_of(host).front();
    out += fmt::format("<br>{} against {}", plain(first.candidate), plain(first.baseline));
    if (!foreign_words(host).empty()) out += "<br>measured on another CPU";
    if (!host.bench->complete) out += "<br>not complete";
    if (const auto count = host.bench->warnings.size(); count > 0)
        out += "<br>" + counted(static_cast<int>(count), "warning");
    return out;
}

std::string problems_text(const std::vector<Error>& problems) {
    std::string out;
    for (const Error& error : problems) out += fmt::format("- ✗ {}\n", plain(problem_words(error)));
    return out.empty() ? "" : out + "\n";
}

std::string bars_text(const bench::BenchResult& result, const bench::Test& test) {
    std::string out = fmt::format(
        "\n{}: {}\n\n| candidate | tokens a second | 95 % interval | n | against {} |\n"
        "| --- | ---: | --- | ---: | --- |\n",
        plain(bench::name_of(test)), plain(test_words(test)),
        result.candidates.empty() ? "the first" : plain(result.candidates.front().name));
    for (const bench::Summary& one : result.summaries) {
        if (one.test != test) continue;
        const bench::Comparison* comparison = comparison_of(result, one);
        const auto& speed = one.tokens_per_second;
        out += fmt::format("| {} | {} | {} | {} | {} |\n", plain(one.candidate),
                           speed                ? speed_words(speed->mean)
                           : one.values.empty() ? "none"
                                                : speed_words(one.values.front()),
                           speed ? fmt::format("{} to {}", speed_words(speed->low), speed_words(speed->high)) : "none",
                           one.samples,
                           comparison == nullptr
                               ? ""
                               : ratio_text(comparison->ratio, comparison->pairs, bench::name_of(comparison->verdict)));
    }
    return out;
}

std::string bench_text(const Host& host) {
    const bench::BenchResult& result = *host.bench;
    std::string out;
    for (const std::string& line : {unfinished_words(host), foreign_words(host)})
        if (!line.empty()) out += "\n" + plain(line) + "\n";
    if (result.choice) {
        out += fmt::format("\n{}. Goal: {}.\n", plain(choice_words(*result.choice)), plain(goal_words(*result.choice)));
        if (const std::string server = server_words(*result.choice); !server.empty())
            out += fmt::format("\nIt runs as {}\n", code(server));
    }
    for (const bench::Test& test : tests_of(result)) out += bars_text(result, test);
    if (!result.findings.empty() || !result.warnings.empty()) out += "\n";
    for (const bench::Finding& one : result.findings)
        out += fmt::format("- ✗ {}: {}\n", plain(one.candidate), plain(one.text));
    for (const bench::Warning& one : result.warnings)
        out += fmt::format("- warning: {}{}{}\n", plain(one.text),
                           one.remedy.empty() ? "" : "; better: ", plain(one.remedy));
    if (result.commands.empty()) return out;
    out += "\n<details><summary>The commands that repeat it</summary>\n\n";
    for (const std::string& command : result.commands) out += fmt::format("- {}\n", code(command));
    return out + "\n</details>\n";
}

std::string reasons_text(const plan::Plan& plan) {
    std::string out =
        "\n<details><summary>Every line of the plan, with its reason</summary>\n\n"
        "| line | value | because | saw | not |\n| --- | --- | --- | --- | --- |\n";
    const auto items = [](const std::vector<std::string>& texts) {
        std::string all;
        for (const std::string& text : texts) all += (all.empty() ? "" : "<br>") + plain(text);
        return all;
    };
    for (const plan::Because& line : plan.because)
        out += fmt::format("| {} | {} | {} | {} | {} |\n", plain(line.line), plain(line.value), plain(line.reason),
                           items(line.facts), items(line.losers));
    return out + "\n</details>\n";
}

}  // namespace

std::string render_markdown(const FleetReport& fleet) {
    const Counts counts = counts_of(fleet);
    std::string out =
        fmt::format("# llama.cpp on {}\n\n", counted(counts.hosts, "host")) + problems_text(fleet.problems);
    out +=
        "| host | what it is | what was chosen | checked | audited | measured gain |\n"
        "| --- | --- | --- | --- | --- | --- |\n";
    for (const Host& host : fleet.hosts)
        out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", plain(host.name), cell_text(machine_cell(host)),
                           cell_text(chosen_cell(host)), cell_text(checked_cell(fleet, host)),
                           cell_text(audited_cell(host)), gain_text(host));
    for (const std::string& note : fleet_notes(fleet)) out += "\n" + plain(note) + "\n";
    for (const Host& host : fleet.hosts) {
        out += fmt::format("\n## {}\n", plain(host.name));
        if (!host.problems.empty()) out += "\n" + problems_text(host.problems);
        if (host.plan) out += fmt::format("\n{}\n", plain("because " + plan::summarize({}, *host.plan).why));
        if (host.audit) {
            for (const AuditFinding& one : host.audit->findings)
                out += fmt::format("\n- ✗ {}: {}\n", plain(place_words(one)), plain(one.text));
            for (const std::string& one : host.audit->unused) out += fmt::format("\n- unused: {}\n", plain(one));
        }
        if (host.bench) out += bench_text(host);
        if (host.plan) out += reasons_text(*host.plan);
    }
    return out;
}

}  // namespace lf::report
