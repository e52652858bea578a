// SPDX-License-Identifier: MIT
#include "plan/explain.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

void expect_narrow(const std::string& text) {
    for (const auto line : lines(text))
        EXPECT_LE(line.size(), kExplainColumns + 8) << line;  // "→" and "×" have 3 and 2 bytes
}

TEST(Explain, ALineTellsItsWholeStory) {
    const auto text = explain_line(plan_of(machine(kZen4)), "GGML_AVX512_VNNI");
    ASSERT_TRUE(text);
    EXPECT_EQ(*text,
              "GGML_AVX512_VNNI = on\n"
              "  rule     avx512-vnni-by-its-bit\n"
              "  because  8-bit dot products over 512 bits, the inner loop of quantised models\n"
              "  saw      cpu.features has avx512_vnni\n");
}

TEST(Explain, OptionsAreFoundUnderAllTheirNames) {
    const Plan plan = plan_of(machine(kZen4, {nvidia("8.6")}));
    for (const char* name : {"ggml_avx2", "GGML_OPENMP", "-DGGML_BLAS:BOOL=FALSE", "CMAKE_CUDA_ARCHITECTURES",
                             "GGML_VULKAN", "variant", "LLAMA_BUILD_SERVER", "cpu.variant", "strategy"})
        EXPECT_TRUE(explain_line(plan, name)) << name;
    const auto wrong = explain_line(plan, "GGML_AVX521");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().id, "plan-line-unknown");
    EXPECT_EQ(wrong.error().kind, ErrorKind::usage);
    EXPECT_EQ(wrong.error().hint, "did you mean 'GGML_AVX512'?");
    EXPECT_FALSE(explain_line(plan, ""));
    EXPECT_FALSE(explain_line(plan, "-D"));
}

TEST(Explain, TheWholePlanFitsATerminal) {
    facts::Machine host =
        machine(kSapphireRapids, {nvidia("8.6"), amd("gfx1100", true), intel(std::string(300, 'x'), true)});
    host.notes = {std::string(200, 'n') + " \x1b[2J ü" + std::string(100, 'y')};
    const std::string text = explain_plan(plan_of(host));
    expect_narrow(text);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    for (const char* words :
         {"package = llama-cpp-cuda", "GGML_AMX_BF16 = on", "note: nothing is measured yet", "not      llama-cpp-rocm"})
        EXPECT_NE(text.find(words), std::string::npos) << words;
}

TEST(Summary, SaysWhatWhyAndWithWhat) {
    facts::Machine host = machine(kZen4, {nvidia("8.6"), nvidia("8.6"), amd("gfx1103", true)});
    host.cpu.model_name = "AMD Ryzen 7 7840HS";
    host.cpu.microarchitecture = "zen4";
    host.cpu.cpus = 16;
    host.memory_mib = 32094724 / 1024;
    const Summary summary = summarize(host, plan_of(host));
    EXPECT_EQ(summary.machine,
              "AMD Ryzen 7 7840HS (zen4), 16 threads, 31 GiB; 2 × NVIDIA GA107M, compute 8.6; AMD 1002:15bf, gfx1103, "
              "integrated");
    EXPECT_EQ(summary.chosen, "llama-cpp-cuda for 86-real, CPU flags like ggml's zen4, tailored");
    EXPECT_EQ(summary.why, "CUDA serves an NVIDIA card here, and nothing else in this machine is likely to be faster");
    expect_narrow(summary_text(host, plan_of(host)));
    EXPECT_EQ(summarize(machine({}), plan_of(machine({}))).machine, "x86_64 CPU");
}

}  // namespace
}  // namespace lf::plan
