// SPDX-License-Identifier: MIT
#include "probe/pci.h"

#include <gtest/gtest.h>

#include "facts/unread.h"
#include "probe/fake_machine.h"
#include "probe/pci_ids.h"

namespace lf::probe {
namespace {

void put(MemoryFiles& files, const std::string& address, const char* vendor, const char* device, const char* code) {
    const std::string folder = "/sys/bus/pci/devices/" + address;
    files.texts[folder + "/vendor"] = vendor;
    files.texts[folder + "/device"] = device;
    files.texts[folder + "/class"] = code;
}

TEST(Pci, TakesDisplayDevicesAndNothingElse) {
    MemoryFiles files;
    put(files, "0000:01:00.0", "0x10de\n", "0x25a2\n", "0x030000\n");
    put(files, "0000:01:00.1", "0x10de\n", "0x2291\n", "0x040300\n");  // its audio function
    put(files, "0000:02:00.0", "0x10de\n", "0x2335\n", "0x030200\n");
    put(files, "0000:03:00.0", "0x1002\n", "0x74a1\n", "0x120000\n");
    put(files, "0000:04:00.0", "0x1002\n", "0x15bf\n", "0x038000\n");
    put(files, "0000:05:00.0", "0x8086\n", "0x1234\n", "0x060000\n");
    files.links["/sys/bus/pci/devices/0000:01:00.0/driver"] = "../../../../bus/pci/drivers/nvidia";
    std::vector<std::string> notes;
    const auto devices = display_devices(files, notes);
    ASSERT_EQ(devices.size(), 4U);
    EXPECT_EQ(devices[0].address, "0000:01:00.0");
    EXPECT_EQ(devices[0].vendor, 0x10de);
    EXPECT_EQ(devices[0].device, 0x25a2);
    EXPECT_EQ(devices[0].driver, "nvidia");
    EXPECT_EQ(devices[1].driver, std::nullopt);
    EXPECT_EQ(devices[2].class_code, 0x120000U);
    EXPECT_TRUE(notes.empty());
}

TEST(Pci, BelievesNvidiasOwnListWhereSysIsIncomplete) {
    MemoryFiles files;
    put(files, "0000:00:06.0", "0x10de", "0x2335", "0x030200");
    files.texts["/proc/driver/nvidia/gpus/0000:00:06.0/information"] = "Model: x\n";
    std::vector<std::string> notes;
    EXPECT_EQ(display_devices(files, notes).at(0).driver, "nvidia");
}

TEST(Pci, RubbishIsLeftOut) {
    MemoryFiles files;
    put(files, "0000:01:00.0", "10deg", "0x25a2", "0x030000");
    put(files, "0000:02:00.0", "0x10de", "0x25a2ff", "0x030000");
    put(files, "0000:03:00.0", "0x10de", "0x25a2", "display");
    put(files, "../../etc", "0x10de", "0x25a2", "0x030000");
    put(files, "0000:04:00.8", "0x10de", "0x25a2", "0x030000");
    put(files, "0000:05:00.0\x1b[2J", "0x10de", "0x25a2", "0x030000");
    put(files, "0000:06:00.0", "0x10de", "0x25a2", "0x030000");
    files.links["/sys/bus/pci/devices/0000:06:00.0/driver"] = "../drivers/$(reboot)";
    std::vector<std::string> notes;
    const auto devices = display_devices(files, notes);
    ASSERT_EQ(devices.size(), 1U);
    EXPECT_EQ(devices[0].address, "0000:06:00.0");
    EXPECT_EQ(devices[0].driver, std::nullopt);
    EXPECT_EQ(notes.size(), 3U) << "two display devices whose ids cannot be read, and one device without a class";
    EXPECT_TRUE(notes[0].starts_with(facts::kGpuUnread)) << notes[0];
}

TEST(Pci, NoBusIsNoNoteButNoSysIs) {
    MemoryFiles files;
    std::vector<std::string> notes;
    EXPECT_TRUE(display_devices(files, notes).empty());
    EXPECT_EQ(notes.size(), 1U);
    EXPECT_TRUE(notes[0].starts_with(facts::kGpusUnread)) << notes[0];
    notes.clear();
    files.texts["/sys/bus/cpu/drivers_autoprobe"] = "1";
    EXPECT_TRUE(display_devices(files, notes).empty());
    EXPECT_TRUE(notes.empty());
}

TEST(Pci, IsBounded) {
    MemoryFiles files;
    for (int i = 0; i < 1100; ++i) {
        char address[16];
        std::snprintf(address, sizeof address, "%04x:00:00.0", static_cast<unsigned>(i));
        put(files, address, "0x10de", "0x25a2", "0x030000");
    }
    std::vector<std::string> notes;
    EXPECT_EQ(display_devices(files, notes).size(), 1024U);
    EXPECT_EQ(notes.size(), 1U);
}

constexpr std::string_view kIds =
    "# a comment\n#\t10de is not here\n0010  Allied Telesis\n\t8139  AT-2500TX\n"
    "10de  NVIDIA Corporation\n\t0008  NV1 [STG2000]\n# in the middle\n\t25a2  GA107M [GeForce RTX 3050 Mobile]\n"
    "\t\t10de 2684  a board, not a device\n\t2684  AD102 [GeForce RTX 4090]\n10df  Emulex\n\tffff  Last of Emulex\n"
    "C 03  Display controller\n\t00  VGA\n";

TEST(PciIds, FindsNamesInTheBlockOfTheirVendor) {
    EXPECT_EQ(pci_device_name(kIds, 0x10de, 0x25a2), "GA107M [GeForce RTX 3050 Mobile]");
    EXPECT_EQ(pci_device_name(kIds, 0x10de, 0x2684), "AD102 [GeForce RTX 4090]");
    EXPECT_EQ(pci_device_name(kIds, 0x10de, 0x8139), std::nullopt) << "the vendor before";
    EXPECT_EQ(pci_device_name(kIds, 0x10de, 0xffff), std::nullopt) << "the vendor after";
    EXPECT_EQ(pci_device_name(kIds, 0x10df, 0xffff), "Last of Emulex");
    EXPECT_EQ(pci_device_name(kIds, 0x1002, 0x25a2), std::nullopt);
    EXPECT_EQ(pci_vendor_name(kIds, 0x10de), "NVIDIA Corporation");
    EXPECT_EQ(pci_vendor_name(kIds, 0x0010), "Allied Telesis");
    EXPECT_EQ(pci_vendor_name(kIds, 0x1002), std::nullopt);
}

TEST(PciIds, StandsBrokenText) {
    for (const std::string_view text : {"", "\n", "10de", "10de ", "10de  N", "10de  N\n\t", "10de  N\n\t25a2",
                                        "10de  N\n\t25a", "\n10de  N\n\t\t25a2 x y\n", "\t25a2  orphan\n"}) {
        EXPECT_EQ(pci_device_name(text, 0x10de, 0x25a2), std::nullopt) << text;
        pci_vendor_name(text, 0x10de);
    }
    EXPECT_EQ(pci_device_name("10de  N\n\t25a2  X", 0x10de, 0x25a2), "X") << "no newline at the end";
    EXPECT_EQ(pci_device_name("10de  N\r\n\t25a2  X\r\n", 0x10de, 0x25a2), "X");
}

TEST(PciIds, IsLookedForInTheUsualPlaces) {
    MemoryFiles files;
    EXPECT_EQ(read_pci_ids(files), std::nullopt);
    files.texts["/run/current-system/sw/share/hwdata/pci.ids"] = "nixos";
    EXPECT_EQ(read_pci_ids(files), "nixos");
    files.texts["/usr/share/misc/pci.ids"] = "debian";
    EXPECT_EQ(read_pci_ids(files), "debian");
}

}  // namespace
}  // namespace lf::probe
