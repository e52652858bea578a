// SPDX-License-Identifier: MIT
#include "check/fake_flake_test.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "plan/codec.h"

namespace lf::check {
namespace {

Json caught(Json value) { return {{"ok", true}, {"value", std::move(value)}}; }

/// The answer for one package whose flags are as planned.
Json good_package(const plan::Build& build, const std::string& name) {
    std::vector<std::string> flags;
    for (const auto& [flag, value] : plan::expected_flags(build, name)) flags.push_back(plan::render_flag(flag, value));
    return {{"found", true},
            {"drv", caught("/nix/store/x-" + name + ".drv")},
            {"outputs", caught({"/nix/store/x-" + name})},
            {"facts", caught({{"name", name + "-0.0.0"},
                              {"version", "0.0.0"},
                              {"gccArch", ""},
                              {"source", ""},
                              {"sourceWhy", "its source is fetched when it is built"},
                              {"ggmlVersion", ""},
                              {"buildDrv", "/nix/store/x-" + name + ".drv"},
                              {"mainProgram", "llama-cli"},
                              {"hasFlags", true},
                              {"cmakeFlags", flags},
                              {"structured", false},
                              {"environment", Json::object()},
                              {"hooks", Json::object()},
                              {"requiredFeatures", Json::array()}})}};
}

/// One of a host's packages, installed there.
Json installed_as(const std::string& where, const Json& package) {
    const Json& facts = package["facts"];
    return {{"where", where},
            {"name", facts["value"]["name"]},
            {"drv", package["drv"]["value"]},
            {"outputs", package["outputs"]},
            {"facts", facts}};
}

Json good_host(const plan::Plan& plan) {
    Json packages = Json::object();
    for (const char* name : kVariants) packages[name] = good_package(plan.build, name);
    packages["llama-cpp"] = packages[plan.build.package];
    const Json installed = installed_as("environment.systemPackages", packages[plan.build.package]);
    return {{"present", true}, {"usable", true}, {"packages", packages}, {"installed", Json::array({installed})}};
}

}  // namespace

plan::Plan some_plan(const std::string& host) {
    plan::Plan plan;
    plan.host = host;
    plan.build.package = "llama-cpp-cuda";
    plan.build.cpu_flags = {{"GGML_NATIVE", false}, {"GGML_AVX2", true}};
    plan.build.cuda_architectures = "86-real";
    return plan;
}

facts::Machine some_facts() {
    facts::Machine machine;
    machine.host = "carbon";
    machine.system = "x86_64-linux";
    facts::Gpu gpu;
    gpu.vendor = "nvidia";
    gpu.name = "GA107M [GeForce RTX 3050 Mobile]";
    gpu.compute_capability = "8.6";
    gpu.driver = "nvidia";
    machine.gpus.push_back(gpu);
    return machine;
}

std::string good_package_json(const plan::Build& build, const std::string& name) {
    return good_package(build, name).dump();
}

std::string good_host_json(const plan::Plan& plan) { return good_host(plan).dump(); }

std::string answer_json(const std::string& hosts) {
    return Json{{"hosts", Json::parse(hosts)}, {"sources", Json::object()}}.dump();
}

FakeFlake::FakeFlake() {
    std::string name = testing::TempDir() + "lf-check-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::ofstream(folder_ + "/flake.nix") << "{ }";
    request_.flake = folder_;
    request_.hosts = {{"carbon", some_plan("carbon"), some_facts()}};
}

FakeFlake::~FakeFlake() { std::filesystem::remove_all(folder_); }

CheckReport FakeFlake::report_if(const std::string& host_json) {
    const std::string answer = answer_json("{\"carbon\":" + host_json + "}");
    fake_.answer = [answer](const Command&) { return FakeNix::finished(0, answer); };
    auto report = run();
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : CheckReport{};
}

}  // namespace lf::check
