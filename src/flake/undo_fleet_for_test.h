// SPDX-License-Identifier: MIT
/// \file
/// \brief A small fleet, fitted, for the tests of undo.
#pragma once

#include "flake/fit.h"
#include "flake/undo_for_test.h"

namespace lf::flake {

inline const TestFiles kFleet{
    {"flake.nix",
     "{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";\n\n"
     "  outputs = { self, nixpkgs }: {\n    nixosConfigurations.carbon = nixpkgs.lib.nixosSystem {\n"
     "      system = \"x86_64-linux\";\n      modules = [ ./carbon.nix ];\n    };\n"
     "    nixosConfigurations.boron = nixpkgs.lib.nixosSystem {\n      system = \"x86_64-linux\";\n"
     "      modules = [ ./boron.nix ];\n    };\n  };\n}\n"},
    {"carbon.nix",
     "{ pkgs, ... }:\n{\n  networking.hostName = \"carbon\";\n  environment.systemPackages = with pkgs; [\n    git\n"
     "    llama-cpp # answers\n    vim\n  ];\n}\n"},
    {"boron.nix",
     "{ pkgs, ... }:\n{\n  networking.hostName = \"boron\";\n  environment.systemPackages = with pkgs; [\n    htop\n"
     "  ];\n}\n"}};
inline const std::string kOverlayFile = "overlays/llama-cpp.nix";

inline TestFiles fitted(const TestFiles& files, const std::string& carbon = "llama-cpp-cuda") {
    FitRequest request;
    for (const auto& [host, package] :
         std::map<std::string, std::string>{{"carbon", carbon}, {"boron", "llama-cpp-cpu"}}) {
        request.plans[host].build.package = package;
        request.plan_json[host] = "{ \"package\": \"" + package + "\" }\n";
    }
    const auto result = fit(request, MemoryFiles(files));
    EXPECT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->instructions.empty());
    return undone(files, *result);
}

inline void replace(TestFiles& files, const std::string& path, const std::string& from, const std::string& to) {
    const std::size_t at = files[path].find(from);
    ASSERT_NE(at, std::string::npos) << from;
    files[path].replace(at, from.size(), to);
}

inline FitResult undo_of(const TestFiles& files, bool force = false) {
    auto result = undo({{}, force}, MemoryFiles(files));
    EXPECT_TRUE(result) << result.error().id << ": " << result.error().message;
    return result ? std::move(*result) : FitResult{};
}

inline std::string told(const FitResult& result) {
    std::string out;
    for (const Instruction& left : result.instructions)
        out += left.file + ":" + std::to_string(left.line) + ": " + left.why + ": " + left.text + "\n";
    for (const std::string& note : result.notes) out += "note: " + note + "\n";
    return out;
}

}  // namespace lf::flake
