// SPDX-License-Identifier: MIT
#include "nixsyntax/dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "nixsyntax/attributes.h"
#include "nixsyntax/dump_text.h"
#include "nixsyntax/literals.h"
#include "nixsyntax/query.h"

namespace lf::nixsyntax {
namespace {

// What is still to be printed: a text, a node, the inside of a call, the rest of a list, or the bindings of a set.
struct Item {
    enum class What : std::uint8_t { text, node, call_inside, elements, bindings, let_bindings } what = What::text;
    std::string text;
    NodeId node = kNone;
    std::vector<Contribution> contributions;
    std::uint32_t from = 0;  // elements: the first of those that are still to come
};
using Items = std::vector<Item>;

Item text(std::string text) { return {Item::What::text, std::move(text), kNone, {}}; }
Item inside(NodeId id) { return {Item::What::call_inside, {}, id, {}}; }
Item node(NodeId id) { return {Item::What::node, {}, id, {}}; }
Item elements_from(NodeId list, std::uint32_t from) { return {Item::What::elements, {}, list, {}, from}; }

// Nix 2.8 prints `inherit a ;` in sets and `inherit a;` in let.
Item entries_of(const Tree& tree, NodeId set) {
    const bool let = tree.is(set, Kind::let);
    return {let ? Item::What::let_bindings : Item::What::bindings, {}, kNone, contributions_of(tree, set)};
}

struct Name {
    TokenKind op;
    std::string_view function;
    bool swapped;
    bool negated;
};
// Operators that Nix's parser makes calls of.
constexpr std::array kCalls = {
    Name{TokenKind::minus, "__sub", false, false},
    Name{TokenKind::times, "__mul", false, false},
    Name{TokenKind::divide, "__div", false, false},
    Name{TokenKind::less, "__lessThan", false, false},
    Name{TokenKind::greater, "__lessThan", true, false},
    Name{TokenKind::less_equal, "__lessThan", true, true},
    Name{TokenKind::greater_equal, "__lessThan", false, true},
};

const Name* call_of(TokenKind op) {
    const auto* found = std::find_if(kCalls.begin(), kCalls.end(), [&](const Name& name) { return name.op == op; });
    return found == kCalls.end() ? nullptr : found;
}

class Printer {
  public:
    Printer(const Tree& tree, const DumpOptions& options) : tree_(tree), options_(options) {}
    void run(const DumpSink& sink) {
        constexpr std::size_t kPiece = std::size_t{64} << 10;
        work_.push_back(node(tree_.root()));
        while (!work_.empty()) {
            if (out_.size() >= kPiece) {
                sink(out_);
                out_.clear();
            }
            const Item item = std::move(work_.back());
            work_.pop_back();
            Items items;
            switch (item.what) {
                case Item::What::text: out_ += item.text; break;
                case Item::What::node: items = expand(strip_parens(tree_, item.node)); break;
                case Item::What::call_inside: items = call_inside(item.node); break;
                case Item::What::elements: items = elements(item); break;
                case Item::What::bindings: items = bindings(item.contributions, " ; "); break;
                case Item::What::let_bindings: items = bindings(item.contributions, "; "); break;
            }
            work_.insert(work_.end(), std::make_move_iterator(items.rbegin()), std::make_move_iterator(items.rend()));
        }
        sink(out_);
    }

  private:
    bool current() const { return options_.nix == PrintedBy::nix_2_34; }
    std::string quoted(std::string_view value) const { return printed_string(value, options_.nix); }
    std::string name(std::string_view value) const { return printed_name(value, options_.nix); }
    bool is_call(NodeId id) const;
    Items expand(NodeId id) const;
    Items call_inside(NodeId id) const;
    void call(NodeId function, std::span<const NodeId> arguments, Items& out) const;
    Items operation(NodeId id) const;
    Items string(NodeId id) const;
    Items path(NodeId id) const;
    Items concatenation(const std::vector<Piece>& pieces) const;
    void attr_path(NodeId id, Items& out) const;
    Items lambda(NodeId id) const;
    void formals(NodeId id, Items& out) const;
    Items elements(const Item& rest) const;
    Items select(NodeId id) const;
    Items bindings(const std::vector<Contribution>& contributions, std::string_view inherit_end) const;
    void attribute(const Attribute& attribute, std::string_view inherit_end, Items& out) const;
    void dynamic(const Contribution& contribution, Items& out) const;
    void value(const std::vector<Contribution>& contributions, Items& out) const;
    void inherited(const Merged& merged, Items& out) const;
    bool is_inherited(const Attribute& attribute) const {
        return tree_.is(attribute.contributions.front().entry, Kind::inherit);
    }

