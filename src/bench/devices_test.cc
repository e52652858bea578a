// SPDX-License-Identifier: MIT
#include "bench/devices.h"

#include <gmock/gmock.h>

#include "bench/fake_builds.h"

namespace lf::bench {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using testing::script;

// Recorded from build 11669 with Mesa's software driver and the BLAS backend.
constexpr const char* kSaid = R"(Available devices:
  BLAS: BLAS (0 MiB, 0 MiB free)
  Vulkan0: llvmpipe (LLVM 22.1.8, 256 bits) (24105 MiB, 18139 MiB free)
  Vulkan1: Unknown CPU (MESA) (100 MiB, 50 MiB free)
  CUDA0: NVIDIA H200 (143771 MiB, 143000 MiB free)
)";
constexpr const char* kWarned = R"(ggml_vulkan: Found 2 Vulkan devices:
ggml_vulkan: 1 = Unknown CPU (MESA) (new) | uma: 0 | fp16: 1 | warp size: 8
ggml_vulkan: Warning: Device type is CPU. This is probably not the device you want.
)";

TEST(Devices, areRead) {
    const auto devices = parse_devices(kSaid, kWarned);
    ASSERT_EQ(devices.size(), 3U);
    EXPECT_EQ(devices[0], (Device{"Vulkan0", "llvmpipe (LLVM 22.1.8, 256 bits)", 24105, 18139, "Vulkan", true}));
    EXPECT_EQ(devices[1], (Device{"Vulkan1", "Unknown CPU (MESA)", 100, 50, "Vulkan", true}));
    EXPECT_EQ(devices[2], (Device{"CUDA0", "NVIDIA H200", 143771, 143000, "CUDA", false}));
}

TEST(Devices, hostileLinesAreNone) {
    EXPECT_TRUE(parse_devices("Available devices:\n  (none)\n", "").empty());
    EXPECT_TRUE(parse_devices("  x: y\n  a: (1 MiB)\n  b:  (MiB, MiB free)\n  : d (1 MiB, 1 MiB free)\n"
                              "  a b: d (1 MiB, 1 MiB free)\nVulkan0: d (1 MiB, 1 MiB free)\n"
                              "  V: d (99999999999999999 MiB, 1 MiB free)\n  V: d (1 MiB, -1 MiB free)\n",
                              "")
                    .empty());
    std::string many;
    for (int i = 0; i < 1000; ++i) many += fmt::format("  Vulkan{}: x (1 MiB, 1 MiB free)\n", i);
    EXPECT_EQ(parse_devices(many, "").size(), 64U);
}

TEST(Devices, areAskedFor) {
    const Folder folder;
    testing::write_build(folder, "cpu", script("exit 9"), "lib", {"cpu-x64"});
    testing::write_build(folder, "gpu", script(fmt::format("cat <<'END'\n{}END\n", kSaid)), "lib",
                         {"cpu-x64", "vulkan"});
    testing::write_build(folder, "bad", script("echo 'driver error' >&2; exit 9"), "lib", {"cpu-x64", "vulkan"});
    testing::write_build(folder, "old", script("exit 9", testing::kOldHelp), "lib", {"cpu-x64", "vulkan"});
    RealProcesses processes;
    const auto devices_of = [&](const std::string& name) {
        const auto build = find_build(folder / name, processes).value();
        return list_devices(build, prepare_scratch(build, folder / "scratch").value(), processes);
    };
    EXPECT_TRUE(devices_of("cpu").value().empty());
    EXPECT_EQ(devices_of("gpu").value().size(), 3U);
    EXPECT_EQ(devices_of("bad").error().id, "bench-devices");
    EXPECT_THAT(devices_of("bad").error().message, HasSubstr("driver error"));
    EXPECT_EQ(devices_of("old").error().id, "bench-option");
}

}  // namespace
}  // namespace lf::bench
