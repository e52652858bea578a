// SPDX-License-Identifier: MIT
#include "probe/topology.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probe/fake_machine.h"
#include "probe/memory.h"

namespace lf::probe {
namespace {

using Numbers = std::vector<int>;

TEST(CpuList, ReadsTheKernelsForm) {
    EXPECT_EQ(parse_cpu_list("0-3,8\n"), (Numbers{0, 1, 2, 3, 8}));
    EXPECT_EQ(parse_cpu_list("0"), Numbers{0});
    EXPECT_EQ(parse_cpu_list("8190-8191").size(), 2U);
}

TEST(CpuList, RefusesRubbish) {
    for (const std::string_view bad : {"", "\n", "-", "3-1", "a", "0-", "0,,1", "0-4294967295", "8192", "1,1", "4,2",
                                       "0-3,2-5", "99999999999999999999999", "0 1"})
        EXPECT_TRUE(parse_cpu_list(bad).empty()) << bad;
}

/// A machine of `sockets` × `cores` × 2 threads, numbered as Linux does it on Intel: second threads after all cores.
FakeMachine server(int sockets, int cores) {
    FakeMachine machine;
    auto& texts = machine.memory.texts;
    const int half = sockets * cores;
    const std::string root = "/sys/devices/system/";
    texts[root + "cpu/online"] = fmt::format("0-{}\n", 2 * half - 1);
    texts[root + "node/online"] = fmt::format("0-{}\n", sockets - 1);
    for (int cpu = 0; cpu < 2 * half; ++cpu) {
        const int core = cpu % half;
        const int first = core / cores * cores;
        const std::string folder = fmt::format("{}cpu/cpu{}/topology/", root, cpu);
        texts[folder + "core_cpus_list"] = fmt::format("{},{}\n", core, core + half);
        texts[folder + "package_cpus_list"] =
            fmt::format("{}-{},{}-{}\n", first, first + cores - 1, first + half, first + half + cores - 1);
    }
    return machine;
}

TEST(Topology, CountsCoresSocketsAndNodes) {
    facts::Cpu cpu;
    std::vector<std::string> notes;
    read_topology(server(2, 24).memory, cpu);
    EXPECT_EQ(cpu.cpus, 96);
    EXPECT_EQ(cpu.cores, 48);
    EXPECT_EQ(cpu.sockets, 2);
    EXPECT_EQ(cpu.numa_nodes, 2);
    note_unknown_topology(cpu, notes);
    EXPECT_TRUE(notes.empty());
}

TEST(Topology, KnowsTheOlderNamesOfTheLists) {
    FakeMachine machine;
    auto& texts = machine.memory.texts;
    texts["/sys/devices/system/cpu/online"] = "0-1";
    texts["/sys/devices/system/cpu/cpu0/topology/thread_siblings_list"] = "0-1";
    texts["/sys/devices/system/cpu/cpu0/topology/core_siblings_list"] = "0-1";
    facts::Cpu cpu;
    std::vector<std::string> notes;
    read_topology(machine.memory, cpu);
    EXPECT_EQ(cpu.cores, 1);
    EXPECT_EQ(cpu.sockets, 1);
    EXPECT_EQ(cpu.numa_nodes, std::nullopt);
    note_unknown_topology(cpu, notes);
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_NE(notes[0].find("NUMA"), std::string::npos);
}

TEST(Topology, FallsBackToCpuinfo) {
    FakeMachine machine;
    std::string& text = machine.memory.texts["/proc/cpuinfo"];
    for (int cpu = 0; cpu < 8; ++cpu)
        text += fmt::format("processor\t: {}\nphysical id\t: {}\ncore id\t\t: {}\n\n", cpu, cpu / 4, cpu % 2);
    facts::Cpu cpu;
    read_topology(machine.memory, cpu);
    EXPECT_EQ(cpu.cpus, 8);
    EXPECT_EQ(cpu.cores, 4);
    EXPECT_EQ(cpu.sockets, 2);
}

TEST(Topology, CountsTheProcessorsOfS390) {
    FakeMachine machine;
    machine.memory.texts["/proc/cpuinfo"] =
        "vendor_id       : IBM/S390\n# processors    : 2\nprocessor 0: version = 00,  machine = 3931\n"
        "processor 1: version = 00,  machine = 3931\nprocessor x: rubbish\nprocessor 99999999: far\n";
    EXPECT_EQ(online_cpus(machine.memory), (Numbers{0, 1}));
}

TEST(Topology, NothingToReadGivesNullsAndNotes) {
    facts::Cpu cpu;
    std::vector<std::string> notes;
    read_topology(MemoryFiles(), cpu);
    EXPECT_EQ(cpu.cpus, std::nullopt);
    EXPECT_EQ(cpu.cores, std::nullopt);
    EXPECT_EQ(cpu.sockets, std::nullopt);
    EXPECT_EQ(cpu.numa_nodes, std::nullopt);
    note_unknown_topology(cpu, notes);
    EXPECT_EQ(notes.size(), 4U);
}

TEST(Topology, AListThatLeavesItsOwnCpuOutIsNotBelieved) {
    FakeMachine machine = server(1, 2);
    machine.memory.texts["/sys/devices/system/cpu/cpu1/topology/core_cpus_list"] = "0\n";
    facts::Cpu cpu;
    read_topology(machine.memory, cpu);
    EXPECT_EQ(cpu.cores, std::nullopt);
    EXPECT_EQ(cpu.sockets, 1);
}

TEST(Memory, RoundsDownToMib) {
    MemoryFiles files;
    std::vector<std::string> notes;
    files.texts["/proc/meminfo"] = "MemTotal:       32094724 kB\nMemFree: 1 kB\n";
    EXPECT_EQ(read_memory_mib(files, notes), 31342);
    EXPECT_TRUE(notes.empty());
}

TEST(Memory, UnknownIsNullAndANote) {
    for (const char* text : {"", "MemFree: 3 kB\n", "MemTotal: lots\n", "MemTotal: 99999999999999999999999 kB\n",
                             "MemTotal: 18446744073709551615 kB\n", "xMemTotal: 4096 kB\n", "MemTotal:"}) {
        MemoryFiles files;
        files.texts["/proc/meminfo"] = text;
        std::vector<std::string> notes;
        EXPECT_EQ(read_memory_mib(files, notes), std::nullopt) << text;
        EXPECT_EQ(notes.size(), 1U) << text;
    }
    std::vector<std::string> notes;
    EXPECT_EQ(read_memory_mib(MemoryFiles(), notes), std::nullopt);
    EXPECT_EQ(notes.size(), 1U);
}

}  // namespace
}  // namespace lf::probe
