// SPDX-License-Identifier: MIT
#include "bench/llama_bench.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "bench/conditions.h"
#include "bench/fake_bench.h"

namespace lf::bench {
namespace {

using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;

TEST(LlamaBench, readsItsOutput) {
    const auto tests =
        parse_llama_bench("[" + testing::test_json(128, 0, 45.76) + "," + testing::test_json(0, 48, 29.3) + "]\n");
    ASSERT_TRUE(tests) << tests.error().message;
    ASSERT_EQ(tests->size(), 2U);
    EXPECT_EQ((*tests)[0].test, bench::Test::prompt);
    EXPECT_EQ((*tests)[0].tokens, 128);
    EXPECT_DOUBLE_EQ((*tests)[0].tokens_per_second, 45.76);
    EXPECT_EQ((*tests)[1].test, bench::Test::generation);
    EXPECT_EQ((*tests)[1].model_bytes, 1048576);
    EXPECT_EQ((*tests)[1].cpu, "AMD EPYC");
}

TEST(LlamaBench, refusesWhatIsNoMeasurement) {
    const std::string cases[] = {
        "",
        "[]",
        "{}",
        "[1]",
        "[[[[",
        "null",
        std::string(100, '['),
        "[" + testing::test_json(0, 0, 1) + "]",
        "[" + testing::test_json(5, 5, 1) + "]",
        "[" + testing::test_json(5, 0, 0) + "]",
        "[" + testing::test_json(5, 0, -3) + "]",
        "[" + testing::test_json(5, 0, 1e30) + "]",
        R"([{"n_prompt":5,"n_gen":0,"avg_ts":"fast"}])",
        R"([{"n_prompt":5,"n_gen":0,"avg_ts":1e999}])",
        R"([{"n_prompt":-5,"n_gen":0,"avg_ts":1}])",
        R"([{"n_prompt":99999999999,"n_gen":0,"avg_ts":1}])",
    };
    for (const std::string& text : cases) {
        const auto tests = parse_llama_bench(text);
        ASSERT_FALSE(tests) << text;
        EXPECT_EQ(tests.error().id, "bench-output") << text;
    }
}

TEST(LlamaBench, wordsOfTheProgramCannotMoveTheCursor) {
    const auto tests = parse_llama_bench(R"([{"n_prompt":5,"n_gen":0,"avg_ts":2,"cpu_info":"a\u001b[2Jb"}])");
    ASSERT_TRUE(tests);
    EXPECT_EQ((*tests)[0].cpu.find('\x1b'), std::string::npos);
}

TEST(LlamaBench, seesWhichVariantsWereLoaded) {
    EXPECT_THAT(loaded_variants("ggml_backend_load_best: failed to enumerate /usr/lib: No such file\n"
                                "load_backend: loaded CPU backend from /tmp/run/libggml-cpu-haswell.so\n"
                                "load_backend: loaded CPU backend from /tmp/run/libggml-cpu-haswell.so\n"
                                "load_backend: loaded Vulkan backend from /x/libggml-vulkan.so\n"),
                ElementsAre("haswell"));
    EXPECT_THAT(loaded_variants("load_backend: loaded CPU backend from /a/libggml-cpu-x64.so\n"
                                "load_backend: loaded CPU backend from /b/libggml-cpu-zen4.so\n"),
                ElementsAre("x64", "zen4"));
    EXPECT_TRUE(loaded_variants("load_backend: loaded\nload_backend: loaded CPU .so\n").empty());
}

TEST(LlamaBench, commandKeepsTheSurroundingsOut) {
    const Packages packages{"/cache/sid", {}, {}};
    const Command command = llama_bench_command(packages, {"/m.gguf", 4, 128, 48}, "/run/zen4", "");
    EXPECT_THAT(command.argv,
                ElementsAre("/cache/sid/root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "--library-path",
                            "/cache/sid/root/usr/lib/x86_64-linux-gnu:"
                            "/cache/sid/root/usr/lib/x86_64-linux-gnu/llama",
                            "/cache/sid/root/usr/bin/llama-bench", "-t", "4", "-p", "128", "-n", "48", "-r", "1", "-o",
                            "json", "-m", "/m.gguf"));
    EXPECT_EQ(command.directory, "/run/zen4");
    EXPECT_THAT(command.without, ::testing::Contains("GGML_BACKEND_PATH"));
    const Command hidden = llama_bench_command(packages, {"/m.gguf", 4, 128, 48}, "/run/zen4", "/usr/lib/own");
    EXPECT_THAT(std::vector(hidden.argv.begin(), hidden.argv.begin() + 3), ElementsAre("unshare", "-rm", "sh"));
    EXPECT_EQ(hidden.argv[5], "/run/zen4");
    EXPECT_EQ(hidden.argv[6], "/usr/lib/own");
}

TEST(Conditions, areReadAndWarnedAbout) {
    const Folder folder;
    folder.write("proc/loadavg", "3.50 1.00 0.50 2/300 999\n");
    folder.write("proc/cpuinfo", "flags\t\t: fpu hypervisor avx2\n");
    folder.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    const RootedFiles machine(folder.path());
    Conditions conditions = read_conditions(machine);
    conditions.cpus = 2;
    EXPECT_EQ(conditions.governor, "powersave");
    EXPECT_EQ(conditions.virtual_machine, true);
    EXPECT_EQ(conditions.load_average, 3.5);
    const auto warnings = warnings_of(conditions);
    ASSERT_EQ(warnings.size(), 3U);
    EXPECT_EQ(warnings[0].id, "governor");
    EXPECT_THAT(warnings[0].remedy, HasSubstr("performance"));
    EXPECT_EQ(warnings[1].id, "load");
    EXPECT_EQ(warnings[2].id, "virtual-machine");
    EXPECT_GE(usable_cores(machine), 1);
}

TEST(Conditions, unknownIsNoWarning) {
    const Folder folder;
    folder.write("proc/loadavg", "rubbish");
    const Conditions conditions = read_conditions(RootedFiles(folder.path()));
    EXPECT_FALSE(conditions.governor);
    EXPECT_FALSE(conditions.virtual_machine);
    EXPECT_TRUE(warnings_of(conditions).empty());
}

}  // namespace
}  // namespace lf::bench
