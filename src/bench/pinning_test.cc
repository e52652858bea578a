// SPDX-License-Identifier: MIT
#include "bench/pinning.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "base/text.h"
#include "bench/fake_builds.h"
#include "bench/llama_bench.h"

namespace lf::bench {
namespace {

using testing::Folder;
using ::testing::HasSubstr;

InstalledBuild build_in(const std::string& folder) {
    InstalledBuild build;
    build.name = "llama";
    build.start = {folder + "/bin/llama-bench"};
    build.backend_folder = folder + "/lib";
    build.cpu_variants = {"haswell", "x64", "zen4"};
    build.backends = {"blas", "hip", "rpc", "vulkan"};
    return build;
}

struct Case {
    std::optional<std::string> variant;
    std::string device;
    bool blas;
    std::string loaded;  ///< "-" = as always
};

TEST(Pinning, onlyWhatIsWantedIsLoaded) {
    const InstalledBuild build = build_in("/l");
    const Scratch scratch{"/s", "/s/cpu"};
    const Case cases[] = {
        {"x64", "", false, "/l/lib/libggml-cpu-x64.so"},
        {"x64", "none", false, "/l/lib/libggml-cpu-x64.so"},
        {"zen4", "none", true, "/l/lib/libggml-blas.so:/l/lib/libggml-cpu-zen4.so"},
        {"zen4", "Vulkan0", false, "/l/lib/libggml-vulkan.so:/l/lib/libggml-cpu-zen4.so"},
        {std::nullopt, "ROCm1", false, "/l/lib/libggml-hip.so:/s/cpu/"},
        {std::nullopt, "none", false, "/s/cpu/"},
        {std::nullopt, "none", true, "/l/lib/libggml-blas.so:/s/cpu/"},
        {std::nullopt, "", false, "-"},
    };
    for (const Case& each : cases) {
        LlamaBenchRun run;
        run.cpu_variant = each.variant;
        run.device = each.device;
        run.blas = each.blas;
        const auto backends = backends_to_load(build, run, scratch);
        ASSERT_TRUE(backends) << backends.error().message;
        EXPECT_EQ(backends->value_or("-"), each.loaded);
    }
    InstalledBuild sid = build;
    sid.own_loader = true;  // ggml would look beside the loader
    EXPECT_EQ(backends_to_load(sid, {}, scratch)->value(), "/l/lib/");
}

TEST(Pinning, whatIsNotThereIsAFinding) {
    const InstalledBuild build = build_in("/l");
    LlamaBenchRun run;
    run.cpu_variant = "haswel";
    EXPECT_EQ(backends_to_load(build, run, {}).error().id, "bench-option");
    EXPECT_THAT(backends_to_load(build, run, {}).error().hint, HasSubstr("did you mean 'haswell'"));
    run = {};
    run.device = "CUDA0";
    EXPECT_THAT(backends_to_load(build, run, {}).error().message, HasSubstr("no backend cuda"));
    InstalledBuild fixed = build;
    fixed.backend_folder.clear();
    EXPECT_FALSE(backends_to_load(fixed, run, {})->has_value());
    run.cpu_variant = "x64";
    EXPECT_THAT(backends_to_load(fixed, run, {}).error().message, HasSubstr("no CPU variants"));
    run.cpu_variant.reset();
    run.blas = true;
    EXPECT_THAT(backends_to_load(fixed, run, {}).error().message, HasSubstr("BLAS"));
}

TEST(Pinning, backendsOfDevices) {
    EXPECT_EQ(backend_of_device("Vulkan0"), "vulkan");
    EXPECT_EQ(backend_of_device("CUDA12"), "cuda");
    EXPECT_EQ(backend_of_device("ROCm0"), "hip");
    EXPECT_EQ(backend_of_device("GPUOpenCL"), "opencl");
    EXPECT_EQ(backend_of_device("RPC0[127.0.0.1:50052]"), "rpc");
}

TEST(Pinning, scratchHasTheShimAndLinksToTheVariantsAlone) {
    const Folder folder;
    for (const char* library : {"cpu-x64", "cpu-zen4", "cpu-haswell", "blas", "vulkan"})
        folder.write(std::string("lib/libggml-") + library + ".so", "");
    const InstalledBuild build = build_in(folder.path());
    const auto scratch = prepare_scratch(build, folder / "a b/scratch");
    ASSERT_TRUE(scratch) << scratch.error().message;
    const std::string shim = read_file(scratch->folder + "/" + std::string(kShimName)).value();
    EXPECT_TRUE(
        shim.starts_with("\x7f"
                         "ELF"));
    const BackendFolder links = backends_in(scratch->cpu_folder);
    EXPECT_EQ(links.cpu_variants, build.cpu_variants);
    EXPECT_TRUE(links.backends.empty());
    const auto again = prepare_scratch(build, folder / "a b/scratch");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cpu_folder, scratch->cpu_folder);
    InstalledBuild other = build;
    other.cpu_variants.pop_back();
    EXPECT_NE(prepare_scratch(other, folder / "a b/scratch")->cpu_folder, scratch->cpu_folder);
}

TEST(Pinning, scratchThatCannotBe) {
    const Folder folder;
    const InstalledBuild build = build_in(folder.path());
    EXPECT_EQ(prepare_scratch(build, folder / "a:b").error().id, "bench-scratch");
    folder.write("file", "");
    EXPECT_FALSE(prepare_scratch(build, folder / "file/scratch"));
    InstalledBuild fixed = build;
    fixed.backend_folder.clear();
    ASSERT_TRUE(prepare_scratch(fixed, folder / "none"));
    EXPECT_FALSE(std::filesystem::exists(folder / "none"));
}

}  // namespace
}  // namespace lf::bench
