// SPDX-License-Identifier: MIT
#include "probe/environment.h"

#include <gtest/gtest.h>

#include "probe/fake_machine.h"
#include "probe/limits.h"
#include "probe/memory_devices.h"
#include "probe/nix_settings.h"

namespace lf::probe {
namespace {

facts::Environment limits_of(const std::map<std::string, std::string>& texts, int online = 16) {
    MemoryFiles files;
    files.texts = texts;
    facts::Environment out;
    read_limits(files, online, out);
    return out;
}

TEST(Limits, OfVersion2AreTheTightestOnTheWayUp) {
    const auto found = limits_of({{"/proc/self/cgroup", "0::/a/b\n"},
                                  {"/sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
                                  {"/sys/fs/cgroup/a/cpu.max", "250000 100000\n"},
                                  {"/sys/fs/cgroup/a/memory.max", "2147483648\n"},
                                  {"/sys/fs/cgroup/a/b/memory.max", "4294967296\n"},
                                  {"/sys/fs/cgroup/cpuset.cpus.effective", "0-15\n"}});
    EXPECT_EQ(found.cpu_limit_milli, 2500);
    EXPECT_EQ(found.memory_limit_mib, 2048);
}

TEST(Limits, OfVersion1AndOfCpusets) {
    const auto found = limits_of({{"/proc/self/cgroup", "9:memory:/x\n5:cpu,cpuacct:/x\n3:cpuset:/x\n0::/x\n"},
                                  {"/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n"},
                                  {"/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "-1\n"},
                                  {"/sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n"},
                                  {"/sys/fs/cgroup/cpuset/x/cpuset.effective_cpus", "0-3\n"}});
    EXPECT_EQ(found.cpu_limit_milli, 4000);
    EXPECT_EQ(found.memory_limit_mib, std::nullopt);
}

TEST(Limits, SurviveRubbish) {
    const auto found =
        limits_of({{"/proc/self/cgroup", "0::/../../etc\nx\n:::\n1:cpu:/" + std::string(9000, 'a') + "\n0::/a\n"},
                   {"/sys/fs/cgroup/a/cpu.max", "18446744073709551615 0\n"},
                   {"/sys/fs/cgroup/a/memory.max", "99999999999999999999999\n"}});
    EXPECT_EQ(found.cpu_limit_milli, std::nullopt);
    EXPECT_EQ(found.memory_limit_mib, std::nullopt);
}

TEST(Limits, AFileThatCannotBeReadIsANote) { EXPECT_EQ(limits_of({}).notes.size(), 1U); }

std::string memory_structure(unsigned mib, char type, unsigned mts, unsigned char bits, const std::string& locator) {
    std::string out(0x28, '\0');
    out[0] = 17;
    out[1] = 0x28;
    out[0x0a] = static_cast<char>(bits);
    out[0x0c] = static_cast<char>(mib & 0xff);
    out[0x0d] = static_cast<char>(mib >> 8);
    out[0x10] = 1;
    out[0x12] = type;
    out[0x20] = static_cast<char>(mts & 0xff);
    out[0x21] = static_cast<char>(mts >> 8);
    return out + locator + std::string(2, '\0');
}

facts::Environment memory_of(const std::string& table) {
    MemoryFiles files;
    files.texts[std::string(kDmiTable)] = table;
    facts::Environment out;
    read_memory_devices(files, out);
    return out;
}

TEST(MemoryDevices, OfADesktopWithTwoOfFourSlotsFilled) {
    const std::string table = memory_structure(16384, 0x22, 5200, 64, "P0 CHANNEL A") +
                              memory_structure(0, 0x02, 0, 0, "P0 CHANNEL A") +
                              memory_structure(16384, 0x22, 4800, 64, "P0 CHANNEL B");
    const auto found = memory_of(table);
    EXPECT_EQ(found.memory_type, "DDR5");
    EXPECT_EQ(found.memory_mts, 4800) << "the slowest";
    EXPECT_EQ(found.memory_channels, 2);
    EXPECT_TRUE(found.notes.empty());
    EXPECT_EQ(memory_of(format_memory_devices(*parse_smbios_memory(table))), found) << "as a capture keeps it";
}

TEST(MemoryDevices, ChannelsAreOnlyWhatIsCalledSo) {
    struct Row {
        const char* first;
        const char* second;
        std::optional<int> channels;
    };
    const Row rows[] = {
        {"ChannelA-DIMM0", "ChannelA-DIMM1", 1}, {"Controller0-ChannelA-DIMM0", "Controller1-ChannelA-DIMM0", 2},
        {"CPU0 Channel0", "CPU1 Channel0", 2},   {"P0_Node0_Channel0_Dimm0", "P1_Node1_Channel0_Dimm0", 2},
        {"DIMM_A1", "DIMM_B1", std::nullopt},    {"A1", "B1", std::nullopt}};
    for (const Row& row : rows)
        EXPECT_EQ(memory_of(memory_structure(8192, 0x1a, 3200, 64, row.first) +
                            memory_structure(8192, 0x1a, 3200, 64, row.second))
                      .memory_channels,
                  row.channels)
            << row.first;
}

TEST(MemoryDevices, SolderedPackagesAddUpToChannels) {
    std::string table;
    for (int i = 0; i < 8; ++i) table += memory_structure(4096, 0x23, 7500, 16, "Motherboard");
    const auto found = memory_of(table);
    EXPECT_EQ(found.memory_type, "LPDDR5");
    EXPECT_EQ(found.memory_channels, 2);
}

TEST(MemoryDevices, AVirtualMachinesRamHasNoType) {
    const auto found = memory_of(memory_structure(4096, 0x07, 0, 0, "DIMM 0"));
    EXPECT_EQ(found.memory_type, std::nullopt);
    EXPECT_EQ(found.memory_mts, std::nullopt);
    EXPECT_EQ(found.notes.size(), 1U);
}

TEST(MemoryDevices, RubbishIsNoTable) {
    for (const std::string& table :
         {std::string(), std::string("\x11\x03"), std::string(300, '\xff'), std::string("\x11\x28\0\0", 4),
          memory_structure(1, 0x1a, 1, 1, "x").substr(0, 41)})
        EXPECT_EQ(memory_of(table).memory_type, std::nullopt);
    const std::string longer = memory_structure(16384, 0x22, 5200, 64, "ChannelA");
    for (std::size_t cut = 0; cut < longer.size(); ++cut) parse_smbios_memory(longer.substr(0, cut));
}

TEST(MemoryDevices, OfEdacWhereTheTableIsForRoot) {
    MemoryFiles files;
    for (const char* dimm : {"/sys/devices/system/edac/mc/mc0/dimm0/", "/sys/devices/system/edac/mc/mc0/dimm3/"}) {
        files.texts[std::string(dimm) + "size"] = "16384\n";
        files.texts[std::string(dimm) + "dimm_mem_type"] = "Registered-DDR4\n";
        files.texts[std::string(dimm) + "dimm_location"] =
            std::string("channel ") + std::string(dimm).substr(36, 1) + " slot 0 \n";
    }
    facts::Environment found;
    read_memory_devices(files, found);
    EXPECT_EQ(found.memory_type, "DDR4");
    EXPECT_EQ(found.memory_channels, 2);
    EXPECT_EQ(found.memory_mts, std::nullopt) << "EDAC does not tell the speed";
    ASSERT_EQ(found.notes.size(), 1U);
}

TEST(NixSettings, IncludesAreFollowedButNotForEver) {
    MemoryFiles files;
    files.texts["/etc/nix/nix.conf"] = "system-features = kvm\ninclude nix.conf\n!include /x/y.conf\ninclude none\n";
    files.texts["/x/y.conf"] = "extra-system-features = a b;c\ninclude ../etc/nix/nix.conf\n";
    facts::Environment found;
    read_nix(files, found);
    EXPECT_EQ(found.nix_system_features, (std::vector<std::string>{"kvm", "a"}));
}

TEST(Environment, FreeSpaceIsRoundedDown) {
    const std::pair<std::uint64_t, std::int64_t> rows[] = {{0, 0},   {1, 1},     {4, 2},     {5, 5},      {19, 10},
                                                           {20, 20}, {199, 100}, {999, 500}, {1000, 1000}};
    for (const auto& [gib, rounded] : rows) EXPECT_EQ(rounded_gib(gib), rounded) << gib;
    EXPECT_GT(rounded_gib(~std::uint64_t{0}), 0);
}

TEST(Environment, ContainersAndPowerAreNamed) {
    FakeMachine machine("0 0 1 0 0 0\n");
    auto& texts = machine.memory.texts;
    texts["/proc/sys/kernel/osrelease"] = "5.15.153.1-microsoft-standard-WSL2\n";
    texts["/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"] = "powersave\n";
    texts["/sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference"] = "balance_power\n";
    auto found = read_environment(machine, 4);
    EXPECT_EQ(found.container, "wsl");
    EXPECT_EQ(found.cpu_governor, "powersave");
    EXPECT_EQ(found.power_profile, "balance_power");
    texts["/proc/sys/kernel/osrelease"] = "6.12.1\n";
    texts["/run/.containerenv"] = "";
    texts["/sys/firmware/acpi/platform_profile"] = "performance\n";
    found = read_environment(machine, 4);
    EXPECT_EQ(found.container, "podman");
    EXPECT_EQ(found.power_profile, "performance");
}

}  // namespace
}  // namespace lf::probe
