// SPDX-License-Identifier: MIT
#include "flake/llama_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace lf::flake {
namespace {

// What the overlay reads of the input.
constexpr std::string_view kScope = ".devops/nix/scope.nix";
constexpr std::string_view kRepository = "llama.cpp";
// Repositories that nobody would rename llama.cpp to.
constexpr std::array<std::string_view, 4> kOthers{"nixpkgs", "home-manager", "flake-utils", "flake-parts"};

/// A constant attribute of the input; "" = there is none.
std::string field(const Tree& tree, NodeId root, const std::string& input, const char* name) {
    const std::array<std::string, 3> path{"inputs", input, name};
    for (const nixsyntax::Found& found : nixsyntax::find_bindings(tree, root, path))
        if (found.match == nixsyntax::Match::exact && found.value != kNone)
            if (auto text = nixsyntax::constant_string(tree, found.value)) return *text;
    return {};
}

bool is_source_only(const Tree& tree, NodeId root, const std::string& input) {
    const std::array<std::string, 3> path{"inputs", input, "flake"};
    const auto all = nixsyntax::find_bindings(tree, root, path);
    return std::any_of(all.begin(), all.end(), [&](const nixsyntax::Found& found) {
        return found.value != kNone && tree.text(nixsyntax::strip_parens(tree, found.value)) == "false";
    });
}

/// The address in one line, of an input that is written as attributes too.
std::string address_of(const Tree& tree, NodeId root, const std::string& input) {
    const auto get = [&](const char* name) { return field(tree, root, input, name); };
    if (std::string url = get("url"); !url.empty()) return url;
    const std::string type = get("type");
    if (const std::string path = get("path"); !path.empty()) return "path:" + path;
    if (const std::string repository = get("repo"); !repository.empty())
        return fmt::format("{}:{}/{}", type, get("owner"), repository);
    if (const std::string follows = get("follows"); !follows.empty()) return "follows " + follows;
    return {};
}

std::vector<std::string> parts_of(std::string_view address) {
    std::vector<std::string> out;
    for (std::string_view part : split(address.substr(0, address.find('?')), '/')) {
        if (const std::size_t colon = part.rfind(':'); colon != std::string_view::npos) part.remove_prefix(colon + 1);
        if (part.ends_with(".git")) part.remove_suffix(4);
        out.emplace_back(part);
    }
    return out;
}

JudgedInput judge_folder(Sources& sources, JudgedInput input, std::string_view path, bool source_only) {
    path = path.substr(0, path.find('?'));
    const auto inside = path.starts_with('/') ? std::nullopt : normal_path(path);
    if (inside) {
        if (sources.exists(fmt::format("{}/{}", *inside, kScope))) input.is = IsLlama::yes;
        else if (sources.is_folder(*inside)) {
            input.is = IsLlama::no;
            input.why = fmt::format("{} has no {}", *inside, kScope);
        }
        return input;
    }
    const auto parts = parts_of(path);
    if (!parts.empty() && parts.back().find(kRepository) != std::string::npos) input.is = IsLlama::yes;
    else if (source_only) {
        input.is = IsLlama::no;
        input.why = "a folder of this machine that is no flake, and is not called llama.cpp";
    }
    return input;
}

}  // namespace

JudgedInput judge_input(Sources& sources, const Tree& tree, NodeId root, const std::string& name) {
    JudgedInput out;
    out.address = address_of(tree, root, name);
    std::string_view path = out.address;
    const bool is_path = path.starts_with("path:");
    if (is_path) path.remove_prefix(5);
    if (is_path || path.starts_with('.') || path.starts_with('/'))
        return judge_folder(sources, out, path, is_source_only(tree, root, name));
    const auto parts = parts_of(path);
    if (path.starts_with("follows ") && !parts.empty() && parts.back() == "llama-cpp") out.is = IsLlama::yes;
    for (const std::string& part : parts) {
        if (part.find(kRepository) != std::string::npos) out.is = IsLlama::yes;
        if (out.is != IsLlama::perhaps || std::find(kOthers.begin(), kOthers.end(), part) == kOthers.end()) continue;
        out.is = IsLlama::no;
        out.why = "this is the repository of " + part;
    }
    return out;
}

}  // namespace lf::flake
