// SPDX-License-Identifier: MIT
// Whole reports over a Nix that is played: where each layer's evidence comes from, what it costs, and how it is shown.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/text.h"
#include "check/check.h"
#include "check/fake_nix_test.h"
#include "check/render.h"
#include "plan/codec.h"

namespace lf::check {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSource = "/nix/store/s-source";

plan::Plan some_plan() {
    plan::Plan plan;
    plan.build.package = "llama-cpp-cpu";
    plan.build.cpu_flags = {{"GGML_NATIVE", false}, {"GGML_AVX", true}, {"GGML_AVX2", true}};
    return plan;
}

Json caught(Json value) { return {{"ok", true}, {"value", std::move(value)}}; }

/// Derivations with names as Nix makes them: the log is looked for by its hash.
std::string drv_of(const std::string& package) { return "/nix/store/" + std::string(32, 'a') + "-" + package + ".drv"; }

class CheckLayers : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "lf-layers-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        std::ofstream(folder_ + "/flake.nix") << "{ }";
        fake_.answer = [this](const Command& command) {
            if (std::find(command.argv.begin(), command.argv.end(), "log") != command.argv.end())
                return FakeNix::finished(0, log_);
            return FakeNix::finished(0, answer());
        };
    }
    void TearDown() override { fs::remove_all(folder_); }

    Json package(const std::string& name) const {
        std::vector<std::string> flags;
        for (const auto& [flag, value] : plan::expected_flags(plan_.build, name))
            flags.push_back(plan::render_flag(flag, value));
        flags.insert(flags.end(), more_flags_.begin(), more_flags_.end());
        const Json facts{{"name", name + "-0.0.0"},
                         {"version", "0.0.0"},
                         {"mainProgram", ""},
                         {"hasFlags", true},
                         {"cmakeFlags", flags},
                         {"structured", false},
                         {"environment", Json::object()},
                         {"hooks", Json::object()},
                         {"requiredFeatures", Json::array()},
                         {"gccArch", ""},
                         {"source", kSource},
                         {"sourceWhy", ""},
                         {"ggmlVersion", ""},
                         {"buildDrv", drv_of(name)}};
        return {{"found", true},
                {"drv", caught(drv_of(name))},
                {"outputs", caught(Json::array())},
                {"facts", caught(facts)}};
    }

    std::string answer() const {
        Json packages = Json::object();
        for (const char* name : kVariants) packages[name] = package(name);
        packages["llama-cpp"] = packages["llama-cpp-cpu"];
        const Json host{{"present", true}, {"usable", true}, {"packages", packages}, {"installed", Json::array()}};
        return Json{{"hosts", {{"boron", host}}}, {"sources", {{kSource, caught(files_)}}}}.dump();
    }

    CheckReport run() {
        CheckRequest request;
        request.flake = folder_;
        request.hosts = {{"boron", plan_, facts::Machine{}}};
        request.time_limit = time_limit_;
        auto report = check(request, fake_, elsewhere(folder_ + "/store"));
        EXPECT_TRUE(report) << report.error().message;
        return report ? std::move(*report) : CheckReport{};
    }

    /// A store in which this package was built.
    void was_built(const std::string& package, const std::string& flags) {
        const std::string name = drv_of(package).substr(11);
        const fs::path log =
            folder_ + "/store/nix/var/log/nix/drvs/" + name.substr(0, 2) + "/" + name.substr(2) + ".bz2";
        fs::create_directories(log.parent_path());
        std::ofstream{log} << "packed";
        log_ = "-- Adding CPU backend variant ggml-cpu: " + flags + "\n";
    }

    static const LayerReport& cpu(const CheckReport& report, Layer layer) {
        return *layer_of(report.hosts.at(0).packages.at(0), layer);
    }

    std::string folder_;
    FakeNix fake_;
    plan::Plan plan_ = some_plan();
    Json files_ = Json::object();
    std::vector<std::string> more_flags_;
    std::string log_;
    std::chrono::milliseconds time_limit_ = std::chrono::minutes(5);
};

