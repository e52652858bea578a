// SPDX-License-Identifier: MIT
// A fitted flake whose plans have changed: what follows from that is edited, what the owner has decided since stays.
#include "flake/update.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "flake/fit.h"
#include "flake/overlay_file.h"
#include "flake/undo_for_test.h"
#include "plan/codec.h"

namespace lf::flake {
namespace {

const TestFiles kFleet{
    {"flake.nix",
     "{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";\n\n"
     "  outputs = { self, nixpkgs }: {\n    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {\n"
     "      system = \"x86_64-linux\";\n      modules = [ ./carbon.nix ];\n    };\n"
     "    nixosConfigurations.boron = nixpkgs.lib.nixosSystem {\n      system = \"x86_64-linux\";\n"
     "      modules = [ ./boron.nix ];\n    };\n  };\n}\n"},
    {"carbon.nix",
     "{ pkgs, ... }:\n{\n  networking.hostName = \"carbon\";\n  environment.systemPackages = with pkgs; [\n    git\n"
     "    llama-cpp\n    vim\n  ];\n}\n"},
    {"boron.nix",
     "{ pkgs, ... }:\n{\n  networking.hostName = \"boron\";\n  environment.systemPackages = with pkgs; [\n    htop\n"
     "  ];\n}\n"}};

FitRequest request_for(const std::string& carbon, const std::string& boron = "llama-cpp-cpu") {
    FitRequest request;
    for (const auto& [host, package] : TestFiles{{"carbon", carbon}, {"boron", boron}}) {
        plan::Plan plan;
        plan.host = host;
        plan.system = "x86_64-linux";
        plan.build.package = package;
        plan.build.cpu_flags = {{"GGML_AVX2", true}};
        if (package == "llama-cpp-cuda") plan.build.cuda_architectures = "86-real";
        request.plans[host] = plan;
        request.plan_json[host] = plan::to_json(plan);
        request.facts_json[host] = "{}\n";
    }
    return request;
}

TestFiles fitted(const std::string& carbon = "llama-cpp-cpu") {
    const auto result = fit(request_for(carbon), MemoryFiles(kFleet));
    EXPECT_TRUE(result) << result.error().message;
    return undone(kFleet, *result);
}

UpdateResult update_of(const FitRequest& request, const TestFiles& files) {
    auto result = update(request, MemoryFiles(files));
    EXPECT_TRUE(result) << result.error().id << ": " << result.error().message;
    return result ? std::move(*result) : UpdateResult{};
}

void replace(TestFiles& files, const std::string& path, const std::string& from, const std::string& to) {
    const std::size_t at = files[path].find(from);
    ASSERT_NE(at, std::string::npos) << from;
    files[path].replace(at, from.size(), to);
}

using Lines = std::vector<std::string>;

TEST(Update, same_plans_nothing_to_do) {
    const UpdateResult result = update_of(request_for("llama-cpp-cpu"), fitted());
    EXPECT_TRUE(result.fit.changes.empty());
    EXPECT_TRUE(result.changed.empty());
    EXPECT_EQ(result.fit.notes, Lines{});
}

TEST(Update, edits_what_the_new_plan_changes_and_nothing_else) {
    const TestFiles files = fitted();
    const UpdateResult result = update_of(request_for("llama-cpp-cuda"), files);
    EXPECT_EQ(result.changed, Lines{"carbon: cpu → cuda, CUDA none → 86-real, +2 flags"});
    Lines paths;
    for (const FileChange& change : result.fit.changes) paths.push_back(change.path);
    EXPECT_EQ(paths, (Lines{"carbon.nix", "llama-fleet/edits.json", "llama-fleet/plan/carbon.json"}));
    const TestFiles after = undone(files, result.fit);
    EXPECT_NE(after.at("carbon.nix").find("    llama-cpp-cuda\n"), std::string::npos);
    // As a plain fit would have left it; and undo still gives the original.
    EXPECT_TRUE(fit(request_for("llama-cpp-cuda"), MemoryFiles(after))->changes.empty());
    EXPECT_TRUE(update_of(request_for("llama-cpp-cuda"), after).fit.changes.empty());
    expect_undone(kFleet, after);
}

TEST(Update, a_package_that_the_owner_has_changed_is_theirs) {
    TestFiles files = fitted();
    replace(files, "carbon.nix", "llama-cpp-cpu", "llama-cpp-vulkan");
    const UpdateResult result = update_of(request_for("llama-cpp-cuda"), files);
    EXPECT_EQ(result.fit.notes, Lines{"carbon.nix:6: left as you wrote it: llama-cpp-vulkan"});
    EXPECT_NE(undone(files, result.fit)["carbon.nix"].find("llama-cpp-vulkan"), std::string::npos);
}

TEST(Update, a_package_that_the_owner_wrote_is_theirs) {
    TestFiles files = fitted();
    // Our edit is gone, and the owner has put the same name elsewhere.
    replace(files, "boron.nix", "    llama-cpp-cpu\n", "");
    replace(files, "boron.nix", "    htop\n",
            "    # by hand\n    llama-cpp-cpu # mine\n\n    htop\n    btop\n    atop\n");
    const UpdateResult result = update_of(request_for("llama-cpp-cpu", "llama-cpp-vulkan"), files);
    EXPECT_EQ(result.fit.notes, Lines{"boron.nix:6: left as you wrote it: llama-cpp-cpu"});
    EXPECT_EQ(undone(files, result.fit)["boron.nix"], files["boron.nix"]);
}

TEST(Update, what_the_owner_took_out_stays_out) {
    TestFiles files = fitted();
    replace(files, "boron.nix", "    llama-cpp-cpu\n", "");
    replace(files, "flake.nix", " { nixpkgs.overlays = [ (overlay-llama-cpp \"boron\") ]; }", "");
    const UpdateResult result = update_of(request_for("llama-cpp-cuda", "llama-cpp-vulkan"), files);
    const TestFiles after = undone(files, result.fit);
    EXPECT_EQ(after.at("boron.nix"), files["boron.nix"]);
    EXPECT_EQ(after.at("flake.nix"), files["flake.nix"]);
    EXPECT_NE(after.at("carbon.nix").find("llama-cpp-cuda"), std::string::npos);
    ASSERT_EQ(result.fit.notes.size(), 2U);
    EXPECT_EQ(result.fit.notes[0], "boron.nix:5: not put in again, because you have taken it out: llama-cpp-vulkan");
    EXPECT_EQ(result.fit.notes[1],
              "flake.nix:19: not put in again, because you have taken it out: { nixpkgs.overlays = [ "
              "(overlay-llama-cpp \"boron\") ]; }");
    // Plain fit is asked to put it in.
    EXPECT_FALSE(fit(request_for("llama-cpp-cuda", "llama-cpp-vulkan"), MemoryFiles(after))->changes.empty());
}

TEST(Update, leaves_hosts_alone_that_were_never_fitted) {
    FitRequest request = request_for("llama-cpp-cpu");
    request.only_hosts = {"carbon"};
    const TestFiles files = undone(kFleet, *fit(request, MemoryFiles(kFleet)));
    const UpdateResult result = update_of(request_for("llama-cpp-cuda"), files);
    EXPECT_EQ(result.fit.notes, Lines{"boron: not fitted yet, so it is left alone: fit --host boron"});
    const TestFiles after = undone(files, result.fit);
    EXPECT_EQ(after.at("boron.nix"), kFleet.at("boron.nix"));
    EXPECT_FALSE(after.contains("llama-fleet/plan/boron.json"));
    EXPECT_NE(after.at("carbon.nix").find("llama-cpp-cuda"), std::string::npos);
}

TEST(Update, replaces_the_overlay_of_an_older_version) {
    TestFiles files = fitted();
    const std::string body = "{ inputs, plan ? null }: final: prev: { }\n";
    files["overlays/llama-cpp.nix"] =
        "# Written by llama-fleet 0.0.1; sha256 of what follows: " + sha256_hex(body) + "\n" + body;
    const bool older = judge_overlay_file(files["overlays/llama-cpp.nix"]) == OverlayFile::older;
    const UpdateResult result = update_of(request_for("llama-cpp-cpu"), files);
    EXPECT_TRUE(older);
    EXPECT_EQ(undone(files, result.fit)["overlays/llama-cpp.nix"], overlay_file_text());
}

TEST(Update, needs_a_record) {
    TestFiles files = fitted();
    files.erase(std::string(kRecordFile));
    const auto result = update(request_for("llama-cpp-cuda"), MemoryFiles(files));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().id, "update-not-fitted");
}

}  // namespace
}  // namespace lf::flake
