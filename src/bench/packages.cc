// SPDX-License-Identifier: MIT
#include "bench/packages.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "base/files.h"
#include "base/text.h"

namespace lf::embedded {
extern const std::string_view sid_packages;  // tools/sid-packages
}

namespace lf::bench {
namespace {

Error packages_error(std::string message, std::string hint = {}) {
    return world_error("bench-packages", std::move(message), std::move(hint));
}

/// The last line that the script printed, without its name: "not done: Debian's keys are missing …".
std::string last_word(std::string_view text) {
    constexpr std::string_view kName = "sid-packages: ";
    std::string_view last;
    for (const std::string_view line : lines(text))
        if (line.starts_with(kName)) last = line.substr(kName.size());
    for (const std::string_view said : {"not done: ", "note: "})
        if (last.starts_with(said)) last.remove_prefix(said.size());
    return printable(trim(last)).substr(0, 400);
}

constexpr std::pair<std::string_view, std::string_view> kBackendPackages[] = {
    {"vulkan", "libggml0-backend-vulkan"},
    {"blas", "libggml0-backend-blas"},
    {"rpc", "libggml0-backend-rpc"},
    {"hip", "libggml0-backend-hip"},
};

}  // namespace

std::string_view package_of_backend(std::string_view backend) {
    for (const auto& [name, package] : kBackendPackages)
        if (name == backend) return package;
    return {};
}

Result<Packages> prepare_packages(const std::string& directory, ProcessRunner& processes,
                                  const std::vector<std::string>& extra, std::chrono::seconds time_limit) {
    Command command;
    command.argv = {"sh",           "-c",      std::string(embedded::sid_packages),
                    "sid-packages", directory, std::string(kLlamaPackage)};
    command.argv.insert(command.argv.end(), extra.begin(), extra.end());
    command.time_limit = time_limit;
    command.output_limit = std::size_t{1} << 20;
    auto finished = processes.run(command);
    if (!finished) {
        if (finished.error().id == "interrupted") return fail(std::move(finished.error()));
        Error error = packages_error("the packages of llama.cpp could not be unpacked");
        error.causes.push_back(std::move(finished.error()));
        return fail(std::move(error));
    }
    if (finished->exit_code != 0) {
        std::string why = last_word(finished->err);
        if (why.empty()) why = fmt::format("sid-packages ended with {}", finished->exit_code);
        return fail(packages_error(std::move(why), "try again when Debian's mirror can be reached"));
    }
    LF_ASSIGN(Packages packages, read_packages(directory));
    packages.note = last_word(finished->err);
    return packages;
}

Result<Packages> read_packages(const std::string& directory) {
    std::error_code ignored;
    Packages packages{.directory = std::filesystem::absolute(directory, ignored).string(), .versions = {}, .note = {}};
    const auto stamp = read_file(directory + "/stamp", std::size_t{1} << 20);
    if (!stamp) return fail(packages_error(fmt::format("{} was not filled by tools/sid-packages", directory)));
    for (const std::string_view line : lines(*stamp)) {
        const auto words = split(line, ' ');
        if (words.size() == 3 && words[0] == "package")
            packages.versions.emplace(printable(words[1]), printable(words[2]));
    }
    if (!packages.versions.contains(std::string(kLlamaPackage)))
        return fail(packages_error(fmt::format("{} has no package {}", directory, kLlamaPackage)));
    return packages;
}

}  // namespace lf::bench
