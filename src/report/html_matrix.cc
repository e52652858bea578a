// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/text.h"
#include "report/html_parts.h"

namespace lf::report {
namespace {

void append_cell(Html& html, const Cell& cell) { html.raw("<td").raw(class_of(cell.state)).raw(">").text(cell.words); }

void append_gain_cell(Html& html, const Host& host, std::size_t number) {
    const std::vector<Gain> gains = gains_of(host);
    if (gains.empty()) return append_cell(html, measured_cell(host));
    html.raw("<td>");
    for (const Gain& gain : gains) {
        html.raw("<span").raw(class_of(state_of(gain))).raw("><i>").text(gain.what).raw("</i> ");
        append_ratio(html, gain.ratio, gain.pairs, gain.verdict);
        html.raw("</span>");
    }
    html.raw("<small>").text(gains.front().candidate).raw(" against ").text(gains.front().baseline);
    if (!foreign_words(host).empty()) html.raw("; measured on another CPU");
    if (!host.bench->complete) html.raw("; not complete");
    else if (host.broken_off) html.raw("; a later one broken off");
    if (const auto warnings = host.bench->warnings.size(); warnings > 0) {
        html.raw("; <a href=\"#h").digits(number).raw("\">").count(static_cast<std::int64_t>(warnings));
        html.raw(warnings == 1 ? Markup(" warning</a>") : Markup(" warnings</a>"));
    }
    html.raw("</small>");
}

}  // namespace

Markup class_of(State state) {
    switch (state) {
        case State::good: return " class=\"good\"";
        case State::bad: return " class=\"bad\"";
        case State::open: return " class=\"open\"";
        case State::plain: return "";
    }
    return "";
}

void append_matrix(Html& html, const FleetReport& fleet) {
    html.raw(
        "<table class=\"matrix\" id=\"matrix\"><caption class=\"away\">Every host</caption><thead><tr>"
        "<th scope=\"col\">host</th><th scope=\"col\">what it is</th><th scope=\"col\">what was chosen</th>"
        "<th scope=\"col\">checked</th><th scope=\"col\">audited</th><th scope=\"col\">measured gain</th>"
        "</tr></thead><tbody>\n");
    for (std::size_t i = 0; i < fleet.hosts.size(); ++i) {
        const Host& host = fleet.hosts[i];
        html.raw("<tr><th scope=\"row\"><a href=\"#h").digits(i).raw("\">").text(host.name).raw("</a>");
        if (!host.problems.empty()) html.raw(" <em class=\"bad\">unreadable file</em>");
        append_cell(html, machine_cell(host));
        append_cell(html, chosen_cell(host));
        append_cell(html, checked_cell(fleet, host));
        append_cell(html, audited_cell(host));
        append_gain_cell(html, host, i);
        html.raw("\n");
    }
    html.raw("</tbody></table>\n");
}

}  // namespace lf::report
