// SPDX-License-Identifier: MIT
// What else says llama-cpp in the files of the hosts: an overlay that stands in a module or a let, packageOverrides
// (which every overlay overrules), and the official flake's own overlay (which would hide ours where it comes later).
// Each is taken out where it is about llama.cpp alone; of a set that defines more, only our names are.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flake/overlay_file.h"
#include "flake/remover.h"

namespace lf::flake {
namespace {

class Superseder {
  public:
    Superseder(Work& work, const Tree& tree)
        : work_(work), tree_(tree), remover_(work, tree, "the llama-cpp of this overlay") {}

    void look_at(NodeId node) {
        if (tree_.is(node, Kind::lambda)) overlay(node);
        if (tree_.is(node, Kind::binding)) package_overrides(node);
        if (tree_.is(node, Kind::select)) official(node);
    }
    bool found() const { return !remover_.empty(); }
    Done run() {
        for (std::string& text : notes_) work_.note(std::move(text));
        return remover_.run();
    }

  private:
    std::uint32_t line(NodeId node) const { return work_.sources.original_line(tree_.file(), tree_.span(node).begin); }
    void overlay(NodeId lambda);
    void package_overrides(NodeId binding);
    void official(NodeId select);
    bool in_overlays(NodeId node, int steps) const;
    std::vector<NodeId> our_bindings(NodeId set, bool& others) const;
    void take_out_bindings(const std::vector<NodeId>& bindings);

    Work& work_;
    const Tree& tree_;
    Remover remover_;
    std::vector<std::string> notes_;
};

/// Does the node stand in a list of nixpkgs.overlays, itself or by names that a let gives it?
bool Superseder::in_overlays(NodeId node, int steps) const {
    constexpr int kMaxSteps = 4;
    NodeId up = tree_.parent(node);
    while (tree_.is(up, Kind::parens)) up = tree_.parent(up);
    if (tree_.is(up, Kind::list)) {
        const NodeId binding = nixsyntax::enclosing(tree_, up, Kind::binding);
        return binding != kNone && ends_with(full_path(tree_, binding), {"nixpkgs", "overlays"});
    }
    if (!tree_.is(up, Kind::binding) || !tree_.is(tree_.parent(up), Kind::let) || steps >= kMaxSteps) return false;
    const auto names = nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, up));
    if (!names || names->size() != 1) return false;
    bool used = false;
    for (NodeId id = 0; id < tree_.size(); ++id) {
        if (!tree_.is(id, Kind::identifier) || tree_.text(id) != names->front()) continue;
        if (nixsyntax::resolve(tree_, id).definer != up) continue;
        used = true;
        if (!in_overlays(id, steps + 1)) return false;
    }
    return used;
}

/// The bindings of a set that define our names; `others` = it has more.
std::vector<NodeId> Superseder::our_bindings(NodeId set, bool& others) const {
    std::vector<NodeId> out;
    for (const NodeId entry : nixsyntax::entries(tree_, set)) {
        const auto names = tree_.is(entry, Kind::binding)
                               ? nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, entry))
                               : std::nullopt;
        if (names && is_our_name(names->front())) out.push_back(entry);
        else others = true;
    }
    return out;
}

void Superseder::take_out_bindings(const std::vector<NodeId>& bindings) {
    for (const NodeId binding : bindings) remover_.take_out(binding);
}

void Superseder::overlay(NodeId lambda) {
    if (tree_.is(tree_.parent(lambda), Kind::lambda)) return;
    const NodeId set = overlay_set(tree_, lambda, false);
    if (set == kNone) return;
    bool others = false;
    const auto ours = our_bindings(set, others);
    if (ours.empty()) return;
    const bool whole_file = nixsyntax::strip_parens(tree_, tree_.root()) == lambda;
    if (whole_file && !others) return;  // an old file, which is cleaned up as a whole
    const bool in_list = in_overlays(lambda, 0);
    // In a recursive set other packages may name ours.
    if ((!whole_file && !in_list) || (others && tree_.has(set, nixsyntax::kRecursive))) return;
    notes_.push_back(fmt::format("{}:{}: {} of the overlay there is superseded and taken out", tree_.file(),
                                 line(ours.front()),
                                 tree_.text(tree_.child(nixsyntax::binding_path(tree_, ours.front()), 0))));
    if (others) take_out_bindings(ours);
    else remover_.take_out_use(lambda);
}

