// SPDX-License-Identifier: MIT
// Layer "derivation": flags by name and value, and everything else that reaches the compiler.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "check/compiler_flags.h"
#include "check/hooks.h"
#include "check/layers.h"

namespace lf::check {
namespace {

enum class Reader : std::uint8_t {
    last,    ///< behind the build's own options: what it says holds
    first,   ///< before them: CMake's -O3 comes later, options that choose instructions add up
    nobody,  ///< written by people, read by nothing
};

struct Variable {
    std::string_view name;
    Reader reader;
};

// nixpkgs: cc-wrapper.sh and add-flags.sh; CMake: "Environment Variables", CFLAGS and its kin; nvcc: its own two.
constexpr std::array kVariables{
    Variable{"NIX_CFLAGS_COMPILE", Reader::last},
    Variable{"NIX_CFLAGS_COMPILE_BEFORE", Reader::first},
    Variable{"NIX_CFLAGS_COMPILE_AFTER", Reader::nobody},
    Variable{"NIX_CXXFLAGS_COMPILE", Reader::nobody},
    Variable{"NIX_CXXSTDLIB_COMPILE", Reader::last},
    Variable{"CFLAGS", Reader::first},
    Variable{"CXXFLAGS", Reader::first},
    Variable{"CPPFLAGS", Reader::nobody},
    Variable{"CUDAFLAGS", Reader::first},
    Variable{"HIPFLAGS", Reader::first},
    Variable{"NVCC_PREPEND_FLAGS", Reader::first},
    Variable{"NVCC_APPEND_FLAGS", Reader::last},
};

// CMake puts NAME_RELEASE behind NAME; -O3 stands in the former unless somebody sets it.
constexpr std::array kSettings{
    Variable{"CMAKE_C_FLAGS", Reader::first},           Variable{"CMAKE_CXX_FLAGS", Reader::first},
    Variable{"CMAKE_CUDA_FLAGS", Reader::first},        Variable{"CMAKE_HIP_FLAGS", Reader::first},
    Variable{"CMAKE_C_FLAGS_RELEASE", Reader::last},    Variable{"CMAKE_CXX_FLAGS_RELEASE", Reader::last},
    Variable{"CMAKE_CUDA_FLAGS_RELEASE", Reader::last}, Variable{"CMAKE_HIP_FLAGS_RELEASE", Reader::last},
};

/// Options for the compiler that go past ggml: they reach every file, also tools that run while building.
void compare_words(const Variable& variable, const std::string& value, const Expectation& expected,
                   LayerReport& report) {
    const std::string name(variable.name);
    if (variable.reader == Reader::nobody) {
        if (!trim(value).empty()) report.notes.push_back(fmt::format("nothing reads {}: {}", name, printable(value)));
        return;
    }
    if (!expected.native_wanted && !instruction_words(value).empty()) {
        report.differences.push_back({name, "no -m option", printable(value)});
    }
    const std::string slow = slow_word(value);
    if (slow.empty()) return;
    if (variable.reader == Reader::last) report.differences.push_back({name, "no " + slow, printable(value)});
    else report.notes.push_back(fmt::format("{} has {}, which the build's own -O3 overrides", name, slow));
}

void compare_environment(const PackageFacts& facts, const Expectation& expected, LayerReport& report) {
    for (const Variable& variable : kVariables) {
        const auto found = facts.environment.find(std::string(variable.name));
        if (found != facts.environment.end()) compare_words(variable, found->second, expected, report);
    }
    const auto enforced = facts.environment.find("NIX_ENFORCE_NO_NATIVE");
    const bool set = enforced != facts.environment.end();
    const bool native_passes = set && (enforced->second.empty() || enforced->second == "0");
    if (expected.native_wanted && !native_passes) {
        // Without it nixpkgs' compiler wrapper drops -march=native, and GGML_NATIVE=ON hides every explicit flag.
        report.differences.push_back(
            {"NIX_ENFORCE_NO_NATIVE", "0", set ? printable(enforced->second) : std::string("not set")});
    }
    if (!expected.native_wanted && native_passes) {
        report.notes.emplace_back("NIX_ENFORCE_NO_NATIVE lets -march=native pass, which the plan does not ask for");
    }
}

void compare_settings(const PackageFacts& facts, const Settings& settings, const Expectation& expected,
                      LayerReport& report) {
    for (const Variable& variable : kSettings) {
        const auto found = settings.by_name.find(std::string(variable.name));
        if (found == settings.by_name.end() || expected.flags.contains(found->first)) continue;
        compare_words(variable, found->second.value, expected, report);
    }
    const bool hip = settings.by_name.contains("CMAKE_HIP_ARCHITECTURES");
    if (facts.environment.contains("CUDAARCHS") && settings.by_name.contains("CMAKE_CUDA_ARCHITECTURES")) {
        report.notes.emplace_back("CUDAARCHS is ignored: CMAKE_CUDA_ARCHITECTURES is set");
    }
    for (const char* ignored : {"AMDGPU_TARGETS", "GPU_TARGETS"}) {
        if (hip && settings.by_name.contains(ignored)) {
            report.notes.push_back(
                fmt::format("{} is ignored: CMAKE_HIP_ARCHITECTURES is set, which ggml reads first", ignored));
        }
    }
}

/// CMake's own settings first: nixpkgs' hook puts what it makes of cmakeBuildType before them. Nothing is Release to
/// the hook and to ggml. A type that CMake does not know has no -O at all.
void compare_build_type(const PackageFacts& facts, const Settings& settings, const Expectation& expected,
                        LayerReport& report) {
    Difference seen{"CMAKE_BUILD_TYPE", "Release", ""};
    if (expected.flags.contains(seen.name)) return;
    const auto setting = settings.by_name.find(seen.name);
    const auto variable = facts.environment.find("cmakeBuildType");
    if (setting != settings.by_name.end()) {
        seen.got = setting->second.value;
    } else if (variable != facts.environment.end()) {
        seen.name = variable->first;
        seen.got = variable->second;
    }
    constexpr std::array<std::string_view, 3> kFast{"", "release", "relwithdebinfo"};
    if (std::find(kFast.begin(), kFast.end(), lower_case(trim(seen.got))) != kFast.end()) return;
    seen.got = printable(seen.got);
    report.differences.push_back(std::move(seen));
}

/// A standard environment for one microarchitecture: its compiler takes -march= for every file. What the plan leaves
/// out on purpose must not come back that way.
void compare_stdenv(const PackageFacts& facts, const Expectation& expected, LayerReport& report) {
    if (facts.gcc_arch.empty() || expected.native_wanted) return;
    const std::string arch = printable(facts.gcc_arch);
    const auto brings = options_of_march(facts.gcc_arch);
    std::vector<std::string> unwanted;
    for (const std::string& option : brings.value_or(std::vector<std::string>{})) {
        const auto flag = expected.flags.find(option);
        if (flag != expected.flags.end() && flag->second == plan::FlagValue(false)) unwanted.push_back(option);
    }
    if (!unwanted.empty()) {
        report.differences.push_back(
            {"hostPlatform.gcc.arch", fmt::format("no code of {}", join(unwanted, ", ")), arch});
        return;
    }
    report.notes.push_back(
        fmt::format("its standard environment compiles every file with -march={}, also tools that run while building{}",
                    arch, brings ? "" : "; whether that is more than the plan asks for is not known here"));
}

void note_duplicates(const Settings& settings, const Expectation& expected, LayerReport& report) {
    for (const auto& [name, setting] : settings.by_name) {
        const bool ours = expected.flags.contains(name) || name.starts_with("GGML_") || name.starts_with("LLAMA_");
        if (ours && setting.times > 1) {
            report.notes.push_back(
                fmt::format("{} is given {} times; the last one counts", printable(name), setting.times));
        }
    }
}

void note_features(const PackageFacts& facts, const Expectation& expected, LayerReport& report) {
    if (expected.native_wanted) return;
    for (const std::string& feature : facts.required_features) {
        if (feature.starts_with("gccarch-")) {
            report.notes.push_back(fmt::format("only builders with the feature {} can build it", printable(feature)));
        }
    }
}

// Settings and variables that name a file of CMake, which may set anything.
constexpr std::array<std::string_view, 9> kFiles{"CMAKE_TOOLCHAIN_FILE",
                                                 "CMAKE_PROJECT_INCLUDE",
                                                 "CMAKE_PROJECT_INCLUDE_BEFORE",
                                                 "CMAKE_PROJECT_TOP_LEVEL_INCLUDES",
                                                 "CMAKE_USER_MAKE_RULES_OVERRIDE",
                                                 "CMAKE_USER_MAKE_RULES_OVERRIDE_C",
                                                 "CMAKE_PROJECT_llama.cpp_INCLUDE",
                                                 "CMAKE_PROJECT_ggml_INCLUDE",
                                                 "CMAKE_USER_MAKE_RULES_OVERRIDE_CXX"};

/// Why CMake may get something else than the derivation shows; "" = nothing speaks for it.
std::string doubt(const PackageFacts& facts, const Settings& settings, const Expectation& expected) {
    constexpr std::string_view kBrings = "{} brings settings that the derivation does not show";
    if (!settings.unread.empty()) return fmt::format(kBrings, printable(settings.unread.front()));
    for (const std::string_view file : kFiles) {
        const std::string name(file);
        if (settings.by_name.contains(name) && !expected.flags.contains(name)) return fmt::format(kBrings, name);
        if (facts.environment.contains(name)) return fmt::format(kBrings, name);
    }
    return doubt_of_hooks(facts, expected);
}

}  // namespace

LayerReport derivation_layer(const Expectation& expected, const PackageFacts& facts, const Settings& settings) {
    LayerReport report;
    report.layer = Layer::derivation;
    report.differences = compare_flags(expected.flags, settings);
    for (Difference& one : compare_off(expected.off, settings)) report.differences.push_back(std::move(one));
    compare_environment(facts, expected, report);
    compare_settings(facts, settings, expected, report);
    compare_build_type(facts, settings, expected, report);
    compare_stdenv(facts, expected, report);
    note_duplicates(settings, expected, report);
    note_features(facts, expected, report);
    if (report.differences.empty()) report.why = doubt(facts, settings, expected);
    if (!report.differences.empty()) report.verdict = Verdict::not_shown;
    else if (report.why.empty()) report.verdict = Verdict::shown;
    return report;
}

}  // namespace lf::check
