// SPDX-License-Identifier: MIT
// What --choose came to and how it searched. A search is folded: of a step only what left it, by reason.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/words.h"

namespace lf::report {
namespace {

std::string_view sort_of(const bench::RungRecord& rung) {
    return std::string_view(rung.name).substr(0, rung.name.find(": "));
}

SearchStep step_of(const bench::RungRecord& rung, bool last) {
    SearchStep step;
    step.name = rung.name;
    const auto samples = [&](const bench::RungEntry& entry) { return entry.samples == rung.entries.front().samples; };
    if (!rung.entries.empty() && std::ranges::all_of(rung.entries, samples))
        step.samples = rung.entries.front().samples;
    for (const bench::RungEntry& entry : rung.entries) {
        if (entry.dropped.empty()) {
            ++step.went_on;
            if (last) step.left_over.push_back(&entry);
            continue;
        }
        const auto found = std::ranges::find(step.dropped, std::string_view(entry.dropped), &SearchGroup::reason);
        if (found != step.dropped.end()) found->entries.push_back(&entry);
        else step.dropped.push_back({entry.dropped, {&entry}});
    }
    return step;
}

}  // namespace

Outcome outcome_of(const facts::Choice& choice) {
    if (choice.candidate == choice.default_candidate) return Outcome::kept;
    return choice.verdict == "faster" ? Outcome::faster : Outcome::untold;
}

std::string choice_words(const facts::Choice& choice) {
    constexpr std::string_view kOf = "of these candidates, with this model, at this revision";
    switch (outcome_of(choice)) {
        case Outcome::faster: return fmt::format("{}: measured fastest {}", choice.candidate, kOf);
        case Outcome::kept: return fmt::format("{}: the default was not beaten by any {}", choice.candidate, kOf);
        case Outcome::untold:
            return fmt::format("{}: could not be told from the default {}; none {} was faster for sure",
                               choice.candidate, choice.default_candidate, kOf);
    }
    return "";
}

std::string goal_words(const facts::Choice& choice) {
    return fmt::format("prompt weight {:.2g}, generation weight {:.2g}", choice.objective.prompt_weight,
                       choice.objective.generation_weight);
}

std::string server_words(const facts::Choice& choice) {
    return choice.server_arguments.empty() ? "" : "llama-server " + shell_command(choice.server_arguments);
}

std::vector<SearchStep> search_of(const bench::BenchResult& result) {
    std::vector<SearchStep> steps;
    for (std::size_t i = 0; i < result.rungs.size(); ++i)
        steps.push_back(step_of(
            result.rungs[i], i + 1 == result.rungs.size() || sort_of(result.rungs[i]) != sort_of(result.rungs[i + 1])));
    std::erase_if(steps, [](const SearchStep& step) { return step.dropped.empty() && step.left_over.empty(); });
    return steps;
}

}  // namespace lf::report
