// SPDX-License-Identifier: MIT
#include "flake/own_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flake/always.h"
#include "flake/overlay_writer.h"

namespace lf::flake {
namespace {

using nixsyntax::Match;
using nixsyntax::Scope;
using Path = std::vector<std::string>;

/// What the modules of a host get by a name, where its site says so in specialArgs.
Path given_to_modules(const Outline& outline, std::size_t host, const std::string& name) {
    const Site& site = outline.sites[outline.hosts[host].site];
    const Bound& bound = outline.hosts[host].bound;
    Path out;
    for (const auto& found : nixsyntax::find_bindings(site.tree(), site.arguments.id, "specialArgs")) {
        const Ref value{&site.tree(), found.value == kNone ? found.name : found.value};
        if (found.match == Match::exact) out = outline.values->origin_of_attribute(value, name, bound);
        else if (found.match == Match::deeper && full_path(site.tree(), found.entry).back() == name)
            return outline.values->origin({&site.tree(), nixsyntax::binding_value(site.tree(), found.entry)}, bound);
    }
    return out;
}

/// The names that the text tells, which may not be all.
std::vector<std::string> names_of_special_args(const Outline& outline, std::size_t host) {
    const Site& site = outline.sites[outline.hosts[host].site];
    std::vector<std::string> out;
    for (const auto& found : nixsyntax::find_bindings(site.tree(), site.arguments.id, "specialArgs")) {
        if (found.match == Match::deeper) out.push_back(full_path(site.tree(), found.entry).back());
        if (found.match != Match::exact) continue;
        std::vector<Member> members;
        const Ref value{&site.tree(), found.value == kNone ? found.name : found.value};
        outline.values->members(value, outline.hosts[host].bound, members);
        for (Member& member : members) out.push_back(std::move(member.name));
    }
    return out;
}

InputsView view_of(const Outline& outline, std::size_t host, const std::string& name, const std::string& input) {
    const Path path = given_to_modules(outline, host, name);
    if (path == Path{"inputs"}) return {InputsView::Kind::all, name};
    if (path == Path{"inputs", "self"}) return {InputsView::Kind::holder, name};
    if (path == Path{"inputs", input} && name == input) return {InputsView::Kind::one, name};
    return {};
}

class Finder {
  public:
    Finder(const Work& work, const Outline& outline, std::size_t host) : work_(work), outline_(outline), host_(host) {}

    std::optional<OwnFile> run(const Tree& tree) const {
        OwnFile out;
        out.tree = &tree;
        out.set = module_of(tree);
        if (out.set == kNone || makes_own_pkgs(tree, tree.root()) || !place(out)) return std::nullopt;
        out.inputs = inputs_in(out);
        if (out.inputs.kind == InputsView::Kind::none) return std::nullopt;
        return out;
    }

  private:
    /// The set of a module with one function at most; that of `config` where it has options of its own.
    static NodeId module_of(const Tree& tree) {
        const NodeId root = nixsyntax::strip_parens(tree, tree.root());
        const auto lambda = nixsyntax::lambda_parts(tree, root);
        NodeId set = nixsyntax::result_of(tree, lambda.body == kNone ? root : lambda.body);
        if (!tree.is(set, Kind::set)) return kNone;
        const auto config = nixsyntax::find_bindings(tree, set, "config");
        if (config.empty()) return set;
        if (config.size() != 1 || config.front().match != Match::exact || config.front().value == kNone) return kNone;
        set = nixsyntax::strip_parens(tree, config.front().value);
        return tree.is(set, Kind::set) ? set : kNone;
    }

    /// Where the list stands or will stand; false where it is no literal, or the module has it in another way.
    static bool place(OwnFile& file) {
        const Tree& tree = *file.tree;
        for (const auto& found : nixsyntax::find_bindings(tree, file.set, "nixpkgs.overlays")) {
            if (found.match != Match::exact || found.value == kNone) return false;
            const NodeId list = nixsyntax::strip_parens(tree, found.value);
            if (!tree.is(list, Kind::list)) return false;
            file.list = list;
        }
        for (const auto& found : nixsyntax::find_bindings(tree, file.set, "nixpkgs")) {
            if (found.match != Match::exact) continue;
            file.nixpkgs = found.value == kNone ? kNone : nixsyntax::strip_parens(tree, found.value);
            if (!tree.is(file.nixpkgs, Kind::set)) return false;
        }
        return file.list != kNone || !nixsyntax::item_style(tree, file.set).one_line ||
               nixsyntax::entries(tree, file.set).empty();
    }

    /// Is the name free, or the argument of the module itself, where the list stands?
    static bool is_free(const OwnFile& file, std::string_view name) {
        const Tree& tree = *file.tree;
        const NodeId at = file.list != kNone ? file.list : file.nixpkgs != kNone ? file.nixpkgs : file.set;
        const auto definition = nixsyntax::resolve(tree, at, name);
        if (definition.definer == kNone) return true;
        return definition.scope == Scope::with || definition.owner == nixsyntax::strip_parens(tree, tree.root());
    }

