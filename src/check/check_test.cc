// SPDX-License-Identifier: MIT
#include "check/check.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "check/fake_flake_test.h"
#include "check/render.h"
#include "check/unfree.h"

namespace lf::check {
namespace {

Json caught(Json value) { return {{"ok", true}, {"value", std::move(value)}}; }

Json good_host(const plan::Plan& plan) { return Json::parse(good_host_json(plan)); }

/// The whole answer for hosts.
std::string answer_of(const Json& hosts) { return answer_json(hosts.dump()); }

class Check : public testing::Test, protected FakeFlake {
  protected:
    CheckReport report_for(const Json& host) { return report_if(host.dump()); }
};

TEST_F(Check, ShownInOneEvaluation) {
    const CheckReport report = report_for(good_host(some_plan("carbon")));
    EXPECT_EQ(overall(report), Verdict::shown);
    EXPECT_EQ(report.processes, 1);
    EXPECT_EQ(cuda(report).package, "llama-cpp-cuda");
    EXPECT_EQ(report.hosts[0].packages[3].verdict, Verdict::not_planned) << "no ROCm target";
    EXPECT_EQ(report.hosts[0].installed.at(0).package, "llama-cpp-cuda");
}

TEST_F(Check, StandInsAreNeverCalledPassed) {
    request_.stand_ins = true;
    const CheckReport report = report_for(good_host(some_plan("carbon")));
    EXPECT_NE(to_text(report).find("flags reach the derivation: shown (stand-in inputs)"), std::string::npos);
    EXPECT_EQ(to_text(report).find("passed"), std::string::npos);
    EXPECT_EQ(to_summary(report), "carbon  llama-cpp-cuda      shown (stand-in inputs)\n");
}

TEST_F(Check, ALostFlagIsNamed) {
    Json host = good_host(some_plan("carbon"));
    host["packages"]["llama-cpp-cuda"]["facts"]["value"]["cmakeFlags"] = {"-DGGML_NATIVE=OFF"};
    const CheckReport report = report_for(host);
    EXPECT_EQ(overall(report), Verdict::not_shown);
    const auto& found = differences(report);
    EXPECT_EQ(std::count(found.begin(), found.end(), Difference{"GGML_AVX2", "ON", "not set"}), 1);
    EXPECT_NE(to_text(report).find("GGML_AVX2: wanted ON, got not set"), std::string::npos);
}

TEST_F(Check, FlagsAreSplitAtBlanksAsTheBuildDoes) {
    Json host = good_host(some_plan("carbon"));
    Json& flags = host["packages"]["llama-cpp-cuda"]["facts"]["value"]["cmakeFlags"];
    flags.push_back("-DOTHER=1 -DGGML_AVX2=OFF");
    EXPECT_EQ(differences(report_for(host)), (std::vector<Difference>{{"GGML_AVX2", "ON", "OFF"}}));
    host["packages"]["llama-cpp-cuda"]["facts"]["value"]["structured"] = true;
    EXPECT_EQ(cuda(report_for(host)).verdict, Verdict::shown) << "structured attributes are not split";
}

TEST_F(Check, TheBuildersInstructionSetIsNoticed) {
    Json host = good_host(some_plan("carbon"));
    host["packages"]["llama-cpp-cuda"]["facts"]["value"]["environment"] = {{"NIX_CFLAGS_COMPILE", "-O3 -march=native"}};
    EXPECT_EQ(differences(report_for(host)).at(0).name, "NIX_CFLAGS_COMPILE");
    host["packages"]["llama-cpp-cuda"]["facts"]["value"]["environment"] = {{"NIX_CFLAGS_COMPILE", "-O3"}};
    EXPECT_EQ(cuda(report_for(host)).verdict, Verdict::shown);
}

TEST_F(Check, BuilderNativeNeedsTheWrapperToLetItPass) {
    plan::Plan plan = some_plan("carbon");
    plan.build.strategy = "builder-native";
    plan.build.cpu_flags["GGML_NATIVE"] = true;
    request_.hosts = {{"carbon", plan, some_facts()}};
    Json host = good_host(plan);
    EXPECT_EQ(differences(report_for(host)).at(0), (Difference{"NIX_ENFORCE_NO_NATIVE", "0", "not set"}));
    for (const char* name : kVariants) {
        host["packages"][name]["facts"]["value"]["environment"] = {{"NIX_ENFORCE_NO_NATIVE", "0"}};
    }
    EXPECT_EQ(cuda(report_for(host)).verdict, Verdict::shown);
}

TEST_F(Check, AFlakeThatWasNeverFitted) {
    Json host = good_host(some_plan("carbon"));
    const Json none = {{"found", false},
                       {"facts", {{"ok", true}, {"value", nullptr}}},
                       {"drv", {{"ok", true}, {"value", ""}}},
                       {"outputs", {{"ok", true}, {"value", Json::array()}}}};
    for (const char* name : kVariants) host["packages"][name] = none;
    const CheckReport report = report_for(host);
    EXPECT_EQ(overall(report), Verdict::not_shown);
    EXPECT_EQ(differences(report).at(0).got, "no such attribute of pkgs");
}

TEST_F(Check, UnfreeIsAskedAgainAndNamed) {
    Json host = good_host(some_plan("carbon"));
    host["packages"]["llama-cpp-cuda"]["drv"] = {{"ok", false}, {"value", nullptr}};
    fake_.answer = [&](const Command& command) {
        if (command.argv.back() != "nixosConfigurations" && command.argv.back().find("drvPath") != std::string::npos &&
            command.argv.back().find("wanted:") == std::string::npos) {
            return FakeNix::finished(
                1, "", "error: Package ‘cuda_nvcc-12’ in /x has an unfree license (‘CUDA EULA’), refusing\n");
        }
        return FakeNix::finished(0, answer_of({{"carbon", host}}));
    };
    const auto report = run();
    ASSERT_TRUE(report);
    EXPECT_EQ(cuda(*report).verdict, Verdict::cannot_tell);
    ASSERT_TRUE(cuda(*report).failure);
    EXPECT_EQ(cuda(*report).failure->cause, NixCause::unfree);
    EXPECT_EQ(cuda(*report).failure->name, "cuda_nvcc-12");
    EXPECT_EQ(report->processes, 2);
}

TEST_F(Check, APackageSetThatThrowsIsAskedAgainForItsWords) {
    Json host = good_host(some_plan("carbon"));
    host["usable"] = false;
    fake_.answer = [&](const Command& command) {
        const bool alone = std::any_of(command.argv.begin(), command.argv.end(), [](const std::string& word) {
            return word.starts_with("configurations: let host = configurations.\"carbon\"");
        });
        if (alone) return FakeNix::finished(1, "", "error: not today\n\n at /nix/store/a-source/overlay.nix:3:5:\n");
        return FakeNix::finished(0, answer_of({{"carbon", host}}));
    };
    const auto report = run();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->hosts[0].why, "not today (overlay.nix:3:5)");
    EXPECT_EQ(report->processes, 2);
}

TEST_F(Check, WithoutNixItSaysSo) {
    fake_.version = "nix (Nix) 2.3.1\n";
    const auto report = run();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->not_checked, "nix 2.3.1 is too old: 2.8 or newer is needed");
    EXPECT_EQ(overall(*report), Verdict::cannot_tell);
    EXPECT_EQ(Json::parse(to_json(*report, {}))["checked"], false);
    fake_.path = "";
    if (std::filesystem::exists("/run/current-system/sw/bin/nix")) GTEST_SKIP() << "a nix in its usual place";
    EXPECT_EQ(to_text(*run()).substr(0, 27), "not checked: nix not found\n");
}

