// SPDX-License-Identifier: MIT
// `pkg.override { … } // { overrideAttrs = …; }`: what is laid over the package is applied to it instead.
#include <fmt/format.h>

#include "lint/comments.h"
#include "lint/fixes.h"
#include "nixsyntax/query.h"
#include "nixsyntax/style.h"

namespace lf::lint {
namespace {

using nixsyntax::Span;
using nixsyntax::TokenKind;

/// What the set behind `//` means to apply: a function from the old attributes to a set, and where it ends.
struct Meant {
    Span function;          ///< `old: { … }`
    std::uint32_t end = 0;  ///< what stands behind is left out: ` // (f old)`
};

/// `X // (f old)` → the end of X; the end of the node for anything else.
std::uint32_t end_without_rest(const Tree& tree, NodeId body, std::string_view function) {
    const NodeId inner = nixsyntax::strip_parens(tree, body);
    if (!tree.is(inner, Kind::binary) || tree.op(inner) != TokenKind::update) return tree.span(body).end;
    const auto call = nixsyntax::call_parts(tree, nixsyntax::strip_parens(tree, tree.child(inner, 1)));
    const bool rest = call.size() == 2 && tree.text(call.front()) == function && body == inner;
    return rest ? tree.span(tree.child(inner, 0)).end : tree.span(body).end;
}

std::optional<Meant> meant_by(const Tree& tree, NodeId value) {
    const auto outer = nixsyntax::lambda_parts(tree, value);
    if (outer.body == kNone) return std::nullopt;
    const NodeId result = nixsyntax::strip_parens(tree, outer.body);
    if (tree.is(result, Kind::set)) {
        const Span span = tree.span(nixsyntax::strip_parens(tree, value));
        return Meant{span, span.end};
    }
    // f: pkg.overrideAttrs (old: { … } // (f old))
    const auto call = nixsyntax::call_parts(tree, result);
    if (call.size() != 2 || !tree.text(call.front()).ends_with("overrideAttrs")) return std::nullopt;
    const NodeId inner = nixsyntax::strip_parens(tree, call[1]);
    const auto lambda = nixsyntax::lambda_parts(tree, inner);
    if (lambda.body == kNone) return std::nullopt;
    const std::string_view f = outer.argument == kNone ? "" : tree.text(outer.argument);
    return Meant{tree.span(inner), end_without_rest(tree, lambda.body, f)};
}

/// The lines of a span that moves up to a line of less indentation move left with it; not where a text has several
/// lines, because its blanks are its own.
void move_left(const Tree& tree, Span span, std::string_view to, Fix& fix) {
    const std::string_view from = nixsyntax::line_indent(tree, span.begin);
    if (from.size() <= to.size() || !from.starts_with(to) || tree.text(span).find("''") != std::string_view::npos)
        return;
    const auto extra = static_cast<std::uint32_t>(from.size() - to.size());
    for (std::size_t newline = tree.text().find('\n', span.begin); newline < span.end;
         newline = tree.text().find('\n', newline + 1)) {
        const auto at = static_cast<std::uint32_t>(newline + 1);
        if (nixsyntax::line_indent(tree, at).starts_with(from)) fix.edits.replace({at, at + extra}, "");
    }
}

}  // namespace

std::optional<Fix> override_attrs_applied(const Tree& tree, NodeId update, NodeId set, NodeId binding) {
    if (nixsyntax::entries(tree, set).size() != 1) return std::nullopt;
    const auto meant = meant_by(tree, nixsyntax::binding_value(tree, binding));
    if (!meant) return std::nullopt;
    const NodeId left = tree.child(update, 0);
    const bool bare = !tree.is(left, Kind::parens);
    const Span before{tree.span(left).end, meant->function.begin};
    const Span behind{meant->end, tree.span(update).end};
    const std::string_view outer = nixsyntax::line_indent(tree, tree.span(update).begin);
    const std::string_view inner = nixsyntax::line_indent(tree, meant->function.begin);
    const Carried above = carried(tree, before, inner);
    const bool stays = above.ends_line;  // below its comments, where it stands
    const Carried below = carried(tree, behind, stays ? inner : outer);
    const std::string newline = nixsyntax::file_style(tree).newline;
    const std::string start = above.text.empty() ? "" : stays ? newline + std::string(inner) : " ";
    const std::string end = stays || below.ends_line ? newline + std::string(outer) : "";
    Fix fix{"apply them: (….override { … }).overrideAttrs (old: { … })", {}};
    if (bare) fix.edits.insert(tree.span(left).begin, "(");
    fix.edits.replace(before, fmt::format("{}.overrideAttrs ({}{}", bare ? ")" : "", above.text, start));
    fix.edits.replace(behind, below.text + end + ")");
    if (!stays) move_left(tree, {meant->function.begin, meant->end}, outer, fix);
    return fix;
}

Fix flags_applied(const Tree& tree, NodeId update, NodeId set, NodeId flags) {
    Fix fix{"apply them with overrideAttrs", {}};
    const NodeId left = tree.child(update, 0);
    const bool bare = !tree.is(left, Kind::parens);
    const std::string old = name_not_in(tree, set, "old");
    const std::string_view indentation = nixsyntax::line_indent(tree, tree.span(set).begin);
    const Span between{tree.span(left).end, tree.span(set).begin};
    const Carried above = carried(tree, between, indentation);
    const std::string start = above.ends_line ? nixsyntax::file_style(tree).newline + std::string(indentation) : "";
    if (bare) fix.edits.insert(tree.span(left).begin, "(");
    fix.edits.replace(between, fmt::format("{}.overrideAttrs ({}{}{}: ", bare ? ")" : "", above.text,
                                           start.empty() && !above.text.empty() ? " " : start, old));
    // `pkg.cmakeFlags` means what was there, which is the package with its arguments.
    for (const NodeId other : flags_taken(tree, nixsyntax::binding_value(tree, flags)))
        fix.edits.replace(tree.span(other), old + ".cmakeFlags");
    fix.edits.replace({tree.span(set).end, tree.span(update).end}, ")");
    return fix;
}

}  // namespace lf::lint
