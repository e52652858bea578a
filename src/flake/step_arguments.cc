// SPDX-License-Identifier: MIT
// The overlay needs the inputs of the flake where it is registered. A file that makes hosts may have no name for them:
//
//     flake.nix          nixosConfigurations = import ./hosts { inherit nixpkgs home-manager; };
//     hosts/default.nix  { nixpkgs, home-manager }: { carbon = nixpkgs.lib.nixosSystem { … }; }
//
// Then the argument is added on both sides; only where this is the one call of that file. A function that is given all
// inputs at once and names those that it takes gets the new one, as outputs does.
#include <algorithm>

#include "flake/inputs_view.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

class Carrier {
  public:
    Carrier(Work& work, const Outline& outline) : work_(work), outline_(outline) {}

    Done run() {
        for (const Ref& formals : outline_.values->receivers())
            if (!formals.tree->has(formals.id, nixsyntax::kEllipsis)) add(formals, work_.input);
        for (const Site& site : outline_.sites) {
            const ModulesEnd end = modules_end(site);
            const bool wanted = std::any_of(site.hosts.begin(), site.hosts.end(), [&](std::size_t host) {
                return outline_.hosts[host].cannot.empty() && work_.hosts.contains(outline_.hosts[host].name);
            });
            if (!wanted || !end || edits_.contains(site.file())) continue;
            if (inputs_view(outline_, site, {&site.tree(), end.place(site)}, work_.input).kind ==
                InputsView::Kind::none)
                open_way(site);
        }
        for (const auto& [file, set] : edits_) LF_TRY(work_.sources.edit(file, set));
        return {};
    }

  private:
    void add(Ref formals, const std::string& name) {
        if (nixsyntax::find_formal(*formals.tree, formals.id, name) == kNone && added_.insert(formals).second)
            add_formal(*formals.tree, formals.id, name, edits_[formals.tree->file()]);
    }

    /// The set that all hosts of the site give to a function; nothing if they differ.
    Ref given_to(const Site& site, Ref formals) const {
        Ref out;
        for (const std::size_t host : site.hosts) {
            const auto& values = outline_.hosts[host].bound.values;
            const auto it = values.find(formals);
            if (it == values.end() || (out && out != it->second)) return {};
            out = it->second;
        }
        return out;
    }

    void open_way(const Site& site) {
        const Tree& tree = site.tree();
        const auto file = nixsyntax::lambda_parts(tree, tree.root());
        const Ref formals{&tree, file.formals};
        if (file.formals == kNone) return;
        if (outline_.values->receivers().contains(formals)) return add(formals, work_.input);
        const Ref given = given_to(site, formals);
        if (!given || !given.tree->is(given.id, Kind::set) || !is_only_call(given, tree.file())) return;
        const Bound& bound = outline_.hosts[site.hosts.front()].bound;
        if (outline_.values->origin_of_attribute(given, "inputs", bound) == std::vector<std::string>{"inputs"})
            return add(formals, "inputs");
        const InputsView view = inputs_view(outline_, site, given, work_.input);
        if (view.kind == InputsView::Kind::none) return;
        const std::string name = view.kind == InputsView::Kind::one ? work_.input : "inputs";
        const bool taken = nixsyntax::find_formal(tree, formals.id, name) != kNone ||
                           !nixsyntax::find_bindings(*given.tree, given.id, name).empty();
        if (taken) return;
        add(formals, name);
        give(given, view, name);
    }

    /// Is `import FILE { … }` with this set the one place of the repository that names the file?
    bool is_only_call(Ref given, const std::string& file) {
        const Tree& tree = *given.tree;
        NodeId up = tree.parent(given.id);
        while (tree.is(up, Kind::parens)) up = tree.parent(up);
        const auto parts = nixsyntax::call_parts(tree, up);
        if (!tree.is(up, Kind::apply) || parts.size() < 3 || tree.text(parts[0]) != "import" ||
            nixsyntax::strip_parens(tree, parts[2]) != given.id)
            return false;
        int uses = 0;
        for (const std::string& other : work_.sources.all_nix_files()) {
            const Tree* there = work_.sources.tree_or_null(other);
            for (NodeId id = 0; there != nullptr && id < there->size(); ++id)
                if (there->is(id, Kind::path) &&
                    work_.sources.nix_file(other, text_of(*there, id).value_or("/")) == file)
                    ++uses;
        }
        return uses == 1;
    }

    /// One more attribute in the set, behind the names of an `inherit` where it can be one of them.
    void give(Ref given, const InputsView& view, const std::string& name) {
        const Tree& tree = *given.tree;
        nixsyntax::EditSet& edits = edits_[tree.file()];
        NodeId inherit = kNone;
        for (const NodeId entry : nixsyntax::entries(tree, given.id))
            if (tree.is(entry, Kind::inherit) && nixsyntax::inherit_source(tree, entry) == kNone &&
                !nixsyntax::inherit_names(tree, entry).empty())
                inherit = entry;
        const bool plain = view.kind != InputsView::Kind::holder && view.name == name;
        if (plain && inherit != kNone) {
            const NodeId last = nixsyntax::inherit_names(tree, inherit).back();
            const bool own_line = nixsyntax::starts_line(tree, last);
            const std::string before =
                own_line ? nixsyntax::file_style(tree).newline + std::string(nixsyntax::line_indent_of(tree, last))
                         : " ";
            return edits.insert(nixsyntax::end_with_comment(tree, last), before + name);
        }
        const std::string text = plain                                   ? "inherit " + name + ";"
                                 : view.kind == InputsView::Kind::holder ? "inherit (" + view.name + ") inputs;"
                                                                         : name + " = " + view.name + ";";
        append_item(tree, given.id, Block{text, {{0, text}}, true}, edits);
    }

    Work& work_;
    const Outline& outline_;
    std::map<std::string, nixsyntax::EditSet> edits_;  ///< by file
    std::set<Ref> added_;
};

}  // namespace

Done carry_inputs(Work& work) {
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    return Carrier(work, outline).run();
}

}  // namespace lf::flake
