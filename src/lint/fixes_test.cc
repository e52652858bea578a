// SPDX-License-Identifier: MIT
// What --fix makes of one file where the page of the rule shows another case.
#include "lint/fixes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/memory_files_test.h"
#include "lint/lint.h"

namespace lf::lint {
namespace {

using Files = std::map<std::string, std::string>;

const std::string kPlan =
    read_file(LLAMA_FLEET_SOURCE_DIR "/examples/homelab-fitted/llama-fleet/plan/boron.json").value_or("");
const std::string kFacts =
    read_file(LLAMA_FLEET_SOURCE_DIR "/examples/homelab-fitted/llama-fleet/facts/carbon.json").value_or("");

std::string mended(const std::string& text) {
    const Files files{{"flake.nix", "{ outputs = inputs: { }; }"},
                      {"host.nix", text},
                      {"llama-fleet/facts/carbon.json", kFacts},
                      {"llama-fleet/plan/boron.json", kPlan}};
    const auto fixed = fix(MemoryFiles(files));
    if (!fixed) return fixed.error().message;
    for (const auto& change : fixed->changes)
        if (change.path == "host.nix") return change.after.value_or("");
    return text;
}

std::vector<std::string> rules_in(const std::string& text) {
    std::vector<std::string> out;
    for (const Finding& finding : lint(MemoryFiles({{"flake.nix", "{ }"}, {"host.nix", text}})).findings)
        out.push_back(finding.rule);
    return out;
}

bool found(const std::string& text, const std::string& rule) {
    const auto rules = rules_in(text);
    return std::ranges::find(rules, rule) != rules.end();
}

TEST(Fixes, wrap_a_package_as_its_place_asks) {
    const std::string flags =
        "\"-DGGML_AVX=ON\" \"-DGGML_AVX2=ON\" \"-DGGML_BMI2=ON\" \"-DGGML_F16C=ON\" \"-DGGML_FMA=ON\" "
        "\"-DGGML_SSE42=ON\"";
    const auto lines = [&](std::string ind) {
        std::string out = ".overrideAttrs (old: {\n" + ind + "  cmakeFlags = old.cmakeFlags ++ [\n";
        for (const char* name : {"AVX", "AVX2", "BMI2", "F16C", "FMA", "SSE42"})
            out += ind + "    \"-DGGML_" + name + "=ON\"\n";
        return out + ind + "  ];\n" + ind + "})";
    };
    EXPECT_EQ(mended("{ pkgs, ... }:\n{\n  p = pkgs.llamaPackages.llama-cpp;\n}\n"),
              "{ pkgs, ... }:\n{\n  p = pkgs.llamaPackages.llama-cpp" + lines("  ") + ";\n}\n");
    EXPECT_EQ(mended("{ pkgs, ... }:\n{\n  p = [\n    pkgs.llamaPackages.llama-cpp\n  ];\n}\n"),
              "{ pkgs, ... }:\n{\n  p = [\n    (pkgs.llamaPackages.llama-cpp" + lines("    ") + ")\n  ];\n}\n");
    EXPECT_EQ(mended("{ pkgs, ... }:\n{\n  p = [\n    (pkgs.llamaPackages.llama-cpp.override { useRpc = true; })\n"
                     "  ];\n}\n"),
              "{ pkgs, ... }:\n{\n  p = [\n    ((pkgs.llamaPackages.llama-cpp.override { useRpc = true; })" +
                  lines("    ") + ")\n  ];\n}\n");
}

TEST(Fixes, take_march_native_and_nothing_else) {
    const std::string head = "{ pkgs, ... }: {\n  p = pkgs.llamaPackages.llama-cpp.overrideAttrs (old: {\n";
    const std::string flags =
        "    cmakeFlags = old.cmakeFlags ++ [\n      \"-DX=1\"\n      \"-DGGML_AVX=ON\"\n      \"-DGGML_AVX2=ON\"\n"
        "      \"-DGGML_BMI2=ON\"\n      \"-DGGML_F16C=ON\"\n      \"-DGGML_FMA=ON\"\n      \"-DGGML_SSE42=ON\"\n    "
        "];\n"
        "  });\n}\n";
    const std::string before = "    cmakeFlags = old.cmakeFlags ++ [\n      \"-DX=1\"\n    ];\n  });\n}\n";
    const std::string env = "    env = (old.env or { }) // {\n";
    EXPECT_EQ(mended(head + env + "      NIX_CFLAGS_COMPILE = \"-march=native\";\n    };\n" + before), head + flags);
    EXPECT_EQ(mended(head + env + "      NIX_CFLAGS_COMPILE = \"-march=native\";\n      A = \"1\";\n    };\n" + before),
              head + env + "      A = \"1\";\n    };\n" + flags);
    EXPECT_EQ(mended(head + "    NIX_CFLAGS_COMPILE = \"-O3 -mtune=native -g\";\n" + before),
              head + "    NIX_CFLAGS_COMPILE = \"-O3 -g\";\n" + flags);
    // What else is in a text that is not written out is not known: nothing is taken.
    const std::string computed = head + "    NIX_CFLAGS_COMPILE = \"${more} -march=native\";\n" + before;
    EXPECT_EQ(mended(computed), computed);
}

TEST(Fixes, do_not_define_overlays_twice) {
    const std::string text =
        "{ ... }: {\n  nixpkgs.overlays = [ (final: prev: { llama-cpp = prev.hello; }) ];\n"
        "  nixpkgs.config.packageOverrides = pkgs: { llama-cpp = pkgs.llama-cpp; };\n}\n";
    EXPECT_TRUE(found(text, "package-overrides"));
    EXPECT_EQ(mended(text), text);
}

TEST(Fixes, keep_for_each_card_what_serves_it_best) {
    const auto with = [](const std::string& list) {
        return "{ pkgs, ... }: pkgs.llama-cpp.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ [ "
               "\"-DCMAKE_CUDA_ARCHITECTURES=" +
               list + "\" ]; })\n";
    };
    EXPECT_EQ(mended(with("75;80;86;89;90")), with("86"));
    EXPECT_EQ(mended(with("75-virtual;80-virtual")), with("80-virtual"));
    EXPECT_EQ(mended(with("86-real")), with("86-real"));
}

TEST(Fixes, leave_the_blanks_of_texts_alone) {
    const std::string inner =
        "pkgs.llama-cpp.override { rpcSupport = true; } // {\n    overrideAttrs = old: {\n"
        "      preConfigure = ''\n        true\n      '';\n    };\n  }";
    EXPECT_EQ(mended("{ pkgs, ... }: {\n  p = " + inner + ";\n}\n"),
              "{ pkgs, ... }: {\n  p = (pkgs.llama-cpp.override { rpcSupport = true; }).overrideAttrs (old: {\n"
              "      preConfigure = ''\n        true\n      '';\n    });\n}\n");
}

TEST(Fixes, take_llama_cpp_from_prev_by_whatever_name_it_goes) {
    const auto after = [](const std::string& middle, const std::string& base, const std::string& more = "") {
        return "final: prev: " + middle + "{ llama-cpp = " + base + ".override { rpcSupport = true; };" + more + " }\n";
    };
    const std::string let = "let inherit (final) llama-cpp; in ";
    const std::string rest = " base = final.llama-cpp;";
    const std::string now = "prev.llama-cpp";
    EXPECT_EQ(mended(after("", "final.llama-cpp")), after("", now));
    EXPECT_EQ(mended(after("", "(final.llama-cpp)")), after("", now));
    EXPECT_EQ(mended(after("with final; ", "llama-cpp")), after("with final; ", now));
    EXPECT_EQ(mended(after(let, "llama-cpp")), after(let, now));
    EXPECT_EQ(mended(after("rec ", "base", rest)), after("rec ", now, rest));
    // The name means something else there.
    const std::string hidden = after("let prev = 1; in ", "final.llama-cpp");
    EXPECT_TRUE(found(hidden, "wrong-fixpoint"));
    EXPECT_EQ(mended(hidden), hidden);
}

TEST(Fixes, put_no_function_around_a_name_that_it_would_capture) {
    const std::string head = "{ pkgs, ... }: let old = \"-DX=1\"; in ";
    const std::string now = "overrideAttrs (old2: { cmakeFlags = old2.cmakeFlags ++ [ old ]; })\n";
    EXPECT_EQ(mended(head + "pkgs.llama-cpp.overrideAttrs (_: { cmakeFlags = [ old ]; })\n"),
              head + "pkgs.llama-cpp." + now);
    EXPECT_EQ(mended(head + "pkgs.llama-cpp.override { } // { cmakeFlags = pkgs.llama-cpp.cmakeFlags ++ [ old ]; }\n"),
              head + "(pkgs.llama-cpp.override { })." + now);
    const std::string overrides = "pkgs: { llama-cpp = pkgs.llama-cpp.override { inherit (final) stdenv; }; }";
    EXPECT_EQ(mended("{ final, ... }: {\n  nixpkgs.config.packageOverrides = " + overrides +
                     ";\n  services.x = final: prev: { llama-cpp = 1; };\n}\n"),
              "{ final, ... }: {\n  nixpkgs.overlays = [ (final2: " + overrides +
                  ") ];\n  services.x = final: prev: { llama-cpp = 1; };\n}\n");
    const std::string hidden =
        "final: prev: let final = 1; in { llamaPackages = prev.callPackage \"${llama}/.devops/nix/scope.nix\" { }; }\n";
    EXPECT_TRUE(found(hidden, "wrong-fixpoint"));
    EXPECT_EQ(mended(hidden), hidden);
}

TEST(Fixes, write_gpu_targets_in_the_form_of_the_package) {
    const auto with = [](const std::string& before, const std::string& package, const std::string& value) {
        return "{ pkgs, ... }: " + before + package + ".override { rocmGpuTargets = " + value + "; }\n";
    };
    const std::string list = "[ \"gfx1103\" ]";
    const std::string text = "\"gfx1103\"";
    const std::string official = "pkgs.llamaPackages.llama-cpp";
    EXPECT_TRUE(mended(with("", official, list)).find("rocmGpuTargets = " + text + ";") != std::string::npos);
    EXPECT_EQ(mended(with("", "pkgs.llama-cpp", text)), with("", "pkgs.llama-cpp", list));
    EXPECT_FALSE(found(with("", "pkgs.llama-cpp", list), "argument-of-other-package"));
    EXPECT_FALSE(found(with("", official, text), "argument-of-other-package"));
    EXPECT_FALSE(found(with("", official, "targets"), "argument-of-other-package"));
    // What is named elsewhere may be needed as it is.
    const std::string named = with("let t = " + text + "; in ", "pkgs.llama-cpp", "t");
    EXPECT_TRUE(found(named, "argument-of-other-package"));
    EXPECT_EQ(mended(named), named);
}

TEST(Fixes, lose_no_comment) {
    const std::string flake =
        "{ inputs.llama.url = \"github:ggml-org/llama.cpp\"; outputs = { llama, pkgs, ... }: {\n"
        "  p = [ llama.packages.${ /* ours */ pkgs.system }.cuda ]; }; }\n";
    const Files files{{"flake.nix", flake}};
    const auto fixed = fix(MemoryFiles(files));
    ASSERT_TRUE(fixed);
    for (const auto& change : fixed->changes)
        EXPECT_NE(change.after.value_or("").find("/* ours */"), std::string::npos) << change.path;
    const auto report = lint(MemoryFiles(files));
    const auto kept = std::ranges::find(report.findings, "flake-package", &Finding::rule);
    ASSERT_NE(kept, report.findings.end());
    EXPECT_FALSE(kept->fix);
    EXPECT_TRUE(kept->remedy.starts_with("by hand, because a comment of yours stands in there:\n")) << kept->remedy;
}

TEST(Fixes, leave_nothing_without_a_meaning_behind) {
    const auto with = [](const std::string& attrs) {
        return "{ lib, pkgs, ... }: [ (pkgs.llama-cpp.overrideAttrs (old: { " + attrs + " })) ]\n";
    };
    const std::string bare = "{ lib, pkgs, ... }: [ (pkgs.llama-cpp) ]\n";
    const std::string unread = "NIX_CFLAGS = \"-O3\";";
    const std::string flag = "\"-DLLAMA_K_QUANTS=ON\"";
    EXPECT_EQ(mended(with(unread)), bare);
    EXPECT_EQ(mended(with("cmakeFlags = old.cmakeFlags ++ [ " + flag + " ];")), bare);
    EXPECT_EQ(mended(with("cmakeFlags = [ " + flag + " ] ++ old.cmakeFlags;")), bare);
    EXPECT_EQ(mended(with("cmakeFlags = old.cmakeFlags ++ (lib.mapAttrsToList lib.cmakeBool { LLAMA_K_QUANTS = true; "
                          "});")),
              bare);
    EXPECT_EQ(mended(with("cmakeFlags = old.cmakeFlags ++ [ " + flag + " ]; x = 1;")), with("x = 1;"));
    EXPECT_EQ(mended(with("cmakeFlags = old.cmakeFlags ++ [ " + flag + " ] ++ more;")),
              with("cmakeFlags = old.cmakeFlags ++ more;"));
    EXPECT_EQ(mended(with("cmakeFlags = pkgs.llama-cpp.cmakeFlags ++ [ " + flag + " ];")),
              with("cmakeFlags = pkgs.llama-cpp.cmakeFlags;"));
    EXPECT_EQ(mended(with("cmakeFlags = old.cmakeFlags ++ [ /* a */ " + flag + " /* b */ \"-DX=1\" ];")),
              with("cmakeFlags = old.cmakeFlags ++ [ /* a */ /* b */ \"-DX=1\" ];"));
    EXPECT_EQ(mended("{ pkgs, ... }: { p = (pkgs.llama-cpp.override { rpcSupport = true; }).overrideAttrs { " + unread +
                     " }; }\n"),
              "{ pkgs, ... }: { p = pkgs.llama-cpp.override { rpcSupport = true; }; }\n");
    // A comment in it, and it stays.
    EXPECT_EQ(mended(with("/* why */ " + unread)), with("/* why */"));
}

TEST(Fixes, take_neighbours_out_together) {
    const auto with = [](const std::string& flags) {
        return "{ pkgs, ... }: pkgs.llama-cpp.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ [ " + flags +
               " ]; })\n";
    };
    EXPECT_EQ(mended(with("\"-DGGML_AVX2=ON\" \"-DGGML_FMA=ON\" \"-DGGML_BACKEND_DL=ON\" "
                          "\"-DGGML_CPU_ALL_VARIANTS=ON\"")),
              with("\"-DGGML_BACKEND_DL=ON\" \"-DGGML_CPU_ALL_VARIANTS=ON\""));
}

TEST(Fixes, write_targets_that_every_card_of_before_still_runs) {
    const auto with = [](const std::string& list) {
        return "{ pkgs, ... }: { services.llama-cpp.package = pkgs.llama-cpp.overrideAttrs (old: { cmakeFlags = "
               "old.cmakeFlags ++ [ \"-DCMAKE_CUDA_ARCHITECTURES=" +
               list + "\" ]; }); }\n";
    };
    // carbon has a card of 8.6
    EXPECT_EQ(mended(with("75-virtual")), with("86-real"));
    const auto fixed = fix(MemoryFiles({{"flake.nix", "{ }"}, {"host.nix", with("75-virtual")}}));
    ASSERT_TRUE(fixed && !fixed->changes.empty());
    EXPECT_EQ(fixed->changes.front().after, with("75"));
}

TEST(Fixes, switch_the_dispatch_off_for_a_complete_variant_only) {
    const std::string lock = R"({"nodes": {"nixpkgs": {"locked": {"lastModified": 1788000000}},
  "root": {"inputs": {"nixpkgs": "nixpkgs"}}}, "root": "root"})";
    const auto after = [&](const std::string& text) {
        const auto fixed = fix(MemoryFiles({{"flake.nix", "{ }"}, {"flake.lock", lock}, {"host.nix", text}}));
        return fixed && !fixed->changes.empty() ? fixed->changes.front().after.value_or("") : text;
    };
    const auto with = [](const std::string& before, const std::string& base, const std::string& flags) {
        return before + base + ".overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ " + flags + "; })\n";
    };
    const std::string all =
        "[ \"-DGGML_AVX2=ON\" \"-DGGML_FMA=ON\" \"-DGGML_F16C=ON\" \"-DGGML_BMI2=ON\" \"-DGGML_AVX512=ON\" ]";
    const std::string pkgs = "{ pkgs, ... }: ";
    EXPECT_EQ(after(with(pkgs, "pkgs.llama-cpp", all)),
              with(pkgs, "(pkgs.llama-cpp.override { cpuArchDynamicDispatch = false; })", all));
    EXPECT_EQ(after(with(pkgs, "pkgs.llama-cpp", "[ \"-DGGML_AVX512=ON\" ]")), "{ pkgs, ... }: pkgs.llama-cpp\n");
    // The official package needs them.
    const std::string shared =
        "{ pkgs, ... }: let f = [ \"-DGGML_AVX512=ON\" ]; in {\n"
        "  a = pkgs.llama-cpp.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ f; });\n"
        "  b = pkgs.llamaPackages.llama-cpp.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ f; });\n}\n";
    EXPECT_EQ(after(shared), shared);
}

