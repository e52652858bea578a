// SPDX-License-Identifier: MIT
// Names of packages: what a dotted name stands for, whose package it is, which backend it speaks of.
#include <algorithm>
#include <array>

#include "lint/package.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

using nixsyntax::Scope;

// Names are defined by names; a person follows fewer steps than this.
constexpr int kMaxSteps = 24;

std::vector<std::string> name_steps(const Tree& tree, NodeId id, int steps);

/// `official.packages.x.cuda` with `let official = inputs.llama-cpp;`
std::vector<std::string> name_of_identifier(const Tree& tree, NodeId id, int steps) {
    const std::string name(tree.text(id));
    const auto definition = nixsyntax::resolve(tree, id);
    if (definition.value != kNone) {
        auto found = name_steps(tree, definition.value, steps + 1);
        return found.empty() ? std::vector<std::string>{name} : found;
    }
    if (tree.is(definition.definer, Kind::inherit)) {
        const NodeId source = nixsyntax::inherit_source(tree, definition.definer);
        auto found = source == kNone ? std::vector<std::string>{} : name_steps(tree, source, steps + 1);
        if (!found.empty()) found.push_back(name);
        if (!found.empty()) return found;
    }
    if (definition.scope == Scope::with) {
        auto found = name_steps(tree, tree.child(definition.owner, 0), steps + 1);
        if (!found.empty()) found.push_back(name);
        if (!found.empty()) return found;
    }
    return {name};
}

/// What a call gives that is known by its text: the official overlay applied (`overlays.default final prev`), and its
/// scope or package called by path (`callPackage "${inputs.llama-cpp}/.devops/nix/scope.nix" { }`).
std::vector<std::string> name_of_call(const Tree& tree, NodeId call, int steps) {
    const auto parts = nixsyntax::call_parts(tree, call);
    const auto function = name_steps(tree, parts.front(), steps + 1);
    if (function.empty()) return {};
    const bool applied = parts.size() == 3 && function.size() >= 2 && function[function.size() - 2] == "overlays" &&
                         std::ranges::any_of(function, [](const auto& n) { return n.starts_with("llama"); });
    if (applied) return {""};
    if (!function.back().ends_with("allPackage") && function.back() != "import") return {};
    const std::string_view path = parts.size() < 2 ? "" : tree.text(parts[1]);
    if (path.find(".devops/nix/scope.nix") != std::string_view::npos) return {"llamaPackages"};
    if (path.find(".devops/nix/package.nix") != std::string_view::npos) return {"llamaPackages", "llama-cpp"};
    return {};
}

std::vector<std::string> name_steps(const Tree& tree, NodeId id, int steps) {
    if (id == kNone || steps > kMaxSteps) return {};
    id = nixsyntax::strip_parens(tree, id);
    if (tree.is(id, Kind::apply)) return name_of_call(tree, id, steps);
    if (tree.is(id, Kind::identifier)) return name_of_identifier(tree, id, steps);
    if (!tree.is(id, Kind::select)) return {};
    auto names = name_steps(tree, tree.child(id, 0), steps + 1);
    if (names.empty()) return {};
    add_names(tree, tree.child(id, 1), 0, names);
    return names;
}

bool contains(const std::vector<std::string>& names, std::string_view word) {
    return std::ranges::find(names, word) != names.end();
}

bool is_package_name(std::string_view name) {
    constexpr std::array<std::string_view, 8> kKnown{"llama-cpp",           "llama-cpp-cpu",   "llama-cpp-cuda",
                                                     "llama-cpp-vulkan",    "llama-cpp-rocm",  "llama-cpp-multi",
                                                     "llama-cpp-universal", "llama-cpp-cublas"};
    // Owners have names of their own (llama-cpp-tuned); llama-cpp-python is another program.
    return std::ranges::find(kKnown, name) != kKnown.end() ||
           (name.starts_with("llama-cpp-") && !name.starts_with("llama-cpp-python"));
}

/// `prev.llama-cpp`: what was there before the overlay.
bool is_previous(const std::vector<std::string>& names) {
    return names.size() > 1 && (names.front().starts_with("prev") || names.front() == "super");
}

}  // namespace

