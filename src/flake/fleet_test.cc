// SPDX-License-Identifier: MIT
#include "flake/fleet.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "base/memory_files_test.h"
#include "flake/fit.h"

namespace lf::flake {
namespace {

/// A repository that is one flake.nix.
class OneFile final : public FileSource {
  public:
    explicit OneFile(std::string text) : text_(std::move(text)) {}
    Result<std::string> read(const std::string& path) const override {
        if (path == "/flake.nix") return text_;
        return fail(world_error("file-missing", "cannot read"));
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        if (path == "/") return std::vector<std::string>{"flake.nix"};
        return fail(world_error("file-unreadable", "cannot list"));
    }
    Result<std::string> read_link(const std::string& /*path*/) const override {
        return fail(world_error("file-unreadable", "not a link"));
    }
    bool exists(const std::string& path) const override { return path == "/flake.nix" || path == "/"; }

  private:
    std::string text_;
};

std::string with_outputs(const std::string& outputs) {
    return "{\n  inputs.nixpkgs.url = \"n\";\n  outputs = { nixpkgs, ... }@inputs: " + outputs + ";\n}\n";
}

std::string hosts_of(const std::string& outputs) {
    const auto fleet = read_fleet(OneFile(with_outputs(outputs)));
    if (!fleet) return fleet.error().id;
    std::string out = fleet->framework.empty() ? "" : "(" + fleet->framework + ")";
    for (const Host& host : fleet->hosts)
        out += fmt::format("{}{} {}{}{}", out.empty() ? "" : ", ", host.name, pattern_name(host.pattern),
                           host.cannot.empty() ? "" : ": ", host.cannot);
    return out;
}

TEST(ReadFleet, every_way_to_make_hosts) {
    const std::string call = "nixpkgs.lib.nixosSystem { modules = [ ]; }";
    const std::map<std::string, std::string> cases{
        {"{ nixosConfigurations = { a = " + call + "; \"b\" = " + call + "; }; }", "a plain, b plain"},
        {"{ nixosConfigurations.a = " + call + "; }", "a dotted"},
        {"{ nixosConfigurations = { a = " + call + "; } // { b = " + call + "; }; }", "a plain, b plain"},
        {"{ packages = { }; } // { nixosConfigurations.a = " + call + "; }", "a dotted"},
        {"let inherit (nixpkgs.lib) nixosSystem; in { nixosConfigurations.a = nixosSystem { modules = [ ]; }; }",
         "a dotted"},
        {"with nixpkgs.lib; { nixosConfigurations.a = nixosSystem { modules = [ ]; }; }", "a dotted"},
        {"let mk = n: " + call + "; in { nixosConfigurations.a = mk \"a\"; }", "a helper"},
        {"let mk = { n, ... }: (" + call + "); in { nixosConfigurations = { a = mk { n = \"a\"; }; }; }", "a helper"},
        {"{ nixosConfigurations = nixpkgs.lib.genAttrs [ \"a\" \"b\" ] (n: " + call + "); }",
         "a generated, b generated"},
        {"{ nixosConfigurations = builtins.mapAttrs (n: v: " + call + ") { a = 1; }; }", "a generated"},
        {"{ nixosConfigurations = builtins.listToAttrs (map (n: { name = n; value = " + call + "; }) [ \"a\" ]); }",
         "a generated"},
        {"{ nixosConfigurations = { a = import ./a.nix; }; }",
         "a other: it is made by import, which does not stand in flake.nix"},
        {"{ nixosConfigurations = import ./hosts; }", "(another file)"},
        {"{ nixosConfigurations = { a = { }; }; }", "a other: it is made by no call of nixosSystem in flake.nix"},
        {"{ nixosConfigurations = { a.b = 1; }; }", "a other: its attributes are set one by one"},
        {"{ nixosConfigurations = { a = " + call + "; } // { a = " + call + "; }; }",
         "a plain: it is defined twice, a plain: it is defined twice"},
        {"let a = b; b = a; in { nixosConfigurations.h = a; }",
         "h other: it is made by no call of nixosSystem in flake.nix"},
        {"let f = n: f n; in { nixosConfigurations.h = f \"h\"; }", "h other: too many functions make it"},
    };
    for (const auto& [outputs, wanted] : cases) EXPECT_EQ(hosts_of(outputs), wanted) << outputs;
}

TEST(ReadFleet, plain_data_are_no_hosts) {
    const auto answer = [](const std::string& outputs) {
        const auto fleet = read_fleet(OneFile(with_outputs(outputs)));
        if (!fleet) return fleet.error().id + ": " + fleet.error().message;
        std::string out = fleet->framework.empty() ? "" : "(" + fleet->framework + ")";
        for (const Host& host : fleet->hosts) out += host.name + " ";
        return out;
    };
    const std::string no_hosts = "flake-no-hosts: nixosConfigurations has no hosts: ";
    const std::string host = "nixpkgs.lib.nixosSystem { modules = [ ]; }";
    const std::map<std::string, std::string> cases{
        {"let system = \"x86_64-linux\"; in { nixosConfigurations = { inherit system; modules = [ ./m.nix ]; }; }",
         no_hosts + "system is a string, modules is a list"},
        {"{ nixosConfigurations.system = \"x86_64-linux\"; nixosConfigurations.modules = [ ]; }",
         no_hosts + "system is a string, modules is a list"},
        // The arguments of nixosSystem without the call of it: the rest of them are no hosts either.
        {"{ nixosConfigurations = { modules = [ ]; specialArgs = { }; pkgs = import nixpkgs { }; }; }",
         no_hosts + "modules is a list"},
        {"{ nixosConfigurations = { a = ./a.nix; b = 1; }; }", no_hosts + "a is a path, b is a number"},
        {"{ nixosConfigurations = nixpkgs.lib.genAttrs [ \"a\" ] (n: [ n ]); }", no_hosts + "a is a list"},
        // Beside a host they are only left out; and a host may be called so.
        {"{ nixosConfigurations = { carbon = " + host + "; modules = [ ]; }; }", "carbon "},
        {"{ nixosConfigurations = { modules = " + host + "; system = " + host + "; }; }", "modules system "},
        {"{ nixosConfigurations = { version = \"1\"; a = import ./a.nix; }; }", "a "},
    };
    for (const auto& [outputs, wanted] : cases) EXPECT_EQ(answer(outputs), wanted) << outputs;
}

TEST(ReadFleet, a_framework_is_known_by_the_call_that_is_made) {
    const auto framework = [](const std::string& inputs, const std::string& outputs) {
        const auto fleet = read_fleet(OneFile("{ inputs = { " + inputs + " }; outputs = inputs: " + outputs + "; }"));
        return fleet ? fleet->framework : fleet.error().id;
    };
    const std::string snowfall = "snowfall-lib.url = \"github:snowfallorg/lib\";";
    const std::string other_name = "sl = { url = \"github:snowfallorg/lib\"; };";
    const std::string parts = "parts.url = \"github:hercules-ci/flake-parts\";";
    EXPECT_EQ(framework(snowfall, "inputs.snowfall-lib.mkFlake { }"), "snowfall-lib");
    EXPECT_EQ(framework(other_name, "inputs.sl.mkFlake { }"), "snowfall-lib");
    EXPECT_EQ(framework(other_name, "let lib = inputs.sl.mkLib { }; in lib.mkFlake { }"), "snowfall-lib");
    EXPECT_EQ(framework("fup.url = \"github:gytis-ivaskevicius/flake-utils-plus\";", "inputs.fup.lib.mkFlake { }"),
              "flake-utils-plus");
    EXPECT_EQ(framework(parts, "inputs.parts.lib.mkFlake { inherit inputs; } { }"), "flake-parts");
    EXPECT_EQ(framework(parts + " easy-hosts.url = \"e\";",
                        "inputs.parts.lib.mkFlake { } { imports = [ inputs.easy-hosts.flakeModule ]; }"),
              "easy-hosts");
    // Whatever form the address has.
    EXPECT_EQ(framework("bp.url = \"github:Numtide/Blueprint\";", "inputs.bp { }"), "blueprint");
    EXPECT_EQ(framework("bp.url = \"git+https://github.com/numtide/blueprint.git?ref=main\";", "inputs.bp { }"),
              "blueprint");
    EXPECT_EQ(framework("bp.url = \"https://flakehub.com/f/numtide/blueprint/*.tar.gz\";", "inputs.bp { }"),
              "blueprint");
    EXPECT_EQ(framework("bp = { type = \"github\"; owner = \"numtide\"; repo = \"blueprint\"; };", "inputs.bp { }"),
              "blueprint");
    EXPECT_EQ(framework("fup.owner = \"gytis-ivaskevicius\"; fup.repo = \"Flake-Utils-Plus\"; fup.type = \"github\";",
                        "inputs.fup.lib.mkFlake { }"),
              "flake-utils-plus");
    EXPECT_EQ(framework(parts + "eh = { type = \"github\"; owner = \"tgirlcloud\"; repo = \"easy-hosts\"; };",
                        "inputs.parts.lib.mkFlake { } { imports = [ inputs.eh.flakeModule ]; }"),
              "easy-hosts");
    EXPECT_EQ(framework("blueprint.url = \"path:/srv/blueprint\";", "inputs.blueprint { }"), "blueprint");
    EXPECT_EQ(framework("snowfall-lib.url = \"github:someone/lib\";", "inputs.snowfall-lib.mkFlake { }"),
              "snowfall-lib");
    // Another repository is none of them, whatever its name has in it or a comment says of it.
    const std::string den = parts + "d.url = \"github:vic/dendritic-tools\"; # vic/den\n";
    EXPECT_EQ(framework(den, "inputs.parts.lib.mkFlake { } { imports = [ inputs.d.flakeModule ]; }"), "flake-parts");
    EXPECT_EQ(framework("hive.url = \"github:someone/beekeeping\";", "inputs.hive.lib.make { }"), "flake-no-hosts");
    EXPECT_EQ(framework("bp = { url = \"github:a/b\"; /* numtide/blueprint */ };", "inputs.bp { }"), "flake-no-hosts");
    EXPECT_EQ(framework(parts + " easy-hosts.url = \"e\";",
                        "inputs.parts.lib.mkFlake { } { /* inputs.easy-hosts.flakeModule */ imports = [ "
                        "inputs.my.easy-hosts-flakeModule \"easy-hosts.flakeModule\" ]; }"),
              "flake-parts");
    // An input alone says nothing.
    EXPECT_EQ(framework(snowfall, "{ packages = { }; }"), "flake-no-hosts");
    EXPECT_EQ(framework(snowfall + parts, "inputs.parts.lib.mkFlake { } { }"), "flake-parts");
    EXPECT_EQ(framework(parts + " easy-hosts.url = \"e\";", "inputs.parts.lib.mkFlake { } { }"), "flake-parts");
    EXPECT_EQ(framework(snowfall, "import ./outputs.nix inputs"), "another file");
}

/// Hosts of a repository of several files: "NAME PATTERN FILE:LINE:COLUMN SYSTEM: why not".
std::string hosts_in(std::map<std::string, std::string> files, const std::string& outputs) {
    files["flake.nix"] = with_outputs(outputs);
    const auto fleet = read_fleet(MemoryFiles(files));
    if (!fleet) return fleet.error().id;
    std::string out = fleet->framework.empty() ? "" : "(" + fleet->framework + ")";
    for (const Host& host : fleet->hosts)
        out += fmt::format("{}{} {} {}:{}:{}{}{}{}", out.empty() ? "" : ", ", host.name, pattern_name(host.pattern),
                           host.file, host.line, host.column, host.system.empty() ? "" : " " + host.system,
                           host.cannot.empty() ? "" : ": ", host.cannot);
    return out;
}

const std::string kMake = "nixpkgs.lib.nixosSystem { inherit system; modules = [ ]; }";

TEST(ReadFleet, hosts_stand_in_other_files) {
    const std::map<std::string, std::string> files{
        {"lib/default.nix", "{ nixpkgs, ... }: rec { system = \"x86_64-linux\"; mk = name: " + kMake + "; }"},
        {"mk.nix", "nixpkgs: { system, name }: " + kMake},
        {"hosts/default.nix", "{ nixpkgs, ... }:\nlet system = \"aarch64-linux\"; in\n{\n  a = " + kMake + ";\n}"},
        {"hosts/b/default.nix", "{ }"},
        {"hosts/README", ""},
        {"outputs.nix", "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ ]; }; }"},
        {"data.nix", "[ { name = \"a\"; system = \"x86_64-linux\"; } { name = \"b\"; system = \"i686-linux\"; } ]"},
    };
    const std::map<std::string, std::string> cases{
        {"{ nixosConfigurations = import ./hosts inputs; }", "a plain hosts/default.nix:4:3 aarch64-linux"},
        {"{ nixosConfigurations = import ./hosts/default.nix { inherit nixpkgs; }; }",
         "a plain hosts/default.nix:4:3 aarch64-linux"},
        {"{ nixosConfigurations = import (./. + \"/hosts\") inputs; }", "a plain hosts/default.nix:4:3 aarch64-linux"},
        {"{ inherit (import ./outputs.nix inputs) nixosConfigurations; }", "a dotted outputs.nix:1:41"},
        {"import ./outputs.nix inputs", "a dotted outputs.nix:1:41"},
        {"{ nixosConfigurations.a = (import ./lib inputs).mk \"a\"; }", "a helper flake.nix:3:60 x86_64-linux"},
        {"let inherit (import ./lib inputs) mk; in { nixosConfigurations.a = mk \"a\"; }",
         "a helper flake.nix:3:101 x86_64-linux"},
        {"let l = nixpkgs.lib // import ./lib inputs; in { nixosConfigurations.a = l.mk \"a\"; }",
         "a helper flake.nix:3:107 x86_64-linux"},
        {"{ nixosConfigurations = builtins.listToAttrs (map (h: { inherit (h) name; value = import ./mk.nix nixpkgs h; "
         "}) (import ./data.nix)); }",
         "a generated data.nix:1:3 x86_64-linux, b generated data.nix:1:44 i686-linux"},
        {"{ nixosConfigurations = nixpkgs.lib.genAttrs (builtins.attrNames (nixpkgs.lib.filterAttrs (n: t: t == "
         "\"directory\") (builtins.readDir ./hosts))) (name: import ./mk.nix nixpkgs { inherit name; system = "
         "\"s\"; }); }",
         "b generated flake.nix:3:154 s"},
        {"{ nixosConfigurations = import ../hosts inputs; }", "(another file)"},
        {"{ nixosConfigurations.a = import ./none.nix inputs; }",
         "a other flake.nix:3:60: it is made by import, which does not stand in flake.nix"},
    };
    for (const auto& [outputs, wanted] : cases) EXPECT_EQ(hosts_in(files, outputs), wanted) << outputs;
}

TEST(ReadFleet, files_that_import_each_other_end) {
    const std::map<std::string, std::string> files{
        {"a.nix", "inputs: import ./b.nix inputs"},
        {"b.nix", "inputs: import ./a.nix inputs"},
        {"c.nix", "x: let y = (import ./c.nix x) // (import ./c.nix x); in y // y"},
        {"d.nix", "rec { t = \"${t}${u}\"; u = \"${t}${t}\"; s = import ./d.nix // s; }"},
    };
    EXPECT_EQ(hosts_in(files, "{ nixosConfigurations = import ./a.nix inputs; }"), "(another file)");
    EXPECT_EQ(hosts_in(files, "{ nixosConfigurations = import ./c.nix inputs; }"), "(another file)");
    EXPECT_EQ(hosts_in(files, "{ nixosConfigurations = (import ./d.nix).s.q; }"), "(another file)");
    EXPECT_EQ(hosts_in(files, "{ nixosConfigurations = { ${(import ./d.nix).t} = 1; }; }"),
              "${(import ./d.nix).t} other flake.nix:3:64: the text does not tell its name");
}

TEST(ReadFleet, says_what_there_is_in_place_of_hosts) {
    const std::map<std::string, std::string> cases{
        {"{ packages = { }; }", "the flake has no nixosConfigurations"},
        {"{ nixosConfiguration.a = 1; }",
         "the flake has no nixosConfigurations; it has nixosConfiguration, which Nix does not look at: is an s "
         "missing?"},
        {"{ darwinConfigurations.a = 1; }",
         "the flake has no nixosConfigurations; it has macOS hosts only (darwinConfigurations)"},
        {"{ homeConfigurations.a = 1; }",
         "the flake has no nixosConfigurations; it has Home Manager configurations only (homeConfigurations)"},
        {"{ colmenaHive = inputs.colmena.lib.makeHive { }; }",
         "the flake has no nixosConfigurations; it has colmena nodes only"},
        {"inputs.ours.lib.mkHosts ./hosts",
         "the flake has no nixosConfigurations that can be seen; its outputs are made by inputs.ours.lib.mkHosts"},
    };
    for (const auto& [outputs, wanted] : cases) {
        const auto fleet = read_fleet(OneFile(with_outputs(outputs)));
        ASSERT_FALSE(fleet) << outputs;
        EXPECT_EQ(fleet.error().id, "flake-no-hosts");
        EXPECT_EQ(fleet.error().message, wanted);
    }
}

TEST(ReadFleet, errors_stand_where_the_text_is_wrong) {
    const auto broken = read_fleet(OneFile("{\n  inputs.a.url = \"x\"\n  outputs = inputs: { };\n}\n"));
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().where.file, "flake.nix");
    EXPECT_EQ(broken.error().where.line, 3U);
    for (const char* text : {"[ ]", "{ inputs = { }; }", "x: x"}) {
        const auto odd = read_fleet(OneFile(text));
        ASSERT_FALSE(odd) << text;
        EXPECT_EQ(odd.error().id, "flake-shape") << text;
        EXPECT_EQ(odd.error().where.line, 1U) << text;
    }
}

TEST(ReadFleet, positions_and_system) {
    const auto fleet =
        read_fleet(OneFile(with_outputs("{\n    nixosConfigurations.a = nixpkgs.lib.nixosSystem { system = "
                                        "\"aarch64-linux\"; modules = [ ]; };\n  }")));
    ASSERT_TRUE(fleet);
    EXPECT_EQ(fleet->hosts.at(0).line, 4U);
    EXPECT_EQ(fleet->hosts.at(0).column, 25U);
    EXPECT_EQ(fleet->hosts.at(0).system, "aarch64-linux");
}

FitRequest request_for(const std::string& host) {
    FitRequest request;
    request.plans[host].build.package = "llama-cpp-cpu";
    return request;
}

const std::string kTwoHosts = with_outputs(
    "{ nixosConfigurations = { carbon = nixpkgs.lib.nixosSystem { modules = [ ]; }; "
    "boron = nixpkgs.lib.nixosSystem { modules = [ ]; }; }; }");

TEST(Fit, an_unknown_host_is_wrong_use) {
    const auto near = fit(request_for("carbom"), OneFile(kTwoHosts));
    ASSERT_FALSE(near);
    EXPECT_EQ(near.error().id, "fit-unknown-host");
    EXPECT_EQ(near.error().kind, ErrorKind::usage);
    EXPECT_EQ(near.error().hint, "did you mean carbon?");
    const auto far = fit(request_for("xenon-server"), OneFile(kTwoHosts));
    ASSERT_FALSE(far);
    EXPECT_EQ(far.error().hint, "the hosts are carbon, boron");
    FitRequest without_plan = request_for("carbon");
    without_plan.only_hosts = {"boron"};
    EXPECT_EQ(fit(without_plan, OneFile(kTwoHosts)).error().id, "fit-no-plan");
}

TEST(Fit, all_or_nothing) {
    // One of two hosts cannot be edited: no file of the owner's changes, only ours are there.
    FitRequest request = request_for("carbon");
    request.plans["boron"].build.package = "llama-cpp-cpu";
    request.plan_json = {{"boron", "{}\n"}, {"carbon", "{}\n"}};
    const auto result = fit(
        request, OneFile(with_outputs("{ nixosConfigurations = { carbon = nixpkgs.lib.nixosSystem { modules = [ ]; }; "
                                      "boron = import ./boron.nix; }; }")));
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->instructions.empty());
    std::vector<std::string> paths;
    for (const FileChange& change : result->changes) paths.push_back(change.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"llama-fleet/edits.json", "llama-fleet/plan/boron.json",
                                               "llama-fleet/plan/carbon.json", "overlays/llama-cpp.nix"}));
    EXPECT_EQ(result->new_files, paths);
}

TEST(Fit, hosts_that_were_left_out_are_left_alone) {
    FitRequest request = request_for("carbon");
    request.plans["boron"].build.package = "llama-cpp-cpu";
    request.only_hosts = {"carbon"};
    const auto result = fit(request, OneFile(kTwoHosts));
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->instructions.empty());
    for (const FileChange& change : result->changes)
        EXPECT_EQ(change.after.value_or("").find("boron.json"), std::string::npos) << change.path;
}

}  // namespace
}  // namespace lf::flake
