// SPDX-License-Identifier: MIT
// What is seen of a package in the forms that people write: whose it is, what is overridden, which flags.
#include "lint/package.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

std::string_view source_name(Source source) {
    switch (source) {
        case Source::nixpkgs: return "nixpkgs";
        case Source::official: return "official";
        case Source::fitted: return "fitted";
    }
    return "";
}

/// "official(useCuda): GGML_AVX2 [env.X] = name", one for each package, joined by " | ".
std::string packages_in(const std::string& text, const Knowledge& known) {
    const auto tree = nixsyntax::parse(text, "overlay.nix");
    if (!tree) return "does not parse: " + tree.error().message;
    std::vector<std::string> out;
    for (const Package& package : find_packages(*tree, known)) {
        std::vector<std::string> arguments;
        for (const Argument& argument : package.arguments) arguments.push_back(argument.name);
        std::string one = fmt::format("{}({})", source_name(package.source), join(arguments, " "));
        for (const Flag& flag : package.flags.flags) one += " " + flag.name;
        for (const Setting& setting : package.settings)
            one += fmt::format(" [{}{}]", setting.in_env ? "env." : "", setting.name);
        if (!package.bound_to.empty()) one += " = " + join(package.bound_to, ".");
        if (package.mixed) one += " mixed";
        out.push_back(std::move(one));
    }
    return join(out, " | ");
}

Knowledge stranger() {
    Knowledge known;
    known.llama_inputs = {"llama-cpp"};
    return known;
}

struct Case {
    const char* name;
    const char* text;
    const char* found;
};

