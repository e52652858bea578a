// SPDX-License-Identifier: MIT
#include <algorithm>

#include "lint/rule.h"
#include "nixsyntax/query.h"

namespace lf::lint {

std::string_view severity_name(Severity severity) {
    switch (severity) {
        case Severity::note: return "note";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return "";
}

Finding& Sink::at(const Tree& tree, NodeId node, std::string message) {
    const Error place = tree.at(Error{}, node);
    Finding finding;
    finding.rule = rule_.id;
    finding.severity = rule_.severity;
    finding.file = tree.file();
    finding.line = place.where.line;
    finding.column = place.where.column;
    finding.source_line = place.where.source_line;
    finding.message = std::move(message);
    out_.push_back(std::move(finding));
    return out_.back();
}

Finding& Sink::host(const std::string& host, std::string message) {
    Finding finding;
    finding.rule = rule_.id;
    finding.severity = rule_.severity;
    finding.host = host;
    finding.message = std::move(message);
    out_.push_back(std::move(finding));
    return out_.back();
}

std::vector<TextRule> text_rules() {
    std::vector<TextRule> out;
    for (const auto rules :
         {native_rules(), flag_rules(), override_rules(), gpu_rules(), overlay_rules(), system_rules()})
        out.insert(out.end(), rules.begin(), rules.end());
    return out;
}

std::vector<RuleText> all_rules() {
    std::vector<RuleText> out;
    for (const TextRule& rule : text_rules()) out.push_back(rule.text);
    for (const HostRule& rule : host_rules())
        if (std::ranges::find(out, rule.text.id, &RuleText::id) == out.end()) out.push_back(rule.text);
    std::ranges::sort(out, {}, &RuleText::id);
    return out;
}

}  // namespace lf::lint
