// SPDX-License-Identifier: MIT
/// \file
/// \brief One installed llama.cpp: where its llama-bench and its backends are, and what that program understands.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace lf::bench {

/// What this llama-bench takes, by its own --help; the spelling differs between versions.
struct BenchOptions {
    bool device = false;                 ///< -dev
    bool list_devices = false;           ///< --list-devices
    bool depth = false;                  ///< -d
    bool no_warmup = false;              ///< --no-warmup
    bool flash_attention_words = false;  ///< -fa on|off|auto; older ones take 0|1 and nothing else
    bool operator==(const BenchOptions&) const = default;
};

struct InstalledBuild {
    std::string name;                ///< short: "debian-sid", "llama-cpp-9680"; unique is up to the caller
    std::string source;              ///< for people: "Debian sid", a store path, a folder
    std::string folder;              ///< of the installation, absolute
    std::vector<std::string> start;  ///< what starts llama-bench: the program, or loader, its options, the program
    std::map<std::string, std::string> environment;  ///< that it needs
    std::string backend_folder;                      ///< "" = backends are compiled in, or cannot be told apart
    std::vector<std::string> cpu_variants;           ///< sorted, from libggml-cpu-*.so: "haswell", "x64"
    std::vector<std::string> backends;               ///< sorted, the others there: "blas", "rpc", "vulkan"
    std::map<std::string, std::string> packages;     ///< Debian package → version
    BenchOptions options;
    bool own_loader = false;  ///< started through a loader of its own, so ggml does not find the backends by itself
};

/// A build from what a person names: a folder with llama-bench or bin/llama-bench in it (also build/bin, result/bin),
/// a Nix store path, the program itself, its name in PATH, or a folder that tools/sid-packages filled. llama-bench is
/// started once, for its --help; nothing is written. Errors: "bench-no-llama-bench", "bench-not-executable",
/// "bench-architecture", "bench-not-llama-bench" (it does not start, hangs, or its help is another program's), and
/// "interrupted". A program that a signal ends is no error here: that is a finding, and a run tells it again.
Result<InstalledBuild> find_build(const std::string& path, ProcessRunner& processes);

/// From the text of llama-bench --help.
BenchOptions read_options(std::string_view help);

/// Libraries of ggml that a folder has.
struct BackendFolder {
    std::string path;  ///< "" = none found
    std::vector<std::string> cpu_variants;
    std::vector<std::string> backends;
};
/// The backends in that folder, if they are such as ggml loads while it runs (GGML_BACKEND_DL).
BackendFolder backends_in(const std::string& folder);

/// The library of a backend or CPU variant: "vulkan" → …/libggml-vulkan.so.
std::string backend_library(const InstalledBuild& build, std::string_view backend);
std::string variant_library(const InstalledBuild& build, std::string_view cpu_variant);

}  // namespace lf::bench
