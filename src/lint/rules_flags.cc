// SPDX-License-Identifier: MIT
// CMake flags: names that nothing reads, filters that match nothing, lists that lose what was there.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "check/expectation.h"
#include "lint/fixes.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"
#include "plan/options.h"

namespace lf::lint {
namespace {

/// What a retired name is called today; "" = nothing took its place.
struct Translation {
    std::string_view old;
    std::string_view now;
};
constexpr Translation kTranslations[] = {
    {"GGML_AMX", ""},
    {"GGML_AVX512F", "GGML_AVX512"},
    {"GGML_AVXVNNI", "GGML_AVX_VNNI"},
    {"GGML_CLBLAST", ""},
    {"GGML_CUBLAS", "GGML_CUDA"},
    {"GGML_CUDA_DMMV_X", ""},
    {"GGML_CUDA_F16", ""},
    {"GGML_CUDA_FORCE_DMMV", ""},
    {"GGML_CUDA_KQUANTS_ITER", ""},
    {"GGML_CUDA_MMV_Y", ""},
    {"GGML_HIPBLAS", "GGML_HIP"},
    {"GGML_HIP_ROCWMMA_FATTN", ""},
    {"GGML_HIP_UMA", ""},
    {"LLAMA_ACCELERATE", "GGML_ACCELERATE"},
    {"LLAMA_AVX", "GGML_AVX"},
    {"LLAMA_AVX2", "GGML_AVX2"},
    {"LLAMA_AVX512", "GGML_AVX512"},
    {"LLAMA_AVX512_BF16", "GGML_AVX512_BF16"},
    {"LLAMA_AVX512_VBMI", "GGML_AVX512_VBMI"},
    {"LLAMA_AVX512_VNNI", "GGML_AVX512_VNNI"},
    {"LLAMA_BLAS", "GGML_BLAS"},
    {"LLAMA_CANN", "GGML_CANN"},
    {"LLAMA_CLBLAST", ""},
    {"LLAMA_CUBLAS", "GGML_CUDA"},
    {"LLAMA_CUDA", "GGML_CUDA"},
    {"LLAMA_CUDA_DMMV_X", ""},
    {"LLAMA_CUDA_F16", ""},
    {"LLAMA_CUDA_MMV_Y", ""},
    {"LLAMA_F16C", "GGML_F16C"},
    {"LLAMA_FMA", "GGML_FMA"},
    {"LLAMA_HIPBLAS", "GGML_HIP"},
    {"LLAMA_K_QUANTS", ""},
    {"LLAMA_METAL", "GGML_METAL"},
    {"LLAMA_METAL_EMBED_LIBRARY", "GGML_METAL_EMBED_LIBRARY"},
    {"LLAMA_NATIVE", "GGML_NATIVE"},
    {"LLAMA_OPENMP", "GGML_OPENMP"},
    {"LLAMA_RPC", "GGML_RPC"},
    {"LLAMA_STATIC", "GGML_STATIC"},
    {"LLAMA_SYCL", "GGML_SYCL"},
    {"LLAMA_SYCL_F16", "GGML_SYCL_F16"},
    {"LLAMA_VULKAN", "GGML_VULKAN"},
};

/// Read by the running program from its environment, by no CMake file.
constexpr std::array<std::string_view, 9> kVariables{
    "CUDA_SCALE_LAUNCH_QUEUES",        "CUDA_VISIBLE_DEVICES", "GGML_CUDA_CUBLAS_COMPUTE_TYPE",
    "GGML_CUDA_ENABLE_UNIFIED_MEMORY", "GGML_CUDA_P2P",        "GGML_VK_DISABLE_COOPMAT",
    "GGML_VK_VISIBLE_DEVICES",         "HIP_VISIBLE_DEVICES",  "HSA_OVERRIDE_GFX_VERSION"};

const Translation* translation_of(std::string_view name) {
    const auto* found = std::ranges::find(kTranslations, name, &Translation::old);
    return found == std::end(kTranslations) ? nullptr : found;
}

bool is_variable(std::string_view name) { return std::ranges::find(kVariables, name) != kVariables.end(); }

bool is_retired(std::string_view name) {
    const plan::Option* option = plan::find_option(name);
    return translation_of(name) != nullptr || (option != nullptr && option->state == plan::OptionState::retired);
}

/// Older names of CMAKE_HIP_ARCHITECTURES, about which a rule of their own speaks.
bool is_ignored_target(std::string_view name) { return name == "AMDGPU_TARGETS" || name == "GPU_TARGETS"; }

/// What is wrong with an old name.
std::string about_retired(const Package& package, const Flag& flag) {
    const Translation* translation = translation_of(flag.name);
    if (flag.name == "LLAMA_CUBLAS" && package.flags.on(flag.name)) return "LLAMA_CUBLAS stops the build";
    // llama.cpp's own CMakeLists.txt maps these, with a warning about it, and only where they are on.
    if (flag.name == "LLAMA_BUILD_WEBUI" || (is_mapped_when_on(flag.name) && package.flags.on(flag.name)))
        return fmt::format("{} is the old name of an option and will go", flag.name);
    if (is_mapped_when_on(flag.name) && flag.value && translation != nullptr)
        return fmt::format("{} is an old name that is only heard where it is on: this does nothing", flag.name);
    if (is_mapped_when_on(flag.name)) return fmt::format("{} is the old name of an option and will go", flag.name);
    return fmt::format("{} is no option of llama.cpp any more and does nothing", flag.name);
}

/// The right name; or without the flag, where it is a name in a set that has the right one too.
std::optional<Fix> rename_flag(const Package& package, const Flag& flag, std::string_view now) {
    const Tree& tree = *package.tree;
    if (tree.is(flag.node, Kind::binding) && package.flags.find(now) != nullptr)
        return remove_flag(tree, flag, fmt::format("take it out: {} is there", now));
    return replace_word(tree, flag.node, flag.name, now, fmt::format("write {}", now));
}

void retired_option(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        if (is_fork(package, view.known)) continue;
        for (const Flag& flag : package.flags.flags) {
            if (is_variable(flag.name) || is_ignored_target(flag.name) || !is_retired(flag.name)) continue;
            const Translation* translation = translation_of(flag.name);
            const plan::Option* option = plan::find_option(flag.name);
            Finding& finding = sink.at(view.tree, flag.node, about_retired(package, flag));
            if (translation != nullptr && !translation->now.empty()) {
                finding.fix = rename_flag(package, flag, translation->now);
            } else {
                finding.fix = remove_flag(view.tree, flag, "take it out: nothing changes");
                if (option != nullptr) finding.remedy = std::string(option->advice);
            }
        }
    }
}

void unknown_option(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        if (is_fork(package, view.known)) continue;
        for (const Flag& flag : package.flags.flags) {
            if (!flag.name.starts_with("GGML_") && !flag.name.starts_with("LLAMA_")) continue;
            if (is_variable(flag.name) || is_retired(flag.name) || plan::find_option(flag.name) != nullptr ||
                plan::is_build_variable(flag.name))
                continue;
            Finding& finding =
                sink.at(view.tree, flag.node,
                        fmt::format("llama.cpp has no option {}; CMake takes it without a word", flag.name));
            const auto near = plan::nearest_option(flag.name);
            if (near) finding.fix = rename_flag(package, flag, *near);
            else
                finding.remedy =
                    fmt::format("options known here: those of ggml {} and llama.cpp of that month", plan::kGgmlVersion);
        }
    }
}

