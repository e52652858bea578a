// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/explain.h"
#include "report/html_parts.h"

namespace lf::report {
namespace {

constexpr std::size_t kWorthALink = 90;

/// <details> with a heading inside, for what is long.
void append_folded(Html& html, Markup heading, Markup word, const Html& block, std::size_t number, const Host& host,
                   SharedBlocks& shared) {
    if (shared.is_known(word, block, number, host.name)) return;
    html.raw("<details><summary><h4>").raw(heading).raw("</h4></summary>").append(block).raw("</details>\n");
}

/// The same, open.
void append_open(Html& html, Markup heading, Markup word, const Html& block, std::size_t number, const Host& host,
                 SharedBlocks& shared) {
    if (shared.is_known(word, block, number, host.name)) return;
    html.raw("<h4>").raw(heading).raw("</h4>").append(block).raw("\n");
}

void append_items(Html& html, const std::vector<std::string>& items, Markup open, Markup close) {
    for (const std::string& item : items) html.raw(open).text(item).raw(close);
}

void append_machine(Html& html, const Host& host, std::size_t number, SharedBlocks& shared) {
    if (!host.facts) return;
    Html block;
    block.raw("<p>").text(host.facts->system).raw("; the CPU can:");
    for (const std::string& feature : host.facts->cpu.features) block.raw(" ").text(feature);
    block.raw("</p>");
    if (!host.facts->cpu.features_some.empty()) {
        block.raw("<p>only some of its CPUs can:");
        for (const std::string& feature : host.facts->cpu.features_some) block.raw(" ").text(feature);
        block.raw("</p>");
    }
    append_items(block, host.facts->notes, "<p class=\"note\">", "</p>");
    append_folded(html, "The machine", "machine", block, number, host, shared);
}

void append_reasons(Html& html, const Host& host, std::size_t number, SharedBlocks& shared) {
    if (!host.plan) return;
    Html block;
    block.raw("<dl class=\"reasons\">\n");
    for (const plan::Because& line : host.plan->because) {
        block.raw("<dt>").text(line.line).raw(" = <b>").text(line.value).raw("</b></dt><dd>").text(line.reason);
        append_items(block, line.facts, "<span class=\"saw\">saw ", "</span>");
        append_items(block, line.losers, "<span class=\"not\">not ", "</span>");
        block.raw("<span class=\"rule\">rule ").text(line.rule).raw("</span></dd>\n");
    }
    block.raw("</dl>");
    append_items(block, host.plan->notes, "<p class=\"note\">", "</p>");
    append_folded(html, "Every line of the plan, with its reason", "plan", block, number, host, shared);
}

void append_differences(Html& html, const std::vector<check::Difference>& differences) {
    for (const check::Difference& one : differences) {
        html.raw("<li>").text(one.name).raw(": wanted <code>").text(one.wanted).raw("</code>, got <code>");
        html.text(one.got).raw("</code>");
        if (!one.advice.empty()) html.raw("; ").text(one.advice);
        html.raw("</li>");
    }
}

void append_package(Html& html, const check::PackageReport& package) {
    html.raw("<li>").text(package.package).raw(": ").text(check::short_words(package.verdict, false));
    if (!package.why.empty()) html.raw(", ").text(package.why);
    if (package.failure) html.raw(", ").text(package.failure->message);
    html.raw("<ul>");
    for (const check::LayerReport& layer : package.layers) {
        html.raw("<li>").text(check::layer_name(layer.layer)).raw(": ").text(check::short_words(layer.verdict, false));
        if (!layer.why.empty()) html.raw(", ").text(layer.why);
        if (!layer.basis.empty()) html.raw(", judged by ").text(layer.basis);
        if (!layer.differences.empty()) html.raw("<ul>");
        append_differences(html, layer.differences);
        html.raw(layer.differences.empty() ? Markup("</li>") : Markup("</ul></li>"));
    }
    html.raw("</ul></li>");
}

void append_check(Html& html, const FleetReport& fleet, const Host& host, std::size_t number, SharedBlocks& shared) {
    if (!host.check || !fleet.not_checked.empty()) return;
    Html block;
    if (!host.check->why.empty()) block.raw("<p>").text(host.check->why).raw("</p>");
    block.raw("<ul>");
    append_differences(block, host.check->differences);
    for (const check::PackageReport& package : host.check->packages) append_package(block, package);
    block.raw("</ul>");
    append_items(block, host.check->notes, "<p class=\"note\">", "</p>");
    append_folded(html, "What check saw", "check", block, number, host, shared);
}

void append_audit(Html& html, const Host& host) {
    if (!host.audit) return;
    const Audit& audit = *host.audit;
    html.raw("<h4>What is in the build</h4><p>").text(audit.basis).raw("</p>");
    if (!audit.findings.empty()) html.raw("<ul class=\"findings\">");
    for (const AuditFinding& finding : audit.findings) {
        html.raw("<li><code>").text(finding.file).raw("</code>");
        if (finding.address != 0) html.raw(" at <code>").text(fmt::format("0x{:x}", finding.address)).raw("</code>");
        html.raw(": ").text(finding.text).raw("</li>");
    }
    if (!audit.findings.empty()) html.raw("</ul>");
    for (const std::string& unused : audit.unused) html.raw("<p class=\"note\">unused: ").text(unused).raw("</p>");
    html.raw("\n");
}

void append_choice(Html& html, const facts::Choice& choice, std::size_t number, const Host& host,
                   SharedBlocks& shared) {
    Html block;
    block.raw("<p><b>").text(choice.candidate).raw("</b>");
    block.text(choice_words(choice).substr(choice.candidate.size())).raw(". Goal: ").text(goal_words(choice));
    block.raw(". Model: ").text(choice.model).raw(". Revision: ").text(choice.revision).raw(".</p>");
    if (const std::string server = server_words(choice); !server.empty())
        block.raw("<p>It runs as <code>").text(server).raw("</code></p>");
    switch (outcome_of(choice)) {
        case Outcome::faster: return append_open(html, "Chosen by measurement", "choice", block, number, host, shared);
        case Outcome::kept:
            return append_open(html, "The default was not beaten", "choice", block, number, host, shared);
        case Outcome::untold:
            return append_open(html, "Could not be told from the default", "choice", block, number, host, shared);
    }
}

void append_findings(Html& html, const bench::BenchResult& result, std::size_t number, const Host& host,
                     SharedBlocks& shared) {
    if (!result.findings.empty()) {
        Html block;
        block.raw("<ul class=\"findings\">");
        for (const bench::Finding& one : result.findings)
            block.raw("<li><b>").text(one.candidate).raw("</b> ").text(one.text).raw("</li>");
        block.raw("</ul>");
        append_open(html, "Cannot run here", "findings", block, number, host, shared);
    }
    if (result.warnings.empty()) return;
    Html block;
    block.raw("<ul class=\"warnings\">");
    for (const bench::Warning& one : result.warnings) {
        block.raw("<li>").text(one.text);
        if (!one.remedy.empty()) block.raw(" <span class=\"remedy\">better: ").text(one.remedy).raw("</span>");
        block.raw("</li>");
    }
    block.raw("</ul>");
    append_open(html, "Warnings about these numbers", "warnings", block, number, host, shared);
}

void append_entries(Html& html, const std::vector<const bench::RungEntry*>& entries) {
    for (const bench::RungEntry* entry : entries) {
        html.raw(entry == entries.front() ? Markup(" ") : Markup("; ")).text(entry->candidate);
        if (entry->score) html.raw(" <b>").text(part_words(*entry->score)).raw("</b>");
    }
}

void append_step(Html& html, const SearchStep& step) {
    html.raw("<dt>").text(step.name);
    if (step.samples > 0) html.raw(" <small>n ").count(step.samples).raw("</small>");
    for (const SearchGroup& group : step.dropped) {
        html.raw("<dd><i>out</i>");
        append_entries(html, group.entries);
        html.raw(": ").text(group.reason);
    }
    if (step.left_over.empty()) {
        html.raw("<dd>").count(step.went_on).raw(" went on\n");
    } else {
        html.raw("<dd><i>left</i>");
        append_entries(html, step.left_over);
        html.raw("\n");
    }
}

void append_search(Html& html, const bench::BenchResult& result, std::size_t number, const Host& host,
                   SharedBlocks& shared) {
    if (result.rungs.empty()) return;
    Html block;
    block.raw("<dl class=\"search\">\n");
    for (const SearchStep& step : search_of(result)) append_step(block, step);
    block.raw("</dl>");
    append_folded(html, "How it was searched", "search", block, number, host, shared);
}

void append_conditions(Html& html, const bench::BenchResult& result, std::size_t number, const Host& host,
                       SharedBlocks& shared) {
    Html block;
    block.raw("<dl class=\"pairs\">");
    for (const Line& line : measurement_lines(result))
        block.raw("<dt>").text(line.label).raw("</dt><dd>").text(line.text).raw("</dd>");
    for (const bench::Candidate& one : result.candidates) {
        block.raw("<dt>").text(one.name).raw("</dt><dd>").text(candidate_words(one));
        if (!one.description.empty()) block.raw(": ").text(one.description);
        block.raw("</dd>");
    }
    block.raw("</dl>");
    append_folded(html, "What ran, and on what", "conditions", block, number, host, shared);
}

void append_measured(Html& html, const Host& host, std::size_t number, SharedBlocks& shared) {
    if (!host.bench) return;
    const bench::BenchResult& result = *host.bench;
    html.raw("<h4>Measured</h4>\n");
    if (const std::string more = unfinished_words(host); !more.empty())
        html.raw("<p class=\"bad\">").text(more).raw("</p>");
    if (const std::string foreign = foreign_words(host); !foreign.empty())
        html.raw("<p class=\"bad\">").text(foreign).raw("</p>");
    if (result.choice) append_choice(html, *result.choice, number, host, shared);
    append_charts(html, result, host.name);
    html.raw("<p class=\"note\">").text(effort_words(result)).raw("</p>\n");
    append_findings(html, result, number, host, shared);
    append_search(html, result, number, host, shared);
    append_conditions(html, result, number, host, shared);
}

void append_commands(Html& html, const Host& host, std::size_t number, SharedBlocks& shared) {
    std::vector<std::string> commands;
    if (host.bench) commands = host.bench->commands;
    for (const check::HostCommand& one : host.check_commands) commands.push_back(one.text);
    if (commands.empty()) return;
    Html block;
    block.raw("<ul class=\"commands\">");
    append_items(block, commands, "<li><code>", "</code></li>");
    block.raw("</ul>");
    append_folded(html, "The commands that repeat it", "commands", block, number, host, shared);
}

void append_row(Html& html, Markup label, const Cell& cell) {
    if (cell.words.empty()) return;
    html.raw("<dt>").raw(label).raw("</dt><dd").raw(class_of(cell.state)).raw(">").text(cell.words);
    if (!cell.why.empty()) html.raw(": ").text(cell.why);
    if (!cell.next.empty()) html.raw(": <code>").text(cell.next).raw("</code>");
    html.raw("</dd>");
}

}  // namespace

bool SharedBlocks::is_known(Markup word, const Html& block, std::size_t number, std::string_view host) {
    if (block.str().size() <= kWorthALink) return false;
    const auto [found, is_new] = first_.try_emplace(block.str(), First{number, std::string(host)});
    if (!is_new) said_[found->second.number].push_back(word);
    if (!is_new) names_[found->second.number] = found->second.host;
    return !is_new;
}

void SharedBlocks::flush(Html& html) {
    for (const auto& [number, headings] : said_) {
        html.raw("<p class=\"same\">Word for word as for <a href=\"#h").digits(number).raw("\">").text(names_[number]);
        html.raw("</a>: ");
        for (std::size_t i = 0; i < headings.size(); ++i) {
            if (i > 0) html.raw(" \u00b7 ");
            html.raw(headings[i]);
        }
        html.raw("</p>");
    }
    said_.clear();
    names_.clear();
}

void append_problems(Html& html, const std::vector<Error>& problems) {
    if (problems.empty()) return;
    html.raw("<ul class=\"problems\">");
    for (const Error& error : problems) {
        html.raw("<li>").text(problem_words(error));
        if (!error.hint.empty()) html.raw(" <span class=\"remedy\">").text(error.hint).raw("</span>");
        html.raw("</li>");
    }
    html.raw("</ul>\n");
}

void append_host(Html& html, const FleetReport& fleet, const Host& host, std::size_t number, SharedBlocks& shared) {
    html.raw("<section class=\"host\" id=\"h").digits(number).raw("\" aria-labelledby=\"t").digits(number);
    html.raw("\"><h3 id=\"t").digits(number).raw("\">").text(host.name).raw("</h3>\n");
    append_problems(html, host.problems);
    html.raw("<dl class=\"story\">");
    append_row(html, "is", machine_cell(host));
    append_row(html, "gets", chosen_cell(host));
    if (host.plan) {
        const std::string why = plan::summarize({}, *host.plan).why;
        if (!why.empty()) html.raw("<dt>because</dt><dd>").text(why).raw("</dd>");
    }
    append_row(html, "checked", checked_cell(fleet, host));
    append_row(html, "audited", audited_cell(host));
    append_row(html, "measured", measured_cell(host));
    html.raw("</dl>\n");
    append_measured(html, host, number, shared);
    append_audit(html, host);
    append_reasons(html, host, number, shared);
    append_machine(html, host, number, shared);
    append_check(html, fleet, host, number, shared);
    append_commands(html, host, number, shared);
    shared.flush(html);
    html.raw("</section>\n");
}

}  // namespace lf::report
