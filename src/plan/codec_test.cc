// SPDX-License-Identifier: MIT
#include "plan/codec.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "plan/format.h"
#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

Plan carbon() {
    Override wish;
    wish.flags["GGML_SCHED_MAX_COPIES"] = std::string("1");
    return plan_of(machine(kZen4, {nvidia("8.6"), nvidia("8.9")}), wish);
}

TEST(PlanCodec, RoundTripIsIdentity) {
    const std::string json = to_json(carbon());
    const auto back = from_json(json, "plan.json");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, carbon());
    EXPECT_EQ(to_json(*back), json);
    EXPECT_EQ(json.back(), '\n');
}

TEST(PlanCodec, BuildHasTheFieldsThatNixReads) {
    const Json build = parse_json(to_json(carbon()), "")->at("build");
    std::vector<std::string> keys;
    for (const auto& item : build.items()) keys.push_back(item.key());
    EXPECT_EQ(keys, (std::vector<std::string>{"blas", "cpu", "cuda", "extraFlags", "multi", "openmp", "package", "rocm",
                                              "server", "source", "strategy"}));
    EXPECT_EQ(build.at("cuda").at("architectures"), "86-real;89-real");
    EXPECT_TRUE(build.at("rocm").at("targets").is_null());
    EXPECT_EQ(build.at("cpu").at("variant"), "zen4");
    EXPECT_EQ(build.at("cpu").at("flags").at("GGML_NATIVE"), false);
}

TEST(PlanCodec, HostileValuesAreRefusedWithTheirPath) {
    const struct {
        const char* pointer;
        Json value;
    } cases[] = {
        {"/build/package", "llama-cpp-cuda; rm -rf"},
        {"/build/strategy", "tailord"},
        {"/build/cpu/variant", "../../x"},
        {"/build/cpu/native", "zen4;x"},
        {"/build/cpu/native", 5},
        {"/build/cuda/architectures", "86-real;$(x)"},
        {"/build/cuda/architectures", ""},
        {"/build/rocm/targets", "gfx1100;;"},
        {"/build/multi", Json::array({"cuda", "metal"})},
        {"/build/extraFlags", {{"GGML_X Y", true}}},
        {"/build/extraFlags", {{"GGML_X", "a b"}}},
        {"/build/extraFlags", {{"GGML_X", 1}}},
        {"/build/cpu/flags", Json::array()},
        {"/build/blas", nullptr},
        {"/build/more", 1},
        {"/build", nullptr},
        {"/host", "../carbon"},
        {"/system", "x86_64 linux"},
        {"/because/0/line", 5},
        {"/because/0", nullptr},
        {"/notes", "none"},
        {"/version", 2},
        {"/schema", "llama-fleet/facts"},
    };
    for (const auto& [pointer, value] : cases) {
        Json json = *parse_json(to_json(carbon()), "");
        json[Json::json_pointer(pointer)] = value;
        const auto got = from_json(write_json(json), "plan.json");
        ASSERT_FALSE(got) << pointer << value;
        EXPECT_EQ(got.error().where.file, "plan.json") << pointer;
        EXPECT_EQ(got.error().where.json_path.substr(0, 5), std::string(pointer).substr(0, 5)) << pointer;
    }
}

TEST(PlanCodec, EveryFieldMustBeThere) {
    const Json whole = *parse_json(to_json(carbon()), "");
    for (const auto& item : whole.at("build").items()) {
        Json json = whole;
        json.at("build").erase(item.key());
        EXPECT_FALSE(from_json(write_json(json), "p")) << item.key();
    }
    for (const auto& item : whole.items()) {
        Json json = whole;
        json.erase(item.key());
        EXPECT_FALSE(from_json(write_json(json), "p")) << item.key();
    }
}