bool is_made_here(const std::vector<std::string>& names, const Knowledge& knowledge) {
    const bool elsewhere = contains(names, "packages") || contains(names, "legacyPackages") ||
                           std::ranges::any_of(names, [](const auto& n) { return n.starts_with("llamaPackages"); });
    return !names.empty() && !elsewhere && !is_previous(names) && knowledge.overlay_attributes.contains(names.back());
}

void add_names(const Tree& tree, NodeId path, std::size_t leave_out, std::vector<std::string>& names) {
    const auto parts = tree.children(path);
    for (std::size_t i = 0; i + leave_out < parts.size(); ++i)
        names.push_back(nixsyntax::attr_name(tree, parts[i]).value_or(""));
}

std::vector<std::string> loose_name(const Tree& tree, NodeId id) { return name_steps(tree, id, 0); }

std::optional<Source> package_source(const std::vector<std::string>& names, const Knowledge& knowledge) {
    if (names.empty()) return std::nullopt;
    constexpr std::array<std::string_view, 4> kNotPackages{"config", "options", "cfg", "services"};
    if (std::ranges::find(kNotPackages, names.front()) != kNotPackages.end() || contains(names, "services"))
        return std::nullopt;
    const bool of_flake =
        std::ranges::any_of(names, [&](const std::string& name) { return knowledge.llama_inputs.contains(name); });
    const auto has_start = [&](std::string_view start) {
        return std::ranges::any_of(names, [&](const std::string& name) { return name.starts_with(start); });
    };
    if (of_flake && (contains(names, "packages") || contains(names, "defaultPackage")) && names.size() >= 3)
        return Source::official;
    if (has_start("llamaPackages") && !names.back().starts_with("llamaPackages")) return Source::official;
    if (names.size() == 2 && names.front() == "inputs") return std::nullopt;  // the flake itself
    if (!is_package_name(names.back())) return std::nullopt;
    if (knowledge.fitted) return Source::fitted;
    if (knowledge.official_attributes.contains(names.back()) && !is_previous(names)) return Source::official;
    const bool plain = names.back() == "llama-cpp";
    return plain && knowledge.official_overlay ? Source::official : Source::nixpkgs;
}

std::vector<Mention> find_mentions(const Tree& tree, const Knowledge& knowledge) {
    std::vector<Mention> out;
    for (NodeId id = 0; id < tree.size(); ++id) {
        const bool identifier = tree.is(id, Kind::identifier);
        if (!identifier && !tree.is(id, Kind::select)) continue;
        if (tree.is(tree.parent(id), Kind::select) && tree.child(tree.parent(id), 0) == id) continue;  // a part of it
        auto names = loose_name(tree, id);
        bool overridden = false;
        if (names.size() > 1 && (names.back() == "override" || names.back() == "overrideAttrs")) {
            names.pop_back();
            overridden = true;
        }
        if (identifier) {
            // Alone a name is a package only below `with pkgs;`; elsewhere it is an argument, or the flake.
            const auto scope = nixsyntax::resolve(tree, id).scope;
            if (scope != Scope::with) continue;
        }
        const auto source = package_source(names, knowledge);
        if (source) out.push_back({id, std::move(names), *source, overridden});
    }
    std::ranges::sort(
        out, [&](const Mention& a, const Mention& b) { return tree.span(a.node).begin < tree.span(b.node).begin; });
    return out;
}