TEST(Fixes, do_not_write_a_name_twice) {
    EXPECT_EQ(mended("{ pkgs, ... }: pkgs.llama-cpp.override {\n  cudaSupport = true;\n  useCuda = true;\n}\n"),
              "{ pkgs, ... }: pkgs.llama-cpp.override {\n  cudaSupport = true;\n}\n");
    const std::string head =
        "{ lib, pkgs, ... }: pkgs.llama-cpp.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ "
        "lib.mapAttrsToList lib.cmakeBool {\n  GGML_RPC = true;\n";
    EXPECT_EQ(mended(head + "  LLAMA_RPC = true;\n}; })\n"), head + "}; })\n");
    // Two that become one: either may stay, and what else there is to mend is mended.
    const std::string both =
        "{ lib, pkgs, ... }: pkgs.llama-cpp.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ "
        "lib.mapAttrsToList lib.cmakeBool {\n";
    EXPECT_EQ(mended(both + "  LLAMA_CUBLAS = true;\n  LLAMA_CUDA = true;\n  GGML_CUDA_F16 = true;\n}; })\n"),
              both + "  GGML_CUDA = true;\n}; })\n");
}

const std::string kLock = R"({"nodes": {"nixpkgs": {"locked": {"lastModified": 1788000000}},
  "root": {"inputs": {"nixpkgs": "nixpkgs"}}}, "root": "root"})";

