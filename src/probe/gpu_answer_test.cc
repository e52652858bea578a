// SPDX-License-Identifier: MIT
// What a library said is foreign text: nothing of it is believed before it has the documented form.
#include "probe/gpu_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace lf::probe {
namespace {

TEST(GpuAnswer, OnlyWholeAnswersCount) {
    for (const std::string text : {"", "end\n", "nvml 1\n", "nvml 1\ncard 0000:01:00.0 10de:2335\n", "nvml 2\nend\n",
                                   "vulkan 1\nend\n", "NVML 1\nend\n", "nvml 1\nend\nmore\n"}) {
        EXPECT_TRUE(parse_nvml(text).failure.has_value()) << text;
        EXPECT_TRUE(parse_nvml(text).cards.empty()) << text;
    }
    EXPECT_EQ(parse_nvml("nvml 1\nend\n").failure, std::nullopt);
    EXPECT_EQ(parse_nvml("failed it crashed (signal 11)\n").failure, "it crashed (signal 11)");
    EXPECT_TRUE(parse_nvml(std::string(1 << 20, 'x')).failure.has_value());
    EXPECT_TRUE(parse_vulkan("nvml 1\nend\n").failure.has_value());
}

TEST(GpuAnswer, ValuesThatCannotBeAreLeftOut) {
    const NvmlAnswer answer = parse_nvml(
        "nvml 1\nname of nothing\ncard ../../x zz:1\ncapability 9.0; rm\nmemory 1\nmemory 99999999999999999999999\nmig "
        "7\n"
        "name a\x1b[2Jb\ncard platform:x 10de:2335\nend\n");
    ASSERT_EQ(answer.cards.size(), 2U);
    EXPECT_EQ(answer.cards[0].address, std::nullopt);
    EXPECT_EQ(answer.cards[0].vendor, 0);
    EXPECT_EQ(answer.cards[0].capability, std::nullopt);
    EXPECT_EQ(answer.cards[0].memory_mib, std::nullopt);
    EXPECT_FALSE(answer.cards[0].mig);
    EXPECT_EQ(answer.cards[0].name, "a\\x1b[2Jb");
    EXPECT_EQ(answer.cards[1].address, std::nullopt) << "NVML knows only places on PCI";
    EXPECT_TRUE(parse_vulkan("vulkan 1\ndevice 1:2 type x driver 3 at -\ndevice 1:2\ndevice\nend\n").devices.empty());
    EXPECT_EQ(parse_vulkan("vulkan 1\ndevice 1002:744c type 2 driver 4000 at -\nend\n").devices.at(0).driver,
              "driver-4000");
}

TEST(GpuAnswer, SoftwareIsNoGpu) {
    EXPECT_TRUE(parse_vulkan("vulkan 1\ndevice 10005:0 type 4 driver 13 at -\ndevice 1ae0:c0de type 1 driver 10 at -\n"
                             "device 10005:0 type 4 driver 0 at -\nend\n")
                    .devices.empty());
}

TEST(GpuAnswer, NvmlWinsOverTheTableAndSaysSo) {
    facts::Gpu gpu;
    gpu.address = "0000:01:00.0";
    gpu.vendor = "nvidia";
    gpu.vendor_id = 0x10de;
    gpu.device_id = 0x2335;
    gpu.compute_capability = "9.0";
    std::vector<facts::Gpu> gpus = {gpu};
    std::vector<std::string> notes;
    merge_nvml(parse_nvml("nvml 1\ncard 0000:01:00.0 10de:2335\ncapability 9.1\nend\n"), false, gpus, notes);
    ASSERT_EQ(gpus.size(), 1U);
    EXPECT_EQ(gpus[0].compute_capability, "9.1");
    EXPECT_EQ(gpus[0].known_by.at("compute_capability"), "NVML");
    ASSERT_EQ(notes.size(), 1U);
    merge_nvml(parse_nvml("failed it did not answer in time\n"), false, gpus, notes);
    EXPECT_EQ(notes.back(), "NVIDIA's library (NVML) says nothing: it did not answer in time");
    EXPECT_EQ(gpus[0].compute_capability, "9.1");
}

}  // namespace
}  // namespace lf::probe
