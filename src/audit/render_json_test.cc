// SPDX-License-Identifier: MIT
// The JSON of an audit, every field of it: tests/audit/golden/*.json, and doc/audit-json.md names each.
#include <gtest/gtest.h>

#include <set>

#include "audit/render.h"
#include "audit/report_for_test.h"
#include "base/files.h"
#include "base/json.h"

namespace lf::audit {
namespace {

using namespace test;
using plan::test::matches_or_accepts;

TEST(AuditJson, IsAsReviewed) {
    bool accepted = matches_or_accepts(to_json(filled()), "tests/audit/golden/report.json");
    accepted |= matches_or_accepts(to_json(filled(), {true}), "tests/audit/golden/functions.json");
    accepted |= matches_or_accepts(to_json({}), "tests/audit/golden/empty.json");
    if (accepted) GTEST_SKIP() << "accepted, not tested: look at git diff";
}

void collect_keys(const Json& json, std::set<std::string>& out) {
    for (const auto& [key, value] : json.items()) {
        if (json.is_object()) out.insert(key);
        if (value.is_structured()) collect_keys(value, out);
    }
}

TEST(AuditJson, EveryFieldIsDescribed) {
    const auto doc = read_file(std::string(LLAMA_FLEET_SOURCE_DIR) + "/doc/audit-json.md");
    ASSERT_TRUE(doc);
    const auto json = parse_json(to_json(filled(), {true}), "report.json");
    ASSERT_TRUE(json);
    std::set<std::string> keys;
    collect_keys(*json, keys);
    EXPECT_GT(keys.size(), 50U);
    for (const std::string& key : keys)
        EXPECT_NE(doc->find("`" + key + "`"), std::string::npos) << key << " is missing in doc/audit-json.md";
}

/// The names of the enumerators are promised: each stands in the page.
TEST(AuditJson, EveryWordIsDescribed) {
    const auto doc = read_file(std::string(LLAMA_FLEET_SOURCE_DIR) + "/doc/audit-json.md");
    ASSERT_TRUE(doc);
    const auto expect = [&](auto first, auto last) {
        for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i) {
            const std::string id(id_of(static_cast<decltype(first)>(i)));
            EXPECT_NE(id, "unknown");
            EXPECT_TRUE(doc->find("`\"" + id + "\"`") != std::string::npos ||
                        doc->find("`" + id + "`") != std::string::npos)
                << id;
        }
    };
    expect(Outcome::runs, Outcome::not_loaded);
    expect(Stage::load, Stage::use);
    expect(Level::baseline, Level::not_reached);
    expect(elf::RangeSource::eh_frame, elf::RangeSource::sweep);
    expect(gpucode::Kind::cuda_machine, gpucode::Kind::spirv);
    expect(gpucode::Fit::no, gpucode::Fit::runs);
    expect(GgmlKernels::none, GgmlKernels::by_strings);
}

}  // namespace
}  // namespace lf::audit