void variable_as_flag(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages)
        for (const Flag& flag : package.flags.flags) {
            if (!is_variable(flag.name)) continue;
            Finding& finding = sink.at(
                view.tree, flag.node,
                fmt::format("{} is an environment variable of the running program, no CMake option", flag.name));
            finding.fix = remove_flag(view.tree, flag, "take it out: it does nothing here");
            finding.remedy = fmt::format(
                "where llama-server runs as a service:\n"
                "systemd.services.llama-cpp.environment.{} = \"{}\";",
                flag.name, flag.value.value_or("1"));
        }
}

void amdgpu_targets(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages)
        for (const Flag& flag : package.flags.flags) {
            if (!is_ignored_target(flag.name)) continue;
            if (package.flags.find("CMAKE_HIP_ARCHITECTURES") != nullptr) {
                Finding& finding =
                    sink.at(view.tree, flag.node, flag.name + " is ignored: CMAKE_HIP_ARCHITECTURES is set");
                finding.fix = remove_flag(view.tree, flag, "take it out: nothing changes");
                continue;
            }
            Finding& finding =
                sink.at(view.tree, flag.node,
                        flag.name + " is ignored: both packages set CMAKE_HIP_ARCHITECTURES, which ggml reads first");
            finding.fix = replace_word(view.tree, flag.node, flag.name, "CMAKE_HIP_ARCHITECTURES",
                                       "write CMAKE_HIP_ARCHITECTURES");
        }
}