TEST(Fixes, turn_flags_of_the_service_into_settings_where_each_is_plain) {
    const auto after = [](const std::string& list, const std::string& more = "") {
        const std::string text = "{\n  services.llama-cpp.extraFlags = [ " + list + " ];\n" + more + "}\n";
        const auto fixed = fix(MemoryFiles({{"flake.nix", "{ }"}, {"flake.lock", kLock}, {"host.nix", text}}));
        return fixed && !fixed->changes.empty() ? fixed->changes.front().after.value_or("") : "";
    };
    EXPECT_EQ(after(R"("--ctx-size" "16384" "--jinja" "--n-gpu-layers" "-1" "--override-kv" "a=b" "--seed" "007")"),
              "{\n  services.llama-cpp.settings = {\n    ctx-size = 16384;\n    jinja = true;\n"
              "    n-gpu-layers = \"-1\";\n    override-kv = \"a=b\";\n    seed = \"007\";\n  };\n}\n");
    EXPECT_EQ(after(""), "{\n  services.llama-cpp.settings = { };\n}\n");
    for (const char* list : {R"("-c" "4096")", R"("--lora" "a" "--lora" "b")", R"("--ctx-size=4096")", "(toString n)",
                             R"("4096")", R"("--alias" "${name}")"})
        EXPECT_EQ(after(list), "") << list;
    EXPECT_EQ(after(R"("--jinja")", "  services.llama-cpp.settings.port = 1;\n"), "");
}

