// SPDX-License-Identifier: MIT
#include "report/gather.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/memory_files_test.h"
#include "bench/result.h"
#include "facts/codec.h"
#include "plan/codec.h"
#include "report/read_bench.h"
#include "report/words.h"

namespace lf::report {
namespace {

using testing::HasSubstr;

std::map<std::string, std::string> files_of(const std::string& host) {
    facts::Machine machine;
    machine.host = host, machine.system = "x86_64-linux", machine.cpu.architecture = "x86_64";
    plan::Plan plan;
    plan.host = host, plan.system = machine.system;
    bench::BenchResult result;
    result.host = host, result.complete = true;
    return {{"llama-fleet/facts/" + host + ".json", facts::to_json(machine)},
            {"llama-fleet/plan/" + host + ".json", plan::to_json(plan)},
            {"llama-fleet/bench/" + host + ".json", bench::to_json(result)}};
}

TEST(Gather, ReadsWhatThereIs) {
    auto files = files_of("carbon");
    files.merge(files_of("boron"));
    files.erase("llama-fleet/plan/boron.json");
    files["llama-fleet/facts/README.md"] = "no facts";
    const auto fleet = gather(MemoryFiles(files), std::nullopt, {});
    ASSERT_TRUE(fleet);
    ASSERT_EQ(fleet->hosts.size(), 2U);
    EXPECT_EQ(fleet->hosts[0].name, "boron");
    EXPECT_TRUE(fleet->hosts[0].facts && fleet->hosts[0].bench && !fleet->hosts[0].plan);
    EXPECT_TRUE(fleet->hosts[1].facts && fleet->hosts[1].bench && fleet->hosts[1].plan);
    EXPECT_TRUE(fleet->problems.empty() && fleet->hosts[0].problems.empty());
    EXPECT_FALSE(fleet->checked);
}

TEST(Gather, LosesNothingToABrokenFile) {
    auto files = files_of("carbon");
    files["llama-fleet/bench/carbon.json"] = "{";
    files.merge(files_of("boron"));
    files["llama-fleet/plan/boron.json"] = files["llama-fleet/plan/carbon.json"];
    const auto fleet = gather(MemoryFiles(files), CheckText{"check.json", "[]"}, {});
    ASSERT_TRUE(fleet);
    ASSERT_EQ(fleet->hosts.size(), 2U);
    EXPECT_TRUE(fleet->hosts[1].facts && fleet->hosts[1].plan && !fleet->hosts[1].bench);
    ASSERT_EQ(fleet->hosts[1].problems.size(), 1U);
    EXPECT_EQ(fleet->hosts[1].problems[0].where.file, "llama-fleet/bench/carbon.json");
    ASSERT_EQ(fleet->hosts[0].problems.size(), 1U);
    EXPECT_EQ(fleet->hosts[0].problems[0].id, "report-other-host");
    ASSERT_EQ(fleet->problems.size(), 1U);
    EXPECT_EQ(fleet->problems[0].where.file, "check.json");
}

TEST(Gather, ReadsOnlyTheHostsAskedFor) {
    auto files = files_of("carbon");
    files.merge(files_of("boron"));
    files["llama-fleet/facts/boron.json"] = "{";
    const auto fleet = gather(MemoryFiles(files), std::nullopt, {"carbon"});
    ASSERT_TRUE(fleet);
    ASSERT_EQ(fleet->hosts.size(), 1U);
    EXPECT_TRUE(fleet->hosts[0].problems.empty());
    const auto unknown = gather(MemoryFiles(files), std::nullopt, {"carbno"});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().id, "unknown-host");
    EXPECT_THAT(unknown.error().hint, HasSubstr("did you mean 'carbon'?"));
}

std::string with_runs(const std::string& host, int runs) {
    bench::BenchResult result;
    result.host = host;
    result.candidates = {{}};
    result.candidates[0].name = "] \n  ] \\";
    for (int i = 0; i < runs; ++i) {
        bench::Run run;
        run.candidate = "\n  ]", run.phase = "\"runs\": [";
        result.runs.push_back(run);
    }
    return bench::to_json(result);
}

TEST(ReadBench, LeavesOutTheRunsAlone) {
    for (const int runs : {0, 1, 3}) {
        const std::string text = with_runs("carbon", runs);
        auto whole = bench::from_json(text, "a");
        const auto read = read_bench(text, "a");
        ASSERT_TRUE(whole && read);
        whole->runs.clear();
        EXPECT_EQ(*read, *whole) << runs;
    }
}

TEST(ReadBench, ReadsOtherLayoutsAndSaysThePlaceOfWhatIsWrong) {
    std::string one_line = with_runs("carbon", 2);
    for (char& c : one_line) c = c == '\n' ? ' ' : c;
    const auto read = read_bench(one_line, "a");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(read->runs.empty());
    std::string broken = with_runs("carbon", 2);
    const std::size_t warnings = broken.rfind("\"warnings\"");
    const auto line = static_cast<std::uint32_t>(
        1 + std::count(broken.begin(), broken.begin() + static_cast<std::ptrdiff_t>(warnings), '\n'));
    broken.insert(warnings, "x");
    const auto refused = read_bench(broken, "a");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().where.line, line);
    EXPECT_FALSE(read_bench(with_runs("carbon", 2).substr(0, 700), "a"));
}

TEST(Gather, ReadsManyFilesAsItReadsFew) {
    std::map<std::string, std::string> files;
    for (int i = 0; i < 200; ++i) files.merge(files_of("host-" + std::to_string(i)));
    files["llama-fleet/bench/host-77.json"] = "{";
    const auto fleet = gather(MemoryFiles(files), std::nullopt, {});
    ASSERT_TRUE(fleet);
    ASSERT_EQ(fleet->hosts.size(), 200U);
    for (const Host& host : fleet->hosts) {
        EXPECT_TRUE(host.facts && host.plan) << host.name;
        EXPECT_EQ(host.bench.has_value(), host.name != "host-77");
        EXPECT_EQ(host.problems.size(), host.name == "host-77" ? 1U : 0U);
    }
}

TEST(Gather, ReadsWhatWasBrokenOffWhereNothingIsFinished) {
    auto files = files_of("carbon");
    files.merge(files_of("boron"));
    files["llama-fleet/bench/boron.json.unfinished"] = files["llama-fleet/bench/boron.json"];
    files.erase("llama-fleet/bench/boron.json");
    files["llama-fleet/bench/carbon.json.unfinished"] = "{";
    files["llama-fleet/bench/carbon.json.unfinished.before"] = "{";
    const auto fleet = gather(MemoryFiles(files), std::nullopt, {});
    ASSERT_TRUE(fleet);
    ASSERT_EQ(fleet->hosts.size(), 2U);
    for (const Host& host : fleet->hosts) {
        EXPECT_TRUE(host.bench && host.broken_off && host.problems.empty());
        EXPECT_THAT(unfinished_words(host), HasSubstr("go on with the same command and --resume"));
    }
    EXPECT_FALSE(fleet->hosts[0].bench->complete);  // whatever the file says
    EXPECT_TRUE(fleet->hosts[1].bench->complete);
    Host host = fleet->hosts[1];
    host.broken_off = false;
    EXPECT_EQ(unfinished_words(host), "");
}

TEST(Gather, SaysWhereNothingIs) {
    const std::map<std::string, std::string> files = {{"flake.nix", ""}};
    const auto fleet = gather(MemoryFiles(files), std::nullopt, {});
    ASSERT_FALSE(fleet);
    EXPECT_EQ(fleet.error().id, "no-fleet");
    EXPECT_EQ(fleet.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace lf::report
