// SPDX-License-Identifier: MIT
// Builds made by hand on hosts made by hand: what is said of each.
#include <gtest/gtest.h>

#include "audit/builds_for_test.h"

namespace lf::audit {
namespace {

using namespace test;
using facts::FeatureSet;
using plan::test::kHaswell;
using plan::test::kSkylakeX;
using plan::test::kZen4;
using plan::test::machine;
using plan::test::with;

const FeatureSet kNehalem = {"pni", "ssse3", "sse4_1", "sse4_2", "popcnt"};

/// As Debian packages them, as far as it matters here: what init and the kernels of each use.
BuildAudit variants() {
    return build({backend("x64", {}, {}), backend("sse42", {}, {"SSE4"}),
                  backend("haswell", {"AVX"}, {"AVX2", "FMA", "F16C"}),
                  backend("alderlake", {"AVX2"}, {"AVX2", "FMA", "F16C", "AVX_VNNI"}),
                  backend("skylakex", {"AVX512F_512"}, {"AVX512F_512", "FMA", "F16C"})});
}

std::string chosen(const BuildAudit& build, const HostVerdict& verdict) {
    std::string out;
    for (const FileVerdict& file : verdict.files)
        if (file.chosen) out += *build.files[file.file].ggml_variant + ";";
    return out;
}

std::string outcomes(const HostVerdict& verdict) {
    std::string out;
    for (const FileVerdict& file : verdict.files) {
        for (const StageVerdict& stage : file.stages) out += std::string(id_of(stage.outcome)).front();
        out += ":" + std::string(id_of(file.outcome)) + " ";
    }
    return out;
}

TEST(Judge, ASetOfVariantsIsJudgedByTheOneThatIsTaken) {
    const struct {
        FeatureSet features;
        const char* chosen;
        const char* outcomes;  // load, score, init, use of each file, and its outcome
    } cases[] = {
        {{"pni"}, "x64;", "rrrr:runs rrrc:not_loaded rrcc:not_loaded rrcc:not_loaded rrcc:not_loaded "},
        {kNehalem, "sse42;", "rrrr:not_loaded rrrr:runs rrcc:not_loaded rrcc:not_loaded rrcc:not_loaded "},
        // alderlake initialises on Haswell; its score keeps it away.
        {kHaswell, "haswell;", "rrrr:not_loaded rrrr:not_loaded rrrr:runs rrrc:not_loaded rrcc:not_loaded "},
        {kSkylakeX, "skylakex;", "rrrr:not_loaded rrrr:not_loaded rrrr:not_loaded rrrc:not_loaded rrrr:runs "},
    };
    const BuildAudit build = variants();
    for (const auto& c : cases) {
        const HostVerdict verdict = judge(build, machine(c.features));
        EXPECT_EQ(verdict.outcome, Outcome::runs) << c.chosen << verdict.why;
        EXPECT_EQ(chosen(build, verdict), c.chosen);
        EXPECT_EQ(outcomes(verdict), c.outcomes) << c.chosen;
    }
}

TEST(Judge, WithoutAScoreThatFitsThePlainLibraryIsTaken) {
    const BuildAudit without = build({backend("haswell", {"AVX"}, {"AVX2"})});
    HostVerdict verdict = judge(without, machine(kNehalem));
    EXPECT_EQ(verdict.outcome, Outcome::not_loaded);
    EXPECT_NE(verdict.why.find("score 0"), std::string::npos) << verdict.why;
    const BuildAudit plain = build({backend("haswell", {"AVX"}, {"AVX2"}), backend("", {}, {"AVX"}, false)});
    verdict = judge(plain, machine(kNehalem));
    EXPECT_EQ(verdict.outcome, Outcome::crashes);
    EXPECT_EQ(chosen(plain, verdict), ";");
    verdict = judge(plain, machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::runs) << verdict.why;
    EXPECT_EQ(chosen(plain, verdict), "haswell;");
    EXPECT_EQ(verdict.files[1].outcome, Outcome::not_loaded);
}

TEST(Judge, APlainLibraryWithAScoreIsRefusedWhereItsOptionsAreNot) {
    BuildAudit loadable = build({backend("", {"AVX512F_512"}, {"AVX512F_512"})});
    HostVerdict verdict = judge(loadable, machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::not_loaded);
    EXPECT_NE(verdict.why.find("ggml refuses it here"), std::string::npos) << verdict.why;
    EXPECT_EQ(verdict.files[0].score, 0);
    EXPECT_EQ(judge(loadable, machine(kSkylakeX)).outcome, Outcome::runs);
    // No score of ggml's asks for AMX's tiles alone.
    const HostVerdict amx = judge(build({backend("", {}, {"AMX_TILE"})}), machine(kSkylakeX));
    EXPECT_EQ(amx.outcome, Outcome::crashes) << amx.why;
    loadable.folder = false;
    verdict = judge(loadable, machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::crashes);
    EXPECT_NE(verdict.notes.front().find("refuse"), std::string::npos);
}

/// Beside a program: a library with one export that needs AVX-512 and one that is plain.
BuildAudit with_library(std::vector<std::string> imported, std::vector<Guard> guards = {}) {
    FileAudit cli = file("bin/llama-cli", program({{"main"}}, {{Root::Kind::load, 0}}));
    cli.kind = "executable";
    cli.imports = std::move(imported);
    return build(
        {std::move(cli), file("lib/libmvec.so.1",
                              program({{"wide", {}, {2}, std::move(guards)}, {"plain"}, {"kernel", {"AVX512F_512"}}},
                                      {{Root::Kind::exported, 0}, {Root::Kind::exported, 1}}))});
}

TEST(Judge, ExportsOfOtherLibrariesDecideWhereSomebodyCallsThem) {
    HostVerdict verdict = judge(with_library({"plain"}), machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::runs) << verdict.why;
    ASSERT_TRUE(verdict.files[1].uncalled);
    EXPECT_EQ(verdict.files[1].uncalled->functions, 1U);
    EXPECT_EQ(verdict.files[1].uncalled->lacking, std::vector<std::string>{"avx512f"});
    EXPECT_EQ(verdict.files[1].stages[3].outcome, Outcome::crashes) << "told all the same";
    EXPECT_FALSE(judge(with_library({"plain"}), machine(kSkylakeX)).files[1].uncalled);
    verdict = judge(with_library({"wide"}), machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::crashes);
    EXPECT_NE(verdict.why.find("lib/libmvec.so.1: loads; would crash when it is used"), std::string::npos);
    // Behind a check that nobody understood nothing is proved.
    verdict = judge(with_library({"wide"}, {{"", true, 0x1000}}), machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::runs);
    ASSERT_TRUE(verdict.files[1].uncalled);
    EXPECT_EQ(verdict.files[1].uncalled->doubtful, 1U);
    // A file alone keeps what it would do; so does a folder that has neither a program nor llama.cpp's libraries.
    BuildAudit alone = build({with_library({}).files[1]});
    EXPECT_EQ(judge(alone, machine(kHaswell)).outcome, Outcome::crashes);
    alone.folder = false;
    EXPECT_EQ(judge(alone, machine(kHaswell)).outcome, Outcome::crashes);
}

/// The loader runs the resolver of an exported name, and gives what it chose to those who import the name.
TEST(Judge, WhatAResolverChoseDecidesWhereSomebodyImportsTheName) {
    for (const bool exported : {true, false}) {
        for (const char* name : {"plain", "wide"}) {
            BuildAudit made = with_library({name});
            Program& program = made.files[1].program;
            program.nodes[0].edges[0].kind = EdgeKind::address_taken;
            if (!exported) program.roots.erase(program.roots.begin());
            program.roots.push_back({Root::Kind::load, 0, "IFUNC resolver", false});
            const HostVerdict verdict = judge(made, machine(kHaswell));
            // One that has no name is called from within.
            const bool called = std::string(name) == "wide" || !exported;
            EXPECT_EQ(verdict.outcome, called ? Outcome::crashes : Outcome::runs) << name << exported << verdict.why;
            EXPECT_EQ(verdict.files[1].uncalled.has_value(), !called);
        }
    }
}

TEST(Judge, AVariantAloneIsJudgedAsIfItWereTaken) {
    BuildAudit alone = build({backend("haswell", {"AVX"}, {"AVX2"})});
    alone.folder = false;
    HostVerdict verdict = judge(alone, machine(kNehalem));
    EXPECT_EQ(verdict.outcome, Outcome::crashes);
    EXPECT_EQ(verdict.files[0].score, 0);
    EXPECT_EQ(verdict.notes.front(), "its score is 0 here: ggml would refuse it before that, alone or among others");
    verdict = judge(alone, machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::runs);
    EXPECT_EQ(verdict.files[0].score, 64);
}

TEST(Judge, AScoreFunctionMustBeSafeEvenWhereItsLibraryIsNotTaken) {
    FileAudit file = backend("haswell", {"AVX"}, {"AVX2"});
    file.program = program({{"ggml_backend_score", {"AVX2"}}, {"ggml_backend_init", {"AVX"}}},
                           {{Root::Kind::ggml_score, 0}, {Root::Kind::ggml_init, 1}});
    const HostVerdict verdict = judge(build({backend("x64", {}, {}), std::move(file)}), machine(kNehalem));
    EXPECT_EQ(verdict.outcome, Outcome::crashes);
    EXPECT_EQ(verdict.why,
              "libggml-cpu-haswell.so: would crash when ggml asks for its score: AVX2 at 0x1008 in ggml_backend_score "
              "needs avx avx2");
}

TEST(Judge, AnUnknownVariantIsSaidAndDoubtedOnlyWhereItWouldCrash) {
    const BuildAudit build_ = build({backend("x64", {}, {}), backend("zen9", {"AVX512F_512"}, {"AVX512F_512"})});
    HostVerdict verdict = judge(build_, machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::cannot_tell);
    EXPECT_NE(verdict.why.find("its score is not known; if ggml takes it: would crash"), std::string::npos)
        << verdict.why;
    EXPECT_FALSE(verdict.files[1].score);
    verdict = judge(build_, machine(kZen4));
    EXPECT_EQ(verdict.outcome, Outcome::runs) << verdict.why;
    ASSERT_FALSE(verdict.notes.empty());
    EXPECT_NE(verdict.notes[0].find("a variant that we do not know"), std::string::npos);
}

TEST(Judge, OneLibraryForTheCpu) {
    const struct {
        std::vector<std::string_view> init, kernels;
        FeatureSet host;
        Outcome outcome;
        const char* why;
    } cases[] = {
        {{}, {"AVX2"}, kHaswell, Outcome::runs, ""},
        {{"AVX"},
         {"AVX2"},
         kNehalem,
         Outcome::crashes,
         "libggml-cpu.so: would crash when ggml initialises it: AVX at 0x1048 in ggml_backend_init needs avx"},
        {{},
         {"AVX_VNNI"},
         kHaswell,
         Outcome::crashes,
         "libggml-cpu.so: loads; would crash when it is used: AVX_VNNI at 0x1088 in ggml_vec_dot_q4_0_q8_0 needs "
         "avx_vnni"},
        {{},
         {"LZCNT"},
         kNehalem,
         Outcome::wrong,
         "libggml-cpu.so: wrong results when it is used: LZCNT at 0x1088 in ggml_vec_dot_q4_0_q8_0 needs abm; without "
         "it "
         "the CPU computes something else"},
    };
    for (const auto& c : cases) {
        const HostVerdict verdict = judge(build({backend("", c.init, c.kernels, false)}), machine(c.host));
        EXPECT_EQ(verdict.outcome, c.outcome) << c.why;
        EXPECT_EQ(verdict.why, c.why);
    }
}

TEST(Judge, WhatWasNotExaminedIsNeverSaidToRun) {
    FileAudit foreign = backend("", {}, {}, false);
    foreign.examined = false;
    foreign.machine = "aarch64";
    foreign.why_not = "aarch64 code is not examined by this version";
    HostVerdict verdict = judge(build({foreign}), machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::cannot_tell);
    EXPECT_EQ(verdict.why, "libggml-cpu.so: aarch64 code is not examined by this version");
    EXPECT_EQ(verdict.notes.front(), "1 of 1 files not examined");

    FileAudit gpu = file("kernels.fatbin", {});
    gpu.examined = false;
    gpu.kind = "GPU code";
    EXPECT_EQ(judge(build({gpu, backend("", {}, {}, false)}), machine(kHaswell)).outcome, Outcome::runs);

    FileAudit strange = backend("", {}, {}, false);
    strange.program.functions[2].undecodable = 2;
    strange.program.functions[2].first_undecodable = 0x1010;
    verdict = judge(build({strange}), machine(kHaswell));
    EXPECT_EQ(verdict.outcome, Outcome::cannot_tell);
    EXPECT_NE(verdict.why.find("2 places of its code cannot be decoded, the first at 0x1010"), std::string::npos);
}

TEST(Judge, WhatFactsDoNotRecordIsTakenFromTheRestWhereThatTells) {
    const struct {
        const char* set;
        FeatureSet features;
        Outcome outcome;
        const char* why;  // its end
    } cases[] = {
        {"RDTSCP", {"pni", "ssse3"}, Outcome::cannot_tell, "needs rdtscp, which the facts do not record"},
        {"RDTSCP", kNehalem, Outcome::cannot_tell, "needs rdtscp, which the facts do not record"},
        {"RDTSCP", {"pni", "sse4a"}, Outcome::runs, ""},
        {"RDTSCP", kHaswell, Outcome::runs, ""},
        {"APX_F_RDTSCP", kHaswell, Outcome::crashes, "needs apx"},
        {"RDPRU", kHaswell, Outcome::crashes, "needs rdpru"},
        {"RDPRU", with(kHaswell, {"clzero"}), Outcome::cannot_tell, "needs rdpru, which the facts do not record"},
        {"MCOMMIT", kHaswell, Outcome::crashes, "needs mcommit"},
        {"XSAVES", kNehalem, Outcome::runs, ""},  // not for programs
    };
    for (const auto& c : cases) {
        const BuildAudit made = build({file("libx.so", program({{"f", {c.set}}}, {{Root::Kind::load, 0}}))});
        const HostVerdict verdict = judge(made, machine(c.features));
        EXPECT_EQ(verdict.outcome, c.outcome) << c.set << " " << verdict.why;
        EXPECT_TRUE(verdict.why.ends_with(c.why)) << c.set << " " << verdict.why;
    }
}

TEST(Judge, ATableAmongTheCodeIsNoCrash) {
    FileAudit table = backend("", {}, {"AVX2"}, false);
    table.program.functions[2].range.source = elf::RangeSource::sweep;
    HostVerdict verdict = judge(build({table}), machine(kNehalem));
    EXPECT_EQ(verdict.outcome, Outcome::cannot_tell);
    EXPECT_NE(verdict.why.find("it may be data"), std::string::npos) << verdict.why;
    // Where nothing covers anything, what is called is code.
    table.program.bytes.sweep = table.program.bytes.eh_frame;
    table.program.bytes.eh_frame = 0;
    verdict = judge(build({table}), machine(kNehalem));
    EXPECT_EQ(verdict.outcome, Outcome::crashes);
}

TEST(Judge, OtherHosts) {
    facts::Machine arm = machine({"asimd"});
    arm.cpu.architecture = "aarch64";
    HostVerdict verdict = judge(build({backend("", {}, {}, false)}), arm);
    EXPECT_EQ(verdict.outcome, Outcome::not_loaded);
    EXPECT_EQ(verdict.why, "the host is aarch64: x86-64 code does not start there");
    verdict = judge(build({backend("", {}, {}, false)}), machine({}));
    EXPECT_EQ(verdict.outcome, Outcome::cannot_tell);
}

TEST(Judge, CpusThatDiffer) {
    facts::Machine hybrid = machine(kHaswell);
    hybrid.cpu.features_some = {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"};
    HostVerdict verdict = judge(build({backend("", {}, {"AVX512F_512"}, false)}), hybrid);
    EXPECT_EQ(verdict.outcome, Outcome::crashes);
    EXPECT_NE(verdict.why.find("; some of its CPUs have avx512f"), std::string::npos) << verdict.why;
    verdict = judge(variants(), hybrid);
    EXPECT_EQ(verdict.outcome, Outcome::cannot_tell);
    EXPECT_NE(verdict.why.find("only some of the host's CPUs"), std::string::npos) << verdict.why;
}

TEST(Judge, FactsThatMayNotKnowAllNamesAreNamed) {
    facts::Machine host = machine(kHaswell);
    host.cpu.source = "cpuinfo";
    const auto verdict = judge(build({backend("", {}, {"AVX_VNNI"}, false)}), host);
    ASSERT_EQ(verdict.notes.size(), 1U);
    EXPECT_EQ(verdict.notes[0], "its facts come from /proc/cpuinfo, which may not name the newest instruction sets");
}

TEST(Judge, SetsOfTwoFoldersAreJudgedByThemselves) {
    std::vector<FileAudit> files;
    for (const char* folder : {"a/", "b/"})
        for (FileAudit one : {backend("x64", {}, {}), backend("haswell", {"AVX"}, {"AVX2"})}) {
            one.path = folder + one.path;
            files.push_back(std::move(one));
        }
    files.erase(files.begin());
    const BuildAudit two = build(std::move(files));
    const HostVerdict verdict = judge(two, machine(kNehalem));
    EXPECT_EQ(chosen(two, verdict), "x64;");
    EXPECT_EQ(verdict.outcome, Outcome::not_loaded) << "a/ has nothing for this host";
    EXPECT_NE(verdict.why.find("for the CPU in a:"), std::string::npos) << verdict.why;
}

TEST(Judge, WhatNoProcessLoadsDecidesNothingBesideCodeForTheHost) {
    FileAudit arm = file("prebuilds/arm64/x.node", {});
    arm.examined = false;
    arm.machine = "aarch64";
    arm.why_not = "aarch64 code is not examined by this version";
    FileAudit debug = arm;
    debug.machine = "x86-64";
    debug.path = "lib/debug/x.debug";
    debug.debug_only = true;
    FileAudit core = debug;
    core.debug_only = false;
    core.kind = "core";
    FileAudit old = core;
    old.machine = "i386";
    old.kind = "ELF file";
    const facts::Machine host = machine(kHaswell);
    EXPECT_EQ(judge(build({file("lib/x.so", program({{"f"}}, {})), arm, debug, core}), host).outcome, Outcome::runs);
    EXPECT_EQ(judge(build({file("lib/x.so", program({{"f"}}, {})), old}), host).outcome, Outcome::cannot_tell);
    for (const FileAudit& one : {arm, debug, core, old})
        EXPECT_EQ(judge(build({one}), host).outcome, Outcome::cannot_tell) << one.path;
    const auto notes = judge(build({file("lib/x.so", program({{"f"}}, {})), arm}), host).notes;
    EXPECT_NE(std::find(notes.begin(), notes.end(), "1 of 2 files not examined"), notes.end());
}

/// Tables among the code (of ciphers, say) look like code that nothing decodes.
TEST(Judge, BytesThatNothingCoversAndNothingLeadsToAreNoDoubt) {
    FileAudit one = file("lib/x.so", program({{"f"}, {""}}, {{Root::Kind::exported, 0}}));
    FunctionUse& table = one.program.functions[1];
    table.undecodable = 3;
    table.first_undecodable = 0x1050;
    const auto outcome = [&](elf::RangeSource source, Level level, std::uint64_t frames) {
        table.range.source = source;
        one.levels[1] = level;
        one.program.bytes.eh_frame = frames;
        return judge(build({one}), machine(kHaswell)).outcome;
    };
    EXPECT_EQ(outcome(elf::RangeSource::sweep, Level::not_reached, 64), Outcome::runs);
    EXPECT_EQ(outcome(elf::RangeSource::sweep, Level::not_reached, 0), Outcome::cannot_tell) << "a file without frames";
    EXPECT_EQ(outcome(elf::RangeSource::sweep, Level::guarded, 64), Outcome::runs);
    EXPECT_EQ(outcome(elf::RangeSource::sweep, Level::unproved, 64), Outcome::runs) << "it may be a table";
    EXPECT_EQ(outcome(elf::RangeSource::sweep, Level::use, 64), Outcome::cannot_tell) << "it is called";
    EXPECT_EQ(outcome(elf::RangeSource::eh_frame, Level::not_reached, 64), Outcome::cannot_tell);
}

TEST(Judge, OfAnObjectFileNothingIsProved) {
    FileAudit object = file("f.o", program({{"plain"}, {"wide", {"AVX2"}}}, {}));
    object.kind = "relocatable";
    const BuildAudit made = build({std::move(object)});
    const HostVerdict old = judge(made, machine(kNehalem));
    EXPECT_EQ(old.outcome, Outcome::cannot_tell) << "who links it may call it";
    EXPECT_NE(old.why.find("wide of it needs avx avx2"), std::string::npos) << old.why;
    EXPECT_EQ(judge(made, machine(kHaswell)).outcome, Outcome::runs);
}

}  // namespace
}  // namespace lf::audit
