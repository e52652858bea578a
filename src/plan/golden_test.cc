// SPDX-License-Identifier: MIT
// Whole plans of whole machines: tests/plan/facts/<host>.json → golden/<host>.{json,why.txt,cmake.txt}, and
// doc/rules.md.
#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "facts/codec.h"
#include "plan/codec.h"
#include "plan/explain.h"
#include "plan/format.h"
#include "plan/machines_for_test.h"
#include "plan/rules_doc.h"

namespace lf::plan {
namespace {

using namespace test;

facts::Machine captured(const std::string& host) {
    const std::string path = std::string(LLAMA_FLEET_SOURCE_DIR) + "/tests/plan/facts/" + host + ".json";
    const auto text = read_file(path);
    EXPECT_TRUE(text) << path;
    const auto machine = facts::from_json(text ? *text : "", path);
    EXPECT_TRUE(machine) << (machine ? "" : machine.error().message);
    return machine ? *machine : facts::Machine{};
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, PlanIsAsReviewed) {
    const facts::Machine machine = captured(GetParam());
    const auto plan = make_plan(machine, {});
    ASSERT_TRUE(plan);
    const std::string stem = std::string("tests/plan/golden/") + GetParam();
    bool accepted = matches_or_accepts(to_json(*plan), stem + ".json");
    accepted |= matches_or_accepts(summary_text(machine, *plan) + "\n" + explain_plan(*plan), stem + ".why.txt");
    accepted |= matches_or_accepts(cmake_command(*plan), stem + ".cmake.txt");
    if (accepted) GTEST_SKIP() << "accepted, not tested: look at git diff";
}

INSTANTIATE_TEST_SUITE_P(Hosts, Golden,
                         testing::Values("carbon", "beryllium", "boron", "nitrogen", "this-machine", "h200",
                                         "graviton"),
                         [](const auto& test_case) {
                             std::string name = test_case.param;
                             std::erase(name, '-');
                             return name;
                         });

TEST(GoldenChoices, AreWhatTheGuideWants) {
    const struct {
        const char* host;
        const char* package;
        const char* variant;
        const char* cuda;
    } wanted[] = {
        {"carbon", "llama-cpp-cuda", "zen4", "86-real"},    {"beryllium", "llama-cpp-vulkan", "zen4", "none"},
        {"boron", "llama-cpp-cpu", "haswell", "none"},      {"nitrogen", "llama-cpp-cpu", "sapphirerapids", "none"},
        {"this-machine", "llama-cpp-cpu", "zen4", "none"},  {"h200", "llama-cpp-cuda", "sapphirerapids", "90-real"},
        {"graviton", "llama-cpp-cpu", "armv8.6_1", "none"},
    };
    for (const auto& [host, package, variant, cuda] : wanted) {
        const auto plan = make_plan(captured(host), {});
        ASSERT_TRUE(plan);
        EXPECT_EQ(plan->build.package, package) << host;
        EXPECT_EQ(plan->build.cpu_variant, variant) << host;
        EXPECT_EQ(plan->build.cuda_architectures.value_or("none"), cuda) << host;
        EXPECT_FALSE(plan->build.blas) << host;
    }
}

TEST(RulesDoc, IsWhatTheTablesSay) {
    if (matches_or_accepts(rules_markdown(), "doc/rules.md")) GTEST_SKIP() << "accepted, not tested: look at git diff";
}

TEST(RulesDoc, IdsAreUniqueAndEveryRuleOfAPlanIsInIt) {
    std::set<std::string> ids = {"owner-override", "multi-by-package"};
    for (const RuleChapter& chapter : all_rules())
        for (const RuleEntry& rule : chapter.rules) EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    for (const char* host : {"carbon", "boron", "h200", "graviton"}) {
        const auto plan = make_plan(captured(host), {});
        ASSERT_TRUE(plan);
        for (const Because& line : plan->because) EXPECT_TRUE(ids.contains(line.rule)) << line.rule;
    }
}

}  // namespace
}  // namespace lf::plan
