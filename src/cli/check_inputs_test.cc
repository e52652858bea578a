// SPDX-License-Identifier: MIT
#include "cli/check_inputs.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "cli/arguments.h"

namespace lf::cli {
namespace {

namespace fs = std::filesystem;

/// A folder of stand-ins and one with a flake, taken away again at the end.
class Folders : public testing::Test {
  protected:
    Folders() : root_(fs::temp_directory_path() / ("llama-fleet-inputs-" + std::to_string(::getpid()))) {}
    ~Folders() override { fs::remove_all(root_); }

    void write(const std::string& path, const std::string& text) {
        fs::create_directories((root_ / path).parent_path());
        ASSERT_TRUE(write_file_atomically((root_ / path).string(), text));
    }

    std::map<std::string, std::string> overrides(const std::string& flake) {
        write("fleet/flake.nix", flake);
        write("stand-ins/nixpkgs/flake.nix", "{ outputs = { self }: { }; }");
        write("stand-ins/llama-cpp/flake.nix",
              "{ inputs.nixpkgs.url = \"github:a/b\"; inputs.other.url = \"github:a/c\"; outputs = { self, nixpkgs, "
              "other }: { }; }");
        const auto parsed =
            parse_arguments({"check", (root_ / "fleet").string(), "--stand-ins", (root_ / "stand-ins").string()});
        std::map<std::string, std::string> out;
        const auto request = check_request((root_ / "fleet").string(), parsed->arguments);
        for (const auto& one : request->overrides)
            out[one.input] = fs::path(one.flake).lexically_relative(root_).string();
        return out;
    }

  private:
    fs::path root_;
};

using Overrides = std::map<std::string, std::string>;

TEST_F(Folders, StandInsOfStandInsAreAtHandToo) {
    EXPECT_EQ(overrides("{ inputs.llama-cpp.url = \"github:x/y\"; outputs = { self, nixpkgs, ... }: { }; }"),
              (Overrides{{"llama-cpp", "stand-ins/llama-cpp"},
                         {"llama-cpp/nixpkgs", "stand-ins/nixpkgs"},
                         {"nixpkgs", "stand-ins/nixpkgs"}}));
}

TEST_F(Folders, WhatTheOwnerLetsFollowStaysAsItIs) {
    const Overrides wanted{{"llama-cpp", "stand-ins/llama-cpp"}, {"nixpkgs", "stand-ins/nixpkgs"}};
    EXPECT_EQ(overrides("{ inputs.nixpkgs.url = \"a\"; inputs.llama-cpp = { url = \"b\"; inputs.nixpkgs.follows = "
                        "\"nixpkgs\"; }; outputs = inputs: { }; }"),
              wanted);
    EXPECT_EQ(overrides("{ inputs = { nixpkgs.url = \"a\"; llama-cpp.url = \"b\"; llama-cpp.inputs.nixpkgs.follows = "
                        "\"nixpkgs\"; }; outputs = inputs: { }; }"),
              wanted);
}

}  // namespace
}  // namespace lf::cli
