// SPDX-License-Identifier: MIT
#include "flake/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "flake/framework.h"

namespace lf::flake {
namespace {

/// Does the owner's own code read this whole folder? Then a file of another shape must not be put there.
bool read_as_a_whole(Sources& sources, const std::string& folder) {
    for (const std::string& file : {folder + "/default.nix", std::string("flake.nix")}) {
        const auto text = sources.exists(file) ? sources.text(file) : std::nullopt;
        const bool reads = text && (text->find("readDir") != std::string::npos ||
                                    text->find("listFilesRecursive") != std::string::npos ||
                                    text->find("haumea") != std::string::npos);
        if (reads && (file != "flake.nix" || text->find("./" + folder) != std::string::npos)) return true;
    }
    return false;
}

/// The same for the framework that makes the hosts.
bool framework_reads_folders(Sources& sources) {
    const auto outline = read_outline(sources);
    if (!outline || !outline->hosts.empty()) return false;
    const FrameworkUse use = find_framework(sources, *outline);
    return use.framework != nullptr && use.framework->reads_folders;
}

/// Does somebody take whatever Nix files a folder holds, however deep, for modules?
bool read_by_depth(Sources& sources) {
    const auto& all = sources.all_nix_files();
    return std::any_of(all.begin(), all.end(), [&](const std::string& file) {
        const std::string text = sources.text(file).value_or("");
        return text.find("listFilesRecursive") != std::string::npos || text.find("import-tree") != std::string::npos;
    });
}

constexpr std::string_view kSecondName = "llama-fleet.nix";

/// Can it stand in a Nix text as it is?
bool is_plain_path(std::string_view path) {
    return std::all_of(path.begin(), path.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("._-+/").find(c) != std::string_view::npos;
    });
}

std::size_t depth_of(const std::string& path) {
    return static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
}

}  // namespace

void Work::by_hand(const Tree& tree, NodeId at, std::string text, std::string why) {
    const std::uint32_t line = at == kNone ? 0 : sources.original_line(tree.file(), tree.span(at).begin);
    instructions.push_back({tree.file(), line, std::move(text), std::move(why)});
}

void Work::note(std::string text) {
    if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(std::move(text));
}

std::string second_overlay_name(const std::string& overlay) {
    return fmt::format("{}/{}", folder_of(overlay), kSecondName);
}

std::string plan_path(const std::string& host) { return fmt::format("llama-fleet/plan/{}.json", host); }

bool names_file(Sources& sources, const std::string& file, const std::string& named) {
    const Tree* tree = sources.tree_or_null(file);
    bool found = false;
    if (tree != nullptr)
        walk(*tree, tree->root(), [&](NodeId node) {
            found = found ||
                    (tree->is(node, Kind::path) && sources.nix_file(file, text_of(*tree, node).value_or("/")) == named);
            return !found;
        });
    return found;
}

std::string overlay_place(Sources& sources) {
    constexpr std::string_view kName = "llama-cpp.nix";
    std::string best;
    for (const std::string& file : sources.all_nix_files()) {
        const std::string folder = folder_of(file);
        const bool ours = file.ends_with("llama-cpp.nix") || file.ends_with(kSecondName);
        if (ours && sources.text(file).value_or("").starts_with("# Written by llama-fleet ")) return file;
        if (!is_plain_path(folder)) continue;
        const std::size_t slash = folder.rfind('/');
        if (folder.substr(slash == std::string::npos ? 0 : slash + 1) != "overlays") continue;
        if (best.empty() || depth_of(folder) < depth_of(best)) best = folder;
    }
    if (best.empty()) best = sources.is_folder("nixos") && !read_by_depth(sources) ? "nixos/overlays" : "overlays";
    if (read_as_a_whole(sources, best) || framework_reads_folders(sources)) best = "llama-fleet";
    return fmt::format("{}/{}", best, kName);
}

std::string nixpkgs_input(const Outline& outline, const std::set<std::string>& hosts) {
    const auto has = [&](const std::string& name) {
        return std::find(outline.inputs.begin(), outline.inputs.end(), name) != outline.inputs.end();
    };
    for (const OutlineHost& host : outline.hosts)
        if (host.site != kNoSite && hosts.contains(host.name) && has(outline.sites[host.site].nixpkgs))
            return outline.sites[host.site].nixpkgs;
    return has("nixpkgs") ? "nixpkgs" : "";
}

NodeId module_set(const Tree& tree, NodeId module) {
    const NodeId value =
        nixsyntax::result_of(tree, nixsyntax::innermost_body(tree, nixsyntax::strip_parens(tree, module)));
    return tree.is(value, Kind::set) ? value : kNone;
}

bool is_llama_package(const Tree& tree, NodeId expression) {
    const NodeId id = nixsyntax::call_parts(tree, nixsyntax::strip_parens(tree, expression)).front();
    std::vector<std::string> names;
    if (tree.is(id, Kind::identifier)) names.emplace_back(tree.text(id));
    if (tree.is(id, Kind::select)) {
        // The names that are known, so that `inputs.llama-cpp.packages.${system}.cuda` can be read.
        const NodeId from = nixsyntax::strip_parens(tree, tree.child(id, 0));
        if (!tree.is(from, Kind::identifier)) return tree.is(from, Kind::apply) && is_llama_package(tree, from);
        names.emplace_back(tree.text(from));
        for (const NodeId part : tree.children(tree.child(id, 1)))
            names.push_back(nixsyntax::attr_name(tree, part).value_or(""));
    }
    static constexpr std::array<std::string_view, 9> kNames{
        "llama-cpp",      "llama-cpp-cpu",   "llama-cpp-cuda",      "llama-cpp-vulkan",   "llama-cpp-rocm",
        "llama-cpp-blas", "llama-cpp-multi", "llama-cpp-cuda-blas", "llama-cpp-universal"};
    if (names.empty()) return false;
    const auto is_name = [](const std::string& name) {
        return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
    };
    if (names.back() == "override" || names.back() == "overrideAttrs") names.pop_back();
    if (names.empty()) return false;
    if (is_name(names.back())) return true;
    const auto packages = std::find_if(names.begin(), names.end(), [](const std::string& name) {
        return name == "packages" || name == "legacyPackages";
    });
    return packages != names.end() && packages != names.begin() && is_name(*(packages - 1));
}

}  // namespace lf::flake
