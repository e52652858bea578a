// SPDX-License-Identifier: MIT
#include "check/survey.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "check/fake_nix_test.h"

namespace lf::check {
namespace {

Json caught(Json value) { return {{"ok", true}, {"value", std::move(value)}}; }
Json threw() { return {{"ok", false}, {"value", nullptr}}; }

Json package(const std::string& where, const std::vector<std::string>& arguments) {
    const Json facts{{"name", "llama-cpp-0.0.0"},
                     {"version", "0.0.0"},
                     {"mainProgram", "llama-cli"},
                     {"hasFlags", true},
                     {"cmakeFlags", {"-DGGML_NATIVE:BOOL=FALSE -DGGML_AVX2=ON"}},
                     {"structured", false},
                     {"environment", {{"NIX_CFLAGS_COMPILE", "-O2"}}},
                     {"hooks", Json::object()},
                     {"requiredFeatures", Json::array()},
                     {"gccArch", ""},
                     {"source", ""},
                     {"sourceWhy", ""},
                     {"ggmlVersion", ""},
                     {"buildDrv", nullptr}};
    return {{"where", where},         {"name", "llama-cpp-0.0.0"},
            {"pname", "llama-cpp"},   {"drv", caught("/nix/store/x-llama-cpp.drv")},
            {"facts", caught(facts)}, {"arguments", caught(arguments)}};
}

Json host(const Json& packages) {
    return {{"present", true},
            {"usable", true},
            {"attributes", caught({"llama-cpp", "llamaPackages"})},
            {"cudaSupport", caught(true)},
            {"rocmSupport", caught(nullptr)},
            {"system", caught("x86_64-linux")},
            {"gccArch", caught("znver4")},
            {"denyWriteExecute", caught(true)},
            {"packages", caught(packages)},
            {"evaluates", caught({{"llama-cpp", true}, {"llama-cpp-vulkan", false}})}};
}

/// The words of the question that a command asks.
const std::string& question(const Command& command) {
    const auto apply = std::find(command.argv.begin(), command.argv.end(), "--apply");
    return *(apply + 1);
}

/// What is wanted: the end of the question, behind the Nix code.
std::string wanted(const Command& command) {
    const std::string& text = question(command);
    return text.substr(text.rfind("\n)") + 2);
}

class Survey : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "lf-survey-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        std::ofstream(folder_ + "/flake.nix") << "{ }";
        request_.flake = folder_;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    Result<std::vector<HostSurvey>> run() {
        LF_ASSIGN(Nix nix, Nix::find(fake_, elsewhere(folder_ + "/store")));
        return survey(request_, nix);
    }

