// SPDX-License-Identifier: MIT
#include "bench/llama_bench.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "bench/fake_builds.h"

namespace lf::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

InstalledBuild build_with(const char* help) {
    InstalledBuild build;
    build.name = "llama";
    build.start = {"/l/llama-bench"};
    build.options = read_options(help);
    return build;
}
LlamaBenchRun run_of(const std::string& device, const std::string& flash_attention = "") {
    LlamaBenchRun run;
    run.model = "/m.gguf";
    run.device = device;
    run.parameters.flash_attention = flash_attention;
    run.prompt_tokens = 128;
    return run;
}
std::string line_of(const InstalledBuild& build, const LlamaBenchRun& run) {
    const auto command = llama_bench_command(build, run, {"/s", "/s/cpu"});
    return command ? join(command->argv, " ") : command.error().message;
}

TEST(LlamaBench, commandHasWhatIsAskedForAndNoMore) {
    const InstalledBuild build = build_with(testing::kNewHelp);
    EXPECT_EQ(line_of(build, run_of("")), "/l/llama-bench -m /m.gguf -p 128 -n 0 -r 1 --no-warmup -o json");
    LlamaBenchRun run = run_of("Vulkan0", "auto");
    run.parameters.threads = 8;
    run.parameters.ubatch = 256;
    run.parameters.gpu_layers = 0;
    run.generated_tokens = 32;
    run.depth = 4096;
    run.repetitions = 3;
    run.warm_up = true;
    EXPECT_EQ(line_of(build, run),
              "/l/llama-bench -m /m.gguf -p 128 -n 32 -d 4096 -t 8 -ub 256 -ngl 0 -fa auto "
              "-dev Vulkan0 -r 3 -o json");
}

TEST(LlamaBench, olderOnesAreSpokenToInTheirWords) {
    const InstalledBuild build = build_with(testing::kOldHelp);
    EXPECT_EQ(line_of(build, run_of("", "on")), "/l/llama-bench -m /m.gguf -p 128 -n 0 -fa 1 -r 1 -o json");
    EXPECT_EQ(line_of(build, run_of("", "off")), "/l/llama-bench -m /m.gguf -p 128 -n 0 -fa 0 -r 1 -o json");
    EXPECT_EQ(line_of(build, run_of("none")), "/l/llama-bench -m /m.gguf -p 128 -n 0 -ngl 0 -r 1 -o json");
    EXPECT_THAT(line_of(build, run_of("", "auto")), HasSubstr("has no -fa auto"));
    EXPECT_THAT(line_of(build, run_of("CUDA0")), HasSubstr("cannot be told a device"));
    LlamaBenchRun deep = run_of("");
    deep.depth = 1;
    EXPECT_THAT(line_of(build, deep), HasSubstr("has no -d"));
}

TEST(LlamaBench, shimAndSurroundingsAreInTheShownLine) {
    InstalledBuild build = build_with(testing::kNewHelp);
    build.backend_folder = "/l x";
    build.cpu_variants = {"zen4"};
    build.environment["GGML_VK_VISIBLE_DEVICES"] = "0";
    LlamaBenchRun run = run_of("none");
    run.cpu_variant = "zen4";
    const auto command = llama_bench_command(build, run, {"/s s", "/s s/cpu"});
    ASSERT_TRUE(command);
    EXPECT_EQ(command->directory, "/s s");
    for (const char* name : {"GGML_BACKEND_PATH", "LD_PRELOAD", "LLAMA_FLEET_BACKENDS", "OMP_NUM_THREADS"})
        EXPECT_THAT(command->without, ::testing::Contains(name));
    EXPECT_THAT(command->without, ::testing::Not(::testing::Contains("LD_LIBRARY_PATH")));
    EXPECT_EQ(shown_command(*command),
              "cd '/s s' && env GGML_VK_VISIBLE_DEVICES=0 LC_ALL=C LD_PRELOAD=./backend-shim.so "
              "'LLAMA_FLEET_BACKENDS=/l x/libggml-cpu-zen4.so' /l/llama-bench -m /m.gguf -p 128 -n 0 -dev none -r 1 "
              "--no-warmup -o json");
}

TEST(LlamaBench, namesOfTests) {
    EXPECT_EQ(test_name(128, 0, 0), "pp128");
    EXPECT_EQ(test_name(0, 32, 0), "tg32");
    EXPECT_EQ(test_name(128, 0, 4096), "pp128 @ d4096");
    EXPECT_EQ(test_name(64, 16, 0), "pp64+tg16");
}

