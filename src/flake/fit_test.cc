// SPDX-License-Identifier: MIT
// Modules that are broken: fit() says so and touches nothing. Those that are not there are named. Data may be anything.
#include "flake/fit.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lf::flake {
namespace {

using Files = std::map<std::string, std::string>;

/// A repository in memory; a file whose text is "unreadable" is.
class SmallRepository final : public FileSource {
  public:
    explicit SmallRepository(Files files) : files_(std::move(files)) {}
    Result<std::string> read(const std::string& path) const override {
        const auto it = files_.find(path.substr(1));
        if (it == files_.end()) return fail(world_error("file-missing", "cannot read"));
        if (it->second == "unreadable") return fail(world_error("file-unreadable", "cannot read"));
        return it->second;
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        const std::string prefix = path == "/" ? "" : path.substr(1) + "/";
        std::set<std::string> names;
        for (const auto& [name, text] : files_)
            if (name.starts_with(prefix))
                names.insert(name.substr(prefix.size(), name.find('/', prefix.size()) - prefix.size()));
        if (names.empty()) return fail(world_error("file-unreadable", "cannot list"));
        return std::vector<std::string>(names.begin(), names.end());
    }
    Result<std::string> read_link(const std::string& /*path*/) const override {
        return fail(world_error("file-unreadable", "not a link"));
    }
    bool exists(const std::string& path) const override {
        return files_.contains(path.substr(1)) || list(path).has_value();
    }

  private:
    Files files_;
};

/// carbon is ./carbon.nix, boron is ./boron.nix, which does not parse.
Result<FitResult> fit_carbon(const std::string& module, Files more = {}) {
    more["flake.nix"] =
        "{\n  inputs.nixpkgs.url = \"n\";\n  outputs = { nixpkgs, ... }@inputs: {\n"
        "    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem { modules = [ ./carbon.nix ]; };\n"
        "    nixosConfigurations.boron = nixpkgs.lib.nixosSystem { modules = [ ./boron.nix ]; };\n  };\n}\n";
    more["carbon.nix"] = module;
    more.emplace("boron.nix", "{ a = ; }\n");
    FitRequest request;
    request.plans["carbon"].build.package = "llama-cpp-cpu";
    return fit(request, SmallRepository(std::move(more)));
}

/// "id file:line:column"
std::string outcome(const Result<FitResult>& result) {
    if (result) return "fitted";
    const Error& error = result.error();
    EXPECT_EQ(error.kind, ErrorKind::world);
    return error.id + " " + error.where.file + ":" + std::to_string(error.where.line) + ":" +
           std::to_string(error.where.column);
}

TEST(FitModules, that_do_not_parse_are_errors) {
    EXPECT_EQ(outcome(fit_carbon("{\n  a = ;\n}\n")), "nix-parse carbon.nix:2:7");
    const Files broken{{"x/default.nix", "{ a = ; }\n"}};
    const std::string where = "nix-parse x/default.nix:1:7";
    for (const char* module :
         {"{ imports = [ ./x ]; }", "{ imports = [ ./x/default.nix ]; }", "{ lib, ... }: { imports = [ ] ++ [ ./x ]; }",
          "{ lib, ... }: { imports = lib.optional true ./x; }", "{ imports = if true then [ ./x ] else [ ]; }",
          "let all = [ ./x ]; in { imports = all; }", "{ imports = [ (import ./x) ]; }", "{ a = import ./x { }; }",
          "{ home-manager.users.ann = ./x; }", "{ pkgs, ... }: { a = [ (pkgs.callPackage ./x { }) ]; }"})
        EXPECT_EQ(outcome(fit_carbon(module, broken)), where) << module;
    EXPECT_EQ(outcome(fit_carbon("{ imports = [ ./y.nix ]; }", {{"y.nix", "{ imports = [ ./x ]; }"}, *broken.begin()})),
              where);
    EXPECT_EQ(outcome(fit_carbon("{ imports = [ ./y.nix ]; }", {{"y.nix", "unreadable"}})),
              "file-unreadable y.nix:0:0");
}

TEST(FitModules, that_are_data_or_of_other_hosts_may_be_anything) {
    const Files broken{{"x/default.nix", "{ a = ; }\n"}, {"data.nix", "{ imports = [ ./nowhere.nix ]; }\n"}};
    for (const char* module :
         {"{ }", "{ environment.etc.a.source = ./x/default.nix; }", "{ a = builtins.readFile ./x; }",
          "{ a = \"./x/default.nix\"; }", "{ a.source = ./data.nix; }"})
        EXPECT_EQ(outcome(fit_carbon(module, broken)), "fitted") << module;
}

/// What fit says of carbon's modules, all being edited.
std::vector<std::string> notes_of(const std::string& module, Files more = {}) {
    const auto result = fit_carbon(module, std::move(more));
    if (!result) return {outcome(result)};
    EXPECT_TRUE(result->instructions.empty()) << module;
    EXPECT_TRUE(std::any_of(result->changes.begin(), result->changes.end(), [](const FileChange& change) {
        return change.path == "flake.nix";
    })) << module;
    std::vector<std::string> notes = result->notes;
    std::erase(notes, "boron: no plan, so it is left as it is");
    return notes;
}

TEST(FitModules, that_are_missing_are_named_and_the_rest_is_edited) {
    using Notes = std::vector<std::string>;
    const std::string refuses = " but is not in the repository: Nix refuses the flake until it is there";
    EXPECT_EQ(notes_of("{\n  imports = [ ./x.nix ];\n}\n"), Notes{"x.nix is imported at carbon.nix:2" + refuses});
    EXPECT_EQ(notes_of("{ imports = [ (import ./x.nix { }) ./y.nix ]; }"),
              (Notes{"x.nix is imported at carbon.nix:1" + refuses, "y.nix is imported at carbon.nix:1" + refuses}));
    EXPECT_EQ(notes_of("{ imports = [ ./x ]; }", {{"x/other.nix", "{ }"}}),
              Notes{"x/default.nix is imported at carbon.nix:1" + refuses});
    for (const char* module :
         {"{ imports = [ /etc/nixos/x.nix ]; }", "{ imports = [ ../x.nix ]; }", "{ a.source = ./x.nix; }",
          "{ imports = if builtins.pathExists ./x.nix then [ ./x.nix ] else [ ]; }",
          "{ lib, ... }: { imports = lib.optional false ./x.nix; }", "{ disabledModules = [ ./x.nix ]; }"})
        EXPECT_EQ(notes_of(module), Notes{}) << module;
}

TEST(FitModules, that_are_encrypted_are_named) {
    const std::string locked("\0GITCRYPT\0\x01\x02", 12);
    EXPECT_EQ(
        notes_of("{ imports = [ ./x.nix ]; }", {{"x.nix", locked}}),
        std::vector<std::string>{"x.nix is imported at carbon.nix:1 and is encrypted, so it was not looked into"});
    EXPECT_EQ(notes_of("{ a.source = ./x.nix; }", {{"x.nix", locked}}), std::vector<std::string>{});
}

TEST(FitNotes, name_hosts_without_a_plan_only_if_all_were_asked_for) {
    const auto all = fit_carbon("{ }");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->notes, std::vector<std::string>{"boron: no plan, so it is left as it is"});
}

