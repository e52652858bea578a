// SPDX-License-Identifier: MIT
/// \file
/// \brief Puts the overlay of llama-fleet into the lists of one file: bound once in a let, or imported in place.
///
/// The binding is a function of the host's name, because the plan is the host's own.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flake/inputs_view.h"
#include "flake/layout.h"
#include "flake/outline.h"
#include "flake/steps.h"

namespace lf::flake {

/// Where the overlay of one site, or of one of its hosts, goes.
struct OverlayPlace {
    const Site* site = nullptr;
    const Tree* tree = nullptr;  ///< of the file
    NodeId list = kNone;         ///< the overlays list to be extended, or kNone:
    NodeId modules = kNone;      ///< a node that sees what a new module sees
    std::string host;            ///< the expression that names the host, in that place
    bool config = false;         ///< `host` needs the module's config
    std::string own;   ///< the name of the one host that `modules`, a literal list, belongs to; "" = the site's
    std::string gets;  ///< with `own`: `modules` is a set, and this the name of the list that it is to get
};

/// head + `import ./overlays/llama-cpp.nix { inherit inputs; plan = …; }` + tail
Block overlay_import(const Tree& tree, const std::string& overlay, const std::string& inputs, std::string_view head,
                     std::string_view plan, std::string_view tail);

class OverlayWriter {
  public:
    /// All places are of the file of `tree`; there is at least one.
    OverlayWriter(Work& work, const Outline& outline, const Tree& tree, std::vector<OverlayPlace> places)
        : work_(work), outline_(outline), tree_(tree), places_(std::move(places)) {}
    void run(nixsyntax::EditSet& edits);

  private:
    bool is_outputs(NodeId node) const { return outline_.outputs == Ref{&tree_, node}; }
    std::string existing_function() const;
    NodeId let_for_binding() const;
    std::string free_name(NodeId let) const;
    InputsView view_at(NodeId place) const {
        return inputs_view(outline_, *places_.front().site, {&tree_, place}, work_.input);
    }
    NodeId body_of_file() const;
    std::string plan_folder() const { return path_literal(tree_.file(), "llama-fleet/plan"); }
    std::string plan_text(const OverlayPlace& place) const;
    Block import_block(NodeId place, std::string_view head, std::string_view plan, std::string_view tail) const;
    Block binding_block(NodeId place) const;
    void bind(NodeId let, nixsyntax::EditSet& edits) const;
    void bind_in_new_let(nixsyntax::EditSet& edits) const;
    NodeId emptied_module(NodeId list) const;
    void put(const OverlayPlace& place, const Block& element, nixsyntax::EditSet& edits) const;

    Work& work_;
    const Outline& outline_;
    const Tree& tree_;
    std::vector<OverlayPlace> places_;
    std::string binding_;  ///< the name to be bound
};

}  // namespace lf::flake
