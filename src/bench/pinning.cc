// SPDX-License-Identifier: MIT
#include "bench/pinning.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "bench/llama_bench.h"

namespace lf::embedded {
extern const std::string_view backend_shim;  // made of backend_shim.c
}

namespace lf::bench {
namespace {

namespace fs = std::filesystem;

/// Devices whose backend has another name (GGML_*_NAME of its header).
constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {{"rocm", "hip"}, {"gpuopencl", "opencl"}};

Error option_error(std::string message, std::string hint = {}) {
    return world_error("bench-option", std::move(message), std::move(hint));
}

bool has(const std::vector<std::string>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// Links to every CPU variant of the build, in a folder of its own.
Done link_variants(const InstalledBuild& build, const std::string& folder) {
    LF_TRY(make_directories(folder));
    std::vector<std::string> files;
    for (const std::string& variant : build.cpu_variants) files.push_back(variant_library(build, variant));
    if (files.empty()) files.push_back(backend_library(build, "cpu"));
    for (const std::string& file : files) {
        const std::string link = fmt::format("{}/{}", folder, fs::path(file).filename().string());
        std::error_code error;
        if (fs::read_symlink(link, error) == fs::path(file)) continue;
        fs::remove(link, error);
        fs::create_symlink(file, link, error);
        if (!error) continue;
        Error failure = world_error("file-unwritable", fmt::format("cannot make a link: {}", error.message()));
        failure.where.file = link;
        return fail(std::move(failure));
    }
    return {};
}

/// The backends beside the CPU's, in front of it as ggml has them.
Result<std::vector<std::string>> other_backends(const InstalledBuild& build, const LlamaBenchRun& run) {
    std::vector<std::string> names;
    if (run.blas) names.emplace_back("blas");
    if (!run.device.empty() && run.device != "none") names.push_back(backend_of_device(run.device));
    for (const std::string& name : names)
        if (!has(build.backends, name))
            return fail(option_error(fmt::format("{} has no backend {}", build.name, name),
                                     fmt::format("backends there: cpu {}", join(build.backends, " "))));
    return names;
}

}  // namespace

std::string backend_of_device(std::string_view device) {
    std::string name(device.substr(0, device.find_first_of("0123456789[")));
    for (char& letter : name)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    for (const auto& [device_name, backend] : kOtherNames)
        if (name == device_name) return std::string(backend);
    return name;
}

Result<Scratch> prepare_scratch(const InstalledBuild& build, const std::string& folder) {
    std::error_code ignored;
    Scratch scratch{fs::absolute(folder, ignored).lexically_normal().string(), {}};
    if (build.backend_folder.empty()) return scratch;
    if ((build.backend_folder + scratch.folder).find(':') != std::string::npos)
        return fail(world_error("bench-scratch", "CPU variants cannot be told apart where a folder has a colon",
                                fmt::format("use others than {} and {}", build.backend_folder, scratch.folder)));
    LF_TRY(make_directories(scratch.folder));
    const std::string shim = fmt::format("{}/{}", scratch.folder, kShimName);
    const auto there = read_file(shim);
    if (!there || *there != embedded::backend_shim) LF_TRY(write_file_atomically(shim, embedded::backend_shim));
    // Named after what it shows, so that several builds share the scratch folder.
    std::string links = build.backend_folder;
    for (const std::string& variant : build.cpu_variants) links += " " + variant;
    scratch.cpu_folder = fmt::format("{}/cpu-{}", scratch.folder, sha256_hex(links).substr(0, 12));
    LF_TRY(link_variants(build, scratch.cpu_folder));
    return scratch;
}

Result<std::optional<std::string>> backends_to_load(const InstalledBuild& build, const LlamaBenchRun& run,
                                                    const Scratch& scratch) {
    if (build.backend_folder.empty()) {
        if (run.cpu_variant)
            return fail(option_error(
                fmt::format("{} has no CPU variants: its backends are compiled in", build.name),
                "variants need a build with GGML_BACKEND_DL and GGML_CPU_ALL_VARIANTS, as nixpkgs' and Debian's"));
        if (run.blas)
            return fail(
                option_error(fmt::format("{} cannot be told to use BLAS: its backends are compiled in", build.name)));
        return std::nullopt;
    }
    if (run.cpu_variant && !has(build.cpu_variants, *run.cpu_variant)) {
        const auto near = did_you_mean(*run.cpu_variant, build.cpu_variants);
        return fail(option_error(
            fmt::format("{} has no CPU variant '{}'", build.name, printable(*run.cpu_variant)),
            near ? fmt::format("did you mean '{}'?", *near) : "there are: " + join(build.cpu_variants, " ")));
    }
    if (!run.cpu_variant && run.device.empty()) {
        // As installed. Through another loader ggml takes the loader's folder for its own and finds nothing, or even
        // the machine's own backends.
        return build.own_loader ? std::optional(build.backend_folder + "/") : std::nullopt;
    }
    LF_ASSIGN(const auto others, other_backends(build, run));
    std::vector<std::string> entries;
    for (const std::string& name : others) entries.push_back(backend_library(build, name));
    entries.push_back(run.cpu_variant ? variant_library(build, *run.cpu_variant) : scratch.cpu_folder + "/");
    return join(entries, ":");
}

}  // namespace lf::bench
