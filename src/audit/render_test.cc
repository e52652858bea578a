// SPDX-License-Identifier: MIT
// What people read: tests/audit/golden/*.txt; within 80 columns, and nothing of a file's texts reaches the terminal.
#include "audit/render.h"

#include <gtest/gtest.h>

#include "audit/render_file.h"
#include "audit/report_for_test.h"
#include "base/text.h"

namespace lf::audit {
namespace {

using namespace test;
using plan::test::kHaswell;
using plan::test::kZen4;
using plan::test::machine;
using plan::test::matches_or_accepts;

Report fleet() {
    Report report;
    report.builds.push_back(build({backend("x64", {}, {}), backend("haswell", {"AVX"}, {"AVX2", "FMA", "F16C"})}));
    FileAudit single = backend("", {}, {"AVX512F_512"}, false);
    report.builds.push_back(build({std::move(single)}));
    report.builds.back().path = "/srv/llama.cpp/build/bin";
    const struct {
        const char* name;
        std::size_t build;
        facts::FeatureSet features;
    } hosts[] = {{"boron", 0, kHaswell}, {"neon", 1, kHaswell}, {"a-host-with-a-long-name", 0, kZen4}};
    for (const auto& [name, build, features] : hosts)
        report.hosts.push_back({name, build, judge(report.builds[build], machine(features))});
    return report;
}

TEST(AuditText, IsAsReviewed) {
    bool accepted = matches_or_accepts(render_text(filled()), "tests/audit/golden/report.txt");
    accepted |= matches_or_accepts(render_text(filled(), {true}), "tests/audit/golden/functions.txt");
    accepted |= matches_or_accepts(render_text(fleet()), "tests/audit/golden/fleet.txt");
    if (accepted) GTEST_SKIP() << "accepted, not tested: look at git diff";
}

/// A line that is longer holds one word or command that has to stay whole.
TEST(AuditText, Fits80Columns) {
    for (const std::string& text : {render_text(filled(), {true}), render_text(fleet(), {true})})
        for (const std::string_view line : lines(text)) {
            if (line.find("objdump") != std::string_view::npos) continue;
            EXPECT_LE(line.size(), 80U) << line;
        }
}

TEST(AuditText, OfABuildThatIsNotHere) {
    Report report;
    report.builds.push_back(build({}));
    report.builds[0].path = "/nix/store/x-llama-cpp";
    EXPECT_EQ(render_text(report), "/nix/store/x-llama-cpp: not looked into\n");
}

TEST(AuditText, TextsOfFilesCannotMoveTheCursor) {
    Report report = filled();
    FileAudit& file = report.builds[0].files[0];
    const std::string evil = "\x1b[2J\xe2\x80\xae";
    const std::string long_name = evil + "f";
    file.program.functions[1].range.name = long_name;
    file.path = file.soname = file.why_not = evil;
    file.kind = evil;
    file.ggml_variant = evil;
    file.gpu = {{{gpucode::Kind::cuda_ptx, evil, 1, 1, 1, evil}}, 1, 1, {evil}};
    file.program.notes = {evil};
    report.builds[0].path = report.builds[0].notes[0] = evil;
    HostVerdict& verdict = report.hosts[0].verdict;
    report.hosts[0].name = verdict.why = verdict.notes[0] = verdict.unused[0].text = evil;
    verdict.cards[0].card = verdict.cards[0].text = evil;
    verdict.files[0].chosen = true;
    report.problems[0].message = report.problems[0].hint = report.problems[0].where.file = evil;
    report.hosts.push_back(report.hosts[0]);
    const std::string text = render_text(report, {true});
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
}

TEST(AuditText, AddressesOfObjectFilesCountFromTheirSection) {
    FileAudit object = file("f.o", program({{"f", {"AVX2"}}}, {}));
    object.code_sections = {{".text", 0x40, 0x10}, {".text.my f", 0x1000, 0x40}};
    EXPECT_EQ(objdump_command(object, 0x1008, 5, "f.o"),
              "objdump -d -j '.text.my f' --start-address=0x8 --stop-address=0xd f.o");
    EXPECT_EQ(objdump_command(object, 0x50, 1, "f.o"), "objdump -d --start-address=0x50 --stop-address=0x51 f.o");
    const BuildAudit made = build({std::move(object)});
    const std::string text = file_text(made, made.files[0], {});
    EXPECT_NE(text.find("AVX2 1 -j '.text.my f' --start-address=0x8 "), std::string::npos) << text;
}

TEST(AuditText, WhatNoProgramMayRunIsNotOfTheBaseline) {
    const BuildAudit made = build({file("f", program({{"f", {"BASE", "XSAVES", "RDPMC", "CET"}}}, {}))});
    const std::string text = file_text(made, made.files[0], {});
    std::string words;
    for (const std::string_view line : lines(text)) {
        words += line.substr(std::min(line.size(), line.find_first_not_of(" ")));
        words += " ";
    }
    EXPECT_NE(words.find("baseline: 1 instruction;"), std::string::npos) << words;
    EXPECT_NE(words.find("with rights that no program has: XSAVES 1, RDPMC 1"), std::string::npos) << words;
}

TEST(AuditWords, OfNumbers) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(size_words(1), "1 byte");
    EXPECT_EQ(size_words(999), "999 bytes");
    EXPECT_EQ(size_words(1000), "1.0 kB");
    EXPECT_EQ(size_words(999'960), "1.0 MB");
    EXPECT_EQ(size_words(1'257'000'000), "1.3 GB");
    EXPECT_EQ(counted(1, "file"), "1 file");
    EXPECT_EQ(counted(1200, "file"), "1,200 files");
}

}  // namespace
}  // namespace lf::audit
