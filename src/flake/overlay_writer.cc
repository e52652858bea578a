// SPDX-License-Identifier: MIT
#include "flake/overlay_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lf::flake {
namespace {

using nixsyntax::Scope;

constexpr std::array<std::string_view, 3> kBindings{"overlay-llama-cpp", "overlay-llama-fleet",
                                                    "overlay-of-llama-fleet"};

bool looks_like_an_overlay(const Tree& tree, NodeId binding) {
    const auto names = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, binding));
    if (names && names->front().find("overlay") != std::string::npos) return true;
    const auto outer = nixsyntax::lambda_parts(tree, nixsyntax::binding_value(tree, binding));
    if (outer.body == kNone || outer.formals != kNone) return false;
    const auto inner = nixsyntax::lambda_parts(tree, outer.body);
    const std::string_view last = inner.argument == kNone ? std::string_view() : tree.text(inner.argument);
    return inner.formals == kNone && (last == "prev" || last == "super");
}

/// nixfmt puts a function that does not fit on one line below its name, other formatters do not.
bool is_formatted_by_nixfmt(const Tree& tree) {
    for (NodeId id = 0; id < tree.size(); ++id)
        if (tree.is(id, Kind::binding) && tree.is(nixsyntax::binding_value(tree, id), Kind::lambda) &&
            nixsyntax::starts_line(tree, nixsyntax::binding_value(tree, id)) && !is_tight(tree))
            return true;
    return false;
}

}  // namespace

Block overlay_import(const Tree& tree, const std::string& overlay, const std::string& inputs, std::string_view head,
                     std::string_view plan, std::string_view tail) {
    const std::string start = fmt::format("{}import {} ", head, path_literal(tree.file(), overlay));
    Block block;
    block.one_line =
        fmt::format("{}{}{}", start, bracketed(tree, '{', fmt::format("{} plan = {};", inputs, plan), '}'), tail);
    block.lines = {{0, start + "{"}, {1, inputs}, {1, fmt::format("plan = {};", plan)}, {0, fmt::format("}}{}", tail)}};
    return block;
}

/// `overlay-llama-cpp = host: import ./…/llama-cpp.nix …;` from an earlier fit: its name, or "".
std::string OverlayWriter::existing_function() const {
    for (NodeId id = 0; id < tree_.size(); ++id) {
        if (!tree_.is(id, Kind::binding) || !tree_.is(tree_.parent(id), Kind::let)) continue;
        const auto lambda = nixsyntax::lambda_parts(tree_, nixsyntax::binding_value(tree_, id));
        if (lambda.body == kNone || lambda.formals != kNone) continue;
        bool ours = false;
        walk(tree_, lambda.body, [&](NodeId node) {
            if (tree_.is(node, Kind::path))
                ours =
                    ours || work_.sources.nix_file(tree_.file(), text_of(tree_, node).value_or("/")) == work_.overlay;
            return true;
        });
        const auto names = nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, id));
        if (ours && names && names->size() == 1) return names->front();
    }
    return {};
}

/// The let that every place sees: the one with the owner's other overlays, else the outermost; kNone = there is none.
NodeId OverlayWriter::let_for_binding() const {
    std::vector<NodeId> common;
    for (const OverlayPlace& place : places_) {
        std::vector<NodeId> around;
        for (NodeId at = place.modules; at != kNone && !is_outputs(at); at = tree_.parent(at))
            if (tree_.is(at, Kind::let)) around.push_back(at);
        if (&place == &places_.front()) common = around;
        std::erase_if(common, [&](NodeId let) { return std::find(around.begin(), around.end(), let) == around.end(); });
    }
    // What is bound there needs the inputs.
    std::erase_if(common, [&](NodeId let) { return view_at(tree_.last_child(let)).kind == InputsView::Kind::none; });
    for (const NodeId let : common) {
        const auto all = nixsyntax::entries(tree_, let);
        if (std::any_of(all.begin(), all.end(), [&](NodeId entry) {
                return tree_.is(entry, Kind::binding) && looks_like_an_overlay(tree_, entry);
            }))
            return let;
    }
    return common.empty() ? kNone : common.back();
}

/// A name that nothing hides and that hides nothing; "" = all are taken.
std::string OverlayWriter::free_name(NodeId let) const {
    const auto hidden = [&](const OverlayPlace& place, std::string_view name) {
        const Scope scope = nixsyntax::resolve(tree_, place.modules, name).scope;
        const Scope in_list = place.list == kNone ? Scope::none : nixsyntax::resolve(tree_, place.list, name).scope;
        return (scope != Scope::none && scope != Scope::with) || (in_list != Scope::none && in_list != Scope::with);
    };
    for (const std::string_view name : kBindings) {
        const bool bound = let != kNone && !nixsyntax::find_bindings(tree_, let, name).empty();
        if (!bound &&
            std::none_of(places_.begin(), places_.end(), [&](const OverlayPlace& p) { return hidden(p, name); }))
            return std::string(name);
    }
    return {};
}

Block OverlayWriter::import_block(NodeId place, std::string_view head, std::string_view plan,
                                  std::string_view tail) const {
    return overlay_import(tree_, work_.overlay, inputs_bindings(tree_, view_at(place), work_.input), head, plan, tail);
}

std::string OverlayWriter::plan_text(const OverlayPlace& place) const {
    if (!place.own.empty()) return fmt::format("{}/{}.json", plan_folder(), place.own);
    if (place.host.starts_with('"'))
        return fmt::format("{}/{}.json", plan_folder(), outline_.hosts[place.site->hosts.front()].name);
    return fmt::format("{} + \"/${{{}}}.json\"", plan_folder(), place.host);
}

