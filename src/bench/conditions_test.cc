// SPDX-License-Identifier: MIT
#include "bench/conditions.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "bench/fake_bench.h"

namespace lf::bench {
namespace {

using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> ids(const std::vector<Warning>& warnings) {
    std::vector<std::string> out;
    for (const Warning& warning : warnings) out.push_back(warning.id);
    return out;
}

TEST(Conditions, areReadFromProcAndSys) {
    Folder folder;
    folder.write("proc/loadavg", "1.25 0.20 0.30 1/100 1234\n");
    folder.write("proc/cpuinfo", "processor : 0\nflags : fpu sse hypervisor sse2\n");
    folder.write("proc/meminfo", "MemTotal:       16384000 kB\nMemFree: 1 kB\nMemAvailable:   8192000 kB\n");
    folder.write("proc/pressure/memory", "some avg10=0.00 avg60=2.50 avg300=1.00 total=12\nfull avg10=0.00\n");
    folder.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    folder.write("sys/firmware/acpi/platform_profile", "balanced\n");
    folder.write("sys/class/power_supply/AC/type", "Mains\n");
    folder.write("sys/class/power_supply/AC/online", "0\n");
    folder.write("sys/class/power_supply/BAT0/type", "Battery\n");
    const Conditions c = read_conditions(RootedFiles(folder.path()));
    EXPECT_EQ(c.load_average, 1.25);
    EXPECT_EQ(c.virtual_machine, true);
    EXPECT_EQ(c.memory_mib, 16000);
    EXPECT_EQ(c.memory_available_mib, 8000);
    EXPECT_EQ(c.memory_pressure, 2.5);
    EXPECT_EQ(c.governor, "powersave");
    EXPECT_EQ(c.power_profile, "balanced");
    EXPECT_EQ(c.on_battery, true);
    EXPECT_GE(c.cpus, 1);
    EXPECT_GE(c.cores, 1);
    EXPECT_THAT(ids(warnings_of(c)), ::testing::IsSupersetOf({"governor", "power-profile", "battery", "memory-pressure",
                                                              "virtual-machine"}));
}

TEST(Conditions, WhatCannotBeReadIsNoGuess) {
    Folder folder;
    const Conditions c = read_conditions(RootedFiles(folder.path()));
    EXPECT_FALSE(c.load_average || c.virtual_machine || c.memory_mib || c.governor || c.on_battery ||
                 c.memory_pressure);
    EXPECT_THAT(warnings_of(c), IsEmpty());
    Conditions after = c;
    add_counters(after, read_counters(RootedFiles(folder.path())), read_counters(RootedFiles(folder.path())), 1, 10);
    EXPECT_EQ(after, c);
}

TEST(Conditions, aMainsSupplyThatIsOnIsNoBattery) {
    Folder folder;
    folder.write("sys/class/power_supply/AC/type", "Mains\n");
    folder.write("sys/class/power_supply/AC/online", "1\n");
    EXPECT_EQ(read_conditions(RootedFiles(folder.path())).on_battery, false);
}

TEST(Conditions, aRemedyInUseIsNotProposed) {
    Conditions c;
    c.cpus = 4;
    c.governor = "performance";
    c.power_profile = "performance";
    c.on_battery = false;
    c.load_average = 0.5;
    EXPECT_THAT(warnings_of(c), IsEmpty());
    c.governor = "schedutil";
    ASSERT_THAT(ids(warnings_of(c)), ElementsAre("governor"));
    EXPECT_THAT(warnings_of(c)[0].remedy, HasSubstr("cpupower frequency-set -g performance"));
}

TEST(Conditions, countersTellWhoElseWorked) {
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    Folder before;
    Folder after;
    before.write("proc/stat", fmt::format("cpu  {} 0 0 5000 10 0 0 0 0 0\ncpu0 1 2 3\n", 10 * ticks));
    after.write("proc/stat", fmt::format("cpu  {} 0 {} 9000 10 0 0 0 0 0\n", 40 * ticks, 10 * ticks));
    before.write("proc/4711/stat", fmt::format("4711 (cc1 plus) x) R 1 2 3 4 5 6 7 8 9 10 {} 0 0 0\n", 5 * ticks));
    after.write("proc/4711/stat",
                fmt::format("4711 (cc1 plus) x) R 1 2 3 4 5 6 7 8 9 10 {} {} 0 0\n", 20 * ticks, 5 * ticks));
    after.write("proc/12/stat", "12 (idle) S 1 2 3 4 5 6 7 8 9 10 1 0 0 0\n");
    before.write("proc/vmstat", "nr_free 1\npswpin 100\n");
    after.write("proc/vmstat", "nr_free 1\npswpin 1124\n");
    before.write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3\n");
    after.write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "8\n");
    Conditions c;
    c.cpus = 2;
    // 40 s of CPU time went by in 20 s; 20 of them were ours.
    add_counters(c, read_counters(RootedFiles(before.path())), read_counters(RootedFiles(after.path())), 20, 20);
    ASSERT_TRUE(c.other_cpu_share);
    EXPECT_NEAR(*c.other_cpu_share, 0.5, 1e-9);
    EXPECT_THAT(c.busy_programs, ElementsAre("cc1 plus) x (20 s)"));
    EXPECT_EQ(c.throttle_events, 5);
    EXPECT_NEAR(*c.swapped_mib, 1024.0 * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20), 1e-9);
    EXPECT_THAT(ids(warnings_of(c)), ElementsAre("other-programs", "throttled", "swapping"));
    EXPECT_THAT(warnings_of(c)[0].text, HasSubstr("50 % of the CPUs"));
}

TEST(Conditions, hostileTextsAreHarmless) {
    for (const char* text :
         {"", "cpu", "cpu  a b c", "cpu  18446744073709551615 99999999999999999999", "\xff\xfe", "4711 ("}) {
        Folder folder;
        for (const char* file : {"proc/stat", "proc/vmstat", "proc/loadavg", "proc/meminfo", "proc/pressure/memory",
                                 "proc/1/stat", "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count"})
            folder.write(file, text);
        const RootedFiles files(folder.path());
        Conditions c = read_conditions(files);
        add_counters(c, read_counters(files), read_counters(files), 1, 1);
        EXPECT_LE(c.other_cpu_share.value_or(0), 1);
    }
}

}  // namespace
}  // namespace lf::bench