namespace {

/// "aarch64-linux", and not "x86_64-linux" nor a word that is no system.
bool is_other_system(std::string_view name) {
    constexpr std::array<std::string_view, 7> kCpus{"aarch64-", "armv6l-", "armv7l-",     "riscv32-",
                                                    "riscv64-", "mips",    "powerpc64le-"};
    return std::ranges::any_of(kCpus, [&](auto cpu) { return name.starts_with(cpu); });
}

/// What the bindings below a node say: nullopt = nothing, or x86-64 and another one.
std::optional<bool> says_other_system(const Tree& tree, NodeId below) {
    bool other = false;
    bool x86 = false;
    flake::walk(tree, below, [&](NodeId node) {
        if (!tree.is(node, Kind::string)) return true;
        const auto text = nixsyntax::constant_string(tree, node);
        other = other || (text && is_other_system(*text));
        x86 = x86 || (text && text->starts_with("x86_64-"));
        return true;
    });
    return other == x86 ? std::nullopt : std::optional(other);
}

/// `nixpkgs.lib.nixosSystem { … }`, `darwinSystem { … }`, `homeManagerConfiguration { … }`
bool makes_a_host(const Tree& tree, NodeId call) {
    const auto name = nixsyntax::dotted_name(tree, nixsyntax::call_parts(tree, call).front());
    return name && (name->back().ends_with("System") || name->back().ends_with("Configuration"));
}

/// `nixpkgs.hostPlatform = "aarch64-linux";` in a module, however that is written.
bool module_says_other_system(const Tree& tree) {
    for (NodeId id = 0; id < tree.size(); ++id) {
        if (!tree.is(id, Kind::binding)) continue;
        const auto path = flake::full_path(tree, id);
        const bool platform = contains(path, "hostPlatform") || flake::ends_with(path, {"nixpkgs", "system"});
        if (platform && says_other_system(tree, nixsyntax::binding_value(tree, id)) == true) return true;
    }
    return false;
}

}  // namespace

bool is_for_another_cpu(const Tree& tree, NodeId node, const Knowledge& knowledge) {
    if (std::ranges::any_of(loose_name(tree, node), is_other_system)) return true;
    bool in_module = true;
    for (NodeId at = tree.parent(node); at != kNone; at = tree.parent(at)) {
        if (tree.is(at, Kind::binding) && std::ranges::any_of(flake::full_path(tree, at), is_other_system)) return true;
        if (!tree.is(at, Kind::apply) || !makes_a_host(tree, at)) continue;
        in_module = false;
        if (const auto other = says_other_system(tree, at)) return *other;
    }
    if (in_module && tree.file() != "flake.nix" && module_says_other_system(tree)) return true;
    const bool x86_facts = std::ranges::any_of(
        knowledge.machines, [](const auto& entry) { return entry.second.cpu.architecture == "x86_64"; });
    return knowledge.other_cpu_named && !knowledge.x86_named && !x86_facts;
}

std::optional<bool> constant_bool(const Tree& tree, NodeId id) {
    const std::string_view word = tree.text(nixsyntax::follow(tree, id));
    if (word == "true") return true;
    if (word == "false") return false;
    return std::nullopt;
}

namespace {

struct Backend {
    std::string_view name;
    std::string_view argument_official;
    std::string_view argument_nixpkgs;
    std::string_view flag;
    std::string_view package;
};
constexpr std::array<Backend, 3> kBackends{
    {{"cuda", "useCuda", "cudaSupport", "GGML_CUDA", "llama-cpp-cuda"},
     {"rocm", "useRocm", "rocmSupport", "GGML_HIP", "llama-cpp-rocm"},
     {"vulkan", "useVulkan", "vulkanSupport", "GGML_VULKAN", "llama-cpp-vulkan"}}};

bool switched_on(const Package& package, std::string_view name) {
    const Argument* argument = package.argument(name);
    return argument != nullptr && constant_bool(*package.tree, argument->value) == true;
}

}  // namespace

std::vector<std::string> backends_of_names(const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const Backend& backend : kBackends) {
        const bool named = !names.empty() && std::ranges::any_of(names, [&](const std::string& name) {
            return name == backend.name || name == backend.package ||
                   name.find(std::string(backend.argument_official) + " = true") != std::string::npos ||
                   name.find(std::string(backend.argument_nixpkgs) + " = true") != std::string::npos;
        });
        if (named) out.emplace_back(backend.name);
    }
    return out;
}

std::vector<std::string> backends_of(const Package& package) {
    std::vector<std::string> out = backends_of_names(package.names);
    for (const Backend& backend : kBackends) {
        if (std::ranges::find(out, backend.name) != out.end()) continue;
        if (switched_on(package, backend.argument_official) || switched_on(package, backend.argument_nixpkgs) ||
            package.flags.on(backend.flag))
            out.emplace_back(backend.name);
    }
    return out;
}

}  // namespace lf::lint
