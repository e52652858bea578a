// SPDX-License-Identifier: MIT
#include "lint/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/source_picture.h"
#include "base/text.h"
#include "base/wrap.h"

namespace lf::lint {
namespace {

constexpr std::size_t kSourceWidth = 72;
constexpr std::size_t kMargin = 7;

std::string place_of(const Finding& finding) {
    std::string out;
    if (!finding.file.empty()) out = fmt::format("{}:{}:{}", printable(finding.file), finding.line, finding.column);
    if (!finding.host.empty()) out += (out.empty() ? "" : " ") + fmt::format("host {}", printable(finding.host));
    return out;
}

/// The line, without the blanks in front of it, and a caret.
std::string picture_of(const Finding& finding) {
    if (finding.line == 0 || finding.source_line.empty()) return {};
    std::size_t column = std::min<std::size_t>(finding.column - 1, finding.source_line.size());
    std::string_view line = finding.source_line;
    const std::size_t blanks = std::min(line.find_first_not_of(" \t"), column);
    line.remove_prefix(blanks);
    column -= blanks;
    return source_picture("  | ", line, column, kSourceWidth);
}

std::string text_of(const Finding& finding) {
    std::string out = fmt::format("{}: {}: {}\n", place_of(finding), severity_name(finding.severity), finding.rule);
    out += wrapped("  ", printable(finding.message), 2);
    out += picture_of(finding);
    if (finding.fix) out += wrapped("  fix  ", printable(finding.fix->title), kMargin);
    std::string_view label = "  do   ";
    for (const std::string_view line : lines(finding.remedy)) {
        out += fmt::format("{}{}\n", label, printable(line));
        label = "       ";
    }
    return out;
}

std::size_t count(const Report& report, Severity severity) {
    return static_cast<std::size_t>(std::ranges::count(report.findings, severity, &Finding::severity));
}

std::string counted(std::size_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::size_t fixable(const Report& report) {
    return static_cast<std::size_t>(
        std::ranges::count_if(report.findings, [](const auto& f) { return f.fix.has_value(); }));
}

Json edits_json(const std::optional<Fix>& fix) {
    if (!fix) return nullptr;
    Json edits = Json::array();
    // A fix is about one file, whose size does not matter for the order.
    if (const auto sorted = fix->edits.sorted(SIZE_MAX))
        for (const auto& edit : *sorted)
            edits.push_back({{"begin", edit.span.begin}, {"end", edit.span.end}, {"text", edit.text}});
    return {{"title", fix->title}, {"edits", edits}};
}

}  // namespace

std::string to_summary(const Report& report) {
    std::vector<std::string> parts;
    for (const auto& [severity, word] :
         {std::pair{Severity::error, "error"}, {Severity::warning, "warning"}, {Severity::note, "note"}})
        if (const std::size_t number = count(report, severity); number != 0) parts.push_back(counted(number, word));
    if (parts.empty()) return "nothing found";
    const std::size_t mendable = fixable(report);
    return join(parts, ", ") + (mendable == 0 ? "" : fmt::format("; {} can be mended by --fix", mendable));
}

std::string to_text(const Report& report) {
    std::string out;
    for (const Finding& finding : report.findings) out += text_of(finding) + "\n";
    for (const std::string& unread : report.unread) out += wrapped("not read: ", printable(unread), 10);
    for (const std::string& note : report.notes) out += wrapped("note: ", printable(note), 6);
    out += fmt::format("{}\nread: {}, {} of llama.cpp{}\n", to_summary(report), counted(report.files, "file"),
                       counted(report.packages, "override"),
                       !report.evaluated   ? ""
                       : report.incomplete ? "; not every host evaluated in full"
                                           : "; every host evaluated");
    if (!report.findings.empty()) out += "each rule has a page: doc/lint/<rule>.md\n";
    return out;
}

std::string to_json(const Report& report, std::size_t fixed) {
    Json findings = Json::array();
    for (const Finding& finding : report.findings)
        findings.push_back({{"rule", finding.rule},
                            {"severity", severity_name(finding.severity)},
                            {"host", finding.host.empty() ? Json(nullptr) : Json(finding.host)},
                            {"file", finding.file.empty() ? Json(nullptr) : Json(finding.file)},
                            {"line", finding.line},
                            {"column", finding.column},
                            {"message", finding.message},
                            {"remedy", finding.remedy},
                            {"fix", edits_json(finding.fix)}});
    const Json json{{"schema", "llama-fleet/lint"}, {"version", kLintVersion},       {"findings", findings},
                    {"unread", report.unread},      {"notes", report.notes},         {"files", report.files},
                    {"overrides", report.packages}, {"evaluated", report.evaluated}, {"fixed", fixed}};
    return write_json(json);
}

}  // namespace lf::lint