TEST(PlanCodec, TheNameOfANativeCpuMayBeMissingAsInPlansFromBefore) {
    Plan plan = carbon();
    EXPECT_TRUE(parse_json(to_json(plan), "")->at("build").at("cpu").at("native").is_null());
    plan.build.cpu_native = "zen4-0a1b2c3d";
    Json json = *parse_json(to_json(plan), "");
    EXPECT_EQ(json.at("build").at("cpu").at("native"), "zen4-0a1b2c3d");
    EXPECT_EQ(from_json(write_json(json), "p")->build.cpu_native, "zen4-0a1b2c3d");
    json.at("build").at("cpu").erase("native");
    EXPECT_EQ(from_json(write_json(json), "p")->build.cpu_native, std::nullopt);
}

TEST(PlanCodec, CutAndBrokenBytesNeverCrash) {
    const std::string json = to_json(carbon());
    for (std::size_t cut = 0; cut + 1 < json.size(); cut += 7) EXPECT_FALSE(from_json(json.substr(0, cut), "p"));
    for (std::size_t at = 0; at < json.size(); at += 11) {
        std::string broken = json;
        broken[at] = static_cast<char>(broken[at] ^ 0x15);
        if (const auto got = from_json(broken, "p"); got) {
            EXPECT_TRUE(from_json(to_json(*got), "p")) << at;
        }
    }
    EXPECT_FALSE(from_json(std::string(100000, '['), "p"));
}

TEST(Flags, AreRenderedAsNixpkgsDoes) {
    EXPECT_EQ(render_flag("GGML_NATIVE", false), "-DGGML_NATIVE:BOOL=FALSE");
    EXPECT_EQ(render_flag("GGML_AVX2", true), "-DGGML_AVX2:BOOL=TRUE");
    EXPECT_EQ(render_flag("CMAKE_CUDA_ARCHITECTURES", std::string("86-real;89-real")),
              "-DCMAKE_CUDA_ARCHITECTURES:STRING=86-real;89-real");
}

TEST(Flags, EveryPackageHasItsOwn) {
    const Build build = carbon().build;
    const Flags cuda = expected_flags(build, "llama-cpp-cuda");
    EXPECT_EQ(cuda.at("GGML_CUDA"), FlagValue(true));
    EXPECT_EQ(cuda.at("GGML_VULKAN"), FlagValue(false));
    EXPECT_EQ(cuda.at("CMAKE_CUDA_ARCHITECTURES"), FlagValue("86-real;89-real"));
    EXPECT_EQ(cuda.at("GGML_SCHED_MAX_COPIES"), FlagValue("1"));
    EXPECT_EQ(cuda.at("GGML_AVX512_BF16"), FlagValue(true));
    EXPECT_EQ(cuda.at("GGML_OPENMP"), FlagValue(true));
    EXPECT_EQ(cuda.at("LLAMA_BUILD_SERVER"), FlagValue(true));
    EXPECT_EQ(cuda.at("GGML_BLAS"), FlagValue(false));
    const Flags vulkan = expected_flags(build, "llama-cpp-vulkan");
    EXPECT_EQ(vulkan.at("GGML_VULKAN"), FlagValue(true));
    EXPECT_FALSE(vulkan.contains("CMAKE_CUDA_ARCHITECTURES"));
    const Flags rocm = expected_flags(build, "llama-cpp-rocm");
    EXPECT_EQ(rocm.at("GGML_HIP"), FlagValue(true));
    EXPECT_FALSE(rocm.contains("CMAKE_HIP_ARCHITECTURES"));  // no AMD card: not planned for this host
    EXPECT_EQ(expected_flags(build, "llama-cpp-cpu").at("GGML_CUDA"), FlagValue(false));
    const Flags universal = expected_flags(build, "llama-cpp-universal");
    EXPECT_EQ(universal.at("GGML_CPU_ALL_VARIANTS"), FlagValue(true));
    EXPECT_FALSE(universal.contains("GGML_AVX2"));
}

