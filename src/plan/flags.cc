// SPDX-License-Identifier: MIT
// What a build's packages must be given: the counterpart of nix/overlay.nix.
#include <fmt/format.h>

#include <algorithm>

#include "plan/codec.h"

namespace lf::plan {
namespace {

/// The GPU back ends of a package: "cuda", "rocm", "vulkan".
std::vector<std::string> backends_of(const Build& build, const std::string& package) {
    if (package == "llama-cpp-multi" || package == "llama-cpp-universal") return build.multi;
    for (const char* backend : {"cuda", "rocm", "vulkan"})
        if (package == fmt::format("llama-cpp-{}", backend)) return {backend};
    return {};
}

}  // namespace

std::string render_flag(const std::string& name, const FlagValue& value) {
    if (const bool* on = std::get_if<bool>(&value)) return fmt::format("-D{}:BOOL={}", name, *on ? "TRUE" : "FALSE");
    return fmt::format("-D{}:STRING={}", name, std::get<std::string>(value));
}

bool uses(const Build& build, std::string_view backend) {
    return std::ranges::count(backends_of(build, build.package), backend) > 0;
}

Flags expected_flags(const Build& build, const std::string& package) {
    const bool universal = package == "llama-cpp-universal";
    Flags flags;
    if (!universal) flags = build.cpu_flags;  // every variant of ggml brings its own
    if (!flags.contains("GGML_NATIVE")) flags["GGML_NATIVE"] = false;
    flags["GGML_OPENMP"] = build.openmp;
    flags["LLAMA_BUILD_SERVER"] = build.server;
    flags["GGML_BLAS"] = build.blas;
    const std::vector<std::string> backends = backends_of(build, package);
    const auto has = [&](const char* backend) { return std::ranges::count(backends, backend) > 0; };
    flags["GGML_CUDA"] = has("cuda");
    flags["GGML_HIP"] = has("rocm");
    flags["GGML_VULKAN"] = has("vulkan");
    if (has("cuda") && build.cuda_architectures) flags["CMAKE_CUDA_ARCHITECTURES"] = *build.cuda_architectures;
    if (has("rocm") && build.rocm_targets) flags["CMAKE_HIP_ARCHITECTURES"] = *build.rocm_targets;
    // nixpkgs' package dispatches at run time unless told otherwise, and ggml then ignores every flag above.
    if (build.source == "nixpkgs") flags["GGML_BACKEND_DL"] = flags["GGML_CPU_ALL_VARIANTS"] = false;
    if (universal || package == "llama-cpp-multi") flags["GGML_BACKEND_DL"] = true;
    if (universal) flags["GGML_CPU_ALL_VARIANTS"] = true;
    for (const auto& [name, value] : build.extra_flags) flags[name] = value;
    return flags;
}

}  // namespace lf::plan