/// The flags of nixpkgs' package that are no options of llama.cpp.
bool is_package_flag(std::string_view name) {
    return name == "BUILD_SHARED_LIBS" || name == "CMAKE_CUDA_ARCHITECTURES" || name == "CMAKE_HIP_ARCHITECTURES";
}

/// How nixpkgs' cmakeBool and cmakeFeature render the flag that a text means; "" = it is rendered so already.
std::string rendering(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (!text.starts_with("-D") || equals == std::string_view::npos) return {};
    if (text.substr(0, equals).find(':') != std::string_view::npos) return {};
    const std::string value(text.substr(equals + 1));
    const std::string_view name = text.substr(2, equals - 2);
    const plan::Option* option = plan::find_option(name);
    if (option == nullptr && !is_package_flag(name)) return {};  // whoever writes that one may write it as it is here
    const bool boolean = option != nullptr ? option->kind == plan::OptionKind::boolean : name == "BUILD_SHARED_LIBS";
    if (!boolean) return fmt::format("{}:STRING={}", text.substr(0, equals), value);
    return fmt::format("{}:BOOL={}", text.substr(0, equals), check::cmake_truth(value) ? "TRUE" : "FALSE");
}

void filter_matches_nothing(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages)
        for (const Filter& filter : package.flags.filters) {
            for (const NodeId constant : filter.constants) {
                const std::string text = nixsyntax::constant_string(view.tree, constant).value_or("");
                const std::string real = rendering(text);
                if (real.empty()) continue;
                Finding& finding =
                    sink.at(view.tree, constant, fmt::format("no flag is written {}: nixpkgs writes {}", text, real));
                finding.fix = replace_node(view.tree, constant, nix_string(real), fmt::format("write {}", real));
            }
            for (const NodeId prefix : filter.prefixes) {
                const std::string text = nixsyntax::constant_string(view.tree, prefix).value_or("");
                if (!text.starts_with("-D") || text.find('=') == std::string::npos ||
                    text.find(':') != std::string::npos || rendering(text).empty())
                    continue;
                const std::string real = text.substr(0, text.find('=')) + ":";
                Finding& finding = sink.at(view.tree, prefix,
                                           fmt::format("no flag begins with {}: nixpkgs writes {}TYPE=…", text, real));
                finding.fix = replace_node(view.tree, prefix, nix_string(real), fmt::format("write {}", real));
            }
        }
}

/// `(pkg.override { … }).overrideAttrs (old: { cmakeFlags = pkg.cmakeFlags ++ …; })`: those of the package without its
/// arguments.
void flags_of_another(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages)
        for (const AttrsCall& call : package.attrs) {
            if (call.flags_value == kNone || package.arguments.empty() || call.old.empty() || call.old == "_") continue;
            for (const NodeId taken : flags_taken(view.tree, call.flags_value)) {
                auto name = loose_name(view.tree, taken);
                if (!name.empty()) name.pop_back();
                if (name.empty() || name.front() == call.old || !package_source(name, view.known)) continue;
                Finding& finding = sink.at(view.tree, taken,
                                           "the flags of the package without its arguments: what .override switched "
                                           "is lost");
                finding.fix =
                    replace_node(view.tree, taken, call.old + ".cmakeFlags", fmt::format("take those of {}", call.old));
            }
        }
}

