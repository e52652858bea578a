// SPDX-License-Identifier: MIT
// What people read: tests/audit/golden/*.txt; within 80 columns, and nothing of a file's texts reaches the terminal.
#include "audit/render.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

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
    EXPECT_NE(text.find("AVX2 1 -j '.text.my f' --start-address=0x8\n"), std::string::npos) << text;
    const std::string functions = file_text(made, made.files[0], {true});
    EXPECT_NE(functions.find("    f\n      -j '.text.my f' 0x0 to 0x40, "), std::string::npos) << functions;
    EXPECT_NE(functions.find("AVX2 1 (0x8)"), std::string::npos) << functions;
}

/// A library beside llama.cpp's own: its stage of use does not decide, where it has a fault.
TEST(AuditText, WhatIsToBeSeenIsWhatTheVerdictTellsOf) {
    FileAudit beside = file("lib/libz.so", program({{"deflate", {"AVX512F_512"}}}, {{Root::Kind::exported, 0}}));
    beside.program.functions[0].undecodable = 1;
    beside.program.functions[0].first_undecodable = 0x1030;
    Report report;
    report.builds.push_back(build({backend("", {}, {}, false), std::move(beside)}));
    report.hosts.push_back({"boron", 0, judge(report.builds[0], machine(kHaswell))});
    const HostVerdict& verdict = report.hosts[0].verdict;
    ASSERT_EQ(verdict.outcome, Outcome::cannot_tell) << verdict.why;
    ASSERT_TRUE(verdict.files[1].stages.back().fault);
    const std::string text = render_text(report);
    EXPECT_NE(text.find("0x1030: perhaps"), std::string::npos) << text;
    EXPECT_NE(text.find("objdump -d --start-address=0x1030 --stop-address=0x103f "), std::string::npos) << text;
}

/// Of a file of which nothing is to be seen, no other file's fault is shown.
TEST(AuditText, WhatIsToBeSeenIsOfTheFileThatTheVerdictTellsOf) {
    Report report;
    report.builds.push_back(
        build({unreadable(), file("lib/x.so", program({{"f", {"AVX2"}, {}, {}}}, {{Root::Kind::exported, 0}}))}));
    report.builds[0].files[1].program.functions[0].range.source = elf::RangeSource::sweep;
    report.hosts.push_back({"old", 0, judge(report.builds[0], machine({"pni"}))});
    const HostVerdict& verdict = report.hosts[0].verdict;
    ASSERT_EQ(verdict.outcome, Outcome::cannot_tell) << verdict.why;
    ASSERT_EQ(verdict.files[1].outcome, Outcome::cannot_tell) << verdict.why;
    EXPECT_EQ(render_text(report).find("objdump"), std::string::npos) << render_text(report);
}

