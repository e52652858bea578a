// SPDX-License-Identifier: MIT
// fit --pin: only the bytes that name the revision change, whichever way the input is written.
#include "flake/pin.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "flake/fit.h"
#include "flake/undo_for_test.h"

namespace lf::flake {
namespace {

const std::string kHash = "0123456789abcdef0123456789abcdef01234567";
const std::string kOther = "fedcba9876543210fedcba9876543210fedcba98";

TEST(Pin, what_a_revision_is) {
    EXPECT_EQ(parse_revision("b7779")->kind, RevisionKind::build);
    EXPECT_EQ(parse_revision(kHash)->kind, RevisionKind::hash);
    EXPECT_EQ(parse_revision("0123456789ABCDEF0123456789ABCDEF01234567")->text, kHash);
    EXPECT_EQ(parse_revision("master")->kind, RevisionKind::name);
    EXPECT_EQ(parse_revision("gg/metal-fix")->kind, RevisionKind::name);
    for (const char* bad : {"", "-x", "a..b", "a b", "a\"b", "${x}", "a/", "/a", "a//b", ".a", "a/.b", "a.lock", "a?b",
                            "a#b", "a\nb", "abcdef0", "0123456789abcdef"}) {
        const auto refused = parse_revision(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().id, "fit-pin");
        EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    }
}

std::string moved(const std::string& url, const std::string& to) {
    const auto change = repinned(url, parse_revision(to).value());
    if (!change) return "by hand";
    std::string out = url;
    out.replace(change->span.begin, change->span.size(), change->text);
    return fmt::format("{} ({})", out, change->before);
}

TEST(Pin, addresses) {
    struct Case {
        std::string url, to, wanted;
    };
    const std::string plain = "github:ggml-org/llama.cpp";
    const std::string git = "git+https://github.com/ggml-org/llama.cpp";
    const std::string web = "https://github.com/ggml-org/llama.cpp/archive/";
    const std::vector<Case> cases{
        {plain, "b7779", plain + "/b7779 ()"},
        {plain, kHash, plain + "/" + kHash + " ()"},
        {plain, "gg/x", plain + "?ref=gg/x ()"},
        {plain + "/b7045", "b7779", plain + "/b7779 (b7045)"},
        {plain + "/b7045", "gg/x", plain + "?ref=gg/x (b7045)"},
        {plain + "/gg/x", "b7779", plain + "/b7779 (gg/x)"},
        {plain + "/b7045?dir=nix", "gg/x", plain + "?ref=gg/x&dir=nix (b7045)"},
        {plain + "?dir=nix", "gg/x", plain + "?ref=gg/x&dir=nix ()"},
        {plain + "?rev=" + kOther, "b7779", plain + "?ref=b7779 (" + kOther + ")"},
        {plain + "?ref=master", kHash, plain + "?rev=" + kHash + " (master)"},
        {plain + "?dir=nix", "b7779", plain + "/b7779?dir=nix ()"},
        {plain + "?dir=nix&ref=master", "b7779", plain + "?dir=nix&ref=b7779 (master)"},
        {plain + "?ref=a&rev=" + kOther, "b7779", "by hand"},
        {git, "b7779", git + "?ref=refs/tags/b7779 ()"},
        {git, kHash, git + "?rev=" + kHash + " ()"},
        {git + "?shallow=1", "master", git + "?shallow=1&ref=master ()"},
        {git + "?ref=master&rev=" + kOther, kHash, git + "?ref=master&rev=" + kHash + " (" + kOther + ")"},
        {git + "?ref=master&rev=" + kOther, "b7779", git + "?ref=refs/tags/b7779 (" + kOther + ")"},
        {git + "?rev=" + kOther + "&shallow=1&ref=master", "gg/x", git + "?shallow=1&ref=gg/x (" + kOther + ")"},
        {"tarball+" + web + "b7045.tar.gz?narHash=sha256-x", "b7779", "by hand"},
        {web + "refs/tags/b7045.tar.gz", "b7779", web + "refs/tags/b7779.tar.gz (b7045)"},
        {web + kOther + ".tar.gz", kHash, web + kHash + ".tar.gz (" + kOther + ")"},
        {"path:/home/ada/llama.cpp", "b7779", "by hand"},
        {"llama-cpp", "b7779", "by hand"},
        {"github:ggml-org", "b7779", "by hand"}};
    for (const Case& one : cases) EXPECT_EQ(moved(one.url, one.to), one.wanted) << one.url << " to " << one.to;
}

std::string flake_with(const std::string& inputs) {
    return "{\n" + inputs +
           "\n  outputs = { nixpkgs, ... }@inputs: {\n    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {\n"
           "      system = \"x86_64-linux\";\n      modules = [ ./carbon.nix ];\n    };\n  };\n}\n";
}

const std::string kMachine = "{ pkgs, ... }:\n{\n  environment.systemPackages = with pkgs; [\n    git\n  ];\n}\n";

FitResult pinned(const TestFiles& files, const std::string& pin) {
    FitRequest request;
    request.plans["carbon"].build.package = "llama-cpp-cpu";
    request.plan_json["carbon"] = "{}\n";
    request.pin = pin;
    auto result = fit(request, MemoryFiles(files));
    EXPECT_TRUE(result) << result.error().id << result.error().message;
    return result ? std::move(*result) : FitResult{};
}

/// The inputs of a fitted flake after another pin, and whether undo gives back what was there.
std::string inputs_after(const std::string& inputs, const std::string& pin) {
    const TestFiles before{{"flake.nix", flake_with(inputs)}, {"carbon.nix", kMachine}};
    const FitResult result = pinned(before, pin);
    if (!result.instructions.empty())
        return fmt::format("by hand: {}:{}", result.instructions.front().line, result.instructions.front().text);
    const TestFiles after = undone(before, result);
    expect_undone(before, after);
    EXPECT_TRUE(pinned(after, pin).changes.empty()) << inputs;
    const std::string& text = after.at("flake.nix");
    return text.substr(2, text.find("\n  outputs") - 2);
}

TEST(Pin, inputs_of_every_form) {
    const std::string nixpkgs = "  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";\n";
    const std::map<std::string, std::string> forms{
        {"  inputs.llama-cpp.url = \"github:ggml-org/llama.cpp\"; # mine",
         "  inputs.llama-cpp.url = \"github:ggml-org/llama.cpp/b7779\"; # mine"},
        {"  inputs.llama-cpp.url = github:ggml-org/llama.cpp;",
         "  inputs.llama-cpp.url = github:ggml-org/llama.cpp/b7779;"},
        {"  inputs.llama-cpp = {\n    url = \"github:ggml-org/llama.cpp/b7045\";\n  };",
         "  inputs.llama-cpp = {\n    url = \"github:ggml-org/llama.cpp/b7779\";\n  };"},
        {"  inputs.llama-cpp = { type = \"github\"; owner = \"ggml-org\"; repo = \"llama.cpp\"; };",
         "  inputs.llama-cpp = { type = \"github\"; owner = \"ggml-org\"; repo = \"llama.cpp\"; ref = \"b7779\"; };"},
        {"  inputs.llama-cpp = {\n    type = \"github\";\n    owner = \"ggml-org\";\n    repo = \"llama.cpp\";\n"
         "    rev = \"" +
             kOther + "\";\n  };",
         "  inputs.llama-cpp = {\n    type = \"github\";\n    owner = \"ggml-org\";\n    repo = \"llama.cpp\";\n"
         "    ref = \"b7779\";\n  };"},
        {"  inputs.llama-cpp.type = \"github\";\n  inputs.llama-cpp.owner = \"ggml-org\";\n"
         "  inputs.llama-cpp.repo = \"llama.cpp\";",
         "  inputs.llama-cpp.type = \"github\";\n  inputs.llama-cpp.owner = \"ggml-org\";\n"
         "  inputs.llama-cpp.repo = \"llama.cpp\";\n  inputs.llama-cpp.ref = \"b7779\";"},
        {"  inputs.llama-cpp.url = ''github:ggml-org/llama.cpp'';",
         "  inputs.llama-cpp.url = ''github:ggml-org/llama.cpp/b7779'';"},
        {"  inputs.llama-cpp = {\n    type = \"git\";\n    url = \"https://github.com/ggml-org/llama.cpp\";\n"
         "    ref = \"master\";\n    rev = \"" +
             kOther + "\";\n  };",
         "  inputs.llama-cpp = {\n    type = \"git\";\n    url = \"https://github.com/ggml-org/llama.cpp\";\n"
         "    ref = \"refs/tags/b7779\";\n  };"},
        {"  inputs.llama-cpp = {\n    url = \"github:ggml-org/llama.cpp\";\n    rev = \"" + kOther + "\";\n  };",
         "by hand: 5:\"github:ggml-org/llama.cpp/b7779\""},
        {"  inputs.llama-cpp.follows = \"fleet/llama-cpp\";", "by hand: 3:\"github:ggml-org/llama.cpp/b7779\""},
        {"  inputs.llama-cpp.url = \"path:./llama.cpp\";", "by hand: 3:\"github:ggml-org/llama.cpp/b7779\""}};
    for (const auto& [before, after] : forms) {
        const std::string got = inputs_after(nixpkgs + before, "b7779");
        EXPECT_EQ(got, after.starts_with("by hand") ? after : nixpkgs + after) << before;
    }
}

TEST(Pin, together_with_a_first_fit) {
    EXPECT_EQ(
        inputs_after("  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";", kHash),
        "  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";\n  inputs.llama-cpp.url = \"github:ggml-org/llama.cpp/" +
            kHash + "\";\n  inputs.llama-cpp.inputs.nixpkgs.follows = \"nixpkgs\";");
}

TEST(Pin, says_nothing_of_what_was_not_pinned) {
    const TestFiles files{
        {"flake.nix", flake_with("  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";\n"
                                 "  inputs.llama-cpp.url = \"https://github.com/ggml-org/llama.cpp/archive/"
                                 "b7045.tar.gz?narHash=sha256-x\";")},
        {"carbon.nix", kMachine}};
    const FitResult result = pinned(files, "b7779");
    ASSERT_EQ(result.instructions.size(), 1U);
    EXPECT_NE(result.instructions.front().why.find("narHash is the hash of what the old revision holds"),
              std::string::npos);
    EXPECT_FALSE(result.pinned);
    EXPECT_EQ(unchanged_note("llama-cpp", "refs/tags/b7045"), "llama-cpp: unchanged, b7045");
    EXPECT_EQ(unchanged_note("llama-cpp", ""), "llama-cpp: unchanged, not pinned");
}

TEST(Pin, says_what_it_means) {
    plan::Plan plan;
    plan.build.package = "llama-cpp-cpu";
    plan.build.cpu_flags = {{"GGML_AVX2", true}, {"GGML_RV_ZIHINTPAUSE", true}};
    const std::map<std::string, plan::Plan> plans{{"carbon", plan}};
    const auto notes = pin_notes("llama-cpp", "b7779", {RevisionKind::build, "b7045"}, plans);
    ASSERT_EQ(notes.size(), 5U) << join(notes, "\n");
    EXPECT_EQ(notes[0], "llama-cpp: b7779 → b7045");
    EXPECT_TRUE(notes[1].starts_with("options that b7045 has and b7779 has not: ")) << notes[1];
    EXPECT_TRUE(notes[2].starts_with("options that b7779 has and b7045 has not: GGML_HEXAGON, ")) << notes[2];
    EXPECT_EQ(notes[3], "b7045 has no GGML_RV_ZIHINTPAUSE, which is planned for carbon: ggml 0.9.5 has it first");
    EXPECT_EQ(notes[4], "run `nix flake lock` then, so that flake.lock holds it");
    const auto hash = pin_notes("llama-cpp", "", {RevisionKind::hash, kHash}, plans);
    EXPECT_EQ(hash[0], "llama-cpp: not pinned → " + kHash);
    EXPECT_TRUE(hash[1].starts_with("cannot tell which version 0123"));
    const auto beyond = pin_notes("llama-cpp", "", {RevisionKind::build, "b99999"}, plans);
    EXPECT_TRUE(beyond[1].starts_with("whether b99999 has these flags of the plans cannot be told: ")) << beyond[1];
}

}  // namespace
}  // namespace lf::flake