    const Tree& tree_;
    const DumpOptions& options_;
    std::vector<Item> work_;
    std::string out_;
};

bool Printer::is_call(NodeId id) const {
    switch (tree_.kind(id)) {
        case Kind::apply:
        case Kind::search_path: return true;
        case Kind::unary: return tree_.op(id) == TokenKind::minus;
        case Kind::binary: {
            const TokenKind op = tree_.op(id);
            const Name* const call = call_of(op);
            return op == TokenKind::pipe_from || op == TokenKind::pipe_into || (call != nullptr && !call->negated);
        }
        default: return false;
    }
}

Items Printer::expand(NodeId id) const {
    if (is_call(id)) return {text("("), inside(id), text(")")};
    const auto child = [&](std::size_t n) { return node(tree_.child(id, n)); };
    switch (tree_.kind(id)) {
        case Kind::integer:
        case Kind::floating: return {text(printed_number(tree_.text(id), tree_.is(id, Kind::floating)))};
        case Kind::url: return {text(quoted(tree_.text(id)))};
        case Kind::string:
        case Kind::indented_string: return string(id);
        case Kind::path: return path(id);
        case Kind::list: return {text("[ "), elements_from(id, 0), text("]")};
        case Kind::set: return {text(tree_.has(id, kRecursive) ? "rec { " : "{ "), entries_of(tree_, id), text("}")};
        case Kind::legacy_let: return {text("(rec { "), entries_of(tree_, id), text("}).body")};
        case Kind::let:
            return {text("(let "), entries_of(tree_, id), text("in "), node(tree_.last_child(id)), text(")")};
        case Kind::lambda: return lambda(id);
        case Kind::with: return {text("(with "), child(0), text("; "), child(1), text(")")};
        case Kind::assertion: return {text("assert "), child(0), text("; "), child(1)};
        case Kind::conditional:
            return {text("(if "), child(0), text(" then "), child(1), text(" else "), child(2), text(")")};
        case Kind::select:
        case Kind::has_attr: return select(id);
        case Kind::unary: return {text("(! "), child(0), text(")")};
        case Kind::binary: return operation(id);
        default: return {text(std::string(tree_.text(id)))};
    }
}

// Binary operators that are no calls, or the negation of one.
Items Printer::operation(NodeId id) const {
    if (call_of(tree_.op(id)) != nullptr) return {text("(! ("), inside(id), text("))")};
    const std::string_view op = token_name(tree_.op(id));
    return {text("("), node(tree_.child(id, 0)), text(fmt::format(" {} ", op.substr(1, op.size() - 2))),
            node(tree_.child(id, 1)), text(")")};
}

// A call of a call is one call with more arguments, parentheses or not, as Nix's parser has it.
void Printer::call(NodeId function, std::span<const NodeId> arguments, Items& out) const {
    const NodeId bare = strip_parens(tree_, function);
    out.push_back(is_call(bare) ? inside(bare) : node(bare));
    for (const NodeId argument : arguments) {
        out.push_back(text(" "));
        out.push_back(node(argument));
    }
}

Items Printer::call_inside(NodeId id) const {
    Items out;
    const auto children = tree_.children(id);
    const TokenKind op = tree_.op(id);
    if (tree_.is(id, Kind::search_path)) {
        const std::string_view written = tree_.text(id);
        return {text("__findFile __nixPath " + quoted(written.substr(1, written.size() - 2)))};
    }
    if (tree_.is(id, Kind::unary)) return {text("__sub 0 "), node(children[0])};
    if (tree_.is(id, Kind::apply)) {
        if (tree_.tokens()[tree_.node(children[1]).first_token].kind == TokenKind::kw_or)
            return {node(children[0]), text(" or")};  // `f or` is a call of its own
        call(children[0], children.subspan(1), out);
    } else if (const Name* const name = call_of(op)) {
        out.push_back(text(std::string(name->function)));
        for (const std::size_t n : {0U, 1U}) {
            out.push_back(text(" "));
            out.push_back(node(children[name->swapped ? 1 - n : n]));
        }
    } else {
        const bool into = op == TokenKind::pipe_into;
        call(children[into ? 1 : 0], children.subspan(into ? 0 : 1, 1), out);
    }
    return out;
}

Items Printer::concatenation(const std::vector<Piece>& pieces) const {
    Items out{text("(")};
    for (const Piece& piece : pieces) {
        if (out.size() > 1) out.push_back(text(" + "));
        out.push_back(piece.interpolation == kNone ? text(quoted(piece.text))
                                                   : node(tree_.child(piece.interpolation, 0)));
    }
    out.push_back(text(")"));
    return out;
}

Items Printer::string(NodeId id) const {
    std::vector<Piece> parts = pieces(tree_, id);
    if (current())
        std::erase_if(parts, [](const Piece& piece) { return piece.interpolation == kNone && piece.text.empty(); });
    if (parts.empty()) return {text("\"\"")};
    if (parts.size() == 1 && parts[0].interpolation == kNone) return {text(quoted(parts[0].text))};
    const NodeId only = parts.size() == 1 ? tree_.child(parts[0].interpolation, 0) : kNone;
    if (only != kNone && tree_.is(id, Kind::indented_string) && static_string(tree_, only)) return {node(only)};
    return concatenation(parts);
}

Items Printer::path(NodeId id) const {
    std::vector<Piece> parts = pieces(tree_, id);
    const std::string written = parts[0].text;
    const bool home = written.starts_with('~');
    std::string first = home                       ? options_.home + written.substr(1)
                        : written.starts_with('/') ? canonical_path(written)
                                                   : canonical_path(options_.directory + "/" + written);
    if (!home && written.size() > 1 && written.ends_with('/')) first += '/';
    if (parts.size() == 1) return {text(std::move(first))};
    parts.erase(parts.begin());
    Items out = concatenation(parts);
    out[0] = text("(" + first + " + ");
    return out;
}

void Printer::attr_path(NodeId id, Items& out) const {
    bool first = true;
    for (const NodeId part : tree_.children(id)) {
        if (!first) out.push_back(text("."));
        first = false;
        if (const auto known = attr_name(tree_, part)) {
            out.push_back(text(name(*known)));
            continue;
        }
        out.push_back(text("\"${"));
        out.push_back(node(tree_.is(part, Kind::interpolation) ? tree_.child(part, 0) : part));
        out.push_back(text("}\""));
    }
}

Items Printer::select(NodeId id) const {
    const bool has = tree_.is(id, Kind::has_attr);
    Items out{text(has ? "((" : "("), node(tree_.child(id, 0)), text(has ? ") ? " : ").")};
    attr_path(tree_.child(id, 1), out);
    if (has) out.push_back(text(")"));
    if (tree_.children(id).size() < 3) return out;
    out.push_back(text(" or ("));
    out.push_back(node(tree_.child(id, 2)));
    out.push_back(text(")"));
    return out;
}

void Printer::formals(NodeId id, Items& out) const {
    const auto children = tree_.children(id);
    std::vector<NodeId> sorted(children.begin(), children.end());
    std::sort(sorted.begin(), sorted.end(),
              [&](NodeId a, NodeId b) { return tree_.text(tree_.child(a, 0)) < tree_.text(tree_.child(b, 0)); });
    out.push_back(text("{ "));
    for (const NodeId formal : sorted) {
        if (formal != sorted[0]) out.push_back(text(", "));
        out.push_back(text(std::string(tree_.text(tree_.child(formal, 0)))));
        if (tree_.children(formal).size() < 2) continue;
        out.push_back(text(" ? "));
        out.push_back(node(tree_.child(formal, 1)));
    }
    if (tree_.has(id, kEllipsis)) out.push_back(text(sorted.empty() ? "..." : ", ..."));
    out.push_back(text(" }"));
}

Items Printer::lambda(NodeId id) const {
    const Lambda parts = lambda_parts(tree_, id);
    Items out{text("(")};
    if (parts.formals != kNone) formals(parts.formals, out);
    if (parts.formals != kNone && parts.argument != kNone) out.push_back(text(" @ "));
    if (parts.argument != kNone) out.push_back(text(std::string(tree_.text(parts.argument))));
    out.push_back(text(": "));
    out.push_back(node(parts.body));
    out.push_back(text(")"));
    return out;
}

// One by one: all at once would take much more memory than the list itself.
Items Printer::elements(const Item& rest) const {
    const NodeId element = tree_.child(rest.node, rest.from);
    if (element == kNone) return {};
    return {text("("), node(element), text(") "), elements_from(rest.node, rest.from + 1)};
}

Items Printer::bindings(const std::vector<Contribution>& contributions, std::string_view inherit_end) const {
    const Merged merged = merge(tree_, contributions);
    Items out;
    if (current()) inherited(merged, out);
    for (const Attribute& each : merged.attributes) attribute(each, inherit_end, out);
    for (const Contribution& each : merged.dynamic) dynamic(each, out);
    return out;
}

void Printer::attribute(const Attribute& attribute, std::string_view inherit_end, Items& out) const {
    const std::string shown = name(attribute.name);
    if (!is_inherited(attribute)) {
        out.push_back(text(shown + " = "));
        value(attribute.contributions, out);
        out.push_back(text("; "));
        return;
    }
    if (current()) return;
    const NodeId source = inherit_source(tree_, attribute.contributions[0].entry);
    if (source == kNone) {
        out.push_back(text("inherit " + shown + std::string(inherit_end)));
        return;
    }
    out.push_back(text(shown + " = ("));
    out.push_back(node(source));
    out.push_back(text(")." + shown + "; "));
}

void Printer::dynamic(const Contribution& contribution, Items& out) const {
    const NodeId id = name_of(tree_, contribution);
    out.push_back(text("\"${"));
    out.push_back(node(tree_.is(id, Kind::interpolation) ? tree_.child(id, 0) : id));
    out.push_back(text("}\" = "));
    value({contribution}, out);
    out.push_back(text("; "));
}

void Printer::value(const std::vector<Contribution>& contributions, Items& out) const {
    const NodeId first = value_of(tree_, contributions[0]);
    if (contributions.size() == 1 && first != kNone) {
        out.push_back(node(first));
        return;
    }
    const bool recursive = first != kNone && tree_.has(strip_parens(tree_, first), kRecursive);
    out.push_back(text(recursive ? "rec { " : "{ "));
    out.push_back({Item::What::bindings, {}, kNone, contributions_below(tree_, contributions)});
    out.push_back(text("}"));
}

// `inherit a b; inherit (e) c d; `, grouped as current Nix prints them.
void Printer::inherited(const Merged& merged, Items& out) const {
    std::string plain;
    std::map<std::uint32_t, std::pair<NodeId, std::string>> sources;  // by place in the text
    for (const Attribute& attribute : merged.attributes) {
        if (!is_inherited(attribute)) continue;
        const NodeId source = inherit_source(tree_, attribute.contributions[0].entry);
        auto& group = sources[source == kNone ? 0 : tree_.node(source).first_token];
        group.first = source;
        (source == kNone ? plain : group.second) += " " + name(attribute.name);
    }
    if (!plain.empty()) out.push_back(text("inherit" + plain + "; "));
    for (auto& [place, group] : sources) {
        if (group.first == kNone) continue;
        out.push_back(text("inherit ("));
        out.push_back(node(group.first));
        out.push_back(text(")" + group.second + "; "));
    }
}

}  // namespace

void dump_to(const Tree& tree, const DumpOptions& options, const DumpSink& sink) { Printer(tree, options).run(sink); }

std::string dump(const Tree& tree, const DumpOptions& options) {
    std::string out;
    dump_to(tree, options, [&](std::string_view piece) { out += piece; });
    return out;
}

}  // namespace lf::nixsyntax
