// SPDX-License-Identifier: MIT
#include "probe/topology_caches.h"

#include <gtest/gtest.h>

#include "probe/fake_machine.h"
#include "probe/topology.h"

namespace lf::probe {
namespace {

void put(MemoryFiles& files, int cpu, int index, const char* level, const char* type, const char* size,
         const char* shared) {
    const std::string folder =
        "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cache/index" + std::to_string(index) + "/";
    files.texts[folder + "level"] = level;
    files.texts[folder + "type"] = type;
    files.texts[folder + "size"] = size;
    files.texts[folder + "shared_cpu_list"] = shared;
    files.texts[folder + "ways_of_associativity"] = "8";
    files.texts[folder + "coherency_line_size"] = "64";
}

TEST(Caches, AreCountedOverTheMachine) {
    MemoryFiles files;
    for (int cpu = 0; cpu < 4; ++cpu) {
        put(files, cpu, 0, "1", "Data", cpu < 2 ? "48K\n" : "32K\n", cpu < 2 ? "0-1" : (cpu == 2 ? "2" : "3"));
        put(files, cpu, 1, "2", "Unified", "2M", cpu < 2 ? "0-1" : "2-3");
    }
    const auto caches = read_caches(files, {0, 1, 2, 3}, "x86_64");
    ASSERT_EQ(caches.size(), 3U);
    EXPECT_EQ(caches[0], (facts::Cache{1, "data", 48, 8, 64, 1}));
    EXPECT_EQ(caches[1], (facts::Cache{1, "data", 32, 8, 64, 2}));
    EXPECT_EQ(caches[2], (facts::Cache{2, "unified", 2048, 8, 64, 2}));
}

TEST(Caches, OfOfflineCpusDoNotCount) {
    MemoryFiles files;
    put(files, 1, 0, "1", "Data", "32K", "0-1");
    EXPECT_EQ(read_caches(files, {1}, "x86_64").front().instances, 1);
}

TEST(Caches, RubbishIsNoCache) {
    for (const char* size : {"0K", "", "K", "-1K", "99999999999999999999M", "32Q", "a\nb"}) {
        MemoryFiles files;
        put(files, 0, 0, "1", "Data", size, "0");
        EXPECT_TRUE(read_caches(files, {0}, "x86_64").empty()) << size;
    }
    MemoryFiles files;
    put(files, 0, 0, "77", "Data", "32K", "0");
    EXPECT_TRUE(read_caches(files, {0}, "x86_64").empty());
    put(files, 0, 0, "1", "Trace", "32K", "0");
    EXPECT_TRUE(read_caches(files, {0}, "x86_64").empty());
}

TEST(CpuMask, IsReadFromTheHighestWord) {
    EXPECT_EQ(parse_cpu_mask("00000001,00000003\n"), (std::vector<int>{0, 1, 32}));
    EXPECT_EQ(parse_cpu_mask("f"), (std::vector<int>{0, 1, 2, 3}));
    for (const char* bad : {"", ",", "xyz", "1ffffffff", "1,,1"}) EXPECT_TRUE(parse_cpu_mask(bad).empty()) << bad;
    EXPECT_TRUE(parse_cpu_mask(std::string(10000, ',')).empty());
}

}  // namespace
}  // namespace lf::probe