const char* const kCmake =
    "option(GGML_NATIVE) option(GGML_AVX) option(GGML_AVX2) option(GGML_BLAS) option(GGML_CUDA) option(GGML_HIP)\n"
    "option(GGML_VULKAN) option(GGML_OPENMP) option(LLAMA_BUILD_SERVER)";

TEST_F(CheckLayers, TheSourceComesWithTheOneEvaluation) {
    files_ = {{"CMakeLists.txt", kCmake}};
    const CheckReport report = run();
    EXPECT_EQ(report.processes, 1);
    EXPECT_EQ(cpu(report, Layer::names).verdict, Verdict::shown);
    EXPECT_EQ(cpu(report, Layer::names).basis, "the pinned source");
    more_flags_ = {"-DGGML_AVX22=ON"};
    const CheckReport slip = run();
    EXPECT_EQ(overall(slip), Verdict::not_shown);
    EXPECT_EQ(decisive_layer(slip.hosts[0]), Layer::names);
    const std::string text = to_text(slip);
    EXPECT_NE(text.find("boron: the flags are options of this llama.cpp: not shown"), std::string::npos) << text;
    EXPECT_NE(text.find("GGML_AVX22: no such option; did you mean GGML_AVX2?"), std::string::npos) << text;
    EXPECT_NE(text.find("llama-cpp-vulkan    not shown, as llama-cpp-cpu"), std::string::npos) << "said once\n" << text;
}

TEST_F(CheckLayers, NoSourceAndNoBuildAreNoReasonForDoubt) {
    const CheckReport report = run();
    EXPECT_EQ(overall(report), Verdict::shown);
    EXPECT_EQ(cpu(report, Layer::names).verdict, Verdict::cannot_tell);
    EXPECT_EQ(cpu(report, Layer::build).verdict, Verdict::cannot_tell);
    EXPECT_EQ(report.logs, 0) << "there is no file of a log: nix is not started for it";
    EXPECT_NE(to_text(report).find("not built here"), std::string::npos);
}

TEST_F(CheckLayers, ALogIsReadOnceAndCountedApart) {
    was_built("llama-cpp-cpu", "-mavx;-mavx2 GGML_AVX;GGML_AVX2");
    const CheckReport report = run();
    EXPECT_EQ(report.processes, 1);
    EXPECT_EQ(report.logs, 1);
    EXPECT_EQ(cpu(report, Layer::build).verdict, Verdict::shown);
    const auto& argv = fake_.asked.back().argv;
    EXPECT_EQ(argv.back(), drv_of("llama-cpp-cpu"));
    EXPECT_EQ(std::count(argv.begin(), argv.end(), "--offline"), 1);
    EXPECT_EQ(std::count(argv.begin(), argv.end(), "substituters"), 1) << "no download";
    EXPECT_EQ(std::count(argv.begin(), argv.end(), "eval"), 0) << "no evaluation";
}

TEST_F(CheckLayers, ALogThatContradictsThePlanIsNotShown) {
    was_built("llama-cpp-cpu", " ");
    const CheckReport report = run();
    EXPECT_EQ(overall(report), Verdict::not_shown);
    EXPECT_EQ(decisive_layer(report.hosts[0]), Layer::build);
    const std::string text = to_text(report);
    EXPECT_NE(text.find("boron: flags reach the compiler: not shown"), std::string::npos) << text;
    EXPECT_NE(text.find("ggml-cpu: wanted -mavx -mavx2, got no -m option"), std::string::npos) << text;
}

