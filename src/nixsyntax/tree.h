// SPDX-License-Identifier: MIT
/// \file
/// \brief The syntax tree of a Nix text: a flat arena of nodes over its tokens. Nothing of the text is lost.
///
/// A Tree is made by parse() and never changes; edits are made to the text (edit.h) and parsed anew. Nodes are named by
/// NodeId, an index; children always have smaller ids than their parent, so that a loop over all ids is a walk from the
/// leaves to the root and needs no recursion.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nixsyntax/token.h"

namespace lf::nixsyntax {

using NodeId = std::uint32_t;
/// "There is none": the parent of the root, a missing default.
inline constexpr NodeId kNone = 0xFFFFFFFFU;

/// Kind and its children, in the order of the text.
enum class Kind : std::uint8_t {
    // expressions
    identifier,       ///< leaf: x
    integer,          ///< leaf: 42
    floating,         ///< leaf: 1.5e3
    string,           ///< "…": its interpolations (0 or more)
    indented_string,  ///< ''…'': its interpolations (0 or more)
    path,             ///< ./x, /x, a/b, ~/x, ./${x}/y: its interpolations (0 or more)
    search_path,      ///< leaf: <nixpkgs>
    url,              ///< leaf: https://example.org
    parens,           ///< ( e ): [e]
    list,             ///< [ … ]: its elements
    set,              ///< { … } or, with kRecursive, rec { … }: binding and inherit nodes
    legacy_let,       ///< let { … }: binding and inherit nodes
    let,              ///< let … in e: binding and inherit nodes, then e
    lambda,  ///< x: e [name, e] · {…}: e [formals, e] · {…}@x: e [formals, name, e] · x@{…}: e [name, formals, e]
    with,         ///< with a; e: [a, e]
    assertion,    ///< assert a; e: [a, e]
    conditional,  ///< if a then b else c: [a, b, c]
    apply,        ///< f a b: [f, a, b]; `f or` (an old use of the word as a name) is [f, identifier]
    select,       ///< e.a.b: [e, attr_path] · e.a.b or d: [e, attr_path, d]
    has_attr,     ///< e ? a.b: [e, attr_path]
    unary,        ///< !e, -e: [e]; op() tells which
    binary,       ///< a ++ b: [a, b]; op() tells which
    // parts of expressions
    attr_path,      ///< a."b".${c}: name, string and interpolation nodes
    name,           ///< leaf: an identifier (or the word `or`) that is an attribute name, a formal or an argument
    interpolation,  ///< ${ e }: [e]; in strings, paths and as an attribute name
    binding,        ///< a.b = e; : [attr_path, e]; its span includes the semicolon
    inherit,  ///< inherit a "b"; or, with kHasSource, inherit (e) a; : [parens] name and string nodes; with semicolon
    formals,  ///< { a, b ? c, ... }: formal nodes; kEllipsis; its span includes the braces
    formal,   ///< a [name] · a ? e [name, e]
};

/// Flags of a node.
enum Flag : std::uint8_t {
    kRecursive = 1,  ///< set: rec { … }
    kHasSource = 2,  ///< inherit: the first child is the parens node of the source
    kEllipsis = 4,   ///< formals: it has `...`
};

struct Node {
    Kind kind = Kind::identifier;
    std::uint8_t flags = 0;
    TokenKind op = TokenKind::end_of_file;  ///< unary and binary: the operator's token kind
    std::uint32_t first_token = 0;          ///< index of its first token
    std::uint32_t end_token = 0;            ///< one after the index of its last token; neither end is trivia
    NodeId parent = kNone;
    std::uint32_t children_begin = 0;  ///< see Tree::children
    std::uint32_t children_count = 0;
};

/// More nesting than this is refused ("nix-depth"): at most so many brackets, braces, strings and defaults inside each
/// other: a stack of one MiB is enough for that. Long chains of operators, lambdas, `let`, `with`, `assert` and `else
/// if` cost no nesting.
inline constexpr std::uint32_t kMaxNesting = 1000;
/// And no tree is higher than this ("nix-depth"), chains counted, so that those who walk it by recursion are safe too.
inline constexpr std::uint32_t kMaxHeight = 10000;

struct NameIndex;

class Tree {
  public:
    const std::string& file() const { return file_; }
    std::string_view text() const { return *text_; }
    /// All tokens, trivia included; the last one is end_of_file.
    std::span<const Token> tokens() const { return tokens_; }
    Span token_span(std::uint32_t token) const { return {tokens_[token].begin, tokens_[token + 1].begin}; }

    /// The expression that the file is. Blanks and comments around it belong to no node.
    NodeId root() const { return static_cast<NodeId>(nodes_.size() - 1); }
    std::size_t size() const { return nodes_.size(); }
    const Node& node(NodeId id) const { return nodes_[id]; }
    Kind kind(NodeId id) const { return nodes_[id].kind; }
    bool is(NodeId id, Kind kind) const { return id != kNone && nodes_[id].kind == kind; }
    bool has(NodeId id, Flag flag) const { return (nodes_[id].flags & flag) != 0; }
    TokenKind op(NodeId id) const { return nodes_[id].op; }
    /// kNone for the root.
    NodeId parent(NodeId id) const { return nodes_[id].parent; }
    std::span<const NodeId> children(NodeId id) const {
        return std::span(children_).subspan(nodes_[id].children_begin, nodes_[id].children_count);
    }
    /// The n-th child or kNone.
    NodeId child(NodeId id, std::size_t n) const {
        return n < nodes_[id].children_count ? children_[nodes_[id].children_begin + n] : kNone;
    }
    NodeId last_child(NodeId id) const { return child(id, nodes_[id].children_count - std::size_t{1}); }

    /// From its first to its last byte that is not a blank or comment.
    Span span(NodeId id) const { return {tokens_[nodes_[id].first_token].begin, tokens_[nodes_[id].end_token].begin}; }
    std::string_view text(Span span) const { return text().substr(span.begin, span.size()); }
    std::string_view text(NodeId id) const { return text(span(id)); }
    /// An error that stands at this place of the file: fills in where.file, line, column and source_line.
    Error at(Error error, NodeId id) const;

  private:
    friend class TreeBuilder;
    friend struct NameIndex;
    std::string file_;
    std::shared_ptr<const std::string> text_;
    std::vector<Token> tokens_;
    std::vector<Node> nodes_;
    std::vector<NodeId> children_;
    mutable std::shared_ptr<NameIndex> names_;  ///< what resolve() remembers of large scopes; not for several threads
};

/// Parses the whole language as Nix does, and refuses what Nix refuses when it parses: wrong syntax, attributes,
/// formals and arguments defined twice, dynamic attributes in `let` and `inherit`, numbers that do not fit, a path that
/// ends in '/'. Undefined variables are no matter of syntax (see query.h, resolve). Pipe operators are accepted. `file`
/// is only named in errors. All errors have where.{file,line,column,source_line} and ErrorKind::world:
///   nix-parse      wrong syntax: "expected ';' after the binding, got '}'"
///   nix-duplicate  an attribute or formal defined twice; the hint says where first
///   nix-bom        the file begins with a byte order mark
///   nix-depth      deeper than kMaxNesting or kMaxHeight
///   nix-too-large  more than kMaxTextBytes
Result<Tree> parse(std::string text, std::string file);

}  // namespace lf::nixsyntax
