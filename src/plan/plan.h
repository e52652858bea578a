// SPDX-License-Identifier: MIT
/// \file
/// \brief What to build for a host, each line with its reason: values only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lf::plan {

/// A CMake option's value: bool is rendered -DNAME:BOOL=TRUE, string -DNAME:STRING=value.
using FlagValue = std::variant<bool, std::string>;
using Flags = std::map<std::string, FlagValue>;

/// The one object that Nix reads. Hosts with equal Builds share one store path, so no host name is in it.
struct Build {
    std::string strategy = "tailored";      ///< "tailored", "universal" or "builder-native"
    std::string package = "llama-cpp-cpu";  ///< "llama-cpp-cpu", "-cuda", "-vulkan", "-rocm", "-multi", "-universal"
    std::string source = "flake";           ///< "flake" (official) or "nixpkgs" (the owner's nixpkgs' own)
    bool blas = false;
    bool openmp = true;                             ///< GGML_OPENMP
    bool server = true;                             ///< LLAMA_BUILD_SERVER
    Flags cpu_flags;                                ///< every x86 option of ggml, on or off, GGML_NATIVE included
    std::optional<std::string> cpu_variant;         ///< ggml's CPU variant nearest to the flags: "zen4", "haswell"
    std::optional<std::string> cpu_native;          ///< builder-native: this very kind of CPU, "zen4-0a1b2c3d"
    std::optional<std::string> cuda_architectures;  ///< CMAKE_CUDA_ARCHITECTURES: "86-real"; nullopt = no such GPU here
    std::optional<std::string> cuda_packages;       ///< nixpkgs' set: "cudaPackages_12_8"; nullopt = its default
    std::optional<std::string> rocm_targets;        ///< "gfx1100;gfx1103"; nullopt = no such GPU here
    std::vector<std::string> multi;                 ///< for llama-cpp-multi: "cuda", "rocm", "vulkan"
    Flags extra_flags;                              ///< the owner's, last word
    bool operator==(const Build&) const = default;
};

/// Why a line of the plan is what it is.
struct Because {
    std::string line;                 ///< "package", "strategy", "blas", "cuda.architectures", "cuda.packages",
                                      ///< "GGML_AVX512_VNNI"
    std::string value;                ///< as text: "on", "llama-cpp-cuda", "86-real"
    std::string rule;                 ///< stable id of the rule: "avx512-needs-all-five", "owner-override"
    std::string reason;               ///< one sentence for people
    std::vector<std::string> facts;   ///< what the rule saw: "cpu.features has avx512_vnni", "gpus[0] 10de:25a2 is 8.6"
    std::vector<std::string> losers;  ///< alternatives and why not: "vulkan: CUDA is there and faster on NVIDIA"
    bool operator==(const Because&) const = default;
};

struct Plan {
    std::string host;
    std::string system;
    Build build;
    std::vector<Because> because;    ///< one for every line, in a fixed order
    std::vector<std::string> notes;  ///< what the owner should know: "nothing measured yet"
    bool operator==(const Plan&) const = default;
};

}  // namespace lf::plan
