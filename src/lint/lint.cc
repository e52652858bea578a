// SPDX-License-Identifier: MIT
#include "lint/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/text.h"
#include "flake/names.h"
#include "flake/sources.h"
#include "lint/comments.h"
#include "lint/rule.h"

namespace lf::lint {
namespace {

// A fix may uncover the next fault; nobody stacks more of them than this, and rules that undo each other must end.
constexpr int kMaxRounds = 12;
// To find the fixes that do not go together, texts are parsed again; some seconds of it.
constexpr std::size_t kProofBytes = std::size_t{32} << 20;

void drop_allowed(flake::Sources& sources, std::vector<Finding>& findings) {
    std::map<std::string, std::string> texts;  // the lines point into them
    std::map<std::string, std::vector<std::string_view>> by_file;
    for (const Finding& finding : findings) {
        if (texts.contains(finding.file)) continue;
        const std::string& text = texts[finding.file] = sources.text(finding.file).value_or("");
        by_file[finding.file] = lines(text);
    }
    std::erase_if(findings, [&](const Finding& finding) {
        return flake::allowed_at(by_file[finding.file], finding.line).contains(finding.rule);
    });
}

bool before(const Finding& a, const Finding& b) {
    return std::tie(a.file, a.line, a.column, a.rule, a.host, a.message) <
           std::tie(b.file, b.line, b.column, b.rule, b.host, b.message);
}

/// A fix that would lose a comment of the owner's is told and not done.
void keep_comments(flake::Sources& sources, std::vector<Finding>& findings) {
    for (Finding& finding : findings) {
        if (!finding.fix) continue;
        const Tree* tree = sources.tree_or_null(finding.file);
        if (tree == nullptr || !loses_comment(*tree, *finding.fix)) continue;
        std::string now = "by hand, because a comment of yours stands in there:\n" + finding.fix->title;
        if (!finding.remedy.empty()) now += '\n' + finding.remedy;
        finding.remedy = std::move(now);
        finding.fix.reset();
    }
}

Report lint_sources(flake::Sources& sources, const Knowledge& known) {
    const auto rules = text_rules();
    LineIndex places;
    FileUses uses(sources);
    Report report;
    report.unread = known.unread;
    for (const std::string& path : sources.all_nix_files()) {
        if (is_our_overlay(sources, path)) continue;
        const Tree* tree = sources.tree_or_null(path);
        if (tree == nullptr) continue;
        ++report.files;
        const auto packages = find_packages(*tree, known);
        const auto mentions = find_mentions(*tree, known);
        report.packages += packages.size();
        const FileView view{*tree, known, uses, packages, mentions};
        for (const TextRule& rule : rules) {
            Sink sink(rule.text, report.findings, places);
            rule.look(view, sink);
        }
    }
    drop_allowed(sources, report.findings);
    keep_comments(sources, report.findings);
    std::ranges::sort(report.findings, before);
    // A list that two packages share is looked at for each.
    const auto same = [](const Finding& a, const Finding& b) { return !before(a, b) && !before(b, a); };
    report.findings.erase(std::unique(report.findings.begin(), report.findings.end(), same), report.findings.end());
    return report;
}

bool overlaps(const std::vector<nixsyntax::Span>& taken, const nixsyntax::Edit& edit) {
    return std::ranges::any_of(
        taken, [&](nixsyntax::Span span) { return edit.span.begin <= span.end && span.begin <= edit.span.end; });
}

/// Edits of one file that give valid Nix together, with all of its comments. A fix that does not go there is left out,
/// not all of them: two names may become the same one, which no rule sees that looks at one of them.
class Proven {
  public:
    /// `bytes` may be read for halving; what is not told apart by then is left out.
    Proven(std::string text, std::string path, std::size_t& bytes)
        : text_(std::move(text)), path_(std::move(path)), bytes_(bytes) {}

