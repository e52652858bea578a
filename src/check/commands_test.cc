// SPDX-License-Identifier: MIT
#include "check/commands.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "check/fake_nix_test.h"
#include "check/render.h"

namespace lf::check {
namespace {

CheckRequest request() {
    plan::Plan plan;
    plan.build.package = "llama-cpp-cuda";
    CheckRequest out;
    out.flake = "/home/ada/fleet";
    out.hosts = {{"carbon", plan}};
    return out;
}

TEST(Commands, ThePlainFormIsWhatPeopleType) {
    const auto all = commands(request(), nullptr);
    ASSERT_EQ(all.size(), 1U);
    ASSERT_EQ(all[0].commands.size(), 3U);
    EXPECT_EQ(all[0].commands[0].text, "nix build .#nixosConfigurations.carbon.pkgs.llama-cpp-cuda");
    EXPECT_EQ(all[0].commands[1].text, "nix run .#nixosConfigurations.carbon.pkgs.llama-cpp-cuda -- --version");
    EXPECT_EQ(all[0].commands[2].text, "nix build .#nixosConfigurations.carbon.config.system.build.toplevel");
}

TEST(Commands, StandInsAndAPrivateStoreAreSaid) {
    FakeNix fake;
    fake.answer = [](const Command&) {
        return FakeNix::finished(1, "", "error: experimental Nix feature 'nix-command' is disabled\n");
    };
    const std::string store = testing::TempDir() + "lf-commands";
    auto nix = Nix::find(fake, elsewhere(store));
    ASSERT_TRUE(nix);
    CheckRequest with = request();
    with.stand_ins = true;
    with.overrides = {{"nixpkgs", "/opt/stand ins/nixpkgs"}, {"waybar", "github:a/b"}};
    const auto all = commands(with, &*nix);
    const std::string& build = all.at(0).commands.at(0).text;
    EXPECT_NE(build.find("--extra-experimental-features 'nix-command flakes'"), std::string::npos) << build;
    EXPECT_NE(build.find("--store " + nix->store().path), std::string::npos) << build;
    EXPECT_NE(build.find("--no-link"), std::string::npos) << build;
    EXPECT_NE(build.find("--override-input nixpkgs path:/opt/stand%20ins/nixpkgs"), std::string::npos) << build;
    EXPECT_NE(build.find("--override-input waybar github:a/b"), std::string::npos) << build;
    EXPECT_NE(build.find("--no-write-lock-file"), std::string::npos) << build;
    const auto& run = all.at(0).commands.at(1).argv;
    EXPECT_EQ(run.at(run.size() - 2), "--") << "the program's own arguments come last";
}

TEST(Commands, HostsWithoutPlanGetTheSystemOnly) {
    CheckRequest none = request();
    none.hosts = {{"carbon", std::nullopt}};
    const auto all = commands(none, nullptr);
    ASSERT_EQ(all.at(0).commands.size(), 1U);
    EXPECT_EQ(all[0].commands[0].what, "system");
}

TEST(Commands, NamesAreQuotedForTheFragment) {
    EXPECT_EQ(fragment("carbon", "pkgs.x"), "nixosConfigurations.carbon.pkgs.x");
    EXPECT_EQ(fragment("my.host", "pkgs.x"), "nixosConfigurations.\"my.host\".pkgs.x");
    EXPECT_EQ(fragment("a b", "pkgs.x"), "nixosConfigurations.a%20b.pkgs.x");
    CheckRequest odd = request();
    odd.hosts[0].host = "my.host";
    EXPECT_EQ(commands(odd, nullptr).at(0).commands.at(0).text,
              "nix build '.#nixosConfigurations.\"my.host\".pkgs.llama-cpp-cuda'");
}

TEST(Commands, WrappedIsTheSameCommand) {
    CheckRequest with = request();
    for (const char* name : {"nixpkgs", "home-manager", "waybar"}) {
        with.overrides.push_back({name, "/opt/llama-fleet/stand-ins/" + std::string(name)});
    }
    const HostCommand command = commands(with, nullptr).at(0).commands.at(1);
    const std::string text = wrapped(command, 80);
    std::string unwrapped;
    for (const std::string_view line : lines(text)) {
        EXPECT_LE(line.size(), 80U) << line;
        const bool more = line.ends_with(" \\");
        unwrapped += std::string(unwrapped.empty() ? "" : " ") +
                     std::string(trim(more ? line.substr(0, line.size() - 2) : line));
    }
    EXPECT_EQ(unwrapped, command.text);
    EXPECT_EQ(to_script(commands(request(), nullptr), "/home/ada/my fleet").substr(0, 30),
              "cd '/home/ada/my fleet'\n# carb");
}

TEST(Commands, LongSwitchesStandOnceInAFunction) {
    CheckRequest with = request();
    for (const char* name : {"nixpkgs", "home-manager", "waybar"}) {
        with.overrides.push_back({name, "/opt/llama-fleet/stand-ins/" + std::string(name)});
    }
    const std::string text = to_script(commands(with, nullptr), "/f");
    EXPECT_NE(text.find("here() {\n    verb=$1 what=$2; shift 2\n    nix \"$verb\" \"$what\" "), std::string::npos)
        << text;
    EXPECT_NE(text.find("\nhere run .#nixosConfigurations.carbon.pkgs.llama-cpp-cuda -- --version\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("--override-input waybar"), text.rfind("--override-input waybar"));
}

}  // namespace
}  // namespace lf::check