/// nixpkgs.config.packageOverrides = pkgs: { llama-cpp = …; };
void Superseder::package_overrides(NodeId binding) {
    if (!ends_with(full_path(tree_, binding), {"nixpkgs", "config", "packageOverrides"})) return;
    const NodeId set = module_set(tree_, nixsyntax::binding_value(tree_, binding));
    if (set == kNone) return;
    bool others = false;
    const auto ours = our_bindings(set, others);
    if (ours.empty() || (others && tree_.has(set, nixsyntax::kRecursive))) return;
    notes_.push_back(
        fmt::format("{}:{}: llama-cpp of packageOverrides is taken out: overlays come later and discard it",
                    tree_.file(), line(ours.front())));
    if (others) take_out_bindings(ours);
    else remover_.take_out(binding);
}

/// inputs.llama-cpp.overlays.default in a list of overlays.
void Superseder::official(NodeId select) {
    if (!in_overlays(select, 0)) return;
    const auto name = nixsyntax::dotted_name(tree_, select);
    if (!name || name->size() < 2) return;
    const auto at = std::find(name->begin(), name->end(), work_.input);
    const bool overlay =
        at != name->end() && at + 1 != name->end() && (*(at + 1) == "overlays" || *(at + 1) == "overlay");
    if (!overlay || (at != name->begin() && (at - 1) != name->begin())) return;
    notes_.push_back(
        fmt::format("{}:{}: the official overlay is taken out: its llama-cpp would hide that of llama-fleet",
                    tree_.file(), line(select)));
    remover_.take_out_use(select);
}

bool belongs_to(const Outline& outline, const Reach& reach, const std::string& file, std::size_t host) {
    const std::size_t site = outline.hosts[host].site;
    return file == "flake.nix" || reach.users(file).contains(host) ||
           (site != kNoSite && outline.sites[site].file() == file);
}

}  // namespace

Done take_out_superseded(Work& work) {
    LF_ASSIGN(const Outline first, read_outline(work.sources));
    std::set<std::string> files{"flake.nix"};
    const Reach reach_of_first(work.sources, first);
    bool own_names = false;  // llamaPackages is the official overlay's alone
    for (std::size_t host = 0; host < first.hosts.size(); ++host) {
        if (!work.hosts.contains(first.hosts[host].name)) continue;
        for (const Reached& reached : reach_of_first.files(host))
            if (!reached.home && reached.path != work.overlay) files.insert(reached.path);
        if (first.hosts[host].site != kNoSite) files.insert(first.sites[first.hosts[host].site].file());
    }
    for (const std::string& file : files)
        own_names = own_names || work.sources.text(file).value_or("").find("llamaPackages") != std::string::npos;
    for (const std::string& file : files) {
        const Tree* tree = work.sources.tree_or_null(file);
        if (tree == nullptr || judge_overlay_file(tree->text()) != OverlayFile::foreign) continue;
        Superseder superseder(work, *tree);
        walk(*tree, tree->root(), [&](NodeId node) {
            if (!own_names || !tree->is(node, Kind::select)) superseder.look_at(node);
            return true;
        });
        if (!superseder.found()) continue;
        LF_ASSIGN(const Outline outline, read_outline(work.sources));
        const Reach reach(work.sources, outline);
        auto waiting = waiting_hosts(work, outline, reach, file);
        std::erase_if(waiting, [&](const std::string& name) {
            const auto it = std::find_if(outline.hosts.begin(), outline.hosts.end(),
                                         [&](const OutlineHost& host) { return printable(host.name) == name; });
            return it != outline.hosts.end() &&
                   !belongs_to(outline, reach, file, static_cast<std::size_t>(it - outline.hosts.begin()));
        });
        if (waiting.empty()) {
            LF_TRY(superseder.run());
            work.superseded = true;
        } else
            work.note(
                fmt::format("{}: its own llama-cpp is left until all hosts are fitted: {}", file, join(waiting, ", ")));
    }
    return {};
}

}  // namespace lf::flake
