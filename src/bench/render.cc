// SPDX-License-Identifier: MIT
#include "bench/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/wrap.h"

namespace lf::bench {
namespace {

const Comparison* comparison_of(const BenchResult& result, const Summary& summary) {
    for (const Comparison& comparison : result.comparisons)
        if (comparison.candidate == summary.candidate && comparison.test == summary.test) return &comparison;
    return nullptr;
}

/// The one speed that a candidate without an interval has.
double only_speed(const BenchResult& result, const Summary& summary) {
    for (const Sample& sample : result.samples)
        if (sample.candidate == summary.candidate && sample.test == summary.test) return sample.tokens_per_second;
    return 0;
}

std::string speed_text(const BenchResult& result, const Summary& summary) {
    if (!summary.tokens_per_second) return fmt::format("{:6.1f}", only_speed(result, summary));
    const Estimate& speed = *summary.tokens_per_second;
    return fmt::format("{:6.1f} ± {:.1f}", speed.mean, speed.high - speed.mean);
}

/// "14.2x", "1.03x".
std::string times(double ratio) { return fmt::format("{:.{}f}x", ratio, ratio < 9.995 ? 2 : 1); }

std::string ratio_text(const Comparison& comparison) {
    const Estimate& ratio = comparison.ratio;
    return fmt::format("{} ({} to {}) {}", times(ratio.mean), times(ratio.low), times(ratio.high),
                       comparison.verdict == Verdict::cannot_tell ? "~ cannot tell" : name_of(comparison.verdict));
}

std::string table(const BenchResult& result) {
    std::string out = fmt::format("  {:<6} {:<17} {:<16} {:<3} {}\n", "test", "candidate", "tokens/s", "n",
                                  "speed against the first");
    for (const Summary& summary : result.summaries) {
        const int tokens = summary.test == Test::prompt ? result.prompt_tokens : result.generated_tokens;
        const Comparison* comparison = comparison_of(result, summary);
        std::string line =
            fmt::format("  {:<6} {:<17} {:<16} {:<3} {}", fmt::format("{}{}", name_of(summary.test), tokens),
                        printable(summary.candidate), speed_text(result, summary), summary.samples,
                        comparison == nullptr ? "" : ratio_text(*comparison));
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string version_text(const BenchResult& result) {
    const auto& packages = result.build.packages;
    const auto version = [&](const char* name) {
        const auto found = packages.find(name);
        return found == packages.end() ? std::string("unknown") : found->second;
    };
    return fmt::format("{}'s llama.cpp {} (build {}, ggml {}), not the revision that the flake pins",
                       result.build.source, version("llama.cpp-tools"), result.build.number, version("libggml0"));
}

std::string machine_text(const BenchResult& result) {
    const Conditions& c = result.conditions;
    return fmt::format("{}, {} CPUs, {} threads", c.cpu.empty() ? "unknown CPU" : printable(c.cpu), c.cpus, c.threads);
}

}  // namespace

std::string render_text(const BenchResult& result) {
    std::string out;
    out += wrapped("  measured  ", printable(version_text(result)));
    out += wrapped("  model     ",
                   fmt::format("{}, {} MiB", printable(result.model.description), result.model.bytes >> 20));
    out += wrapped("  machine   ", machine_text(result));
    for (const Candidate& candidate : result.candidates)
        out += wrapped("  ", fmt::format("{}: {}", printable(candidate.name), printable(candidate.description)));
    out += "\n" + table(result);
    out += "  (mean and 95 % confidence interval; pp = reading a prompt, tg = writing text)\n";
    if (!result.complete) out += "  not complete: runs are missing\n";
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

}  // namespace lf::bench
