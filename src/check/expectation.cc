// SPDX-License-Identifier: MIT
#include "check/expectation.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string_view>

#include "base/text.h"
#include "plan/codec.h"

namespace lf::check {
namespace {

/// Has this host the hardware that the package's targets are for? CPU and Vulkan code has no targets of its own.
bool planned(const plan::Build& build, const std::string& package) {
    if (package == build.package) return true;
    if (package == "llama-cpp-cuda") return build.cuda_architectures.has_value();
    if (package == "llama-cpp-rocm") return build.rocm_targets.has_value();
    return true;
}

Expectation expectation(const plan::Build& build, const std::string& package) {
    Expectation one;
    one.package = package;
    one.planned = planned(build, package);
    one.selected = package == build.package;
    one.native_wanted = build.strategy == "builder-native";
    one.flags = plan::expected_flags(build, package);
    const auto on = [&](const char* name) {
        const auto flag = one.flags.find(name);
        return flag != one.flags.end() && flag->second == plan::FlagValue(true);
    };
    if (on("GGML_CPU_ALL_VARIANTS")) one.cpu_variant = build.cpu_variant.value_or("");
    // Where ggml builds all its variants it sets every flag of the CPU itself, whatever is given; back ends that are
    // libraries of their own are for multi and universal.
    for (const char* name : {"GGML_BACKEND_DL", "GGML_CPU_ALL_VARIANTS"})
        if (!one.flags.contains(name)) one.off.emplace_back(name);
    if (on("GGML_CUDA")) one.backends.emplace_back("cuda");
    if (on("GGML_HIP")) one.backends.emplace_back("rocm");
    return one;
}

void define(Settings& settings, std::string_view definition, std::size_t at) {
    const std::size_t equals = definition.find('=');
    if (equals == std::string_view::npos) return;  // CMake stops at "-DNAME"; nothing is set by it
    const std::string_view name = definition.substr(0, std::min(equals, definition.find(':')));
    Setting& setting = settings.by_name.try_emplace(std::string(name), Setting{"", 0, 0}).first->second;
    setting.value = std::string(definition.substr(equals + 1));
    ++setting.times;
    setting.at = at;
}

void undefine(Settings& settings, const std::string& glob) {
    std::erase_if(settings.by_name,
                  [&](const auto& entry) { return ::fnmatch(glob.c_str(), entry.first.c_str(), 0) == 0; });
}

/// Words that bring settings from a file that the derivation does not show.
bool hides_settings(std::string_view word) {
    return word.starts_with("-C") || word == "--preset" || word.starts_with("--preset=") || word == "--toolchain" ||
           word.starts_with("--toolchain=");
}

std::string shown(const plan::FlagValue& value) {
    const bool* flag = std::get_if<bool>(&value);
    if (flag == nullptr) return std::get<std::string>(value);
    return *flag ? "ON" : "OFF";
}

bool equal(const plan::FlagValue& wanted, const std::string& got) {
    const bool* flag = std::get_if<bool>(&wanted);
    return flag == nullptr ? std::get<std::string>(wanted) == got : *flag == cmake_truth(got);
}

}  // namespace

std::vector<Expectation> expectations(const plan::Build& build) {
    std::vector<Expectation> out;
    for (const char* package : kVariants) out.push_back(expectation(build, package));
    const bool listed = std::any_of(out.begin(), out.end(), [](const Expectation& one) { return one.selected; });
    if (!listed) out.push_back(expectation(build, build.package));
    return out;
}

Settings read_settings(const std::vector<std::string>& cmake_flags) {
    Settings settings;
    for (std::size_t i = 0; i < cmake_flags.size(); ++i) {
        const std::string& word = cmake_flags[i];
        const bool alone = word == "-D" || word == "-U";
        if (alone && i + 1 == cmake_flags.size()) break;
        const std::string rest = alone ? cmake_flags[++i] : word.substr(std::min<std::size_t>(2, word.size()));
        if (word.starts_with("-D")) define(settings, rest, i);
        if (word.starts_with("-U")) undefine(settings, rest);
        if (hides_settings(word)) settings.unread.push_back(word);
    }
    return settings;
}

bool cmake_truth(const std::string& value) {
    // "if(<variable>): true if given a variable that is defined to a value that is not a false constant"
    // (CMake's documentation of if(), "Basic Expressions").
    constexpr std::array<std::string_view, 8> kFalse{"", "0", "OFF", "NO", "FALSE", "N", "IGNORE", "NOTFOUND"};
    std::string upper;
    std::transform(value.begin(), value.end(), std::back_inserter(upper),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return std::find(kFalse.begin(), kFalse.end(), upper) == kFalse.end() && !upper.ends_with("-NOTFOUND");
}

std::vector<Difference> compare_flags(const plan::Flags& wanted, const Settings& got) {
    std::vector<Difference> out;
    for (const auto& [name, value] : wanted) {
        const auto found = got.by_name.find(name);
        if (found == got.by_name.end()) {
            out.push_back({name, shown(value), "not set"});
        } else if (!equal(value, found->second.value)) {
            out.push_back({name, shown(value), printable(found->second.value)});
        }
    }
    return out;
}

std::vector<Difference> compare_off(const std::vector<std::string>& off, const Settings& got) {
    std::vector<Difference> out;
    for (const std::string& name : off) {
        const auto found = got.by_name.find(name);
        if (found == got.by_name.end() || !cmake_truth(found->second.value)) continue;
        out.push_back({name, "OFF or not set", printable(found->second.value)});
    }
    return out;
}

}  // namespace lf::check