    std::string folder_;
    CheckRequest request_;
    FakeNix fake_;
};

TEST_F(Survey, AllHostsInOneEvaluationWithoutAPlan) {
    const Json one = host(Json::array({package("environment.systemPackages", {"useCuda", "useVulkan"})}));
    const Json other = host(Json::array({package("services.llama-cpp.package", {"cudaSupport"})}));
    fake_.answer = [&](const Command&) { return FakeNix::finished(0, Json{{"b", other}, {"a", one}}.dump()); };
    const auto hosts = run();
    ASSERT_TRUE(hosts) << hosts.error().message;
    ASSERT_EQ(hosts->size(), 2U);
    EXPECT_EQ(fake_.asked.size(), 1U);
    EXPECT_EQ(wanted(fake_.asked[0]), " null") << "every host";
    const HostSurvey& a = hosts->at(0);
    EXPECT_EQ(a.host, "a");
    EXPECT_TRUE(a.usable);
    EXPECT_EQ(a.cuda_support, true);
    EXPECT_EQ(a.rocm_support, std::nullopt);
    EXPECT_EQ(a.system, "x86_64-linux");
    EXPECT_EQ(a.gcc_arch, "znver4");
    EXPECT_EQ(a.memory_deny_write_execute, true);
    EXPECT_EQ(a.evaluates, (std::map<std::string, bool>{{"llama-cpp", true}, {"llama-cpp-vulkan", false}}));
    const SurveyPackage& package = a.packages.at(0);
    EXPECT_TRUE(package.official_arguments);
    EXPECT_FALSE(package.nixpkgs_arguments);
    EXPECT_EQ(package.facts.cmake_flags.size(), 2U) << "split as the shell does";
    EXPECT_EQ(package.facts.environment.at("NIX_CFLAGS_COMPILE"), "-O2");
    EXPECT_TRUE(hosts->at(1).packages.at(0).nixpkgs_arguments);
}

TEST_F(Survey, HomeManagersPackagesAreTakenOnce) {
    const Json packages = Json::array(
        {package("users.users.ada.packages", {}), package("home-manager.users.ada.home.packages", {"useCuda"})});
    fake_.answer = [&](const Command&) { return FakeNix::finished(0, Json{{"a", host(packages)}}.dump()); };
    const auto hosts = run();
    ASSERT_TRUE(hosts);
    ASSERT_EQ(hosts->at(0).packages.size(), 1U);
    EXPECT_EQ(hosts->at(0).packages[0].where, "home-manager.users.ada.home.packages");
}

TEST_F(Survey, WhatThrowsIsDataAndHidesNothing) {
    Json broken = package("environment.systemPackages", {});
    broken["drv"] = threw();
    broken["facts"] = threw();
    Json answer = host(Json::array({broken}));
    answer["gccArch"] = caught("");
    answer["denyWriteExecute"] = threw();
    fake_.answer = [&](const Command&) { return FakeNix::finished(0, Json{{"a", answer}}.dump()); };
    const auto hosts = run();
    ASSERT_TRUE(hosts) << hosts.error().message;
    EXPECT_EQ(hosts->at(0).packages.at(0).drv_path, "");
    EXPECT_EQ(hosts->at(0).gcc_arch, std::nullopt);
    EXPECT_EQ(hosts->at(0).memory_deny_write_execute, std::nullopt);
}

TEST_F(Survey, AHostThatEndsTheEvaluationIsAskedPartByPart) {
    const Json good = host(Json::array({package("environment.systemPackages", {"useCuda"})}));
    // b: its llama-cpp-vulkan takes an argument that is not there, which tryEval cannot catch.
    fake_.answer = [&](const Command& command) -> Result<Finished> {
        if (question(command) == "builtins.attrNames") return FakeNix::finished(0, R"(["a","b"])");
        const std::string text = wanted(command);
        if (text.find("null") != std::string::npos ||
            (text.find("\"b\"") != std::string::npos && text.find("llama-cpp-vulkan") != std::string::npos))
            return FakeNix::finished(1, "", "error: function called with unexpected argument 'vulkanSupport'\n");
        Json answer = good;
        if (text.find("installed = false") != std::string::npos) answer["packages"] = caught(nullptr);
        if (text.find("\"b\"") != std::string::npos) answer["evaluates"] = caught({{"llama-cpp", true}});
        return FakeNix::finished(0, Json{{text.find("\"b\"") != std::string::npos ? "b" : "a", answer}}.dump());
    };
    const auto hosts = run();
    ASSERT_TRUE(hosts) << hosts.error().message;
    ASSERT_EQ(hosts->size(), 2U);
    EXPECT_FALSE(hosts->at(0).failure);
    const HostSurvey& b = hosts->at(1);
    EXPECT_TRUE(b.usable);
    EXPECT_FALSE(b.failure) << "what is installed could be read";
    EXPECT_EQ(b.packages.size(), 1U);
    EXPECT_EQ(b.evaluates, (std::map<std::string, bool>{{"llama-cpp", true}, {"llama-cpp-vulkan", false}}));
    EXPECT_EQ(b.evaluation_failures.at("llama-cpp-vulkan").name, "vulkanSupport");
    // all; names; a; b; b bare; what b has; four attributes of b
    EXPECT_EQ(fake_.asked.size(), 10U);
}

TEST_F(Survey, TheHostsOfTheRequestInItsOrder) {
    request_.hosts = {{"b", {}}, {"a", {}}};
    fake_.answer = [&](const Command&) {
        return FakeNix::finished(0, Json{{"a", host(Json::array())}, {"b", {{"present", false}}}}.dump());
    };
    const auto hosts = run();
    ASSERT_TRUE(hosts) << hosts.error().message;
    EXPECT_EQ(hosts->at(0).host, "b");
    EXPECT_FALSE(hosts->at(0).present);
    fake_.answer = [&](const Command&) { return FakeNix::finished(0, Json{{"a", host(Json::array())}}.dump()); };
    EXPECT_EQ(run().error().id, "nix-answer");
}

TEST_F(Survey, WhatLiesInTheFlakeAsAWholeIsAnError) {
    fake_.answer = [](const Command&) {
        return FakeNix::finished(1, "", "error: flake 'path:/x' does not provide attribute 'nixosConfigurations'\n");
    };
    EXPECT_EQ(run().error().id, "nix-no-output");
    EXPECT_EQ(fake_.asked.size(), 1U);
    request_.flake += "/nothing";
    EXPECT_EQ(run().error().id, "flake-missing");
}

TEST_F(Survey, AnyTypeInAnyPlaceIsRefusedOrRead) {
    const Json good{{"a", host(Json::array({package("environment.systemPackages", {"useCuda"})}))}};
    const Json kinds = Json::array({nullptr, true, 7, "text", Json::array({1}), Json::object({{"a", 1}})});
    const Json flat = good.flatten();
    for (const auto& [path, unused] : flat.items()) {
        for (const Json& kind : kinds) {
            Json changed = good;
            changed[Json::json_pointer(path)] = kind;
            const auto read = read_survey(changed.dump());
            EXPECT_TRUE(read || read.error().id == "nix-answer") << path;
        }
    }
    for (const char* text : {"", "[]", "{}x", "7", "{\"a\":7}"}) EXPECT_FALSE(read_survey(text)) << text;
    EXPECT_FALSE(read_names("[1]"));
    EXPECT_FALSE(read_names("7"));
    EXPECT_FALSE(read_names("{\"a\":1}"));
}

}  // namespace
}  // namespace lf::check
