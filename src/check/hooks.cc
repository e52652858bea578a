// SPDX-License-Identifier: MIT
#include "check/hooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace lf::check {
namespace {

constexpr std::size_t kShownLength = 60;

// What chooses instructions or optimisation, or gives CMake settings. "CFLAGS" is in NIX_CFLAGS_COMPILE too.
constexpr std::array<std::string_view, 14> kWords{
    "cmakeFlags", "cmakeBuildType", "CFLAGS", "CXXFLAGS", "NIX_CXXSTDLIB", "NIX_ENFORCE_NO_NATIVE",
    "CUDAFLAGS",  "HIPFLAGS",       "NVCC_",  "-march",   "-mcpu",         "-mtune",
    "-mavx",      "GGML_"};

// How a hook adds a flag and leaves the others alone: nixpkgs' own package tells llama.cpp its commit that way.
constexpr std::array<std::string_view, 4> kAdding{"prependToVar cmakeFlags ", "appendToVar cmakeFlags ",
                                                  "cmakeFlagsArray+=(", "cmakeFlags+="};

bool has_word(std::string_view line) {
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return line.find(word) != std::string_view::npos; });
}

/// The name behind "-D"; "" where it is not plain text.
std::string_view name_of(std::string_view definition) {
    constexpr std::string_view kInNames = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const std::size_t end = definition.find_first_not_of(kInNames);
    if (end == std::string_view::npos || (definition[end] != '=' && definition[end] != ':')) return {};
    return definition.substr(0, end);
}

/// A flag that changes nothing of what the plan says: one -D of a name that it has no word about.
bool adds_what_is_not_planned(std::string_view line, const Expectation& expected) {
    const bool adds =
        std::any_of(kAdding.begin(), kAdding.end(), [&](std::string_view start) { return line.starts_with(start); });
    const std::size_t at = line.find("-D");
    if (!adds || at == std::string_view::npos || line.find("-D", at + 2) != std::string_view::npos) return false;
    const std::string_view name = name_of(line.substr(at + 2));
    return name.starts_with("LLAMA_") && !expected.flags.contains(std::string(name)) && !has_word(line.substr(at));
}

std::string shortened(std::string_view line) {
    if (line.size() <= kShownLength) return printable(line);
    return printable(line.substr(0, kShownLength)) + " …";
}

/// The line of a hook that matters.
std::optional<std::string> line_that_matters(std::string_view text, const Expectation& expected) {
    for (std::string_view line : lines(text)) {
        line = trim(line);
        if (line.starts_with('#') || !has_word(line) || adds_what_is_not_planned(line, expected)) continue;
        return shortened(line);
    }
    return std::nullopt;
}

}  // namespace

std::string doubt_of_hooks(const PackageFacts& facts, const Expectation& expected) {
    for (const auto& [name, text] : facts.hooks) {
        if (trim(text).empty()) continue;
        if (name == "dontUseCmakeConfigure") return name + " is set: nixpkgs' hook does not give CMake the flags";
        if (name == "cmakeFlagsArray") return fmt::format("{} has more flags: {}", name, shortened(trim(text)));
        if (name == "configurePhase" && text.find("cmakeConfigurePhase") == std::string::npos)
            return "its own configurePhase may give CMake other flags than these";
        const auto line = line_that_matters(text, expected);
        if (line) return fmt::format("{} may change what CMake or the compiler gets: {}", name, *line);
    }
    return "";
}

}  // namespace lf::check
