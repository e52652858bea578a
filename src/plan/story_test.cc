// SPDX-License-Identifier: MIT
#include "plan/story.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/explain.h"
#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

/// The story without its line breaks.
std::string story(const facts::Machine& host, std::string_view name) {
    const auto text = tell_line(plan_of(host), host, name);
    EXPECT_TRUE(text) << name;
    std::string out;
    if (!text) return out;
    for (const std::string_view line : lines(*text)) {
        EXPECT_LE(line.size(), kExplainColumns) << line;
        out += (out.empty() ? "" : " ") + std::string(trim(line));
    }
    return out;
}

bool tells(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

TEST(Story, AnOptionOfTheCpuIsToldDownToItsBit) {
    facts::Machine host = machine(kZen4);
    host.cpu.source = "cpuid";
    host.cpu.cpus = 16;
    const std::string on = story(host, "GGML_AVX512_VNNI");
    EXPECT_TRUE(tells(on, "avx512_vnni: CPUID leaf 0x7 subleaf 0, ECX bit 11, and the operating system saves")) << on;
    EXPECT_TRUE(tells(on, "XCR0 & 0xe6")) << on;
    EXPECT_TRUE(tells(on, "on all 16 online CPUs")) << on;
    EXPECT_TRUE(tells(on, "source   ggml 0.21.0 src/ggml-cpu/CMakeLists.txt")) << on;
    EXPECT_TRUE(tells(story(host, "GGML_AMX_INT8"), "EDX bit 25: not set, or the operating system does not save"));
    host.cpu.features_some = {"amx_int8"};
    EXPECT_TRUE(tells(story(host, "GGML_AMX_INT8"), "on some online CPUs only"));
    host.cpu.features_some = {};
    host.cpu.features_masked = {"amx_int8"};
    EXPECT_TRUE(tells(story(host, "GGML_AMX_INT8"), "hides it"));
    host.cpu.source = "cpuinfo";
    EXPECT_TRUE(tells(story(host, "GGML_AVX2"), "avx2: the flags of every CPU in /proc/cpuinfo"));
    host.cpu.source = std::nullopt;
    EXPECT_TRUE(tells(story(host, "GGML_AVX2"), "the facts do not say where they were read (a CPU shows it in CPUID"));
}

TEST(Story, ACardIsToldWithTheSourceOfEachField) {
    facts::Gpu gpu = nvidia("8.6");
    gpu.address = "0000:01:00.0";
    gpu.chip = "GA107";
    gpu.memory_mib = 4096;
    gpu.known_by = {{"compute_capability", "chip GA107 (table)"}, {"chip", "pci.ids\x1b"}};
    const facts::Machine host = machine(kZen4, {gpu});
    for (const char* line :
         {"package", "GGML_CUDA", "cuda.architectures", "CMAKE_CUDA_ARCHITECTURES", "cudaPackages"}) {
        const std::string text = story(host, line);
        EXPECT_TRUE(tells(text, "gpus[0]: vendor 10de, device 25a2, at 0000:01:00.0")) << text;
        EXPECT_TRUE(tells(text, "gpus[0].compute_capability is 8.6, from chip GA107 (table)")) << text;
        EXPECT_TRUE(tells(text, "gpus[0].memory_mib is 4096")) << text;
        EXPECT_TRUE(tells(text, "by the rule nvidia-cuda")) << text;
        EXPECT_TRUE(tells(text, "llama.cpp issue 21984")) << text;
        EXPECT_FALSE(tells(text, "\x1b"));
    }
    EXPECT_FALSE(tells(story(host, "openmp"), "gpus[0]"));
}

TEST(Story, EveryLineOfAPlanHasOne) {
    facts::Machine arm = machine({"fp", "asimd", "crc32", "atomics", "asimdrdm", "sve"});
    arm.cpu.architecture = "aarch64";
    arm.cpu.source = "hwcap";
    for (const facts::Machine& host : {machine(kZen4, {nvidia("8.6"), amd("gfx1100", false)}), machine({}), arm})
        for (const Because& line : plan_of(host).because)
            EXPECT_TRUE(tells(story(host, line.line), "rule     " + line.rule)) << line.line;
    EXPECT_TRUE(tells(story(arm, "GGML_CPU_ARM_ARCH"), "sve: the kernel's hardware capabilities (AT_HWCAP"));
    EXPECT_FALSE(tell_line(plan_of(arm), arm, "GGML_AVX521"));
}

}  // namespace
}  // namespace lf::plan
