// SPDX-License-Identifier: MIT
#include <algorithm>

#include "lint/rule.h"
#include "nixsyntax/query.h"

namespace lf::lint {

// A longer line is no text that a person reads, and would be kept once for each finding in it.
constexpr std::size_t kMaxLine = 4096;

namespace {

// A module that is imported by a module, and so on; a person follows fewer steps.
constexpr int kMaxImports = 6;

bool all_for_another_cpu(const FileView& view, const Tree& tree, NodeId node, int steps) {
    if (is_for_another_cpu(tree, node, view.known)) return true;
    const auto& by = view.uses.of(tree.file());
    return steps < kMaxImports && !by.empty() && std::ranges::all_of(by, [&](const FileUse& use) {
               return all_for_another_cpu(view, *use.tree, use.path, steps + 1);
           });
}

}  // namespace

bool is_for_another_cpu(const FileView& view, NodeId node) { return all_for_another_cpu(view, view.tree, node, 0); }

std::string_view severity_name(Severity severity) {
    switch (severity) {
        case Severity::note: return "note";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return "";
}

void LineIndex::place(const Tree& tree, NodeId node, Finding& finding) {
    std::vector<std::uint32_t>& begins = begins_[&tree];
    const std::string_view text = tree.text();
    if (begins.empty()) {
        begins.push_back(0);
        for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
            begins.push_back(static_cast<std::uint32_t>(at + 1));
    }
    const std::uint32_t offset = tree.span(node).begin;
    const auto after = std::ranges::upper_bound(begins, offset);
    const std::uint32_t begin = *(after - 1);
    std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    finding.file = tree.file();
    finding.line = static_cast<std::uint32_t>(after - begins.begin());
    finding.column = offset - begin + 1;
    if (line.size() <= kMaxLine) finding.source_line = line;
}

Finding& Sink::at(const Tree& tree, NodeId node, std::string message) {
    Finding finding;
    finding.rule = rule_.id;
    finding.severity = rule_.severity;
    lines_.place(tree, node, finding);
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
    for (const auto rules : {native_rules(), march_rules(), flag_rules(), override_rules(), attribute_rules(),
                             cpu_rules(), gpu_rules(), official_rules(), overlay_rules(), system_rules()})
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