TEST_F(CheckLayers, ALogThatIsTooLongOrNeverEndsIsNoMatterOfTheOtherLayers) {
    was_built("llama-cpp-cpu", "");
    time_limit_ = std::chrono::seconds(5);
    for (const auto& [id, said] : std::vector<std::pair<std::string, std::string>>{
             {"program-output-limit", "the log of the build cannot be read: nix put out more than 64 MiB"},
             {"program-timeout",
              "the log of the build cannot be read: nix did not finish within 5 s; --time-limit gives it longer"}}) {
        fake_.answer = [this, id = id](const Command& command) -> Result<Finished> {
            if (std::find(command.argv.begin(), command.argv.end(), "log") == command.argv.end())
                return FakeNix::finished(0, answer());
            EXPECT_LE(command.time_limit, time_limit_);
            return fail(world_error(id, "x"));
        };
        const CheckReport report = run();
        EXPECT_EQ(cpu(report, Layer::build).why, said);
        EXPECT_EQ(overall(report), Verdict::shown) << "as where there is no log";
        EXPECT_NE(to_text(report, true).find("nix "), std::string::npos);
    }
}

TEST_F(CheckLayers, APipeInPlaceOfALogIsNotWaitedFor) {
    was_built("llama-cpp-cpu", "");
    const fs::path log = folder_ + "/store/nix/var/log/nix/drvs/aa/" + drv_of("llama-cpp-cpu").substr(13) + ".bz2";
    ASSERT_TRUE(fs::remove(log));
    ASSERT_EQ(::mkfifo(log.c_str(), 0600), 0);
    const CheckReport report = run();
    EXPECT_EQ(report.logs, 0);
    EXPECT_NE(cpu(report, Layer::build).why.find("is not a regular file"), std::string::npos);
}

TEST_F(CheckLayers, ALogThatNixCannotReadIsNone) {
    was_built("llama-cpp-cpu", "");
    fake_.answer = [this](const Command& command) {
        const bool log = std::find(command.argv.begin(), command.argv.end(), "log") != command.argv.end();
        return log ? FakeNix::finished(1, "", "error: build log of '/nix/store/x.drv' is not available\n")
                   : FakeNix::finished(0, answer());
    };
    EXPECT_EQ(cpu(run(), Layer::build).why, kNotBuiltHere);
}

TEST_F(CheckLayers, TheReportHasEveryLayer) {
    files_ = {{"CMakeLists.txt", kCmake}};
    const Json json = Json::parse(to_json(run(), {}));
    EXPECT_EQ(json["version"], kCheckVersion);
    const Json& host = json["hosts"][0];
    EXPECT_EQ(host["layers"], (Json{{"names", "shown"},
                                    {"derivation", "shown"},
                                    {"build", "cannot-tell"},
                                    {"targets", "not-planned"},
                                    {"binary", "cannot-tell"}}));
    const Json& layers = host["packages"][0]["layers"];
    ASSERT_EQ(layers.size(), std::size(kLayers));
    for (std::size_t i = 0; i < layers.size(); ++i) EXPECT_EQ(layers[i]["layer"], layer_name(kLayers[i]));
    EXPECT_EQ(layers[2]["counts"], false);
}

TEST_F(CheckLayers, TextKeepsToItsColumns) {
    files_ = {{"CMakeLists.txt", kCmake}};
    more_flags_ = {"-DGGML_A_RATHER_LONG_NAME_THAT_NOBODY_KNOWS=ON", "-DGGML_AVX2=OFF",
                   "-DCMAKE_CXX_FLAGS=-march=znver4"};
    for (const bool details : {false, true}) {
        for (const std::string_view line : lines(to_text(run(), details)))
            EXPECT_TRUE(line.size() <= 80 || line.find("/nix/store") != std::string_view::npos ||
                        line.find("private store") != std::string_view::npos)
                << line;
    }
}

TEST_F(CheckLayers, HostileNamesOfOptionsStayPrintable) {
    files_ = {{"CMakeLists.txt", std::string(kCmake) + "llama_option_depr(FATAL_ERROR GGML_EVIL \x1b[2J)"}};
    more_flags_ = {"-DGGML_EVIL=1", "-DGGML_\x1b[2J=1", "-DCMAKE_CXX_FLAGS=-march=\x1b]0;x\x07"};
    const std::string text = to_text(run(), true);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
}

}  // namespace
}  // namespace lf::check
