// SPDX-License-Identifier: MIT
#include "bench/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/wrap.h"

namespace lf::bench {
namespace {

constexpr std::size_t kWidestName = 30;

/// "14.2x", "1.03x".
std::string times(double ratio) { return fmt::format("{:.{}f}x", ratio, ratio < 9.995 ? 2 : 1); }

std::string interval(const Estimate& ratio) {
    return fmt::format("{} ({} to {})", times(ratio.mean), times(ratio.low), times(ratio.high));
}

std::string word_of(Verdict verdict) {
    return verdict == Verdict::cannot_tell ? "~ cannot tell" : std::string(name_of(verdict));
}

/// An interval that is lopsided is not written with ±.
std::string speed_text(const Summary& summary) {
    if (!summary.tokens_per_second) return summary.values.empty() ? "" : fmt::format("{:7.1f}", summary.values.front());
    const Estimate& speed = *summary.tokens_per_second;
    return fmt::format("{:7.1f} ({:.1f} to {:.1f})", speed.mean, speed.low, speed.high);
}

const Comparison* comparison_of(const BenchResult& result, const Summary& summary) {
    for (const Comparison& comparison : result.comparisons)
        if (comparison.candidate == summary.candidate && comparison.test == summary.test) return &comparison;
    return nullptr;
}

std::size_t name_width(const BenchResult& result) {
    std::size_t width = 9;
    for (const Summary& summary : result.summaries) width = std::max(width, printable(summary.candidate).size());
    return std::min(width, kWidestName);
}

void add_line(std::string& out, std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
}

std::string row(const BenchResult& result, const Summary& summary, std::size_t width) {
    const Comparison* comparison = comparison_of(result, summary);
    const std::string ratio =
        comparison == nullptr ? "" : fmt::format("{} {}", interval(comparison->ratio), word_of(comparison->verdict));
    const std::string name = printable(summary.candidate);
    const std::string left = fmt::format("  {:<{}}  {:<25} {:>3}", name, width, speed_text(summary), summary.samples);
    if (left.size() + 2 + ratio.size() <= 80) return fmt::format("{}  {}", left, ratio);
    return fmt::format("{}\n  {:<{}}  {}", left, "", width, ratio);
}

std::string table(const BenchResult& result) {
    std::string out;
    const std::size_t width = name_width(result);
    const Test* shown = nullptr;
    for (const Summary& summary : result.summaries) {
        if (shown == nullptr || *shown != summary.test) {
            if (shown != nullptr) out += "\n";
            const std::string against =
                result.comparisons.empty() ? "" : "against " + printable(result.comparisons.front().baseline);
            add_line(out,
                     fmt::format("  {:<{}}  {:<25} {:>3}  {}", name_of(summary.test), width, "tokens/s", "n", against));
        }
        shown = &summary.test;
        add_line(out, row(result, summary, width));
    }
    return out;
}

std::string build_text(const Build& build) {
    const auto version = [&](const char* name) {
        const auto found = build.packages.find(name);
        return found == build.packages.end() ? std::string() : " " + found->second;
    };
    if (build.packages.empty()) return fmt::format("{} (build {}, {})", build.source, build.number, build.commit);
    return fmt::format("{}'s llama.cpp{} (build {}, ggml{}), not the revision that the flake pins", build.source,
                       version("llama.cpp-tools"), build.number, version("libggml0"));
}

std::string machine_text(const BenchResult& result) {
    const Conditions& c = result.conditions;
    std::string text =
        fmt::format("{}, {} cores, {} CPUs", c.cpu.empty() ? "unknown CPU" : printable(c.cpu), c.cores, c.cpus);
    if (!c.gpu.empty()) text += ", " + printable(c.gpu);
    return text;
}

/// "zen4 (0.98)".
std::string entry_text(const RungEntry& entry) {
    const std::string name = printable(entry.candidate);
    return entry.score ? fmt::format("{} ({:.2f})", name, *entry.score) : name;
}

/// What went on in one line, what left together for one reason in another.
std::string rung_text(const RungRecord& rung) {
    std::string out = wrapped("  ", printable(rung.name));
    std::vector<std::string> reasons = {""};
    for (const RungEntry& entry : rung.entries)
        if (std::ranges::count(reasons, entry.dropped) == 0) reasons.push_back(entry.dropped);
    for (const std::string& reason : reasons) {
        std::vector<std::string> names;
        for (const RungEntry& entry : rung.entries)
            if (entry.dropped == reason) names.push_back(entry_text(entry));
        if (names.empty()) continue;
        const std::string text = join(names, "; ");
        out += reason.empty() ? wrapped("    go on: ", text)
                              : wrapped("    out:   ", fmt::format("{}: {}", text, printable(reason)));
    }
    return out;
}

std::string choice_text(const Choice& choice) {
    std::string out = wrapped("  chosen    ", printable(choice.candidate));
    const bool kept = choice.candidate == choice.default_candidate;
    const bool faster = choice.verdict == "faster" && !kept;
    if (faster)
        out += wrapped("            ", "measured fastest of these candidates, with this model, at this revision");
    const auto line = [&](const char* label, const std::optional<Estimate>& ratio) {
        if (ratio)
            out += fmt::format("  {:<9} {} of {}\n", label, interval(*ratio), printable(choice.default_candidate));
    };
    line("prompts", choice.prompt);
    line("writing", choice.generation);
    line("goal", choice.score);
    const std::string verdict = kept                    ? "the default was not beaten"
                                : choice.verdict == "~" ? "~ cannot tell it from the default"
                                                        : choice.verdict;
    out += fmt::format("  verdict   {} ({}goal: pp {:.2g}, tg {:.2g})\n", verdict,
                       kept ? "" : fmt::format("n = {}; ", choice.pairs), choice.objective.prompt_weight,
                       choice.objective.generation_weight);
    if (!choice.default_variant.empty())
        out += fmt::format("  {} loads the CPU variant {} here\n", printable(choice.default_candidate),
                           printable(choice.default_variant));
    if (!choice.server_arguments.empty())
        out += wrapped("  run it    ", "llama-server " + join(choice.server_arguments, " "));
    return out;
}

std::string warnings_text(const BenchResult& result) {
    std::string out;
    // Several warnings often have one cure; it is said once.
    std::vector<std::string> remedies;
    for (const Warning& warning : result.warnings) {
        out += wrapped("  warning: ", printable(warning.text));
        if (!warning.remedy.empty() && std::ranges::count(remedies, warning.remedy) == 0)
            remedies.push_back(warning.remedy);
    }
    for (const std::string& remedy : remedies) out += wrapped("  better:  ", printable(remedy));
    return out;
}

}  // namespace

std::string render_text(const BenchResult& result) {
    std::string out;
    for (const Build& build : result.builds) out += wrapped("  measured  ", printable(build_text(build)));
    out += wrapped("  model     ",
                   fmt::format("{}, {} MiB", printable(result.model.description), result.model.bytes >> 20));
    out += wrapped("  machine   ", machine_text(result));
    if (result.rungs.empty())
        for (const Candidate& candidate : result.candidates)
            out += wrapped("  ", fmt::format("{}: {}", printable(candidate.name), printable(candidate.description)));
    if (!result.rungs.empty()) out += "\n  the search (1 = the fastest of a step):\n";
    for (const RungRecord& rung : result.rungs) out += rung_text(rung);
    if (!result.summaries.empty()) out += "\n" + table(result);
    out += "  (typical value and 95 % interval; pp = reading a prompt, tg = writing text)\n";
    if (result.choice) out += "\n" + choice_text(*result.choice);
    if (!result.complete) out += "  not complete: runs are missing\n";
    for (const Finding& finding : result.findings)
        out += wrapped("  cannot run: ", fmt::format("{}: {}", printable(finding.candidate), printable(finding.text)));
    return out + warnings_text(result);
}

}  // namespace lf::bench
