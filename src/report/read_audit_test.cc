// SPDX-License-Identifier: MIT
// What `audit --json` prints is read again; the values are made by hand and printed by audit itself.
#include "report/read_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/builds_for_test.h"
#include "audit/render.h"
#include "base/memory_files_test.h"
#include "report/gather.h"
#include "report/render.h"
#include "report/words.h"

namespace lf::report {
namespace {

using testing::HasSubstr;
namespace at = audit::test;

audit::Report made() {
    audit::Report report;
    report.builds = {at::build({at::backend("zen4", {"AVX512F_512"}, {"AVX2"})})};
    audit::HostVerdict verdict;
    verdict.host = "boron", verdict.outcome = audit::Outcome::crashes, verdict.why = "it would crash";
    audit::StageVerdict runs;
    audit::StageVerdict init{audit::Stage::init, audit::Outcome::crashes, audit::Fault{}, 1, "needs avx512f", "", ""};
    init.fault->address = 0x1048, init.fault->lacking = {"avx512f"}, init.fault->function = 1;
    verdict.files = {{0, audit::Outcome::crashes, "because", {runs, init}, 0, false}};
    verdict.unused = {{"amx", "the host has AMX"}};
    verdict.cards = {{"a card", "cuda", gpucode::Fit::no, true, "", "nothing for it"},
                     {"another", "cuda", gpucode::Fit::runs, true, "sm_86", "runs sm_86"},
                     {"unknown", "", gpucode::Fit::no, false, "", "what it is is not known"}};
    report.hosts = {{"boron", 0, verdict}, {"carbon", 0, {}}};
    report.hosts[1].verdict.host = "carbon";
    return report;
}

TEST(ReadAudit, TakesVerdictPlaceAndWhatIsUnused) {
    const auto read = audits_from_json(audit::to_json(made()), "audit.json");
    ASSERT_TRUE(read) << read.error().message << read.error().where.json_path;
    ASSERT_EQ(read->size(), 2U);
    const Audit& boron = (*read)[0].second;
    EXPECT_EQ((*read)[0].first, "boron");
    EXPECT_EQ(boron.outcome, audit::Outcome::crashes);
    EXPECT_EQ(boron.basis, made().builds[0].path);
    EXPECT_EQ(boron.why, "it would crash");
    ASSERT_EQ(boron.findings.size(), 2U);
    EXPECT_EQ(boron.findings[0].file, "libggml-cpu-zen4.so");
    EXPECT_EQ(boron.findings[0].address, 0x1048U);
    EXPECT_EQ(boron.findings[0].text, "needs avx512f");
    EXPECT_EQ(boron.findings[1].text, "nothing for it");
    EXPECT_EQ(boron.unused, std::vector<std::string>{"the host has AMX"});
    EXPECT_EQ((*read)[1].second.outcome, audit::Outcome::runs);
}

TEST(ReadAudit, TheWorstOfSeveralBuildsTells) {
    audit::Report report = made();
    report.hosts[1].name = report.hosts[1].verdict.host = "boron";
    const auto read = audits_from_json(audit::to_json(report), "audit.json");
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ((*read)[0].second.outcome, audit::Outcome::crashes);
}

TEST(ReadAudit, OfSeveralBuildsItIsSaidWhichOne) {
    audit::Report report = made();
    report.builds.push_back(report.builds[0]);
    report.builds[0].path = "/nix/store/0123456789abcdef0123456789abcdef-llama-cpp-1";
    report.builds[1].path = "/srv/other/";
    report.hosts.push_back(report.hosts[0]);
    report.hosts.back().build = 1;
    const auto read = audits_from_json(audit::to_json(report), "audit.json");
    ASSERT_TRUE(read);
    const Audit& boron = (*read)[0].second;
    EXPECT_EQ(boron.why, "llama-cpp-1: it would crash");
    ASSERT_EQ(boron.findings.size(), 4U);
    EXPECT_EQ(boron.findings[0].file, "llama-cpp-1: libggml-cpu-zen4.so");
    EXPECT_EQ(boron.findings[1].file, "llama-cpp-1: a card");
    EXPECT_EQ(boron.findings[2].file, "other: libggml-cpu-zen4.so");
    EXPECT_EQ(boron.unused, (std::vector<std::string>{"llama-cpp-1: the host has AMX", "other: the host has AMX"}));
    EXPECT_EQ((*read)[1].second.unused.size(), 0U) << "a host with one build needs no name";
    report.builds[0].path = "/srv/libggml-cpu-zen4.so";
    report.hosts[0].verdict.why = "libggml-cpu-zen4.so: it would crash";
    const auto file = audits_from_json(audit::to_json(report), "audit.json");
    ASSERT_TRUE(file);
    EXPECT_EQ((*file)[0].second.why, "libggml-cpu-zen4.so: it would crash");
    EXPECT_EQ((*file)[0].second.findings[0].file, "libggml-cpu-zen4.so");
}

TEST(ReadAudit, ACardThatIsNotCoveredIsNamedInTheMatrix) {
    Host host;
    host.audit = Audit{audit::Outcome::runs, "/b", "", {{"0000:01:00.0 GA107M (8.6)", 0, "not covered: …"}}, {}};
    EXPECT_EQ(audited_cell(host).words, "a card is not covered");
    EXPECT_EQ(audited_cell(host).why, "0000:01:00.0 GA107M (8.6): not covered: …");
    EXPECT_EQ(audited_cell(host).state, State::bad);
}

TEST(ReadAudit, RefusesWhatItDoesNotKnow) {
    const std::string printed = audit::to_json(made());
    const struct {
        const char* from;
        const char* to;
        const char* id;
    } kCases[] = {
        {"\"version\": 1", "\"version\": 2", "schema-version"},
        {"llama-fleet/audit", "llama-fleet/check", "schema-name"},
        {"\"outcome\": \"crashes\"", "\"outcome\": \"explodes\"", "report-word"},
        {"\"host\": \"boron\"", "\"host\": 7", "json-type"},
        {"\"idle_gpu_bytes\"", "\"idle\"", "json-unknown-field"},
    };
    for (const auto& [from, to, id] : kCases) {
        std::string text = printed;
        const std::size_t place = text.find(from);
        ASSERT_NE(place, std::string::npos) << from;
        text.replace(place, std::string_view(from).size(), to);
        const auto read = audits_from_json(text, "audit.json");
        ASSERT_FALSE(read) << to;
        EXPECT_EQ(read.error().id, id);
    }
    EXPECT_FALSE(audits_from_json("", "audit.json"));
    EXPECT_FALSE(audits_from_json("[]", "audit.json"));
}

TEST(ReadAudit, StandsInTheReportOfItsHost) {
    const auto fleet = gather(MemoryFiles({}), std::nullopt, {}, {{"audit.json", audit::to_json(made())}});
    ASSERT_TRUE(fleet) << fleet.error().message;
    ASSERT_EQ(fleet->hosts.size(), 2U);
    const std::string text = render_text(*fleet);
    EXPECT_THAT(text, HasSubstr("would crash: it would crash"));
    EXPECT_THAT(text, HasSubstr("libggml-cpu-zen4.so at 0x1048: needs avx512f"));
    const auto broken = gather(MemoryFiles({}), std::nullopt, {}, {{"audit.json", "{"}});
    ASSERT_TRUE(broken);
    ASSERT_EQ(broken->problems.size(), 1U);
    EXPECT_EQ(broken->problems[0].where.file, "audit.json");
}

}  // namespace
}  // namespace lf::report