constexpr Case kCases[] = {
    {"override", "final: prev: { llama-cpp = prev.llama-cpp.override { cudaSupport = true; }; }",
     "nixpkgs(cudaSupport) = llama-cpp"},
    {"overrideAttrs", R"(final: prev: { l = prev.llama-cpp.overrideAttrs (old: { cmakeFlags = [ "-DA=1" ]; }); })",
     "nixpkgs() A = l"},
    {"overrideAttrs_of_two_arguments",
     R"(final: prev: { l = prev.llama-cpp.overrideAttrs (finalAttrs: old: { cmakeFlags = [ "-DA=1" ]; }); })",
     "nixpkgs() A = l"},
    {"overrideAttrs_of_a_set", R"(pkgs.llama-cpp.overrideAttrs { cmakeFlags = [ "-DA=1" ]; })", "nixpkgs() A"},
    {"both", R"((pkgs.llama-cpp.override { a = 1; }).overrideAttrs (old: { cmakeFlags = [ "-DA=1" ]; }))",
     "nixpkgs(a) A"},
    {"flags_of_all_steps", R"((pkgs.llama-cpp.overrideAttrs (o: { cmakeFlags = [ "-DA=1" ]; })).overrideAttrs
                                (o: { cmakeFlags = o.cmakeFlags ++ [ "-DB=2" ]; }))",
     "nixpkgs() A B"},
    {"steps_through_let", R"(let base = pkgs.llama-cpp.override { a = 1; }; in base.override { b = 2; })",
     "nixpkgs(a b)"},
    {"the_set_through_let", "let how = { a = 1; }; in pkgs.llama-cpp.override how", "nixpkgs(a)"},
    {"the_function_through_let", R"(let f = old: { cmakeFlags = [ "-DA=1" ]; }; in pkgs.llama-cpp.overrideAttrs f)",
     "nixpkgs() A"},
    {"override_of_a_function", "pkgs.llama-cpp.override (old: { a = 1; })", "nixpkgs(a)"},
    {"update_of_the_old_set", R"(pkgs.llama-cpp.overrideAttrs (old: old // { cmakeFlags = [ "-DA=1" ]; }))",
     "nixpkgs() A"},
    {"environment", R"(pkgs.llama-cpp.overrideAttrs (old: { NIX_X = 1; env.NIX_Y = "2"; }))",
     "nixpkgs() [NIX_X] [env.NIX_Y]"},
    {"environment_as_a_set", R"(pkgs.llama-cpp.overrideAttrs (old: { env = (old.env or { }) // { NIX_Y = "2"; }; }))",
     "nixpkgs() [env] [env.NIX_Y]"},
    {"with_pkgs", "{ pkgs, ... }: { p = with pkgs; [ (llama-cpp.override { a = 1; }) ]; }", "nixpkgs(a)"},
    {"inherit_from", "{ pkgs, ... }: let inherit (pkgs) llama-cpp; in llama-cpp.override { a = 1; }", "nixpkgs(a)"},
    {"the_scope_of_the_official_overlay", "pkgs.llamaPackages.llama-cpp.override { useCuda = true; }",
     "official(useCuda)"},
    {"the_scope_through_inherit", "let inherit (final.llamaPackages) llama-cpp; in llama-cpp.override { a = 1; }",
     "official(a)"},
    {"the_flake_s_package", "inputs.llama-cpp.packages.${system}.default.override { useBlas = false; }",
     "official(useBlas)"},
    {"the_flake_s_package_through_let",
     "let theirs = inputs.llama-cpp.packages.x86_64-linux; in theirs.cuda.override { a = 1; }", "official(a)"},
    {"the_scope_file",
     R"(final: prev: { l = (final.callPackage "${inputs.llama-cpp}/.devops/nix/scope.nix" { }).llama-cpp.override { a = 1; }; })",
     "official(a) = l"},
    {"the_scope_file_through_let",
     R"(let s = final.callPackage (src + "/.devops/nix/scope.nix") { }; in s.llama-cpp.override { a = 1; })",
     "official(a)"},
    {"the_package_file", R"((pkgs.callPackage "${src}/.devops/nix/package.nix" { }).override { a = 1; })",
     "official(a)"},
    {"a_helper", "let tune = p: p.override { a = 1; }; in { x = tune pkgs.llama-cpp; }", "nixpkgs(a)"},
    {"a_helper_of_two_arguments", "let tune = n: p: p.override { a = n; }; in { x = tune 1 pkgs.llama-cpp; }",
     "nixpkgs(a)"},
    {"a_helper_called_with_an_override",
     "let tune = p: p.override { a = 1; }; in { x = tune (pkgs.llamaPackages.llama-cpp.override { b = 2; }); }",
     "official(a) | official(b)"},
    {"a_helper_of_both", "let t = p: p.override { a = 1; }; in [ (t pkgs.llama-cpp) (t pkgs.llamaPackages.llama-cpp) ]",
     "nixpkgs(a) mixed"},
    {"a_helper_of_other_packages", "let tune = p: p.override { a = 1; }; in { x = tune pkgs.ollama; }", ""},
    {"a_helper_of_its_own_result", "let tune = p: (tune p).override { a = 1; }; in tune", ""},
    {"another_package", "pkgs.ollama.override { cudaSupport = true; }", ""},
    {"llama_cpp_python", "pkgs.python3Packages.llama-cpp-python.override { cudaSupport = true; }", ""},
    {"a_service_is_no_package", "config.services.llama-cpp.override { a = 1; }", ""},
    {"a_name_that_goes_round", "let a = b; b = a; in a.override { x = 1; }", ""},
    {"a_chain_that_goes_round", "let a = a.override { x = 1; }; in a", ""},
    {"names_of_owners", "pkgs.llama-cpp-tuned.override { a = 1; }", "nixpkgs(a)"},
};

TEST(Package, is_seen) {
    for (const Case& one : kCases) EXPECT_EQ(packages_in(one.text, stranger()), one.found) << one.name;
}

TEST(Package, is_whose_the_repository_makes_it) {
    const char* text = "pkgs.llama-cpp.override { a = 1; }";
    Knowledge overlay = stranger();
    overlay.official_overlay = true;
    EXPECT_EQ(packages_in(text, overlay), "official(a)");
    EXPECT_EQ(packages_in("pkgs.llama-cpp-vulkan.override { a = 1; }", overlay), "nixpkgs(a)");
    Knowledge fitted = stranger();
    fitted.fitted = true;
    EXPECT_EQ(packages_in(text, fitted), "fitted(a)");
    Knowledge renamed;
    renamed.llama_inputs = {"llama"};
    EXPECT_EQ(packages_in("inputs.llama.packages.${s}.default.override { a = 1; }", renamed), "official(a)");
}

