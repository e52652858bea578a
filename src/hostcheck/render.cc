// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/wrap.h"
#include "hostcheck/hostcheck.h"

namespace lf::hostcheck {
namespace {

std::string title_of(std::string_view id) {
    const auto all = checks();
    const auto row = std::ranges::find(all, id, &Check::id);
    return row == all.end() ? std::string(id) : std::string(row->title);
}

std::string_view name_of(Weight weight) { return weight == Weight::stops ? "stops" : "warns"; }

std::string text_of(const Finding& finding) {
    std::string out =
        wrapped(fmt::format("{}: ", finding.weight == Weight::stops ? "no" : "warning"), printable(finding.what));
    out += fmt::format("  id    {}\n", finding.id);
    for (const std::string& saw : finding.saw) out += wrapped("  saw   ", printable(saw));
    return out + wrapped("  cure  ", printable(finding.cure));
}

}  // namespace

std::string to_text(const Report& report) {
    std::string out = wrapped(
        "", fmt::format("{}: does {} work on this machine?", printable(report.host), printable(report.package)));
    for (const Finding& finding : report.findings) out += "\n" + text_of(finding);
    if (!report.fine.empty()) out += "\n";
    for (const std::string& id : report.fine) out += wrapped("yes: ", title_of(id));
    for (const Unanswered& one : report.unanswered)
        out += wrapped("cannot tell: ", fmt::format("{}: {}", title_of(one.id), printable(one.why)));
    const auto stops = std::ranges::count(report.findings, Weight::stops, &Finding::weight);
    out += "\n";
    if (stops > 0)
        out += fmt::format("{} thing{} in the way; each has its line in doc/host.md\n", stops,
                           stops == 1 ? " is" : "s are");
    else if (report.unanswered.empty()) out += "nothing is in the way\n";
    else out += "nothing that could be looked at is in the way\n";
    return out;
}

std::string to_json(const Report& report) {
    Json findings = Json::array();
    for (const Finding& one : report.findings)
        findings.push_back({{"id", one.id},
                            {"weight", name_of(one.weight)},
                            {"what", one.what},
                            {"saw", one.saw},
                            {"cure", one.cure}});
    Json unanswered = Json::array();
    for (const Unanswered& one : report.unanswered) unanswered.push_back({{"id", one.id}, {"why", one.why}});
    return write_json({{"schema", "llama-fleet/host-check"},
                       {"version", 1},
                       {"host", report.host},
                       {"package", report.package},
                       {"works", works(report)},
                       {"findings", std::move(findings)},
                       {"fine", report.fine},
                       {"cannotTell", std::move(unanswered)}});
}

}  // namespace lf::hostcheck
