// SPDX-License-Identifier: MIT
#include "plan/rules_doc.h"

#include <fmt/format.h>

#include "plan/cpu_variants.h"
#include "plan/host_notes.h"
#include "plan/measured.h"
#include "plan/options.h"
#include "plan/rules_build.h"
#include "plan/rules_cpu.h"
#include "plan/rules_gpu.h"

namespace lf::plan {
namespace {

constexpr std::string_view kHead =
    R"(# The rules of the planner

Made from the tables in `src/plan` by `plan_test`; `LLAMA_FLEET_ACCEPT=1` writes it again. A plan is a function of a
host's facts, what was measured on it and the owner's overrides, nothing else. What a fact does not prove is not planned for. `llama-fleet plan --why`
shows, for every line of a plan, the rule, what it saw and what lost; the ids below are those it names.

The owner's word in `llama-fleet/overrides.json` comes before every rule and is shown as the rule `owner-override`, with
what the rule would have said as a loser. It is refused where it asks for what the host cannot run. One id
is not below: `multi-by-package` lists the back ends of `llama-cpp-multi` and `llama-cpp-universal`.
)";

std::string variants_markdown() {
    std::string out = fmt::format(
        "\n## ggml's CPU variants\n\nNames, options and scores of ggml {} for x86-64; a plan names the nearest as "
        "`cpu.variant`.\n\n"
        "| variant | options | score |\n| --- | --- | --- |\n",
        kGgmlVersion);
    for (const CpuVariant& variant : x86_variants())
        out += fmt::format("| `{}` | {} | {} |\n", variant.name, variant.options.empty() ? "none" : variant.options,
                           variant.score);
    return out;
}

std::string retired_markdown() {
    std::string out = fmt::format(
        "\n## Names that do nothing\n\nCMake takes them without a word; ggml {} has no such option. Overrides that use "
        "one are "
        "refused.\n\n| name | instead |\n| --- | --- |\n",
        kGgmlVersion);
    for (const Option& option : options())
        if (option.state == OptionState::retired) out += fmt::format("| `{}` | {} |\n", option.name, option.advice);
    return out;
}

}  // namespace

std::vector<RuleChapter> all_rules() {
    std::vector<RuleChapter> chapters;
    for (auto part : {gpu_rules(), build_rules(), cpu_rules(), measured_rules()})
        for (RuleChapter& chapter : part) chapters.push_back(std::move(chapter));
    chapters.push_back(note_rules());
    return chapters;
}

std::string rules_markdown() {
    std::string out(kHead);
    for (const RuleChapter& chapter : all_rules()) {
        out += fmt::format("\n## {}\n\n", chapter.title);
        if (!chapter.introduction.empty()) out += chapter.introduction + "\n\n";
        for (const RuleEntry& rule : chapter.rules) {
            out += fmt::format("- **{}** ({}): {}.\n  Because {}.", rule.id, rule.when, rule.then, rule.because);
            out += rule.source.empty() ? "\n" : fmt::format("\n  <br>Source: {}.\n", rule.source);
        }
    }
    return out + variants_markdown() + retired_markdown();
}

}  // namespace lf::plan
