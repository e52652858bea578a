// SPDX-License-Identifier: MIT
#include "plan/rules_build.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace lf::plan {
namespace {

struct BuildRule {
    std::string_view line;
    RuleText text;
    bool (*holds)(const BuildFacts&);
    std::string_view value;
    std::string_view loser;
};

bool always(const BuildFacts&) { return true; }
bool has_gpu(const BuildFacts& facts) { return facts.package != "llama-cpp-cpu"; }

// For each line the first rule that holds decides.
constexpr BuildRule kRules[] = {
    {"strategy",
     {"strategy-tailored", "always", "tailored",
      "one build for each different plan: explicit options reach ggml's CPU code alone, and any builder can build it",
      "ggml 0.21.0 src/ggml-cpu/CMakeLists.txt: the options are private to the target ggml-cpu"},
     always,
     "tailored",
     "universal: one larger build for the whole fleet; for shared caches and weak builders"},
    {"source",
     {"source-flake", "always", "flake", "the official llama.cpp flake, as the owner's input pins it",
      "the owner's guide"},
     always,
     "flake",
     "nixpkgs: its release of llama.cpp; it runs llama-server while it is built, so a builder needs this CPU"},
    {"blas",
     {"blas-off-with-gpu", "a GPU package was chosen", "blas off",
      "prompts run on the GPU; BLAS in the build was seen to make them 5 times slower",
      "llama.cpp issue 12237; its package.nix also leaves BLAS out of GPU builds"},
     has_gpu,
     "off",
     ""},
    {"blas",
     {"blas-off-with-avx2", "GGML_AVX2 is on", "blas off",
      "ggml's own AVX2 kernels read quantised weights as they are, BLAS must convert them first",
      "llama.cpp issue 25565 (25 to 30 % slower decoding, prompts 3 times slower with BLAS)"},
     [](const BuildFacts& facts) { return facts.avx2; },
     "off",
     "on: what the official flake does in CPU builds"},
    {"blas",
     {"blas-off-elsewhere", "the CPU is not x86", "blas off",
      "ggml has kernels of its own for this architecture and nobody measured that BLAS helps",
      "rule of llama-fleet: unknown is not proven"},
     [](const BuildFacts& facts) { return facts.architecture != "x86_64"; },
     "off",
     "on: what the official flake does in CPU builds"},
    {"blas",
     {"blas-on-for-old-cpu", "an x86 CPU that is not known to have AVX2", "blas on",
      "ggml has few kernels for CPUs before AVX2, BLAS has them and takes over prompts",
      "llama.cpp docs/build.md: BLAS helps prompts with batches above 32"},
     always,
     "on",
     "off: leaves prompts to plain SSE code"},
    {"openmp",
     {"openmp-on", "always", "GGML_OPENMP on",
      "ggml's default; without it one report was 3 times slower, no report is clearly faster",
      "llama.cpp issues 7606, 12171, 20074"},
     always,
     "on",
     ""},
    {"server",
     {"server-on", "always", "LLAMA_BUILD_SERVER on", "llama-server is what most hosts run", "the owner's guide"},
     always,
     "on",
     ""},
};

Because decide(std::string_view line, const BuildFacts& facts) {
    const auto* const rule =
        std::ranges::find_if(kRules, [&](const BuildRule& r) { return r.line == line && r.holds(facts); });
    Because because{std::string(line),
                    std::string(rule->value),
                    std::string(rule->text.id),
                    std::string(rule->text.because),
                    {},
                    {}};
    if (!rule->loser.empty()) because.losers.emplace_back(rule->loser);
    if (line == "blas")
        because.facts = {"the package is " + facts.package, fmt::format("GGML_AVX2 is {}", facts.avx2 ? "on" : "off"),
                         "cpu.architecture is " + printable(facts.architecture)};
    return because;
}

}  // namespace

BuildPlan plan_build(const BuildFacts& facts) {
    BuildPlan plan;
    for (const std::string_view line : {"strategy", "source", "blas", "openmp", "server"})
        plan.because.push_back(decide(line, facts));
    const auto value = [&](std::size_t at) -> const std::string& { return plan.because[at].value; };
    plan.strategy = value(0);
    plan.source = value(1);
    plan.blas = value(2) == "on";
    plan.openmp = value(3) == "on";
    plan.server = value(4) == "on";
    return plan;
}

std::vector<RuleChapter> build_rules() {
    RuleChapter chapter{"The build", "For each line the first rule that holds decides.", {}};
    for (const BuildRule& rule : kRules) chapter.rules.push_back(entry_of(rule.text));
    return {std::move(chapter)};
}

}  // namespace lf::plan
