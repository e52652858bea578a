// SPDX-License-Identifier: MIT
// Flakes are strangers' files: any bytes must give a tree or an error. Tokens give back the text, trees are well
// formed, printing, queries and style never fail, and edits of nodes can be taken out again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "nixsyntax/dump.h"
#include "nixsyntax/edit.h"
#include "nixsyntax/query.h"
#include "nixsyntax/style.h"
#include "nixsyntax/variables.h"

namespace {

using namespace lf::nixsyntax;

void require(bool holds) {
    if (!holds) std::abort();
}

void check_nodes(const Tree& tree) {
    require(tree.parent(tree.root()) == kNone);
    for (NodeId id = 0; id < tree.size(); ++id) {
        std::uint32_t end = tree.span(id).begin;
        for (const NodeId child : tree.children(id)) {
            require(child < id && tree.parent(child) == id);
            require(tree.span(child).begin >= end && tree.span(id).contains(tree.span(child)));
            end = tree.span(child).end;
        }
        require(!tree.span(id).empty());
    }
}

void ask(const Tree& tree) {
    file_style(tree);
    const NodeId most = std::min<NodeId>(static_cast<NodeId>(tree.size()), 2000);
    for (NodeId id = 0; id < most; ++id) {
        constant_string(tree, id);
        dotted_name(tree, id);
        list_operands(tree, id);
        call_parts(tree, id);
        find_bindings(tree, id, "a.b");
        end_with_comment(tree, id);
        require(span_with_comments(tree, id).contains(tree.span(id)));
        switch (tree.kind(id)) {
            case Kind::identifier: follow(tree, id); break;
            case Kind::set:
            case Kind::let:
            case Kind::legacy_let:
            case Kind::list: item_style(tree, id); break;
            case Kind::formals: formal_style(tree, id); break;
            case Kind::binding: assign_text(tree, id); break;
            default: break;
        }
    }
}

// Spans of nodes, chosen by the text itself, are deleted or replaced.
void edit(const Tree& tree) {
    EditSet edits;
    std::uint32_t from = 0;
    for (NodeId id = 0; id < tree.size() && edits.size() < 20; id += 1 + tree.span(id).end % 5) {
        if (tree.span(id).begin < from) continue;
        from = tree.span(id).end;
        if (id % 3 == 0) edits.erase(tree.span(id));
        if (id % 3 == 1) edits.replace(tree.span(id), "(x)");
        if (id % 3 == 2) edits.insert(from, " ");
    }
    const auto edited = edits.apply(tree.text());
    require(edited.has_value());
    const auto inverse = edits.inverse(tree.text());
    require(inverse.has_value() && inverse->apply(*edited).value() == tree.text());
    const auto proven = prove(tree.text(), edits, *edited, "fuzz.nix");
    require(proven.has_value() || proven.error().id == "edit-broken");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto tree = check_round_trip(text, "fuzz.nix");
    if (!tree) {
        require(tree.error().id != "nix-round-trip" && tree.error().where.line > 0);
        return 0;
    }
    check_nodes(*tree);
    dump(*tree);
    dump(*tree, {PrintedBy::nix_2_8, "/", "/"});
    undefined_variables(*tree);
    ask(*tree);
    edit(*tree);
    return 0;
}
