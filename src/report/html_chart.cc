// SPDX-License-Identifier: MIT
// Charts are tables whose second column is drawn: they stay readable at any width, aloud, and without their drawing.
// All lengths are parts of 100 %, so that nothing needs to be scaled.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/html_parts.h"

namespace lf::report {
namespace {

std::string_view verdict_words(std::string_view verdict) { return verdict == "~" ? "~ cannot tell" : verdict; }

double largest_of(const bench::BenchResult& result, const bench::Test& test) {
    double largest = 0;
    for (const bench::Summary& summary : result.summaries) {
        if (summary.test != test) continue;
        if (summary.tokens_per_second) largest = std::max(largest, summary.tokens_per_second->high);
        for (const double value : summary.values) largest = std::max(largest, value);
        for (const double value : summary.outliers) largest = std::max(largest, value);
    }
    return largest > 0 ? largest : 1;
}

double mean_of(const bench::Summary& summary) {
    if (summary.tokens_per_second) return summary.tokens_per_second->mean;
    return summary.values.empty() ? 0 : summary.values.front();
}

/// The style sheet has what is the same for all: a fleet has thousands of these.
void append_drawing(Html& html, const bench::Summary& summary, double largest) {
    html.raw("<svg role=\"img\" aria-label=\"bar: ").text(speed_words(mean_of(summary))).raw("\"><rect width=\"");
    html.percent(mean_of(summary) / largest).raw("\"/>");
    if (const auto& speed = summary.tokens_per_second)
        html.raw("<line x1=\"")
            .percent(speed->low / largest)
            .raw("\" x2=\"")
            .percent(speed->high / largest)
            .raw("\"/>");
    for (const double value : summary.outliers) {
        html.raw("<circle cx=\"").percent(value / largest).raw("\"/>");
    }
    html.raw("</svg>");
}

void append_speed(Html& html, const bench::Summary& summary) {
    html.raw("<b>").text(speed_words(mean_of(summary))).raw("</b> <small>");
    if (const auto& speed = summary.tokens_per_second)
        html.text(speed_words(speed->low)).raw(" to ").text(speed_words(speed->high));
    else html.raw("no interval");
    html.raw("</small>");
    for (const double value : summary.outliers) html.raw(" <small>outlier ").text(speed_words(value)).raw("</small>");
}

void append_bar(Html& html, const bench::BenchResult& result, const bench::Summary& summary, double largest) {
    const bool chosen = result.choice && result.choice->candidate == summary.candidate;
    const bool first = !result.candidates.empty() && result.candidates.front().name == summary.candidate;
    html.raw(chosen ? Markup("<tr class=\"chosen\">") : first ? Markup("<tr class=\"first\">") : Markup("<tr>"));
    html.raw("<th scope=\"row\">").text(summary.candidate);
    if (chosen) html.raw(" <em>chosen</em>");
    html.raw("<td>");
    append_drawing(html, summary, largest);
    html.raw("<td>");
    append_speed(html, summary);
    html.raw("<td>").count(summary.samples).raw("<td>");
    if (const bench::Comparison* one = comparison_of(result, summary))
        append_ratio(html, one->ratio, one->pairs, bench::name_of(one->verdict));
    else if (first) html.raw("<small>the first</small>");
    html.raw("\n");
}

}  // namespace

void append_ratio(Html& html, const facts::Estimate& ratio, int pairs, std::string_view verdict) {
    html.raw("<b>").text(times_words(ratio.mean)).raw("</b> <small>(").text(times_words(ratio.low)).raw(" to ");
    html.text(times_words(ratio.high)).raw(")</small> ").text(verdict_words(verdict)).raw(" <small>n ").count(pairs);
    html.raw("</small>");
}

/// Ends of rows and cells are left to HTML, which knows them: this is most of a large fleet's page.
/// One table, so that the columns of a host's charts stand below each other; one part of it a test.
void append_charts(Html& html, const bench::BenchResult& result, const std::string& host) {
    const std::vector<bench::Test> tests = tests_of(result);
    if (tests.empty()) return;
    html.raw("<table class=\"bars\"><caption class=\"away\">Speeds on ").text(host);
    html.raw(
        "</caption><thead><tr><th scope=\"col\">candidate</th><th scope=\"col\">bar and 95 % interval</th>"
        "<th scope=\"col\">tokens a second</th><th scope=\"col\">n</th><th scope=\"col\">times as fast as ");
    html.text(result.candidates.empty() ? "the first" : result.candidates.front().name).raw("</th></tr></thead>\n");
    for (const bench::Test& test : tests) {
        html.raw("<tbody><tr><th colspan=\"5\" scope=\"rowgroup\"><b>").text(bench::name_of(test)).raw("</b> ");
        html.text(test_words(test)).raw("\n");
        const double largest = largest_of(result, test);
        for (const bench::Summary& summary : result.summaries)
            if (summary.test == test) append_bar(html, result, summary, largest);
        html.raw("</tbody>");
    }
    html.raw("</table>\n");
}

}  // namespace lf::report
