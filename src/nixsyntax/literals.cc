// SPDX-License-Identifier: MIT
#include "nixsyntax/literals.h"

#include <algorithm>
#include <limits>

#include "nixsyntax/query.h"

namespace lf::nixsyntax {
namespace {

// A piece of an indented string before its indentation is taken off.
struct RawPiece {
    std::string_view text;
    bool plain = false;  // no escape: its blanks count as indentation
    NodeId interpolation = kNone;
};

// Calls each(token index) for text tokens and each(node) for interpolations, in the order of the text.
template <class OnText, class OnNode>
void each_part(const Tree& tree, NodeId id, const OnText& on_text, const OnNode& on_node) {
    const Node& node = tree.node(id);
    std::uint32_t token = node.first_token;
    const auto texts_until = [&](std::uint32_t end) {
        for (; token < end; ++token) on_text(token);
    };
    for (const NodeId child : tree.children(id)) {
        texts_until(tree.node(child).first_token);
        on_node(child);
        token = tree.node(child).end_token;
    }
    texts_until(node.end_token);
}

std::string escape_value(std::string_view token) {
    if (token.starts_with("''\\")) return unescape(token.substr(2));
    if (token == "'''") return "''";
    return token == "'" ? "'" : "$";
}

std::size_t least_indent(const std::vector<RawPiece>& parts) {
    std::size_t least = std::numeric_limits<std::size_t>::max();
    std::size_t current = 0;
    bool at_start = true;
    const auto text_begins = [&] {
        if (at_start) least = std::min(least, current);
        at_start = false;
    };
    for (const RawPiece& part : parts) {
        if (!part.plain) {
            text_begins();
            continue;
        }
        for (const char c : part.text) {
            if (c == '\n') {
                at_start = true;
                current = 0;
            } else if (at_start && c == ' ') {
                ++current;
            } else {
                text_begins();
            }
        }
    }
    return least;
}

// Takes `least` blanks off the start of each line; state goes on from piece to piece.
class Unindent {
  public:
    explicit Unindent(std::size_t least) : least_(least) {}
    void interpolation() {
        at_start_ = false;
        dropped_ = 0;
    }
    std::string text(std::string_view text) {
        std::string out;
        for (const char c : text) {
            if (at_start_ && c == ' ') {
                if (dropped_++ >= least_) out += c;
                continue;
            }
            out += c;
            at_start_ = c == '\n';
            dropped_ = 0;
        }
        return out;
    }

  private:
    std::size_t least_;
    std::size_t dropped_ = 0;
    bool at_start_ = true;
};

std::vector<Piece> indented_pieces(const Tree& tree, NodeId id) {
    std::vector<std::string> owned;
    owned.reserve(tree.node(id).end_token - tree.node(id).first_token);
    std::vector<RawPiece> parts;
    each_part(
        tree, id,
        [&](std::uint32_t token) {
            const std::string_view text = tree.text(tree.token_span(token));
            if (tree.tokens()[token].kind == TokenKind::indented_text) parts.push_back({text, true, kNone});
            if (tree.tokens()[token].kind != TokenKind::indented_escape) return;
            owned.push_back(escape_value(text));
            parts.push_back({owned.back(), false, kNone});
        },
        [&](NodeId child) {
            parts.push_back({{}, false, child});
        });
    Unindent unindent(least_indent(parts));
    std::vector<Piece> out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].interpolation != kNone) {
            unindent.interpolation();
            out.push_back({{}, parts[i].interpolation});
            continue;
        }
        std::string text = unindent.text(parts[i].text);
        // A last line of blanks only is that of the closing quotes.
        const std::size_t newline = text.rfind('\n');
        if (i + 1 == parts.size() && newline != std::string::npos &&
            text.find_first_not_of(' ', newline + 1) == std::string::npos)
            text.resize(newline + 1);
        out.push_back({std::move(text), kNone});
    }
    return out;
}

}  // namespace

std::string unescape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '\\' && i + 1 < text.size()) {
            c = text[++i];
            constexpr std::string_view kNames = "nrt";
            constexpr std::string_view kValues = "\n\r\t";
            const std::size_t which = kNames.find(c);
            out += which == std::string_view::npos ? c : kValues[which];
        } else if (c == '\r') {
            out += '\n';
            if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
        } else {
            out += c;
        }
    }
    return out;
}

std::vector<Piece> pieces(const Tree& tree, NodeId id) {
    if (tree.is(id, Kind::indented_string)) return indented_pieces(tree, id);
    std::vector<Piece> out;
    each_part(
        tree, id,
        [&](std::uint32_t token) {
            const std::string_view text = tree.text(tree.token_span(token));
            const TokenKind kind = tree.tokens()[token].kind;
            if (kind == TokenKind::string_text) out.push_back({unescape(text), kNone});
            if (kind == TokenKind::path || kind == TokenKind::home_path || kind == TokenKind::path_text)
                out.push_back({std::string(text), kNone});
        },
        [&](NodeId child) {
            out.push_back({{}, child});
        });
    return out;
}

std::optional<std::string> static_string(const Tree& tree, NodeId id) {
    for (id = strip_parens(tree, id);;) {
        if (tree.is(id, Kind::url)) return std::string(tree.text(id));
        const bool indented = tree.is(id, Kind::indented_string);
        if (!indented && !tree.is(id, Kind::string)) return std::nullopt;
        if (!indented && !tree.children(id).empty()) return std::nullopt;
        if (tree.children(id).size() > 1) return std::nullopt;
        std::vector<Piece> parts = pieces(tree, id);
        std::erase_if(parts, [](const Piece& piece) { return piece.interpolation == kNone && piece.text.empty(); });
        if (parts.empty()) return std::string();
        if (parts.size() > 1) return std::nullopt;
        if (parts[0].interpolation == kNone) return std::move(parts[0].text);
        id = strip_parens(tree, tree.child(parts[0].interpolation, 0));  // ''${"a"}'' is "a"
    }
}

}  // namespace lf::nixsyntax
