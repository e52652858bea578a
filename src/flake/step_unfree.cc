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

struct Predicate {
    enum class Kind : std::uint8_t { none, with_cuda, other };
    Kind kind = Kind::none;
    std::string file;
    NodeId name = kNone;  ///< where the file says allowUnfreePredicate; kNone = it is no Nix that can be read
};

/// The owner's predicate in the files of a host: a second one would not be merged with it.
Predicate predicate_of(Work& work, const Reach& reach, const Site& site, std::size_t host) {
    std::vector<std::string> files{"flake.nix"};
    if (site.file() != "flake.nix") files.push_back(site.file());
    for (const Reached& reached : reach.files(host))
        if (!reached.home && reached.path != work.overlay) files.push_back(reached.path);
    Predicate out;
    for (const std::string& file : files) {
        const std::string text = work.sources.text(file).value_or("");
        if (text.find("allowUnfreePredicate") == std::string::npos) continue;
        const bool cuda =
            text.find("CUDA EULA") != std::string::npos || text.find("allowUnfreeCudaPredicate") != std::string::npos;
        if (cuda) return {Predicate::Kind::with_cuda, file, kNone};
        const Tree* tree = work.sources.tree_or_null(file);
        NodeId name = kNone;
        for (NodeId id = 0; tree != nullptr && name == kNone && id < tree->size(); ++id)
            if (tree->is(id, Kind::name) && tree->text(id) == "allowUnfreePredicate") name = id;
        if (tree == nullptr || name != kNone) out = {Predicate::Kind::other, file, name};
    }
    return out;
}

/// What to add to the owner's predicate, at its place.
void extend_predicate(Work& work, const Tree& ours, const Predicate& there, std::string why) {
    const Block block = predicate(ours);
    const std::string test = fmt::format("{}\n  {}", block.lines[2].second,
                                         block.lines[3].second.substr(0, block.lines[3].second.size() - 1));
    const Tree* tree = there.name == kNone ? nullptr : work.sources.tree_or_null(there.file);
    if (tree == nullptr) {
        why += "; join your allowUnfreePredicate there and this function by ||; the other edits follow then";
        return work.instructions.push_back({there.file, 0, "pkg:\n" + indent(test, "  "), std::move(why)});
    }
    const NodeId binding = nixsyntax::enclosing(*tree, there.name, Kind::binding);
    const bool defined = binding != kNone && tree->last_child(nixsyntax::binding_path(*tree, binding)) == there.name;
    const auto lambda =
        defined ? nixsyntax::lambda_parts(*tree, nixsyntax::binding_value(*tree, binding)) : nixsyntax::Lambda{};
    // Behind these, `||` is an operand of the whole function.
    const bool ends_open =
        lambda.body != kNone &&
        (tree->is(lambda.body, Kind::apply) || tree->is(lambda.body, Kind::parens) ||
         (tree->is(lambda.body, Kind::binary) && tree->op(lambda.body) == nixsyntax::TokenKind::logical_or));
    if (ends_open && lambda.argument != kNone && lambda.formals == kNone)
        return work.by_hand(*tree, there.name, fmt::format("|| (pkg: {}) {}", test, tree->text(lambda.argument)),
                            why +
                                "; put this at the end of the function of your allowUnfreePredicate there; the other "
                                "edits follow then");
    work.by_hand(*tree, there.name, "pkg:\n" + indent(test, "  "),
                 why + "; join your allowUnfreePredicate there and this function by ||; the other edits follow then");
}

/// The inline module of a site that holds nixpkgs.config or nixpkgs.overlays: the entry to put the predicate behind.
NodeId neighbour(const Site& site) {
    const Tree& tree = site.tree();
    NodeId overlays = kNone;
    for (const NodeId list : module_lists(site))
        for (const NodeId module : tree.children(list)) {
            const NodeId set = module_set(tree, module);
            if (set == kNone) continue;
            for (const auto& found : nixsyntax::find_bindings(tree, set, "nixpkgs"))
                if (tree.is(found.entry, Kind::binding) && found.match == Match::deeper) overlays = found.entry;
        }
    return overlays;
}

void insert_predicate(const Site& site, NodeId behind, nixsyntax::EditSet& edits) {
    const Tree& tree = site.tree();
    const Block block = predicate(tree);
    const NodeId set = behind == kNone ? kNone : tree.parent(behind);
    if (set != kNone && !nixsyntax::item_style(tree, set).one_line) return insert_behind(tree, behind, block, edits);
    Block module;
    module.lines = {{0, "{"}};
    for (const auto& [depth, line] : block.lines) module.lines.emplace_back(depth + 1, line);
    module.lines.emplace_back(0, "}");
    add_to_modules(site, module, edits);
}

}  // namespace

std::string cuda_predicate_text() {
    const auto tree = nixsyntax::parse("{ }", "");
    return tree ? text_of_block(predicate(*tree)) : std::string();
}

Done permit_cuda(Work& work) {
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    const Reach reach(work.sources, outline);
    std::map<std::string, nixsyntax::EditSet> edits;  // by file
    std::set<std::size_t> done;
    for (std::size_t i = 0; i < outline.hosts.size(); ++i) {
        const OutlineHost& host = outline.hosts[i];
        const bool asked = work.hosts.contains(host.name) && work.request.unfree_refused.contains(host.name);
        if (!asked || host.site == kNoSite || !done.insert(host.site).second) continue;
        const Site& site = outline.sites[host.site];
        const NodeId behind = neighbour(site);
        const Predicate there = predicate_of(work, reach, site, i);
        if (there.kind == Predicate::Kind::with_cuda) {
            work.note(fmt::format("{}: CUDA's licences are named in a predicate, but evaluation still refuses them",
                                  printable(host.name)));
            continue;
        }
        std::string why =
            fmt::format("{} is to have CUDA, which is unfree and not allowed there", printable(host.name));
        if (there.kind == Predicate::Kind::other) {
            extend_predicate(work, site.tree(), there, std::move(why));
            continue;
        }
        const bool given = !nixsyntax::find_bindings(site.tree(), site.arguments.id, "pkgs").empty();
        const bool can_insert = !given && modules_end(site);
        if (work.request.allow_unfree && can_insert) {
            insert_predicate(site, behind, edits[site.file()]);
            continue;
        }
        if (given) why += "; its pkgs come from outside, so the predicate belongs where they are made";
        why += can_insert ? "; paste it, or run the same command with --allow-unfree; the other edits follow then"
                          : "; paste it; the other edits follow then";
        const Ref at = behind == kNone ? host.at : Ref{&site.tree(), behind};
        work.by_hand(*at.tree, at.id, text_of_block(predicate(site.tree())), why);
    }
    for (const auto& [file, set] : edits) LF_TRY(work.sources.edit(file, set));
    return {};
}

}  // namespace lf::flake
