// SPDX-License-Identifier: MIT
// CUDA is unfree, and whether unfree software is allowed is the owner's decision. Where evaluation said no, the owner
// gets a predicate that allows CUDA's licences and no other; it is written only if the owner agreed beforehand.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

using nixsyntax::Match;

// Names as nixpkgs' lib/licenses.nix and cudnn have them; `license` is a set or a list of sets.
Block predicate(const Tree& tree) {
    const std::string names = bracketed(tree, '[', "\"CUDA EULA\" \"cuDNN EULA\"", ']');
    Block block;
    block.compact = false;
    block.lines = {
        {0, "# CUDA's licences; nothing else that is unfree."},
        {0, "nixpkgs.config.allowUnfreePredicate = pkg:"},
        {1, fmt::format("builtins.all (l: l.free or false || builtins.elem (l.shortName or \"\") {})", names)},
        {2, fmt::format("(if builtins.isList pkg.meta.license then pkg.meta.license else {});",
                        bracketed(tree, '[', "pkg.meta.license", ']'))},
    };
    return block;
}

std::string text_of_block(const Block& block) {
    std::string out;
    for (const auto& [depth, line] : block.lines) {
        if (!out.empty()) out += "\n";
        out += std::string(static_cast<std::size_t>(2 * depth), ' ') + line;
    }
    return out;
}

enum class Predicate : std::uint8_t { none, with_cuda, other };

/// The owner's predicate in the files of a host: a second one would not be merged with it.
Predicate predicate_of(Work& work, const Reach& reach, std::size_t host) {
    std::vector<std::string> files{"flake.nix"};
    for (const Reached& reached : reach.files(host))
        if (!reached.home && reached.path != work.overlay) files.push_back(reached.path);
    Predicate out = Predicate::none;
    for (const std::string& file : files) {
        const std::string text = work.sources.text(file).value_or("");
        if (text.find("allowUnfreePredicate") == std::string::npos) continue;
        const bool cuda =
            text.find("CUDA EULA") != std::string::npos || text.find("allowUnfreeCudaPredicate") != std::string::npos;
        if (cuda) return Predicate::with_cuda;
        out = Predicate::other;
    }
    return out;
}

/// The inline module of a site that holds nixpkgs.config or nixpkgs.overlays: the entry to put the predicate behind.
NodeId neighbour(const Outline& outline, const Site& site) {
    const Tree& tree = *outline.tree;
    NodeId overlays = kNone;
    for (const NodeId list : module_lists(outline, site))
        for (const NodeId module : tree.children(list)) {
            const NodeId set = module_set(tree, module);
            if (set == kNone) continue;
            for (const auto& found : nixsyntax::find_bindings(tree, set, "nixpkgs"))
                if (tree.is(found.entry, Kind::binding) && found.match == Match::deeper) overlays = found.entry;
        }
    return overlays;
}

void insert_predicate(const Tree& tree, NodeId behind, const Outline& outline, const Site& site,
                      nixsyntax::EditSet& edits) {
    const Block block = predicate(tree);
    const NodeId set = behind == kNone ? kNone : tree.parent(behind);
    if (set != kNone && !nixsyntax::item_style(tree, set).one_line) return insert_behind(tree, behind, block, edits);
    Block module;
    module.lines = {{0, "{"}};
    for (const auto& [depth, line] : block.lines) module.lines.emplace_back(depth + 1, line);
    module.lines.emplace_back(0, "}");
    append_item(tree, module_lists(outline, site).back(), module, edits);
}

}  // namespace

Done permit_cuda(Work& work) {
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    const Tree& tree = *outline.tree;
    const Reach reach(work.sources, outline);
    nixsyntax::EditSet edits;
    std::set<std::size_t> done;
    for (std::size_t i = 0; i < outline.hosts.size(); ++i) {
        const OutlineHost& host = outline.hosts[i];
        const bool asked = work.hosts.contains(host.name) && work.request.unfree_refused.contains(host.name);
        if (!asked || host.site == kNoSite || !done.insert(host.site).second) continue;
        const Site& site = outline.sites[host.site];
        const NodeId behind = neighbour(outline, site);
        const Predicate predicate_there = predicate_of(work, reach, i);
        if (predicate_there == Predicate::with_cuda) {
            work.note(fmt::format("{}: CUDA's licences are named in a predicate, but evaluation still refuses them",
                                  printable(host.name)));
            continue;
        }
        const bool own = predicate_there == Predicate::other;
        const bool given = !nixsyntax::find_bindings(tree, site.arguments, "pkgs").empty();
        if (work.request.allow_unfree && !own && !given && !module_lists(outline, site).empty()) {
            insert_predicate(tree, behind, outline, site, edits);
            continue;
        }
        std::string why =
            fmt::format("{} is to have CUDA, which is unfree and not allowed there", printable(host.name));
        if (own) why += "; there is an allowUnfreePredicate already, which has to allow CUDA's licences too";
        else if (given) why += "; its pkgs come from outside, so the predicate belongs where they are made";
        else why += "; with --allow-unfree this is added for you";
        work.by_hand(tree, behind == kNone ? host.at : behind, text_of_block(predicate(tree)), why);
    }
    return work.sources.edit("flake.nix", edits);
}

}  // namespace lf::flake