TEST(Findings, can_be_allowed_where_they_stand) {
    const std::string overlay = "final: prev: { llama-cpp = prev.llama-cpp.override { rpcSupport = true; }; }\n";
    EXPECT_TRUE(found(overlay, "overlay-unused"));
    EXPECT_FALSE(found("# llama-fleet: allow overlay-unused\n" + overlay, "overlay-unused"));
    EXPECT_FALSE(found("# llama-fleet: allow x, overlay-unused\n# later\n" + overlay, "overlay-unused"));
    EXPECT_TRUE(found("# llama-fleet: allow overlay-unused\n\n" + overlay, "overlay-unused"));
}

TEST(Rules, know_what_the_compiler_wrapper_reads) {
    const auto with = [](const std::string& name) {
        return "{ pkgs, ... }: pkgs.llama-cpp.overrideAttrs (old: { " + name + " = \"-O3\"; })\n";
    };
    EXPECT_TRUE(found(with("NIX_CXXFLAGS_COMPILE"), "no-reader"));
    EXPECT_FALSE(found(with("NIX_CXXSTDLIB_COMPILE"), "no-reader"));
    EXPECT_FALSE(found(with("NIX_CFLAGS_COMPILE"), "no-reader"));
}

TEST(Rules, see_a_slip_in_an_argument_and_leave_inputs_alone) {
    const auto with = [](const std::string& name) {
        return "{ pkgs, ... }: pkgs.llama-cpp.override { " + name + " = x; }\n";
    };
    EXPECT_TRUE(found(with("vulkanSuport"), "unknown-argument"));
    EXPECT_TRUE(found(with("useCudaGraphs"), "unknown-argument"));
    for (const char* input : {"cudaPackages", "blas", "stdenv", "shaderc", "rocmGpuTargets", "llama-cpp"})
        EXPECT_FALSE(found(with(input), "unknown-argument")) << input;
}

TEST(Findings, in_a_line_that_nobody_reads_do_not_keep_it) {
    std::string text = "{ pkgs, ... }: pkgs.llama-cpp.overrideAttrs (old: { cmakeFlags = old.cmakeFlags ++ [ ";
    for (int i = 0; i < 300; ++i) text += "\"-DGGML_CUDA_F16=ON\" ";
    const auto report = lint(MemoryFiles({{"flake.nix", "{ }"}, {"host.nix", text + "]; })"}}));
    ASSERT_EQ(report.findings.size(), 300U);
    EXPECT_EQ(report.findings.front().line, 1U);
    EXPECT_EQ(report.findings.back().source_line, "");
}

}  // namespace
}  // namespace lf::lint