TEST(LlamaBench, readsItsOutput) {
    const auto tests = parse_llama_bench(
        R"([{"build_commit":"abc","build_number":11669,"cpu_info":"AMD EPYC","gpu_info":"H200","backends":"CUDA",)"
        R"("model_type":"llama ?B","model_size":126367744,"model_n_params":200827904,"n_ubatch":512,"n_threads":2,)"
        R"("flash_attn":-1,"devices":"CUDA0","n_prompt":128,"n_gen":0,"n_depth":4096,"avg_ts":13.4,)"
        R"("samples_ts":[13.4683,12]},{"n_prompt":0,"n_gen":4,"samples_ts":[0.837569],"flash_attn":true}])");
    ASSERT_TRUE(tests) << tests.error().message;
    ASSERT_EQ(tests->size(), 2U);
    const LlamaBenchTest& first = tests->front();
    EXPECT_EQ(first.name, "pp128 @ d4096");
    EXPECT_THAT(first.tokens_per_second, ElementsAre(13.4683, 12));
    EXPECT_EQ(first.build_number, 11669);
    EXPECT_EQ(first.cpu + first.gpu + first.backends + first.devices, "AMD EPYCH200CUDACUDA0");
    EXPECT_EQ(first.model_parameters, 200827904);
    EXPECT_EQ(first.threads, 2);
    EXPECT_EQ(first.ubatch, 512);
    EXPECT_EQ(first.flash_attention, "auto");
    EXPECT_EQ((*tests)[1].name, "tg4");
    EXPECT_EQ((*tests)[1].flash_attention, "on");
}

TEST(LlamaBench, refusesWhatIsNoMeasurement) {
    const std::string cases[] = {
        "",
        "[",
        "[]",
        "{}",
        "[1]",
        "null",
        std::string(100, '['),
        R"([{"n_prompt":0,"n_gen":0,"samples_ts":[1]}])",
        R"([{"n_prompt":5,"n_gen":0,"samples_ts":[0]}])",
        R"([{"n_prompt":5,"n_gen":0,"samples_ts":[-3]}])",
        R"([{"n_prompt":5,"n_gen":0,"samples_ts":[1e30]}])",
        R"([{"n_prompt":5,"n_gen":0,"samples_ts":[1e999]}])",
        R"([{"n_prompt":5,"n_gen":0,"samples_ts":["fast"]}])",
        R"([{"n_prompt":5,"n_gen":0,"samples_ts":[]}])",
        R"([{"n_prompt":5,"n_gen":0,"samples_ts":7}])",
        R"([{"n_prompt":5,"n_gen":0,"avg_ts":7}])",
        R"([{"n_prompt":-5,"n_gen":0,"samples_ts":[1]}])",
        R"([{"n_prompt":99999999999,"n_gen":0,"samples_ts":[1]}])",
        R"([{"n_prompt":5,"n_depth":99999999999,"samples_ts":[1]}])",
    };
    for (const std::string& text : cases) {
        const auto tests = parse_llama_bench(text);
        ASSERT_FALSE(tests) << text;
        EXPECT_EQ(tests.error().id, "bench-output") << text;
    }
}

TEST(LlamaBench, wordsOfTheProgramCannotMoveTheCursor) {
    const auto tests = parse_llama_bench(R"([{"n_prompt":5,"samples_ts":[2],"cpu_info":"a\u001b[2Jb"}])");
    ASSERT_TRUE(tests);
    EXPECT_EQ((*tests)[0].cpu.find('\x1b'), std::string::npos);
    EXPECT_EQ(telling_line("error: \x1b[2J").find('\x1b'), std::string::npos);
}

TEST(LlamaBench, seesWhatWasLoaded) {
    const std::string text =
        "ggml_backend_load_best: failed to enumerate /usr/lib: No such file\n"
        "load_backend: loaded Vulkan backend from /x/libggml-vulkan.so\n"
        "load_backend: loaded CPU backend from /tmp/a b/libggml-cpu-haswell.so\n"
        "load_backend: loaded CPU backend from /tmp/a b/libggml-cpu-haswell.so\n";
    EXPECT_THAT(loaded_variants(text), ElementsAre("haswell"));
    const auto loaded = loaded_backends(text);
    ASSERT_EQ(loaded.size(), 3U);
    EXPECT_EQ(loaded[0].name, "Vulkan");
    EXPECT_EQ(loaded[1].file, "/tmp/a b/libggml-cpu-haswell.so");
    EXPECT_THAT(loaded_variants("load_backend: loaded CPU backend from /a/libggml-cpu-armv8.2_1.so\n"
                                "load_backend: loaded CPU backend from /b/libggml-cpu.so\n"),
                ElementsAre("armv8.2_1", ""));
    EXPECT_TRUE(
        loaded_variants("load_backend: loaded\nload_backend: loaded CPU .so\nload_backend: loaded  backend from "
                        "\n")
            .empty());
}

TEST(LlamaBench, findsTheLineThatTells) {
    EXPECT_EQ(telling_line("ggml_backend_load_best: failed to enumerate /x\nload_backend: loaded CPU backend from /e\n"
                           "llama_model_load: error loading model: data is not within the file bounds\n"
                           "llama_bench: error: failed to load model 'x'\n"),
              "llama_model_load: error loading model: data is not within the file bounds");
    EXPECT_EQ(telling_line("one\n\n  two  \n"), "two");
    EXPECT_EQ(telling_line("\n"), "");
}

}  // namespace
}  // namespace lf::bench
