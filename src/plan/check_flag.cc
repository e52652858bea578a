// SPDX-License-Identifier: MIT
// What an owner may write under "flags" in overrides.json.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/options.h"

namespace lf::plan {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxValue = 512;

Error refused(std::string message, std::string hint) {
    return owner_error("plan-override", std::move(message), std::move(hint));
}

bool is_option_name(std::string_view name) {
    const bool prefixed = name.starts_with("GGML_") || name.starts_with("LLAMA_") || name.starts_with("CMAKE_");
    const auto in_name = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
    return prefixed && name.size() <= kMaxName && std::ranges::all_of(name, in_name);
}

/// nixpkgs gives cmakeFlags to the shell as one string, so blanks and quotes would split or change a value. The same
/// set is checked again in nix/overlay.nix.
bool is_flag_value(std::string_view value) {
    const auto in_value = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("_.,:;+=/@%-").find(c) != std::string_view::npos;
    };
    return value.size() <= kMaxValue && std::ranges::all_of(value, in_value);
}

/// "-march=znver4", "-O3;-mavx512f"; but not "-fno-math-errno".
bool chooses_machine(std::string_view flags) {
    for (std::size_t at = flags.find("-m"); at != std::string_view::npos; at = flags.find("-m", at + 1))
        if (at == 0 || std::string_view(";,:=+").find(flags[at - 1]) != std::string_view::npos) return true;
    return false;
}

Done check_known(const std::string& name, const FlagValue& value) {
    const Option* option = find_option(name);
    if (option == nullptr && !is_option_name(name))
        return fail(refused(fmt::format("'{}' is not the name of a CMake option of llama.cpp", printable(name)),
                            "names start with GGML_, LLAMA_ or CMAKE_ and have capitals, digits and _ only"));
    if (option == nullptr && name.starts_with("CMAKE_")) return {};  // CMake's own, too many to list
    if (option == nullptr) {
        const auto near = nearest_option(name);
        return fail(refused(
            fmt::format("ggml {} has no option {}", kGgmlVersion, name),
            near ? fmt::format("did you mean {}?", *near) : "CMake would take it without a word and do nothing"));
    }
    if (option->state == OptionState::retired)
        return fail(refused(fmt::format("{} is no option of ggml {}", name, kGgmlVersion),
                            fmt::format("instead: {}", option->advice)));
    if (option->state == OptionState::planned)
        return fail(refused(fmt::format("{} is not set under \"flags\"", name), std::string(option->advice)));
    if (std::holds_alternative<bool>(value) != (option->kind == OptionKind::boolean))
        return fail(refused(
            fmt::format("{} takes {}", name, option->kind == OptionKind::boolean ? "true or false" : "a string"),
            fmt::format("its default is {}", option->fallback.empty() ? "\"\"" : option->fallback)));
    return {};
}

}  // namespace

Done check_flag(const std::string& name, const FlagValue& value) {
    LF_TRY(check_known(name, value));
    const std::string* text = std::get_if<std::string>(&value);
    if (text == nullptr) return {};
    if (!is_flag_value(*text))
        return fail(refused(fmt::format("the value of {} cannot pass through Nix' cmakeFlags: {}", name,
                                        nix_string(printable(text->substr(0, kMaxName)))),
                            "letters, digits and _.,:;+=/@%- only; blanks and quotes are split there"));
    if (name.find("_FLAGS") != std::string::npos && chooses_machine(*text))
        return fail(refused(fmt::format("{} may not choose an instruction set: {}", name, *text),
                            "write the GGML_ option of the feature, or \"native\": true"));
    return {};
}

}  // namespace lf::plan