    void add(std::span<const nixsyntax::EditSet> fixes) {
        if (fixes.empty()) return;
        nixsyntax::EditSet all = edits_;
        for (const nixsyntax::EditSet& one : fixes) all.add(one);
        const auto after = nixsyntax::apply_proven(text_, all, path_);
        if (after && keeps_comments(text_, *after)) {
            edits_ = std::move(all);
            count_ += fixes.size();
        } else if (fixes.size() > 1 && bytes_ >= 2 * text_.size()) {
            bytes_ -= 2 * text_.size();
            add(fixes.first(fixes.size() / 2));
            add(fixes.subspan(fixes.size() / 2));
        }
    }
    const nixsyntax::EditSet& edits() const { return edits_; }
    std::size_t count() const { return count_; }

  private:
    std::string text_;
    std::string path_;
    std::size_t& bytes_;
    nixsyntax::EditSet edits_;
    std::size_t count_ = 0;
};

/// As many fixes of each file as do not touch each other. Returns how many were done.
Result<std::size_t> fix_once(flake::Sources& sources, const std::vector<Finding>& findings, std::size_t& bytes) {
    std::map<std::string, std::vector<nixsyntax::EditSet>> by_file;
    std::map<std::string, std::vector<nixsyntax::Span>> taken;
    for (const Finding& finding : findings) {
        if (!finding.fix || finding.file.empty()) continue;
        // The size is looked at when they are applied.
        const auto edits = finding.fix->edits.sorted(SIZE_MAX);
        auto& spans = taken[finding.file];
        if (!edits || std::ranges::any_of(*edits, [&](const auto& edit) { return overlaps(spans, edit); })) continue;
        for (const auto& edit : *edits) spans.push_back(edit.span);
        by_file[finding.file].push_back(finding.fix->edits);
    }
    std::size_t done = 0;
    for (const auto& [file, fixes] : by_file) {
        Proven proven(sources.text(file).value_or(""), file, bytes);
        proven.add(fixes);
        LF_TRY(sources.edit(file, proven.edits()));
        done += proven.count();
    }
    return done;
}

/// What is left with a fix could not be mended by it.
void withdraw_fixes(std::vector<Finding>& findings) {
    for (Finding& finding : findings) {
        if (!finding.fix) continue;
        if (finding.remedy.empty()) finding.remedy = "by hand, the edit does not fit here: " + finding.fix->title;
        finding.fix.reset();
    }
}

}  // namespace

Report lint(const FileSource& files) {
    flake::Sources sources(files);
    return lint_sources(sources, learn(sources, files));
}

Report lint(const FileSource& files, const std::vector<check::HostSurvey>& surveys) {
    flake::Sources sources(files);
    const Knowledge known = learn(sources, files);
    Report report = lint_sources(sources, known);
    report.evaluated = true;
    LineIndex none;
    for (const check::HostSurvey& host : surveys) {
        report.incomplete = report.incomplete || host.failure.has_value();
        if (host.failure)
            report.notes.push_back(fmt::format("{}: not asked in full: {}", host.host, host.failure->message));
        if (!host.usable) continue;
        for (const HostRule& rule : host_rules()) {
            Sink sink(rule.text, report.findings, none);
            rule.look(host, known, sink);
        }
    }
    std::ranges::sort(report.findings, before);
    return report;
}

Result<Fixed> fix(const FileSource& files) {
    flake::Sources sources(files);
    Fixed fixed;
    fixed.rest = lint_sources(sources, learn(sources, files));
    std::size_t bytes = kProofBytes;
    for (int round = 0; round < kMaxRounds; ++round) {
        LF_ASSIGN(const std::size_t done, fix_once(sources, fixed.rest.findings, bytes));
        if (done == 0) break;
        fixed.done += done;
        fixed.rest = lint_sources(sources, learn(sources, files));
    }
    withdraw_fixes(fixed.rest.findings);
    fixed.changes = sources.changes();
    return fixed;
}

bool has_faults(const Report& report) {
    return std::ranges::any_of(report.findings, [](const Finding& f) { return f.severity != Severity::note; });
}

}  // namespace lf::lint