/// `cmakeFlags = old.nativeBuildInputs ++ [ … ]`: a slip of copying; tools are no flags.
void inputs_as_flags(const FileView& view, Sink& sink) {
    constexpr std::array<std::string_view, 3> kInputs{"buildInputs", "nativeBuildInputs", "propagatedBuildInputs"};
    for (const Package& package : view.packages)
        for (const AttrsCall& call : package.attrs) {
            if (call.flags_value == kNone || call.old.empty()) continue;
            flake::walk(view.tree, call.flags_value, [&](NodeId node) {
                if (!view.tree.is(node, Kind::select)) return true;
                const NodeId word = view.tree.last_child(view.tree.child(node, 1));
                const std::string name = nixsyntax::attr_name(view.tree, word).value_or("");
                if (view.tree.text(view.tree.child(node, 0)) != call.old) return true;
                if (std::ranges::find(kInputs, name) == kInputs.end()) return true;
                Finding& finding = sink.at(view.tree, node,
                                           fmt::format("{} are no flags, and the package's own flags are lost", name));
                finding.fix = replace_node(view.tree, word, "cmakeFlags", "write cmakeFlags");
                return false;
            });
        }
}

void flags_replaced(const FileView& view, Sink& sink) {
    flags_of_another(view, sink);
    inputs_as_flags(view, sink);
    for (const Package& package : view.packages)
        for (const AttrsCall& call : package.attrs) {
            if (call.flags_value == kNone) continue;
            FlagList list;
            read_flag_list(view.tree, call.flags_value, list);
            if (list.keeps_old || !list.whole) continue;
            Finding& finding = sink.at(view.tree, call.flags_value,
                                       "the package's own flags are lost: its backends, search paths and targets");
            Fix fix{"keep them", {}};
            const auto begin = view.tree.span(call.flags_value).begin;
            const std::string old = name_not_in(view.tree, call.function, "old");
            if (!call.old.empty() && call.old != "_") {
                fix.edits.insert(begin, call.old + ".cmakeFlags ++ ");
            } else if (call.parameter != kNone) {
                fix.edits.replace(view.tree.span(call.parameter), old);
                fix.edits.insert(begin, old + ".cmakeFlags ++ ");
            } else {
                const NodeId function = nixsyntax::strip_parens(view.tree, call.function);
                const bool bare = function == call.function;
                fix.edits.insert(view.tree.span(function).begin, (bare ? "(" : "") + old + ": ");
                if (bare) fix.edits.insert(view.tree.span(function).end, ")");
                fix.edits.insert(begin, old + ".cmakeFlags ++ ");
            }
            finding.fix = std::move(fix);
        }
}

constexpr TextRule kRules[] = {
    {{"retired-option", Severity::error, "an option that llama.cpp no longer has"}, retired_option},
    {{"unknown-option", Severity::error, "an option that llama.cpp does not have"}, unknown_option},
    {{"variable-as-flag", Severity::error, "an environment variable given as a CMake flag"}, variable_as_flag},
    {{"amdgpu-targets-ignored", Severity::error, "AMDGPU_TARGETS beside CMAKE_HIP_ARCHITECTURES"}, amdgpu_targets},
    {{"filter-matches-nothing", Severity::error, "a filter of flags that matches none"}, filter_matches_nothing},
    {{"flags-replaced", Severity::error, "cmakeFlags without the package's own"}, flags_replaced},
};

}  // namespace

std::span<const TextRule> flag_rules() { return kRules; }

}  // namespace lf::lint
