// SPDX-License-Identifier: MIT
// Whole machines: the five of examples/captures against their goldens, and the one that the test runs on.
#include "probe/probe.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "base/text.h"
#include "facts/codec.h"
#include "facts/x86_features.h"
#include "probe/capture.h"
#include "probe/capture_source.h"
#include "probe/cpu_proc.h"
#include "probe/cpu_x86.h"
#include "probe/fake_machine.h"
#include "probe/live_source.h"
#include "probe/scratch_folder.h"

namespace lf::probe {
namespace {

const std::string kRoot = LLAMA_FLEET_SOURCE_DIR;
const std::string kShared = kRoot + "/../shared/data";

std::string facts_text(const MachineSource& source, const std::string& host) {
    const auto machine = probe(source, host);
    EXPECT_TRUE(machine.has_value());
    return machine ? facts::to_json(*machine) : "";
}

class Captures : public testing::TestWithParam<const char*> {
  protected:
    std::unique_ptr<CapturedMachine> open() const {
        auto source = CapturedMachine::open(kRoot + "/examples/captures/" + GetParam());
        EXPECT_TRUE(source.has_value());
        return std::move(*source);
    }
};

TEST_P(Captures, GiveTheGoldenFacts) {
    const std::string golden = fmt::format("{}/tests/probe/golden/{}.json", kRoot, GetParam());
    const std::string text = facts_text(*open(), GetParam());
    if (std::getenv("LLAMA_FLEET_ACCEPT") != nullptr) {
        ASSERT_TRUE(make_directories(std::filesystem::path(golden).parent_path().string()).has_value());
        ASSERT_TRUE(write_file_atomically(golden, text).has_value());
        GTEST_SKIP() << "accepted as " << golden;
    }
    EXPECT_EQ(text, read_file(golden).value_or("")) << "if this is meant: LLAMA_FLEET_ACCEPT=1";
}

TEST_P(Captures, SayFirstWhyTheyExist) {
    const auto why = read_file(fmt::format("{}/examples/captures/{}/WHY.md", kRoot, GetParam()));
    ASSERT_TRUE(why.has_value());
    EXPECT_GT(lines(*why).at(0).size(), 40U);
}

TEST_P(Captures, AgreeWithTheirOwnCpuinfo) {
    const auto source = open();
    facts::Cpu from_proc;
    from_proc.architecture = "x86_64";
    std::vector<std::string> notes;
    read_cpu_proc(source->files().read("/proc/cpuinfo").value_or(""), from_proc, notes);
    const auto machine = probe(*source, "h");
    // Captures of earlier versions do not hold all the leaves that are asked for now.
    std::erase_if(from_proc.features, [&](const std::string& name) {
        const facts::X86Feature* feature = facts::find_x86_feature(name);
        return !source->cpuid(0, feature->leaf, feature->subleaf).has_value();
    });
    EXPECT_EQ(machine->cpu.features, from_proc.features);
    EXPECT_EQ(machine->cpu.model_name, from_proc.model_name);
    EXPECT_EQ(machine->cpu.family, from_proc.family);
    EXPECT_EQ(machine->cpu.model, from_proc.model);
    EXPECT_EQ(machine->cpu.stepping, from_proc.stepping);
    EXPECT_EQ(static_cast<std::size_t>(*machine->cpu.cpus),
              parse_cpuinfo(*source->files().read("/proc/cpuinfo")).size());
}

TEST_P(Captures, CapturedAgainAreTheSame) {
    const auto source = open();
    const ScratchFolder folder;
    const auto done = capture(*source, folder.path());
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(facts_text(**CapturedMachine::open(folder.path()), "h"), facts_text(*source, "h"));
}

INSTANTIATE_TEST_SUITE_P(Examples, Captures,
                         testing::Values("carbon", "beryllium", "boron", "nitrogen", "this-machine"));

TEST(Probe, RefusesAHostNameThatIsNone) {
    const auto machine = probe(FakeMachine(), "../x");
    ASSERT_FALSE(machine.has_value());
    EXPECT_EQ(machine.error().id, "host-name");
    EXPECT_EQ(machine.error().kind, ErrorKind::usage);
}

TEST(Probe, AMachineThatTellsNothingGivesNullsAndNotes) {
    const auto machine = probe(FakeMachine(), "h");
    ASSERT_TRUE(machine.has_value());
    EXPECT_TRUE(machine->cpu.features.empty());
    EXPECT_TRUE(machine->gpus.empty());
    EXPECT_EQ(machine->memory_mib, std::nullopt);
    EXPECT_GE(machine->notes.size(), 6U);
    EXPECT_TRUE(facts::from_json(facts::to_json(*machine), "x").has_value());
}

// --- Capturing -----------------------------------------------------------------------------------------------------

TEST(Capture, KeepsCpusApartThatDiffer) {
    FakeMachine machine("0 0 7 0 0 0\n1 0 0 0 18001000 0\n7 0 0 20 0 0\nXCR0 7\n");
    machine.add(1, "0 0 7 0 0 0\n1 0 0 0 18001000 0\n7 0 0 0 0 0\nXCR0 7\n");
    machine.memory.texts["/sys/devices/system/cpu/online"] = "0-1";
    const ScratchFolder folder;
    ASSERT_TRUE(capture(machine, folder.path()).has_value());
    EXPECT_TRUE(std::filesystem::exists(folder.path() + "/cpuid/1.cpuid"));
    EXPECT_EQ(facts_text(**CapturedMachine::open(folder.path()), "h"), facts_text(machine, "h"));
}

TEST(Capture, DoesNotWriteIntoAFolderThatIsNotEmpty) {
    const ScratchFolder folder;
    folder.write("mine", "keep");
    const auto done = capture(FakeMachine(), folder.path());
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().id, "capture-exists");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

// --- The machine that the test runs on -----------------------------------------------------------------------------

TEST(Live, GivesTheSameFactsTwiceAndThroughACapture) {
    const std::string text = facts_text(LiveMachine(), "h");
    EXPECT_EQ(facts_text(LiveMachine(), "h"), text);
    const ScratchFolder folder;
    const auto done = capture(LiveMachine(), folder.path());
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(facts_text(**CapturedMachine::open(folder.path()), "h"), text);
    EXPECT_TRUE(facts::from_json(text, "x").has_value());
}

TEST(Live, RestoresTheCpusThatTheThreadMayRunOn) {
    cpu_set_t before;
    ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
    const LiveMachine machine;
    cpu_set_t after;
    ASSERT_EQ(::sched_getaffinity(0, sizeof after, &after), 0);
    EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(Live, NeverNamesTheMachine) {
    char name[256] = {};
    ASSERT_EQ(::gethostname(name, sizeof name - 1), 0);
    if (std::string_view(name).size() < 6) GTEST_SKIP() << "the host name is too short to look for";
    EXPECT_EQ(facts_text(LiveMachine(), "h").find(name), std::string::npos);
}

#if defined(__x86_64__)

// Features that we take from CPUID and that kernels do not list in /proc/cpuinfo, or only newer ones do (Linux,
// cpufeatures.h: names in comments as "", or words that only KVM uses).
const std::set<std::string> kNotInCpuinfo = {"amx_fp16",
                                             "amx_complex",
                                             "avx_ifma",
                                             "avx_vnni_int8",
                                             "avx_ne_convert",
                                             "avx_vnni_int16",
                                             "sha512",
                                             "avx10",
                                             "apx",
                                             "fsgsbase",
                                             "avx_vnni",
                                             "movdiri",
                                             "movdir64b",
                                             "waitpkg",
                                             "serialize",
                                             "tsxldtrk",
                                             "shstk",
                                             "sm3",
                                             "sm4",
                                             "rao_int",
                                             "cmpccxadd",
                                             "movrs",
                                             "prefetchi",
                                             "user_msr",
                                             "avx10_1",
                                             "avx10_2",
                                             "ptwrite",
                                             "aeskle",
                                             "widekl",
                                             "keylocker",
                                             "amx_fp8",
                                             "amx_tf32",
                                             "amx_movrs",
                                             "amx_avx512",
                                             "amx_transpose",
                                             "amd_prefetchi",
                                             "uintr",
                                             "enqcmd",
                                             "cldemote",
                                             "prefetchwt1",
                                             "avx512_bmm",
                                             "pconfig",
                                             "hreset",
                                             "ibt",
                                             "pku",
                                             "sgx",
                                             "tsc"};

TEST(Live, AgreesWithTheKernelsFlags) {
    const auto cpuinfo = read_file("/proc/cpuinfo");
    if (!cpuinfo) GTEST_SKIP() << "there is no /proc/cpuinfo";
    facts::Cpu kernel;
    kernel.architecture = "x86_64";
    std::vector<std::string> notes;
    read_cpu_proc(*cpuinfo, kernel, notes);
    const auto machine = probe(LiveMachine(), "h");
    ASSERT_TRUE(machine.has_value());
    for (const std::string& name : kernel.features) EXPECT_TRUE(machine->cpu.features.contains(name)) << name;
    for (const std::string& name : machine->cpu.features)
        EXPECT_TRUE(kernel.features.contains(name) || kNotInCpuinfo.contains(name)) << name;
    EXPECT_EQ(machine->cpu.vendor, kernel.vendor);
    EXPECT_EQ(machine->cpu.model_name, kernel.model_name);
    EXPECT_EQ(machine->cpu.family, kernel.family);
    EXPECT_EQ(machine->cpu.model, kernel.model);
    EXPECT_EQ(machine->cpu.stepping, kernel.stepping);
    EXPECT_EQ(static_cast<std::size_t>(machine->cpu.cpus.value_or(0)), parse_cpuinfo(*cpuinfo).size());
}

struct GccName {
    const char* feature;
    const char* option;
};

// GCC's names for the features, where it has an option of its own for them.
constexpr GccName kGccNames[] = {
    {"pni", "-msse3"},
    {"pclmulqdq", "-mpclmul"},
    {"ssse3", "-mssse3"},
    {"fma", "-mfma"},
    {"cx16", "-mcx16"},
    {"sse4_1", "-msse4.1"},
    {"sse4_2", "-msse4.2"},
    {"movbe", "-mmovbe"},
    {"popcnt", "-mpopcnt"},
    {"aes", "-maes"},
    {"avx", "-mavx"},
    {"f16c", "-mf16c"},
    {"rdrand", "-mrdrnd"},
    {"fsgsbase", "-mfsgsbase"},
    {"bmi1", "-mbmi"},
    {"avx2", "-mavx2"},
    {"bmi2", "-mbmi2"},
    {"avx512f", "-mavx512f"},
    {"avx512dq", "-mavx512dq"},
    {"rdseed", "-mrdseed"},
    {"adx", "-madx"},
    {"avx512ifma", "-mavx512ifma"},
    {"clflushopt", "-mclflushopt"},
    {"clwb", "-mclwb"},
    {"avx512cd", "-mavx512cd"},
    {"sha_ni", "-msha"},
    {"avx512bw", "-mavx512bw"},
    {"avx512vl", "-mavx512vl"},
    {"avx512vbmi", "-mavx512vbmi"},
    {"waitpkg", "-mwaitpkg"},
    {"avx512_vbmi2", "-mavx512vbmi2"},
    {"gfni", "-mgfni"},
    {"vaes", "-mvaes"},
    {"vpclmulqdq", "-mvpclmulqdq"},
    {"avx512_vnni", "-mavx512vnni"},
    {"avx512_bitalg", "-mavx512bitalg"},
    {"avx512_vpopcntdq", "-mavx512vpopcntdq"},
    {"rdpid", "-mrdpid"},
    {"movdiri", "-mmovdiri"},
    {"movdir64b", "-mmovdir64b"},
    {"avx512_vp2intersect", "-mavx512vp2intersect"},
    {"serialize", "-mserialize"},
    {"tsxldtrk", "-mtsxldtrk"},
    {"amx_bf16", "-mamx-bf16"},
    {"avx512_fp16", "-mavx512fp16"},
    {"amx_tile", "-mamx-tile"},
    {"amx_int8", "-mamx-int8"},
    {"sha512", "-msha512"},
    {"avx_vnni", "-mavxvnni"},
    {"avx512_bf16", "-mavx512bf16"},
    {"amx_fp16", "-mamx-fp16"},
    {"avx_ifma", "-mavxifma"},
    {"avx_vnni_int8", "-mavxvnniint8"},
    {"avx_ne_convert", "-mavxneconvert"},
    {"amx_complex", "-mamx-complex"},
    {"avx_vnni_int16", "-mavxvnniint16"},
    {"apx", "-mapxf"},
    {"lahf_lm", "-msahf"},
    {"abm", "-mlzcnt"},
    {"sse4a", "-msse4a"},
    {"xop", "-mxop"},
    {"fma4", "-mfma4"},
    {"tbm", "-mtbm"},
    {"clzero", "-mclzero"},
    {"wbnoinvd", "-mwbnoinvd"},
};

std::string output_of(const char* command) {
    std::string out;
    FILE* pipe = ::popen(command, "r");  // NOLINT: a fixed command of the test's own
    if (pipe == nullptr) return out;
    char buffer[4096];
    while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, got);
    ::pclose(pipe);
    return out;
}

TEST(Live, AgreesWithWhatGccCallsNative) {
    std::map<std::string, bool> options;
    const std::string text = output_of("gcc -march=native -Q --help=target 2>/dev/null");
    for (const std::string_view line : lines(text)) {
        const std::string_view name = trim(line.substr(0, line.find('[')));
        if (line.find("[enabled]") != std::string_view::npos) options[std::string(name)] = true;
        if (line.find("[disabled]") != std::string_view::npos) options[std::string(name)] = false;
    }
    if (!options.contains("-mavx2")) GTEST_SKIP() << "there is no gcc for x86-64 here";
    const auto machine = probe(LiveMachine(), "h");
    for (const GccName& row : kGccNames) {
        if (!options.contains(row.option)) continue;  // newer than this GCC
        EXPECT_EQ(machine->cpu.features.contains(row.feature), options[row.option]) << row.option;
    }
}

// --- Dumps of other machines, where they are at hand ---------------------------------------------------------------

TEST(Dumps, FeaturesUnderEveryQemuModelAreThoseThatGccTurnsOn) {
    const auto expected = read_file(kShared + "/cpu/qemu/EXPECTED.tsv");
    if (!expected) GTEST_SKIP() << "no ../shared/data/cpu/qemu here";
    int models = 0;
    for (const std::string_view line : lines(*expected)) {
        if (line.starts_with('#')) continue;
        const auto cells = split(line, '\t');
        const std::string file = kShared + "/cpu/qemu/" + std::string(cells.at(0));
        const auto text = read_file(file);
        if (!text) continue;
        const auto dump = parse_cpu_dump(*text, file);
        ASSERT_TRUE(dump.has_value()) << file << ": " << dump.error().message;
        FakeMachine machine;
        machine.dumps[0] = *dump;
        const facts::FeatureSet features = usable_features(machine, 0);
        const std::string on = " " + std::string(cells.at(5)) + " ";
        const std::string off = " " + std::string(cells.at(6)) + " ";
        for (const GccName& row : kGccNames) {
            const std::string option = row.option;
            const bool is_on = on.find(" " + option + " ") != std::string::npos;
            const bool is_off = off.find(" -mno-" + option.substr(2) + " ") != std::string::npos;
            if (!is_on && !is_off) continue;
            EXPECT_EQ(features.contains(row.feature), is_on) << cells[0] << " " << option;
        }
        ++models;
    }
    EXPECT_GE(models, 40);
}

#endif

}  // namespace
}  // namespace lf::probe
