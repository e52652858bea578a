// SPDX-License-Identifier: MIT
// Drivers' libraries do bad things. The ones asked here are tests/probe/fake_drivers, told by the environment what to
// do.
#include "probe/gpu_ask.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "base/files.h"
#include "base/text.h"
#include "probe/fake_machine.h"
#include "probe/gpu_answer.h"
#include "probe/live_source.h"
#include "probe/scratch_folder.h"

namespace lf::probe {
namespace {

using namespace std::chrono_literals;

class Ask : public testing::Test {
  protected:
    void SetUp() override {
        if (!files.exists(folder() + "/libnvidia-ml.so.1")) GTEST_SKIP() << "the fake libraries were not built";
        options.folders = {folder()};
        options.time_limit = 5s;
    }
    void TearDown() override {
        ::unsetenv("FAKE_NVML");
        ::unsetenv("FAKE_VULKAN");
    }
    /// Beside the folder of the test programs.
    static std::string folder() {
        std::string self(4096, '\0');
        const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
        self.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        self.resize(self.rfind('/'));
        return self.substr(0, self.rfind('/')) + "/fake-drivers";
    }
    std::string nvml(const char* how) {
        ::setenv("FAKE_NVML", how, 1);
        return ask_nvml(files, options).value_or("");
    }
    std::string vulkan(const char* how) {
        ::setenv("FAKE_VULKAN", how, 1);
        return ask_vulkan(files, options).value_or("");
    }
    RootedFiles files{"/"};
    AskOptions options;
};

TEST_F(Ask, NvmlAnswersInTheDocumentedForm) {
    EXPECT_EQ(nvml(""),
              "nvml 1\n"
              "driver 580.82.07\n"
              "cuda 13000\n"
              "card 0000:01:00.0 10de:2335\n"
              "name NVIDIA H200\n"
              "capability 9.0\n"
              "memory 150754820096\n"
              "card 0000:02:00.0 10de:2335\n"
              "name NVIDIA H200\n"
              "capability 9.0\n"
              "memory 150754820096\n"
              "mig 1\n"
              "end\n");
    const NvmlAnswer answer = parse_nvml(nvml(""));
    ASSERT_EQ(answer.cards.size(), 2U);
    EXPECT_EQ(answer.cards[0].memory_mib, 143771);
    EXPECT_FALSE(answer.cards[0].mig);
    EXPECT_TRUE(answer.cards[1].mig);
}

TEST_F(Ask, WhatALibraryPrintsIsNotItsAnswer) { EXPECT_EQ(nvml("chatter"), nvml("")); }

TEST_F(Ask, ACrashIsASentence) {
    // Under a sanitizer the signal is caught and the child ends with a status: both are told as what they are.
    for (const char* how : {"crash", "crash-on-load", "abort"}) {
        const std::string answer = nvml(how);
        EXPECT_TRUE(answer.starts_with("failed it crashed (signal ") ||
                    answer.starts_with("failed it ended the program"))
            << how << ": " << answer;
        EXPECT_TRUE(parse_nvml(answer).failure.has_value());
        EXPECT_TRUE(parse_nvml(answer).cards.empty());
    }
    EXPECT_EQ(nvml("exit"), "failed it ended the program (status 7)\n");
    EXPECT_EQ(nvml("no-driver"), "failed nvmlInit_v2 returned 9\n");
}

TEST_F(Ask, AHangEndsAtTheTimeLimit) {
    options.time_limit = 300ms;
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(nvml("hang"), "failed it did not answer in time\n");
    EXPECT_EQ(vulkan("hang"), "failed it did not answer in time\n");
    EXPECT_LT(std::chrono::steady_clock::now() - before, 4s);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left";
}

TEST_F(Ask, WhatItStartedIsKilledToo) {
    const ScratchFolder scratch;
    const std::string file = scratch.path() + "/pid";
    ::setenv("FAKE_NVML_PID", file.c_str(), 1);
    options.time_limit = 500ms;
    EXPECT_EQ(nvml("hang-with-child"), "failed it did not answer in time\n");
    const auto number = parse_unsigned(read_file(file).value_or(""));
    ASSERT_TRUE(number.has_value());
    bool gone = false;
    for (int i = 0; i < 100 && !gone; ++i) {
        std::this_thread::sleep_for(20ms);
        const std::string state = read_file("/proc/" + std::to_string(*number) + "/stat").value_or("");
        gone = state.empty() || state.find(") Z ") != std::string::npos;
    }
    EXPECT_TRUE(gone) << "the grandchild lives";
}

TEST_F(Ask, AFloodIsCutOff) {
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(nvml("flood"), "failed it writes without end\n");
    EXPECT_LT(std::chrono::steady_clock::now() - before, 4s);
}

TEST_F(Ask, LiesStayWithinBounds) {
    const std::string text = nvml("lie");
    EXPECT_LE(text.size(), std::size_t{1} << 17);
    const NvmlAnswer answer = parse_nvml(text);
    for (const NvmlCard& card : answer.cards) {
        EXPECT_EQ(card.memory_mib, std::nullopt);
        EXPECT_EQ(card.capability, std::nullopt);
        EXPECT_EQ(card.name.value_or("").find('\x1b'), std::string::npos);
    }
    EXPECT_LE(parse_vulkan(vulkan("lie")).devices.size(), 256U);
}

TEST_F(Ask, VulkanAnswersInTheDocumentedForm) {
    EXPECT_EQ(vulkan(""),
              "vulkan 1\n"
              "device 1002:744c type 2 driver 3 at 0000:03:00.0\n"
              "device 1002:744c type 2 driver 1 at 0000:03:00.0\n"
              "device 10005:0000 type 4 driver 13 at -\n"
              "end\n");
    const VulkanAnswer answer = parse_vulkan(vulkan(""));
    ASSERT_EQ(answer.devices.size(), 2U) << "llvmpipe is no GPU";
    EXPECT_EQ(answer.devices[0].driver, "radv");
    EXPECT_TRUE(parse_vulkan(vulkan("no-driver")).devices.empty());
    EXPECT_EQ(parse_vulkan(vulkan("no-driver")).failure, std::nullopt);
    EXPECT_TRUE(parse_vulkan(vulkan("crash")).failure.has_value());
}

TEST_F(Ask, WhatIsNoLibraryIsSaid) {
    const ScratchFolder scratch;
    ASSERT_TRUE(write_file_atomically(scratch.path() + "/libnvidia-ml.so.1", "this is no library").has_value());
    options.folders = {scratch.path()};
    MemoryFiles only;
    only.texts[scratch.path() + "/libnvidia-ml.so.1"] = "";
    const auto answer = ask_nvml(only, options);
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->starts_with("failed ")) << *answer;
    EXPECT_NE(answer->find("cannot be loaded"), std::string::npos);
}

TEST(FindLibrary, NixosFirstThenTheUsualPlacesThenTheLoadersCache) {
    MemoryFiles files;
    EXPECT_TRUE(find_library(files, "libnvidia-ml.so.1", {}).empty());
    EXPECT_EQ(ask_nvml(files, {}), std::nullopt);
    EXPECT_EQ(ask_vulkan(files, {}), std::nullopt);
    files.texts["/opt/odd/libnvidia-ml.so.1"] = "";
    files.texts["/etc/ld.so.cache"] = std::string(
        "glibc-ld.so.cache1.1\0libnvidia-ml.so.1\0/opt/odd/libnvidia-ml.so.1\0/gone/libnvidia-ml.so.1\0", 88);
    EXPECT_EQ(find_library(files, "libnvidia-ml.so.1", {}), std::vector<std::string>{"/opt/odd/libnvidia-ml.so.1"});
    files.texts["/usr/lib64/libnvidia-ml.so.1"] = "";
    files.texts["/run/opengl-driver/lib/libnvidia-ml.so.1"] = "";
    const std::vector<std::string> expected = {"/run/opengl-driver/lib/libnvidia-ml.so.1",
                                               "/usr/lib64/libnvidia-ml.so.1"};
    EXPECT_EQ(find_library(files, "libnvidia-ml.so.1", {}), expected);
}

TEST(LiveMachine, WithoutDriverLibrariesNothingIsAsked) {
    const LiveMachine machine({.driver_libraries = false});
    EXPECT_EQ(machine.answer(Question::nvml), std::nullopt);
    EXPECT_EQ(machine.answer(Question::vulkan), std::nullopt);
}

}  // namespace
}  // namespace lf::probe