TEST(AuditText, ProblemsStandInNoHostsBlock) {
    Report report = filled();
    EXPECT_NE(render_text(report).find("\n\n  error     no such host"), std::string::npos) << render_text(report);
    report.hosts.clear();
    EXPECT_TRUE(render_text(report).starts_with("  error     no such host")) << render_text(report);
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

TEST(AuditText, CountsSumToAllInstructions) {
    FileAudit one = file("f", program({{"f", {"BASE", "XSAVES", "AVX2", "CET"}}}, {}));
    one.program.sweep_uses = {{isa("AVX512F_512"), 4, 0x1000}, {isa("BASE"), 3, 0x1010}};
    one.program.instructions = 4 + 7;
    const BuildAudit made = build({std::move(one)});
    const std::string text = file_text(made, made.files[0], {});
    EXPECT_NE(text.find("; 11 instructions in 1 function"), std::string::npos) << text;
    for (const char* part : {"AVX2 1 ", "baseline: 1 instruction;", "CET 1;", "XSAVES 1\n", "AVX512F_512 4 ",
                             "baseline: 3 instructions\n"})
        EXPECT_NE(text.find(part), std::string::npos) << part << text;
}

TEST(AuditText, OfManyFilesALineEach) {
    std::vector<FileAudit> files;
    for (int i = 0; i < 60; ++i)
        files.push_back(
            file(fmt::format("lib/wide{}.so", i), program({{"f", {"AVX512F_512", "AVX512F_128", "AVX2"}}}, {})));
    for (int i = 0; i < 60; ++i) files.push_back(file(fmt::format("lib/plain{}.so", i), program({{"f"}}, {})));
    files.push_back(foreign());
    const std::string text = files_text(build(std::move(files)));
    EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 100) << text;
    EXPECT_NE(text.find("lib/wide0.so\n  uses      AVX512F 2, AVX2 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("and 20 more files with code beyond the baseline"), std::string::npos) << text;
    EXPECT_NE(text.find("and 52 more files"), std::string::npos) << text;
    EXPECT_NE(text.find("aarch64 code is not examined by this version:\n            lib/libfoo.so"), std::string::npos)
        << text;
}

TEST(AuditText, HostsOfWhichTheSameIsTrueStandTogether) {
    Report report;
    report.builds.push_back(build({backend("", {}, {"AVX512F_512"}, false)}));
    const struct {
        const char* name;
        facts::FeatureSet features;
    } hosts[] = {{"boron", kHaswell}, {"carbon", kZen4}, {"neon", kHaswell}};
    for (const auto& [name, features] : hosts)
        report.hosts.push_back({name, 0, judge(report.builds[0], machine(features))});
    const std::string text = render_text(report);
    EXPECT_NE(text.find("\nboron, neon: would crash\n  because"), std::string::npos) << text;
    EXPECT_EQ(text.find("because", text.find("because") + 1), std::string::npos) << text;
}

TEST(AuditText, OfALibraryThatGgmlWouldRefuseItIsNotSaidThatGgmlTakesIt) {
    Report report;
    report.builds.push_back(build({backend("haswell", {"AVX"}, {"AVX2"})}));
    report.builds[0].folder = false;
    for (const bool several : {false, true}) {
        report.hosts.push_back({"old", 0, judge(report.builds[0], machine({"pni"}))});
        const std::string text = render_text(report);
        EXPECT_EQ(text.find("  takes "), std::string::npos) << text;
        EXPECT_EQ(text.find("  haswell\n"), std::string::npos) << several << text;
        EXPECT_NE(text.find("ggml would refuse it"), std::string::npos) << text;
    }
    report.hosts = {{"new", 0, judge(report.builds[0], machine(kHaswell))}};
    EXPECT_NE(render_text(report).find("  takes     libggml-cpu-haswell.so, score 64"), std::string::npos);
}

TEST(AuditText, NamesThatCannotBeShownCanStillBePasted) {
    const FileAudit plain = file("f", program({}, {}));
    const auto pasted = [&](const std::string& path) {
        const std::string command = objdump_command(plain, 1, 1, path);
        return command.substr(command.find("0x2 ") + 4);
    };
    EXPECT_EQ(pasted("a b"), "'a b'");
    EXPECT_EQ(pasted("it's\t\n\\"), "$'it\\'s\\011\\012\\\\'");
    EXPECT_EQ(pasted("\xff\xe2\x80\xae"), "$'\\377\\342\\200\\256'");
    EXPECT_EQ(printable(pasted("\x1b[2J")), pasted("\x1b[2J"));
    EXPECT_EQ(shown_name("a\tb\nc"), "a\\tb\\nc");
}

TEST(AuditText, FunctionsOfCxxByTheNamesThatPeopleWrite) {
    Report report;
    report.builds.push_back(
        build({file("lib/x.so", program({{"_ZN4ggml4wideEi", {"AVX2"}}}, {{Root::Kind::exported, 0}}))}));
    report.hosts.push_back({"old", 0, judge(report.builds[0], machine({"pni"}))});
    EXPECT_NE(render_text(report).find("ggml::wide(int) needs avx avx2"), std::string::npos) << render_text(report);
    EXPECT_NE(to_json(report).find("\"function\": \"_ZN4ggml4wideEi\""), std::string::npos)
        << "as it stands in the file";
    EXPECT_NE(to_json(report).find("\"demangled\": \"ggml::wide(int)\""), std::string::npos);
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