    InputsView inputs_in(const OwnFile& file) const {
        const Tree& tree = *file.tree;
        const auto lambda = nixsyntax::lambda_parts(tree, nixsyntax::strip_parens(tree, tree.root()));
        const auto try_name = [&](const std::string& name) {
            return is_free(file, name) ? view_of(outline_, host_, name, work_.input) : InputsView{};
        };
        if (lambda.formals != kNone)
            for (const NodeId formal : tree.children(lambda.formals))
                if (auto view = try_name(std::string(tree.text(tree.child(formal, 0)))); view.kind != kNoInputs)
                    return view;
        // The name has to be added to the arguments.
        const bool open = lambda.formals != kNone && tree.has(lambda.formals, nixsyntax::kEllipsis);
        const bool none = lambda.body == kNone || (lambda.formals == kNone && tree.text(lambda.argument) == "_");
        if (!open && !none) return {};
        std::vector<std::string> names{"inputs", "self", work_.input};
        for (std::string& name : names_of_special_args(outline_, host_)) names.push_back(std::move(name));
        for (const std::string& name : names)
            if (auto view = try_name(name); view.kind != kNoInputs) return view;
        return {};
    }

    static constexpr InputsView::Kind kNoInputs = InputsView::Kind::none;

    const Work& work_;
    const Outline& outline_;
    std::size_t host_;
};

/// `{ inputs, ... }:` in front of a module that is a set, or in the place of `_:`; one more name where there are some.
void take_inputs(const OwnFile& file, nixsyntax::EditSet& edits) {
    const Tree& tree = *file.tree;
    const NodeId root = nixsyntax::strip_parens(tree, tree.root());
    const auto lambda = nixsyntax::lambda_parts(tree, root);
    const std::string head = bracketed(tree, '{', file.inputs.name + ", ...", '}');
    if (lambda.formals != kNone) {
        if (nixsyntax::find_formal(tree, lambda.formals, file.inputs.name) == kNone)
            add_formal(tree, lambda.formals, file.inputs.name, edits);
    } else if (lambda.argument != kNone) {
        edits.replace(tree.span(lambda.argument), head);
    } else {
        edits.insert(tree.span(root).begin, head + ":" + nixsyntax::file_style(tree).newline);
    }
}

}  // namespace

bool is_hardware_file(const std::string& path) {
    return path.find("hardware-configuration") != std::string::npos || path.find("facter") != std::string::npos;
}

bool is_named_for(std::string_view path, std::string_view host) {
    for (std::string_view part : split(path, '/')) {
        if (part.ends_with(".nix")) part.remove_suffix(4);
        if (part == host) return true;
    }
    return false;
}

NodeId last_but_state_version(const Tree& tree, NodeId set) {
    NodeId last = kNone;
    for (const NodeId entry : nixsyntax::entries(tree, set))
        if (!tree.is(entry, Kind::binding) || !ends_with(full_path(tree, entry), {"system", "stateVersion"}))
            last = entry;
    return last;
}

std::optional<OwnFile> own_file(const Work& work, const Outline& outline, const Reach& reach, std::size_t host) {
    std::vector<std::string> named;
    std::vector<std::string> direct;
    for (const Reached& reached : reach.files(host)) {
        const bool own = reach.users(reached.path).size() == 1 && reach.always(reached.path);
        if (reached.home || !own || is_hardware_file(reached.path)) continue;
        if (is_named_for(reached.path, outline.hosts[host].name)) named.push_back(reached.path);
        if (reached.direct) direct.push_back(reached.path);
    }
    // What hosts that nobody can follow have is not known; a file that is named for this one is not theirs.
    const bool all_known = std::all_of(outline.hosts.begin(), outline.hosts.end(),
                                       [](const OutlineHost& other) { return other.site != kNoSite; });
    if (named.empty() && (direct.size() != 1 || !all_known)) return std::nullopt;
    const Tree* tree = work.sources.tree_or_null(named.empty() ? direct.front() : named.front());
    return tree == nullptr ? std::nullopt : Finder(work, outline, host).run(*tree);
}

void register_in(const Work& work, const OwnFile& file, const std::string& host, nixsyntax::EditSet& edits) {
    const Tree& tree = *file.tree;
    const std::string plan = path_literal(tree.file(), plan_path(host));
    const Block element =
        overlay_import(tree, work.overlay, inputs_bindings(tree, file.inputs, work.input), "(", plan, ")");
    take_inputs(file, edits);
    if (file.list != kNone) return append_item(tree, file.list, element, edits);
    if (file.nixpkgs != kNone) return append_item(tree, file.nixpkgs, list_binding(tree, "overlays", element), edits);
    const Block binding = list_binding(tree, "nixpkgs.overlays", element);
    NodeId behind = last_but_state_version(tree, file.set);
    for (const NodeId entry : nixsyntax::entries(tree, file.set))
        if (tree.is(entry, Kind::binding) && full_path(tree, entry).front() == "nixpkgs") behind = entry;
    if (behind == kNone) append_item(tree, file.set, binding, edits);
    else insert_behind(tree, behind, binding, edits);
}

}  // namespace lf::flake