TEST(Flags, OfNixpkgsSayThatNothingIsChosenAtRunTime) {
    Build build = carbon().build;
    const Flags official = expected_flags(build, "llama-cpp-cuda");
    EXPECT_FALSE(official.contains("GGML_CPU_ALL_VARIANTS"));
    EXPECT_FALSE(official.contains("GGML_BACKEND_DL"));
    build.source = "nixpkgs";
    Flags wanted = official;
    wanted["GGML_CPU_ALL_VARIANTS"] = wanted["GGML_BACKEND_DL"] = false;
    EXPECT_EQ(expected_flags(build, "llama-cpp-cuda"), wanted);
    build.multi = {"cuda", "rocm"};
    const Flags multi = expected_flags(build, "llama-cpp-multi");
    EXPECT_EQ(multi.at("GGML_CPU_ALL_VARIANTS"), FlagValue(false));
    EXPECT_EQ(multi.at("GGML_BACKEND_DL"), FlagValue(true));
    const Flags universal = expected_flags(build, "llama-cpp-universal");
    EXPECT_EQ(universal.at("GGML_CPU_ALL_VARIANTS"), FlagValue(true));
    EXPECT_EQ(universal.at("GGML_BACKEND_DL"), FlagValue(true));
}

TEST(Format, CmakeIsOneLineThatCanBePasted) {
    const std::string line = cmake_command(carbon());
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_TRUE(line.starts_with("cmake -B build -DCMAKE_BUILD_TYPE=Release "));
    EXPECT_NE(line.find(" '-DCMAKE_CUDA_ARCHITECTURES=86-real;89-real' "), std::string::npos) << line;
    EXPECT_NE(line.find(" -DGGML_NATIVE=OFF "), std::string::npos);
    EXPECT_NE(line.find(" -DGGML_CUDA=ON "), std::string::npos);
    Plan debug = carbon();
    debug.build.extra_flags["CMAKE_BUILD_TYPE"] = "Debug";
    EXPECT_NE(cmake_command(debug).find("-DCMAKE_BUILD_TYPE=Debug"), std::string::npos);
    EXPECT_EQ(cmake_command(debug).find("=Release"), std::string::npos);
}

TEST(Format, NixIsAnAttributeSet) {
    const std::string text = nix_attributes(carbon());
    EXPECT_TRUE(text.starts_with("{\n  CMAKE_CUDA_ARCHITECTURES = \"86-real;89-real\";\n"));
    EXPECT_NE(text.find("  GGML_AVX2 = true;\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("}\n"));
    Plan old = carbon();
    old.build.cuda_packages = "cudaPackages_12";
    EXPECT_NE(nix_attributes(old).find("  # with cudaPackages_12 of nixpkgs\n"), std::string::npos);
    old.build.package = "llama-cpp-cpu";
    EXPECT_EQ(nix_attributes(old).find("cudaPackages"), std::string::npos);
}

TEST(PlanCodec, TheCudaSetIsOptionalAndChecked) {
    Plan plan = carbon();
    plan.build.cuda_packages = "cudaPackages_12_8";
    const std::string text = to_json(plan);
    EXPECT_EQ(from_json(text, "plan.json").value(), plan);
    // Plans from before have no such field.
    std::string before = to_json(carbon());
    const std::string field = ",\n      \"packages\": null";
    ASSERT_NE(before.find(field), std::string::npos) << before;
    before.erase(before.find(field), field.size());
    EXPECT_EQ(from_json(before, "plan.json").value(), carbon());
    for (const char* bad : {"cudaPackages", "cudaPackages_12_8; x", "cudaPackages_12_8_1", "cudaPackages_", "pkgs"}) {
        std::string wrong = text;
        wrong.replace(wrong.find("cudaPackages_12_8\""), 17, bad);
        EXPECT_FALSE(from_json(wrong, "plan.json")) << bad;
    }
}

TEST(Format, NamesAreChecked) {
    EXPECT_EQ(*format_plan(carbon(), "json"), to_json(carbon()));
    const auto wrong = format_plan(carbon(), "cmak");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().hint, "did you mean 'cmake'?");
}

}  // namespace
}  // namespace lf::plan
