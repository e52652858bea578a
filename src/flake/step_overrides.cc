// SPDX-License-Identifier: MIT
// The owner's overrides of llama.cpp that stay: below the overlay they are overrides of the official package. What the
// overlay translates goes on as it was and is said; what the official package does not take is the owner's work.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flake/names.h"
#include "flake/remover.h"
#include "flake/step_packages_items.h"

namespace lf::flake {
namespace {

/// `base.override`, or `base.overrideAttrs`, called with something: the base, through names of a let; kNone = no such
/// call.
NodeId base_of(const Tree& tree, NodeId apply, std::string& what) {
    const NodeId function = tree.is(apply, Kind::apply) ? nixsyntax::strip_parens(tree, tree.child(apply, 0)) : kNone;
    if (!tree.is(function, Kind::select) || tree.children(function).size() != 2) return kNone;
    const auto path = tree.children(tree.child(function, 1));
    what = nixsyntax::attr_name(tree, path.back()).value_or("");
    if (what != "override" && what != "overrideAttrs") return kNone;
    const NodeId from = nixsyntax::follow(tree, tree.child(function, 0));
    // `pkgs.llama-cpp.override` is one path.
    return path.size() == 1 ? from : function;
}

/// Is it llama.cpp of pkgs, whatever is changed of it?
bool is_ours(const Tree& tree, NodeId apply, int steps) {
    constexpr int kMaxSteps = 8;
    std::string what;
    const NodeId base = base_of(tree, apply, what);
    if (base == kNone || steps > kMaxSteps) return false;
    if (tree.is(base, Kind::apply)) return is_ours(tree, base, steps + 1);
    const NodeId name = plain_name(tree, base);
    if (name != kNone) return is_our_name(tree.text(name));
    const auto names = nixsyntax::dotted_name(tree, base);
    return names && names->size() == 3 && names->front() == "pkgs" && is_our_name((*names)[1]);
}

/// What overlays are made of is looked at with them.
bool in_overlay(const Tree& tree, NodeId node) {
    for (NodeId at = tree.parent(node); at != kNone; at = tree.parent(at))
        if (tree.is(at, Kind::lambda) && overlay_set(tree, at, true) != kNone) return true;
    return false;
}

class Overrides {
  public:
    Overrides(Work& work, const Tree& tree, std::string package)
        : work_(work), tree_(tree), package_(std::move(package)) {}

    void look_at(NodeId apply) {
        if (!is_ours(tree_, apply, 0) || in_overlay(tree_, apply)) return;
        note_retired(work_, tree_, apply);
        const std::uint32_t line = work_.sources.original_line(tree_.file(), tree_.span(apply).begin);
        if (was_told(apply)) return;
        std::string what;
        (void)base_of(tree_, apply, what);
        const std::string at = fmt::format("{}:{}: {}", tree_.file(), line, shown_item(tree_, apply));
        if (what == "overrideAttrs")
            return work_.note(at + " changes the official package from now on: see that its attributes fit");
        const OverrideArguments arguments = override_arguments(tree_, apply);
        if (!arguments.refused.empty())
            return work_.by_hand(
                tree_, apply, in_its_place(tree_, apply, package_),
                fmt::format("the official package has no {}, which is set here", join(arguments.refused, ", ")));
        if (!arguments.literal)
            return work_.note(at + " changes the official package from now on: see that it has these arguments");
        if (!arguments.translated.empty())
            work_.note(
                fmt::format("{} is left as it is: the overlay knows that {}", at, join(arguments.translated, ", ")));
    }

  private:
    bool was_told(NodeId apply) const {
        const nixsyntax::Span span = tree_.span(apply);
        const std::uint32_t first = work_.sources.original_line(tree_.file(), span.begin);
        const std::uint32_t last = work_.sources.original_line(tree_.file(), span.end);
        return std::any_of(work_.instructions.begin(), work_.instructions.end(), [&](const Instruction& it) {
            return it.file == tree_.file() && it.line >= first && it.line <= last;
        });
    }

    Work& work_;
    const Tree& tree_;
    std::string package_;
};

}  // namespace

void look_at_overrides(Work& work, const Tree& tree, const std::string& package) {
    if (tree.text().find(".override") == std::string_view::npos) return;
    Overrides overrides(work, tree, package);
    walk(tree, tree.root(), [&](NodeId node) {
        if (tree.is(node, Kind::apply)) overrides.look_at(node);
        return true;
    });
}

}  // namespace lf::flake