/// `overlay-llama-cpp = host: import … { … };`, broken as its owner's formatter would.
Block OverlayWriter::binding_block(NodeId place) const {
    const Block call = import_block(place, "", plan_folder() + " + \"/${host}.json\"", ";");
    Block block;
    block.compact = false;
    block.one_line = fmt::format("{} = host: {}", binding_, call.one_line);
    if (is_formatted_by_nixfmt(tree_)) block.lines = {{0, fmt::format("{} =", binding_)}, {1, "host:"}};
    else block.lines = {{0, fmt::format("{} = host:", binding_)}};
    for (const auto& [depth, text] : call.lines) block.lines.emplace_back(depth + 1, text);
    return block;
}

void OverlayWriter::bind(NodeId let, nixsyntax::EditSet& edits) const {
    const auto all = nixsyntax::entries(tree_, let);
    NodeId behind = kNone;
    for (const NodeId entry : all)
        if (tree_.is(entry, Kind::binding) && looks_like_an_overlay(tree_, entry)) behind = entry;
    const Block block = binding_block(tree_.last_child(let));
    const auto style = nixsyntax::item_style(tree_, let);
    if (behind != kNone && !style.one_line) return insert_behind(tree_, behind, block, edits);
    append_item(tree_, let, block, edits, style.blank_lines ? Gap::empty_line : Gap::none);
}

/// What the function that the file is, or the outputs are, gives.
NodeId OverlayWriter::body_of_file() const {
    if (outline_.outputs.tree == &tree_) return outline_.body;
    return nixsyntax::innermost_body(tree_, tree_.root());
}

void OverlayWriter::bind_in_new_let(nixsyntax::EditSet& edits) const {
    const auto style = nixsyntax::file_style(tree_);
    const NodeId body = body_of_file();
    const std::uint32_t at = tree_.span(body).begin;
    const std::string outer(nixsyntax::line_indent(tree_, at));
    const std::string inner = outer + style.indent_unit;
    const Block block = binding_block(body);
    const bool own_line = nixsyntax::starts_line(tree_, body);
    edits.insert(at, "let" + style.newline + inner + laid_out(tree_, block, inner) + style.newline + outer + "in" +
                         (own_line ? style.newline + outer : " "));
}

/// `{ nixpkgs.overlays = [ ]; }`, on a line of its own: what is left where an overlay was taken out.
NodeId OverlayWriter::emptied_module(NodeId list) const {
    if (list == kNone || !tree_.children(list).empty()) return kNone;
    const NodeId set = tree_.parent(tree_.parent(list));
    const bool alone = tree_.is(set, Kind::set) && nixsyntax::entries(tree_, set).size() == 1 &&
                       tree_.is(tree_.parent(set), Kind::list);
    return alone && nixsyntax::starts_line(tree_, set) && nixsyntax::on_one_line(tree_, set) ? set : kNone;
}

void OverlayWriter::put(const OverlayPlace& place, const Block& element, nixsyntax::EditSet& edits) const {
    // A list inside a module that stands on one line is not torn open: a module of our own is the smaller change.
    const bool on_modules_line = place.list != kNone && !nixsyntax::starts_line(tree_, tree_.parent(place.list)) &&
                                 nixsyntax::on_one_line(tree_, place.list);
    if (place.list != kNone && (!on_modules_line || fits_on_line(tree_, place.list, element)))
        return append_item(tree_, place.list, element, edits);
    const std::string head = place.config ? bracketed(tree_, '{', "config, ...", '}') + ": " : "";
    const std::string open = place.config ? "(" + head : "";
    const std::string close = place.config ? ")" : "";
    Block block;
    const std::string list = element.one_line.empty() ? "" : bracketed(tree_, '[', element.one_line, ']');
    if (!list.empty())
        block.one_line = open + bracketed(tree_, '{', fmt::format("nixpkgs.overlays = {};", list), '}') + close;
    if (element.lines.size() == 1) {
        block.lines = {{0, open + "{"}, {1, fmt::format("nixpkgs.overlays = {};", list)}, {0, "}" + close}};
    } else {
        block.lines = {{0, open + "{"}, {1, "nixpkgs.overlays = ["}};
        for (const auto& [depth, text] : element.lines) block.lines.emplace_back(depth + 2, text);
        block.lines.insert(block.lines.end(), {{1, "];"}, {0, "}" + close}});
    }
    constexpr std::size_t kShort = 80;
    if (!place.gets.empty() && !block.one_line.empty() && block.one_line.size() <= kShort)
        block.lines = {{0, block.one_line}};
    if (!place.gets.empty()) block = list_binding(tree_, place.gets, block);
    if (const NodeId empty = emptied_module(place.list); empty != kNone) {
        const std::string indentation(nixsyntax::line_indent_of(tree_, empty));
        return edits.replace(tree_.span(empty), laid_out(tree_, block, indentation));
    }
    if (!place.own.empty()) return append_item(tree_, place.modules, block, edits);
    add_to_modules(*place.site, block, edits);
}

void OverlayWriter::run(nixsyntax::EditSet& edits) {
    std::string function = existing_function();
    const NodeId let = let_for_binding();
    const bool new_let = let == kNone && places_.size() > 1 && view_at(body_of_file()).kind != InputsView::Kind::none;
    binding_ = free_name(let);
    if (function.empty() && !binding_.empty() && (let != kNone || new_let)) {
        if (new_let) bind_in_new_let(edits);
        else bind(let, edits);
        function = binding_;
    }
    for (const OverlayPlace& place : places_) {
        const NodeId at = place.list != kNone ? place.list : place.modules;
        Block element = function.empty() ? import_block(at, "(", plan_text(place), ")")
                                         : Block{fmt::format("({} {})", function, place.host), {}, true};
        if (element.lines.empty()) element.lines = {{0, element.one_line}};
        put(place, element, edits);
    }
}

}  // namespace lf::flake