/// What fit changes, where a plan of carbon is written too: "flake.nix overlays/llama-cpp.nix …".
std::string changed(const std::string& module) {
    const auto result = fit_carbon(module, {{"boron.nix", "{ }\n"}});
    if (!result) return outcome(result);
    std::string out;
    for (const FileChange& change : result->changes) out += change.path + " ";
    return out;
}

TEST(OurModules, NeedNoEdit) {
    EXPECT_EQ(changed("{ programs.llama-fleet.enable = true; }"), "");
    EXPECT_EQ(changed("{ config, ... }: { programs = { llama-fleet = { enable = true; }; }; }"), "");
    const auto result = fit_carbon("{ programs.llama-fleet.enable = true; }");  // boron.nix does not parse
    ASSERT_TRUE(result);
    ASSERT_EQ(result->notes.size(), 2U);
    EXPECT_EQ(result->notes[1], "carbon.nix sets programs.llama-fleet, which reads the plans: nothing else is edited");
}

TEST(OurModules, AreNotWhatOnlyNamesThem) {
    for (const char* module :
         {"{ }", "{ } # programs.llama-fleet.enable = true;", "{ x = \"programs.llama-fleet.enable = true;\"; }",
          "{ programs = import ./llama-fleet.nix; }", "{ programs.llama-fleets = true; }"})
        EXPECT_NE(changed(module).find("flake.nix"), std::string::npos) << module;
}

// The proof of --prove counts the overlays.
TEST(Fit, tells_that_overlays_went_for_ours) {
    const std::string old = "final: prev: { llama-cpp = prev.llama-cpp.overrideAttrs (old: { }); }";
    const std::string packages = " environment.systemPackages = [ pkgs.git ]; }\n";
    const auto superseded = [&](const std::string& overlays, const Files& more) {
        const auto result = fit_carbon("{ pkgs, ... }: { nixpkgs.overlays = [ " + overlays + " ];" + packages, more);
        EXPECT_TRUE(result && result->instructions.empty()) << overlays;
        return result && result->superseded;
    };
    const Files sound{{"boron.nix", "{ }\n"}};
    EXPECT_TRUE(superseded("(" + old + ")", sound));
    EXPECT_FALSE(superseded("(final: prev: { htop = prev.hello; })", sound));
    EXPECT_FALSE(superseded("", sound));
}

}  // namespace
}  // namespace lf::flake