struct DispatchCase {
    const char* text;
    const char* date;  ///< of nixpkgs; "" = not known
    std::optional<bool> dispatches;
};

TEST(Package, picks_its_instruction_set_by_argument_then_by_age) {
    const DispatchCase cases[] = {
        {"pkgs.llama-cpp.override { a = 1; }", "2026-08-01", true},
        {"pkgs.llama-cpp.override { a = 1; }", "2026-05-31", false},
        {"pkgs.llama-cpp.override { a = 1; }", "", std::nullopt},
        {"pkgs.llama-cpp.override { cpuArchDynamicDispatch = false; }", "2026-08-01", false},
        {"pkgs.llama-cpp.override { cpuArchDynamicDispatch = true; }", "", true},
        {"pkgs.llama-cpp.override { cpuArchDynamicDispatch = dynamic; }", "2026-08-01", true},
        {"pkgs.llamaPackages.llama-cpp.override { a = 1; }", "2026-08-01", false},
    };
    for (const DispatchCase& one : cases) {
        Knowledge known = stranger();
        if (*one.date != '\0') known.nixpkgs_date = one.date;
        const auto tree = nixsyntax::parse(one.text, "overlay.nix");
        ASSERT_TRUE(tree);
        const auto packages = find_packages(*tree, known);
        ASSERT_EQ(packages.size(), 1U) << one.text;
        EXPECT_EQ(dispatches(packages.front(), known), one.dispatches) << one.text << " " << one.date;
    }
}

std::string backends_in(const std::string& text) {
    const auto tree = nixsyntax::parse(text, "overlay.nix");
    const auto packages = find_packages(*tree, stranger());
    return packages.empty() ? "no package" : join(backends_of(packages.front()), " ");
}

TEST(Package, has_backends_by_name_argument_or_flag) {
    EXPECT_EQ(backends_in("pkgs.llama-cpp.override { cudaSupport = true; rocmSupport = false; }"), "cuda");
    EXPECT_EQ(backends_in("pkgs.llamaPackages.llama-cpp.override { useVulkan = true; useRocm = true; }"),
              "rocm vulkan");
    EXPECT_EQ(backends_in("pkgs.llama-cpp-rocm.override { a = 1; }"), "rocm");
    EXPECT_EQ(backends_in(R"(pkgs.llama-cpp.overrideAttrs (o: { cmakeFlags = [ "-DGGML_HIP=ON" ]; }))"), "rocm");
    EXPECT_EQ(backends_in(R"(pkgs.llama-cpp.overrideAttrs (o: { cmakeFlags = [ "-DGGML_CUDA=OFF" ]; }))"), "");
}

std::string mentions_in(const std::string& text) {
    const auto tree = nixsyntax::parse(text, "host.nix");
    std::vector<std::string> out;
    for (const Mention& mention : find_mentions(*tree, stranger()))
        out.push_back(join(mention.names, ".") + (mention.overridden ? "!" : ""));
    return join(out, " ");
}

TEST(Mentions, are_packages_that_stand_for_themselves) {
    EXPECT_EQ(mentions_in("{ pkgs, ... }: { p = [ pkgs.llama-cpp pkgs.git ]; }"), "pkgs.llama-cpp");
    EXPECT_EQ(mentions_in("{ pkgs, ... }: { p = with pkgs; [ git llama-cpp-vulkan ]; }"), "pkgs.llama-cpp-vulkan");
    EXPECT_EQ(mentions_in("{ pkgs, ... }: pkgs.llama-cpp.override { a = 1; }"), "pkgs.llama-cpp!");
    EXPECT_EQ(mentions_in("{ llama-cpp, ... }: llama-cpp.overlays.default"), "");
    EXPECT_EQ(mentions_in("{ config, ... }: config.services.llama-cpp.enable"), "");
    EXPECT_EQ(mentions_in(R"({ pkgs, ... }: { cmd = "${pkgs.llama-cpp}/bin/llama-server"; })"), "pkgs.llama-cpp");
}

}  // namespace
}  // namespace lf::lint
