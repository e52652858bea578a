// SPDX-License-Identifier: MIT
#include "check/read_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "check/render.h"

namespace lf::check {
namespace {

CheckReport made() {
    PackageReport package;
    package.package = "llama-cpp-cuda", package.selected = true, package.verdict = Verdict::not_shown;
    package.layers = {
        {Layer::names, Verdict::cannot_tell, {}, "", "the package names no source", {}},
        {Layer::derivation, Verdict::not_shown, {{"GGML_AVX2", "ON", "OFF", "say it"}}, "plan", "", {"twice"}}};
    package.failure = NixFailure{NixCause::output, "too much", "llama", "flake.nix", 3, 7};
    package.name = "llama-cpp-1", package.drv_path = "/nix/store/x.drv", package.outputs = {"/nix/store/x"},
    package.main_program = "llama";
    package.cmake_flags = {"-DGGML_AVX2:BOOL=FALSE"}, package.environment = {{"NIX_CFLAGS_COMPILE", "-O1"}};
    package.required_features = {"gccarch-znver4"};
    HostReport host;
    host.host = "carbon", host.verdict = Verdict::not_shown, host.selected = "llama-cpp-cuda",
    host.packages = {package};
    host.differences = {{"llama-cpp", "ours", "theirs", ""}}, host.notes = {"a note"};
    host.installed = {
        {"environment.systemPackages", "llama-cpp-1", "/nix/store/x.drv", "llama-cpp-cuda", {}, {"/nix/store/x"}}};
    CheckReport report;
    report.stand_ins = true, report.nix_version = "2.34", report.store = {"/tmp/store", "/nix is not there"};
    report.processes = 2, report.logs = 1, report.builds = 3, report.hosts = {host};
    return report;
}
const std::vector<HostCommands> kCommands = {{"carbon", {{"build", {"nix", "build"}, "nix build", 1, 0}}}};

TEST(ReadReport, GivesBackWhatWasPrinted) {
    const std::string printed = to_json(made(), kCommands);
    const auto read = report_from_json(printed, "check.json");
    ASSERT_TRUE(read) << read.error().message << read.error().where.json_path;
    EXPECT_EQ(to_json(read->report, read->commands), printed);
}

TEST(ReadReport, GivesBackWhatWasNotChecked) {
    CheckReport report;
    report.not_checked = "nix not found";
    const std::string printed = to_json(report, {});
    const auto read = report_from_json(printed, "check.json");
    ASSERT_TRUE(read);
    EXPECT_EQ(to_json(read->report, read->commands), printed);
}

TEST(ReadReport, RefusesWhatItDoesNotKnow) {
    const std::string printed = to_json(made(), kCommands);
    const struct {
        const char* from;
        const char* to;
        const char* id;
    } kCases[] = {
        {"\"notes\"", "\"nots\"", "json-missing-field"},
        {"\"selected\": true", "\"selected\": true, \"more\": 1", "json-unknown-field"},
        {"\"verdict\": \"not-shown\"", "\"verdict\": \"fine\"", "check-word"},
        {"\"layer\": \"names\"", "\"layer\": \"name\"", "check-word"},
        {"\"line\": 3", "\"line\": -3", "json-range"},
        {"llama-fleet/check", "llama-fleet/plan", "schema-name"},
        {"\"NIX_CFLAGS_COMPILE\": \"-O1\"", "\"NIX_CFLAGS_COMPILE\": 1", "json-type"},
    };
    for (const auto& one : kCases) {
        std::string text = printed;
        ASSERT_NE(text.find(one.from), std::string::npos) << one.from;
        text.replace(text.find(one.from), std::string_view(one.from).size(), one.to);
        const auto read = report_from_json(text, "check.json");
        ASSERT_FALSE(read) << one.from;
        EXPECT_EQ(read.error().id, one.id) << one.from << ": " << read.error().message;
    }
}

}  // namespace
}  // namespace lf::check
