// SPDX-License-Identifier: MIT
// A captured folder comes from anywhere. These tests build the ones that an attacker would.
#include "probe/capture_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "facts/codec.h"
#include "probe/probe.h"
#include "probe/scratch_folder.h"

namespace lf::probe {
namespace {

facts::Machine facts_of(const ScratchFolder& folder) {
    const auto source = CapturedMachine::open(folder.path());
    EXPECT_TRUE(source.has_value());
    const auto machine = probe(**source, "h");
    EXPECT_TRUE(machine.has_value());
    // Whatever was in the folder: what comes out is facts that can be read back.
    const std::string text = facts::to_json(*machine);
    const auto again = facts::from_json(text, "facts.json");
    EXPECT_TRUE(again.has_value()) << again.error().message << " at " << again.error().where.json_path;
    EXPECT_EQ(again ? facts::to_json(*again) : "", text);
    return *machine;
}

constexpr std::string_view kDump = "0 0 7 68747541 444d4163 69746e65\n1 0 a10f11 0 18001000 0\n7 0 0 20 0 0\nXCR0 7\n";

TEST(CapturedMachine, SaysWhatIsNoCapture) {
    const auto missing = CapturedMachine::open("/nowhere/at/all");
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().id, "capture-missing");
    EXPECT_EQ(missing.error().where.file, "/nowhere/at/all");
    const ScratchFolder folder;
    const auto empty = CapturedMachine::open(folder.path());
    ASSERT_FALSE(empty.has_value());
    EXPECT_EQ(empty.error().id, "capture-empty");
}

TEST(CapturedMachine, OneDumpHoldsForAllCpus) {
    const ScratchFolder folder;
    folder.write("cpuid/all.cpuid", kDump);
    folder.write("sys/devices/system/cpu/online", "0-3\n");
    const auto source = CapturedMachine::open(folder.path());
    EXPECT_EQ((*source)->cpuid_cpus().size(), 4U);
    EXPECT_EQ((*source)->xcr0(3), 7U);
    EXPECT_TRUE(facts_of(folder).cpu.features.contains("avx2"));
}

TEST(CapturedMachine, ADumpOfOneCpuIsBelievedOverTheCommonOne) {
    const ScratchFolder folder;
    folder.write("cpuid/all.cpuid", kDump);
    folder.write("cpuid/1.cpuid", "0 0 1 0 0 0\n1 0 0 0 0 0\n");
    folder.write("sys/devices/system/cpu/online", "0-3\n");
    const facts::Machine machine = facts_of(folder);
    EXPECT_FALSE(machine.cpu.features.contains("avx2"));
    EXPECT_TRUE(machine.cpu.features_some.contains("avx2"));
}

TEST(CapturedMachine, WithoutDumpsTheFlagsAreUsedAndANoteSaysSo) {
    const ScratchFolder folder;
    folder.write("proc/cpuinfo",
                 "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 60\nmodel name : X\nstepping : 3\n"
                 "flags : fpu lm pni avx2 avx made_up hypervisor\n\n"
                 "processor : 1\nflags : fpu lm pni avx\n");
    const facts::Machine machine = facts_of(folder);
    EXPECT_EQ(machine.system, "x86_64-linux");
    EXPECT_EQ(machine.cpu.features, (facts::FeatureSet{"avx", "fpu", "lm", "pni"}));
    EXPECT_EQ(machine.cpu.features_some, facts::FeatureSet{"avx2"});
    EXPECT_EQ(machine.cpu.source, "cpuinfo");
    EXPECT_EQ(machine.cpu.microarchitecture, "haswell");
    EXPECT_EQ(machine.cpu.hypervisor, "unknown");
    ASSERT_FALSE(machine.notes.empty());
    EXPECT_NE(machine.notes[0].find("/proc/cpuinfo"), std::string::npos);
}

TEST(CapturedMachine, OtherArchitecturesAreReadAsFarAsTheyArePlain) {
    const ScratchFolder folder;
    folder.write("proc/cpuinfo",
                 "processor\t: 0\nFeatures\t: fp asimd sve i8mm\nCPU implementer\t: 0x41\nCPU architecture: 8\n\n"
                 "processor\t: 1\nFeatures\t: fp asimd sve\nCPU architecture: 8\n");
    const facts::Machine arm = facts_of(folder);
    EXPECT_EQ(arm.system, "aarch64-linux");
    EXPECT_EQ(arm.cpu.features, (facts::FeatureSet{"asimd", "fp", "sve"}));
    EXPECT_EQ(arm.cpu.cpus, 2);
    folder.write("proc/sys/kernel/arch", "ppc64le\n");
    EXPECT_EQ(facts_of(folder).system, "powerpc64le-linux");
    folder.write("proc/sys/kernel/arch", "x86_64\"; rm -rf\n");
    EXPECT_EQ(facts_of(folder).system, "aarch64-linux") << "a name that is none is not believed";
}

TEST(CapturedMachine, LinksDoNotLeadOut) {
    const ScratchFolder outside;
    outside.write("secret", "processor : 0\nmodel name : secret\nflags : lm avx2\n");
    const ScratchFolder folder;
    folder.write("sys/x", "");
    folder.link("proc/cpuinfo", outside.path() + "/secret");
    EXPECT_EQ(facts_of(folder).cpu.model_name, std::nullopt) << "an absolute link means a path inside the capture";
    std::filesystem::remove(folder.path() + "/proc/cpuinfo");
    folder.link("proc/cpuinfo", "../../../../../../../../../" + outside.path() + "/secret");
    EXPECT_EQ(facts_of(folder).cpu.model_name, std::nullopt);
    std::filesystem::remove_all(folder.path() + "/proc");
    folder.link("proc", outside.path());
    folder.link("cpuid", "../" + std::filesystem::path(outside.path()).filename().string());
    EXPECT_TRUE(facts_of(folder).cpu.features.empty());
}

TEST(CapturedMachine, LinksInsideAreFollowed) {
    const ScratchFolder folder;
    folder.write("sys/devices/pci0000:00/0000:01:00.0/class", "0x030000\n");
    folder.write("sys/devices/pci0000:00/0000:01:00.0/vendor", "0x10de\n");
    folder.write("sys/devices/pci0000:00/0000:01:00.0/device", "0x2684\n");
    folder.link("sys/devices/pci0000:00/0000:01:00.0/driver", "../../../bus/pci/drivers/nouveau");
    folder.link("sys/bus/pci/devices/0000:01:00.0", "../../../devices/pci0000:00/0000:01:00.0");
    folder.link("proc/meminfo", "/data/meminfo");
    folder.write("data/meminfo", "MemTotal: 4096 kB\n");
    const facts::Machine machine = facts_of(folder);
    ASSERT_EQ(machine.gpus.size(), 1U);
    EXPECT_EQ(machine.gpus[0].chip, "AD102");
    EXPECT_EQ(machine.gpus[0].driver, "nouveau");
    EXPECT_EQ(machine.memory_mib, 4);
}

TEST(CapturedMachine, LoopsOfLinksEnd) {
    const ScratchFolder folder;
    folder.write("sys/x", "");
    folder.link("proc", "proc");
    folder.link("cpuid", "sys/loop");
    folder.link("sys/loop", "../cpuid");
    folder.link("sys/bus", "../sys/bus/pci");
    folder.link("sys/devices", "devices/system");
    EXPECT_EQ(facts_of(folder).cpu.cpus, std::nullopt);
}

TEST(CapturedMachine, PipesAndFoldersInPlaceOfFilesDoNotHang) {
    const ScratchFolder folder;
    std::filesystem::create_directories(folder.path() + "/proc/meminfo");
    std::filesystem::create_directories(folder.path() + "/sys/devices/system/cpu");
    ASSERT_EQ(::mkfifo((folder.path() + "/proc/cpuinfo").c_str(), 0600), 0);
    ASSERT_EQ(::mkfifo((folder.path() + "/sys/devices/system/cpu/online").c_str(), 0600), 0);
    const facts::Machine machine = facts_of(folder);
    EXPECT_EQ(machine.memory_mib, std::nullopt);
    EXPECT_EQ(machine.cpu.cpus, std::nullopt);
    EXPECT_GE(machine.notes.size(), 4U);
}

TEST(CapturedMachine, AbsurdSizesAreRefusedQuickly) {
    const ScratchFolder folder;
    folder.write("proc/cpuinfo", "");
    std::filesystem::resize_file(folder.path() + "/proc/cpuinfo", std::uintmax_t{1} << 40);  // sparse
    folder.write("proc/meminfo", std::string(1 << 20, 'M'));
    folder.write("sys/devices/system/cpu/online", "0-4294967295\n");
    folder.write("cpuid/all.cpuid", std::string(1 << 20, '0'));
    folder.write("notes", std::string(1 << 20, '\n'));
    for (int cpu = 0; cpu < 30; ++cpu) {
        const std::string name = "cpuid/" + std::to_string(cpu) + ".cpuid";
        folder.write(name, "");
        std::filesystem::resize_file(folder.path() + "/" + name, std::uintmax_t{32} << 20);
    }
    const facts::Machine machine = facts_of(folder);
    EXPECT_TRUE(machine.cpu.features.empty());
    EXPECT_EQ(machine.memory_mib, std::nullopt);
    bool stopped = false;
    for (const std::string& note : machine.notes) stopped |= note.find("64 MiB") != std::string::npos;
    EXPECT_TRUE(stopped);
}

TEST(CapturedMachine, RubbishNeitherEscapesNorBreaksFacts) {
    std::string rubbish;
    for (int i = 0; i < 4096; ++i) rubbish += static_cast<char>(i * 37 % 256);
    const ScratchFolder folder;
    folder.write("proc/cpuinfo",
                 "processor: 0\nmodel name: \x1b]0;owned\x07 \xff\xfe\nvendor_id: a\"b${c}\n"
                 "flags: lm avx2 av\"x ${boom} \x1b[2J\n" +
                     rubbish);
    folder.write("proc/meminfo", rubbish);
    folder.write("notes", "a note with \x1b[31mcolour\n" + rubbish);
    folder.write("sys/bus/pci/devices/0000:01:00.0/class", "0x030000");
    folder.write("sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de");
    folder.write("sys/bus/pci/devices/0000:01:00.0/device", "0x25a2");
    folder.link("sys/bus/pci/devices/0000:01:00.0/driver", "evil\n driver");
    folder.write("usr/share/misc/pci.ids", "10de  N\n\t25a2  " + std::string(5000, 'n') + "\x1b[2J\n" + rubbish);
    folder.write("sys/class/kfd/kfd/topology/nodes/\n/properties", rubbish);
    const facts::Machine machine = facts_of(folder);
    EXPECT_EQ(machine.cpu.model_name, "\\x1b]0;owned\\x07 \\xff\\xfe");
    EXPECT_EQ(machine.cpu.features, (facts::FeatureSet{"avx2", "lm"}));
    ASSERT_EQ(machine.gpus.size(), 1U);
    EXPECT_EQ(machine.gpus[0].driver, std::nullopt);
    EXPECT_LE(machine.gpus[0].name->size(), 256U);
    for (const std::string& note : machine.notes) EXPECT_EQ(note.find('\x1b'), std::string::npos);
}

TEST(CapturedMachine, TheHostWithAnH200) {
    const auto source =
        CapturedMachine::open(std::string(LLAMA_FLEET_SOURCE_DIR) + "/../shared/data/hosts/h200-emerald-rapids");
    if (!source) GTEST_SKIP() << "no ../shared/data/hosts here";
    const auto machine = probe(**source, "h200");
    ASSERT_TRUE(machine.has_value());
    ASSERT_EQ(machine->gpus.size(), 1U);
    EXPECT_EQ(machine->gpus[0].chip, "GH100");
    EXPECT_EQ(machine->gpus[0].compute_capability, "9.0");
    EXPECT_EQ(machine->gpus[0].driver, "nvidia");
    EXPECT_EQ(machine->gpus[0].integrated, false);
    for (const char* name : {"amx_tile", "amx_int8", "amx_bf16", "avx512_fp16", "avx_vnni"})
        EXPECT_TRUE(machine->cpu.features.contains(name)) << name;
    EXPECT_EQ(machine->cpu.microarchitecture, "emeraldrapids");
    EXPECT_EQ(machine->cpu.cpus, 16);
    EXPECT_EQ(machine->memory_mib, std::nullopt) << "its meminfo was not captured";
    EXPECT_NE(machine->notes.at(0).find("no CPUID was recorded"), std::string::npos);
}

}  // namespace
}  // namespace lf::probe
