// SPDX-License-Identifier: MIT
// What a host really gets beside what was chosen for it.
#include <gtest/gtest.h>

#include "base/json.h"
#include "check/fake_flake_test.h"

namespace lf::check {
namespace {

Json caught(Json value) { return {{"ok", true}, {"value", std::move(value)}}; }

Json good_package(const std::string& name) { return Json::parse(good_package_json(some_plan("carbon").build, name)); }

Json good_host(const plan::Plan& plan) { return Json::parse(good_host_json(plan)); }

/// One of a host's packages, installed there.
Json installed_as(const std::string& where, const Json& package) {
    const Json& facts = package["facts"];
    return {{"where", where},
            {"name", facts["value"]["name"]},
            {"drv", package["drv"]["value"]},
            {"outputs", package["outputs"]},
            {"facts", facts}};
}

class CheckInstalled : public testing::Test, protected FakeFlake {
  protected:
    CheckReport report_for(const Json& host) { return report_if(host.dump()); }
};

TEST_F(CheckInstalled, AnotherLlamaInstalledInsteadIsNotShown) {
    Json host = good_host(some_plan("carbon"));
    host["installed"][0]["drv"] = "/nix/store/stock.drv";
    host["installed"][0]["facts"]["value"]["cmakeFlags"] = {"-DGGML_NATIVE=OFF"};
    const CheckReport report = report_for(host);
    EXPECT_EQ(overall(report), Verdict::not_shown);
    EXPECT_EQ(report.hosts[0].differences.at(0).name, "environment.systemPackages");
    host["installed"] = Json::array();
    EXPECT_EQ(overall(report_for(host)), Verdict::shown);
}

TEST_F(CheckInstalled, AServiceThatRunsAnotherBuildIsNotShown) {
    // The chosen one is installed too, so only what the service runs is wrong.
    Json host = good_host(some_plan("carbon"));
    Json other = good_package("llama-cpp-cuda");
    other["drv"] = caught("/nix/store/other.drv");
    const auto run_by_service = [&](const Json& package) {
        host["installed"][1] = installed_as("services.llama-cpp.package", package);
        return report_for(host).hosts.at(0);
    };
    const HostReport same = run_by_service(other);
    EXPECT_EQ(same.verdict, Verdict::shown) << "another derivation, but with all that the plan says";
    EXPECT_EQ(same.notes.at(0),
              "services.llama-cpp.package has another build of llama-cpp-cuda, with all that the plan says");
    other["facts"]["value"]["cmakeFlags"].push_back("-DGGML_AVX2=OFF");
    const HostReport slow = run_by_service(other);
    EXPECT_EQ(slow.verdict, Verdict::not_shown);
    EXPECT_EQ(slow.differences,
              (std::vector<Difference>{{"services.llama-cpp.package", "llama-cpp-cuda",
                                        "llama-cpp-cuda-0.0.0, which is none of the variants: GGML_AVX2 is OFF"}}));
    other["facts"]["value"]["hasFlags"] = false;
    EXPECT_EQ(run_by_service(other).verdict, Verdict::not_shown) << "a wrapper: nobody knows what it runs";
    EXPECT_EQ(run_by_service(host["packages"]["llama-cpp-vulkan"]).verdict, Verdict::shown) << "a variant is planned";
    host["installed"] = Json::array({host["installed"][1]});
    EXPECT_EQ(report_for(host).hosts.at(0).verdict, Verdict::not_shown) << "but it does not stand for the chosen one";
}

TEST_F(CheckInstalled, AnotherBuildBesideTheChosenOneIsNotShownEither) {
    Json host = good_host(some_plan("carbon"));
    Json stock = good_package("llama-cpp-cuda");
    stock["drv"] = caught("/nix/store/stock.drv");
    stock["facts"]["value"]["cmakeFlags"] = {"-DGGML_NATIVE=OFF"};
    host["installed"][1] = installed_as("users.users.ada.packages", stock);
    EXPECT_EQ(overall(report_for(host)), Verdict::not_shown);
    host["installed"][1]["facts"] = {{"ok", false}, {"value", nullptr}};
    EXPECT_EQ(overall(report_for(host)), Verdict::shown) << "what shows no flags is only noted beside the chosen one";
}

TEST_F(CheckInstalled, HomeManagersPackagesAreListedOnce) {
    Json host = good_host(some_plan("carbon"));
    const Json package = host["packages"]["llama-cpp-cuda"];
    host["installed"] = {installed_as("users.users.ada.packages", package),
                         installed_as("users.users.bob.packages", package),
                         installed_as("home-manager.users.ada.home.packages", package)};
    const CheckReport report = report_for(host);
    ASSERT_EQ(report.hosts[0].installed.size(), 2U);
    EXPECT_EQ(report.hosts[0].installed[0].where, "users.users.bob.packages");
}

TEST_F(CheckInstalled, ALaterOverlayThatRedefinesThePlainNameIsNoted) {
    Json host = good_host(some_plan("carbon"));
    host["packages"]["llama-cpp"]["drv"] = caught("/nix/store/stock.drv");
    const CheckReport report = report_for(host);
    EXPECT_EQ(overall(report), Verdict::shown) << "the suffixed name is what machines install";
    EXPECT_NE(report.hosts[0].notes.at(0).find("pkgs.llama-cpp is not pkgs."), std::string::npos);
}

}  // namespace
}  // namespace lf::check