TEST_F(Check, WhatLiesInTheFlakeAsAWholeIsAnError) {
    fake_.answer = [](const Command&) {
        return FakeNix::finished(1, "", "error: unable to download 'https://x/y': Couldn't resolve host name (6)\n");
    };
    EXPECT_EQ(run().error().id, "nix-network");
    EXPECT_EQ(fake_.asked.size(), 1U);
    request_.flake = folder_ + "/nothing";
    EXPECT_EQ(run().error().id, "flake-missing");
}

TEST_F(Check, AHostThatFailsHidesNoOther) {
    request_.hosts = {{"carbon", some_plan("carbon"), some_facts()}, {"boron", some_plan("boron"), some_facts()}};
    fake_.answer = [](const Command& command) {
        const bool with_boron = std::any_of(command.argv.begin(), command.argv.end(), [](const std::string& word) {
            return word.find("\"boron\"") != std::string::npos;
        });
        if (with_boron)
            return FakeNix::finished(1, "", "error: attribute 'gone' missing\n\n at /nix/store/a-source/b.nix:1:2:\n");
        return FakeNix::finished(0, answer_of({{"carbon", good_host(some_plan("carbon"))}}));
    };
    const auto report = run();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->hosts[0].verdict, Verdict::shown);
    EXPECT_EQ(report->hosts[1].verdict, Verdict::cannot_tell);
    EXPECT_NE(report->hosts[1].why.find("attribute 'gone' missing"), std::string::npos);
}

