// SPDX-License-Identifier: MIT
// import-tree and den: every file below a folder is a module of flake-parts, and a NixOS module may be put together out
// of several files. A new file with the host's own module is all that is needed, where the text tells its name.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "flake/by_hand.h"

namespace lf::flake {
namespace {

bool is_identifier(std::string_view name) {
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; });
}

std::string attribute(std::string_view name) { return is_identifier(name) ? std::string(name) : nix_string(name); }

/// The folder that import-tree is called with; "" where the text does not tell.
std::string imported_folder(const Outline& outline, const FrameworkUse& use) {
    if (use.call == kNone) return {};
    const auto parts = nixsyntax::call_parts(*outline.outputs.tree, use.call);
    NodeId argument = nixsyntax::strip_parens(*outline.outputs.tree, parts.back());
    if (outline.outputs.tree->is(argument, Kind::list)) argument = outline.outputs.tree->child(argument, 0);
    const auto text = argument == kNone ? std::nullopt : text_of(*outline.outputs.tree, argument);
    return text ? normal_path(*text).value_or("") : "";
}

/// What the files of the repository say of a host.
struct Aspect {
    std::string attribute;        ///< the attribute that its module is, "" = none is seen
    std::string folder;           ///< of the file that has it
    bool den_host = false;        ///< den.hosts.<system>.<host>
    bool modules_option = false;  ///< flake.modules is an option, so that its definitions are merged
    std::size_t definitions = 0;  ///< files that define something in flake.modules
};

bool names_host(const std::string& name, const std::string& host) { return name == host || name.ends_with("/" + host); }

void look_at(const Tree& tree, NodeId binding, const std::string& host, Aspect& out) {
    const auto path = full_path(tree, binding);
    const auto is = [&](std::size_t n, std::string_view name) { return n < path.size() && path[n] == name; };
    const std::size_t last = path.size() - 1;
    if (is(0, "den") && is(1, "hosts") && path.size() > 3 && path[3] == host) out.den_host = true;
    std::string found;
    if (last == 3 && is(0, "flake") && is(1, "modules") && is(2, "nixos") && names_host(path[3], host))
        found = "flake.modules.nixos." + attribute(path[3]);
    if (last == 2 && is(0, "flake") && is(1, "nixosModules") && names_host(path[2], host))
        found = "flake.nixosModules." + attribute(path[2]);
    if (last == 3 && is(0, "configurations") && is(1, "nixos") && path[2] == host && is(3, "module"))
        found = "configurations.nixos." + attribute(host) + ".module";
    if (found.empty() || !out.attribute.empty()) return;
    out.attribute = found;
    out.folder = folder_of(tree.file());
}

Aspect aspect_of(Work& work, const std::string& host) {
    Aspect out;
    for (const std::string& file : work.sources.all_nix_files()) {
        const Tree* tree = work.sources.tree_or_null(file);
        bool defines = false;
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id) {
            if (tree->is(id, Kind::binding)) {
                look_at(*tree, id, host, out);
                const auto path = full_path(*tree, id);
                defines = defines || (path.size() > 1 && path[0] == "flake" && path[1] == "modules");
            }
            if (tree->is(id, Kind::select) && tree->text(id).ends_with("flakeModules.modules"))
                out.modules_option = true;
        }
        if (defines) ++out.definitions;
    }
    // Without the option a second definition of the same attribute is refused.
    out.modules_option = out.modules_option || out.definitions > 1;
    if (!out.modules_option && out.attribute.starts_with("flake.modules.")) out.attribute.clear();
    if (out.den_host) out.attribute = fmt::format("den.aspects.{}.nixos", attribute(host));
    return out;
}

std::string file_text(const Work& work, const std::string& host, const std::string& file, const std::string& name) {
    const std::string inputs =
        work.input == "llama-cpp" ? "inherit inputs;" : fmt::format("inputs.llama-cpp = inputs.{};", work.input);
    return fmt::format(
        "{{ inputs, ... }}:\n"
        "{{\n"
        "  {} =\n"
        "    {{ pkgs, ... }}:\n"
        "    {{\n"
        "      nixpkgs.overlays = [\n"
        "        (import {} {{\n"
        "          {}\n"
        "          plan = {};\n"
        "        }})\n"
        "      ];\n"
        "      environment.systemPackages = [ pkgs.{} ];\n"
        "    }};\n"
        "}}",
        name, path_literal(file, work.overlay), inputs, path_literal(file, plan_path(host)), work.package(host));
}

/// `carbon.modules = [ … ]` or `carbon = nixosSystem { modules = [ … ]; }` in a file of flake-parts.
Paste list_of_host(Work& work, const std::string& host, const std::string& element) {
    for (const std::string& file : work.sources.all_nix_files()) {
        if (work.sources.text(file).value_or("").find(host) == std::string::npos) continue;
        const Tree* tree = work.sources.tree_or_null(file);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id) {
            if (!tree->is(id, Kind::binding)) continue;
            const auto path = full_path(*tree, id);
            if (ends_with(path, {host, "modules"}))
                return into_list(work, *tree, tree->parent(id),
                                 {path.end() - static_cast<std::ptrdiff_t>(
                                                   tree->children(nixsyntax::binding_path(*tree, id)).size()),
                                  path.end()},
                                 element);
            if (!ends_with(path, {host})) continue;
            const auto call =
                nixsyntax::call_parts(*tree, nixsyntax::result_of(*tree, nixsyntax::binding_value(*tree, id)));
            const NodeId set = nixsyntax::strip_parens(*tree, call.back());
            if (call.size() > 1 && tree->text(call.front()).ends_with("nixosSystem") && tree->is(set, Kind::set))
                return into_list(work, *tree, set, {"modules"}, element);
        }
    }
    return {};
}

}  // namespace

bool explain_in_tree(Work& work, const Outline& outline, const FrameworkUse& use, const std::string& host) {
    const Aspect aspect = aspect_of(work, host);
    std::string folder = imported_folder(outline, use);
    if (folder.empty()) folder = aspect.folder.empty() ? "modules" : aspect.folder;
    const std::string file = fmt::format("{}/llama-fleet/{}.nix", folder, host);
    const bool whole = !aspect.attribute.empty();
    const std::string own = "llama-fleet-" + host;
    const std::string name = whole ? aspect.attribute : "flake.nixosModules." + attribute(own);
    work.instructions.push_back(
        {file, 0, file_text(work, host, file, name),
         whole ? fmt::format("a new file, of which git has to know: it adds to {}, the module of {}", name,
                             printable(host))
               : fmt::format("a new file, of which git has to know: a module for {}", printable(host))});
    if (whole) return true;
    const std::string element = fmt::format("inputs.self.nixosModules.{}", attribute(own));
    Paste paste = list_of_host(work, host, element);
    if (paste.file.empty()) paste = {"flake.nix", 0, element, "add it to the host's modules"};
    work.instructions.push_back({paste.file, paste.line, paste.text,
                                 fmt::format("makes that module a part of {}: {}", printable(host), paste.where)});
    return true;
}

}  // namespace lf::flake