TEST_F(Check, RubbishIsAnErrorNotACrash) {
    const std::string good = answer_of({{"carbon", good_host(some_plan("carbon"))}});
    std::vector<std::string> rubbish{"",
                                     "[]",
                                     "null",
                                     "{}",
                                     "{\"hosts\":{},\"sources\":{}}",
                                     "{\"hosts\":{\"carbon\":1},\"sources\":{}}",
                                     "{\"hosts\":{\"carbon\":{\"present\":true}},\"sources\":{}}",
                                     std::string(1000, '['),
                                     "\xff\xfe",
                                     "{\"hosts\":{\"other\":{\"present\":false}},\"sources\":{}}"};
    for (std::size_t cut = 1; cut < good.size(); cut += 97) rubbish.push_back(good.substr(0, cut));
    for (const std::string& out : rubbish) {
        fake_.answer = [&](const Command&) { return FakeNix::finished(0, out); };
        const auto report = run();
        ASSERT_FALSE(report) << out.substr(0, 100);
        EXPECT_EQ(report.error().id, "nix-answer") << out.substr(0, 100);
        EXPECT_TRUE(report.error().causes.empty()) << "the reason stands in the message";
    }
}

TEST_F(Check, AnyTypeInAnyPlaceIsRefusedOrRead) {
    // Every value of a good answer is replaced by every kind of value in turn.
    const Json good{{"hosts", {{"carbon", good_host(some_plan("carbon"))}}},
                    {"sources", {{"/nix/store/x", caught({{"CMakeLists.txt", "option(GGML_A)"}})}}}};
    const Json flat = good.flatten();
    const Json kinds = Json::array({nullptr, true, 7, "text", Json::array({1}), Json::object({{"a", 1}})});
    for (const auto& [path, unused] : flat.items()) {
        for (const Json& kind : kinds) {
            Json changed = good;
            changed[Json::json_pointer(path)] = kind;
            fake_.answer = [&](const Command&) { return FakeNix::finished(0, changed.dump()); };
            const auto report = run();
            if (report) to_json(*report, {});
        }
    }
}

TEST_F(Check, HostileTextCannotMoveTheCursor) {
    Json host = good_host(some_plan("carbon"));
    host["packages"]["llama-cpp-cuda"]["facts"]["value"]["cmakeFlags"] = {"-DGGML_AVX2=\x1b[2J"};
    host["installed"][0] = {{"where", "\x1b]0;x\x07"},
                            {"name", "llama-cpp\n\n"},
                            {"drv", nullptr},
                            {"outputs", {{"ok", false}, {"value", nullptr}}},
                            {"facts", {{"ok", false}, {"value", nullptr}}}};
    const std::string text = to_text(report_for(host), true);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
}

TEST_F(Check, ThePlanlessHostIsOnlyListed) {
    Json host = good_host(some_plan("carbon"));
    request_.hosts = {{"carbon", std::nullopt}};
    const CheckReport report = report_for(host);
    EXPECT_EQ(report.hosts[0].verdict, Verdict::cannot_tell);
    EXPECT_EQ(cuda(report).drv_path, "/nix/store/x-llama-cpp-cuda.drv");
}

TEST_F(Check, NamesOfHostsCannotLeaveTheirString) {
    request_.hosts = {{"a\"; b = ${builtins.readFile /etc/passwd}; \"", std::nullopt}};
    fake_.answer = [](const Command&) { return FakeNix::finished(0, "{}"); };
    (void)run();
    const auto& argv = fake_.asked.at(0).argv;
    const auto apply = std::find(argv.begin(), argv.end(), "--apply");
    ASSERT_NE(apply, argv.end());
    EXPECT_NE((apply + 1)->find(R"("a\"; b = \${builtins.readFile /etc/passwd}; \"")"), std::string::npos);
}

TEST_F(Check, UnfreeFromTheAnswer) {
    auto nix = Nix::find(fake_, elsewhere(folder_ + "/store"));
    ASSERT_TRUE(nix);
    fake_.answer = [](const Command&) {
        return FakeNix::finished(0, R"({"carbon":{"asked":["cudaPackages.cuda_nvcc"],"refused":[]}})");
    };
    EXPECT_EQ(ask_unfree(request_, *nix)->at("carbon").verdict, Unfree::allowed);
    fake_.answer = [](const Command&) { return FakeNix::finished(0, R"({"carbon":{"asked":[],"refused":[]}})"); };
    EXPECT_EQ(ask_unfree(request_, *nix)->at("carbon").verdict, Unfree::cannot_tell);
    fake_.answer = [](const Command&) { return FakeNix::finished(0, "[1"); };
    EXPECT_EQ(ask_unfree(request_, *nix).error().id, "nix-answer");
}

TEST(VerdictWords, EveryVerdictOfEveryLayerHasWords) {
    for (const Layer layer : kLayers) {
        for (const Verdict verdict : {Verdict::shown, Verdict::not_shown, Verdict::cannot_tell, Verdict::not_planned}) {
            EXPECT_FALSE(verdict_words(layer, verdict, true).empty());
            EXPECT_EQ(verdict_words(layer, verdict, true).find("passed"), std::string::npos);
        }
    }
    EXPECT_EQ(verdict_words(Layer::derivation, Verdict::not_shown, true), "flags reach the derivation: not shown");
}

}  // namespace
}  // namespace lf::check
