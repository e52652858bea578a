// SPDX-License-Identifier: MIT
/// \file
/// \brief The parser's insides; nobody but parse_*.cc includes this.
///
/// Recursive descent for what stands in brackets, explicit stacks for what forms chains (operators, lambdas, let, with,
/// assert, else), so that native recursion is bounded by kMaxNesting. Every parse_… function leaves exactly one new
/// node on the stack of finished nodes (parse_entries: any number) and returns true, or notes an error and returns
/// false.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nixsyntax/tree.h"

namespace lf::nixsyntax {

/// Fills a Tree from the leaves to the root.
class TreeBuilder {
  public:
    TreeBuilder(std::string text, std::string file);
    const Tree& tree() const { return tree_; }
    std::size_t mark() const { return stack_.size(); }
    NodeId top() const { return stack_.back().id; }
    NodeId at(std::size_t position) const { return stack_[position].id; }
    /// A new node over the finished nodes from `mark` on, put in their place.
    NodeId reduce(Kind kind, std::uint32_t first_token, std::uint32_t end_token, std::size_t mark, unsigned flags = 0,
                  TokenKind op = TokenKind::end_of_file);
    /// The same for a node without children.
    void leaf(Kind kind, std::uint32_t first_token, std::uint32_t end_token) {
        const auto id = static_cast<NodeId>(tree_.nodes_.size());
        const auto children = static_cast<std::uint32_t>(tree_.children_.size());
        tree_.nodes_.push_back({kind, 0, TokenKind::end_of_file, first_token, end_token, kNone, children, 0});
        stack_.push_back({id, 1});
    }
    void set_tokens(std::vector<Token> tokens);
    /// The first node that is higher than kMaxHeight, or kNone.
    NodeId too_high() const { return too_high_; }
    Tree take() { return std::move(tree_); }

  private:
    struct Finished {
        NodeId id;
        std::uint32_t height;
    };
    Tree tree_;
    std::vector<Finished> stack_;
    NodeId too_high_ = kNone;
};

class Parser {
  public:
    Parser(std::string text, std::string file) : build_(std::move(text), std::move(file)) {}
    Result<Tree> run();

  private:
    // A construct whose last part is an expression that is still being parsed.
    struct Open {
        Kind kind;
        std::uint32_t first_token;
        std::size_t mark;
    };
    // An operator that waits for its right operand.
    struct Operator {
        TokenKind kind;
        std::uint8_t strength;
        bool prefix;
        std::uint32_t token;
    };
    struct Nested;

    // parse.cc: tokens and errors
    TokenKind kind() const { return tokens_[pos_].kind; }
    // The next token that is not trivia.
    std::uint32_t next_after(std::uint32_t token) const {
        if (tokens_[token].kind == TokenKind::end_of_file) return token;
        do ++token;
        while (is_trivia(tokens_[token].kind));
        return token;
    }
    TokenKind peek() const { return tokens_[next_after(pos_)].kind; }
    void advance() {
        end_ = pos_ + 1;
        pos_ = next_after(pos_);
    }
    bool expect(TokenKind wanted, std::string_view where) {
        if (kind() != wanted) return error_missing(wanted, where);
        advance();
        return true;
    }
    bool error_missing(TokenKind wanted, std::string_view where);
    bool error_at(std::uint32_t token, std::string message, std::string hint = {}, std::string_view id = "nix-parse");
    bool error_expected(std::string_view wanted);
    bool error_depth();  // notes it; true
    std::string got(std::uint32_t token) const;
    bool error_byte(std::uint32_t token);
    // The node from `first` to the last token taken.
    NodeId reduce(Kind kind, std::uint32_t first, std::size_t mark, unsigned flags = 0) {
        return build_.reduce(kind, first, end_, mark, flags);
    }
    bool leaf(Kind kind) {
        const std::uint32_t first = pos_;
        advance();
        build_.leaf(kind, first, end_);
        return true;
    }

    // parse_expr.cc
    bool parse_expr();
    bool parse_expr_part(bool& more);
    bool parse_head(std::string_view where);
    bool parse_conditional();
    bool parse_apply();
    bool parse_select();
    bool parse_simple();
    bool parse_parens();
    bool parse_list();
    bool parse_integer();
    bool parse_floating();

    // parse_operators.cc
    bool parse_operators();
    void take_prefixes();
    bool take_binary(std::size_t base, bool& more);
    bool parse_has_attr();
    void reduce_operator();
    bool reduce_stronger(std::size_t base, std::uint8_t strength, TokenKind incoming);
    bool error_operand();

    // parse_attrs.cc
    bool parse_set(std::uint32_t first, Kind kind, unsigned flags);
    bool parse_entries(TokenKind close, std::string_view where);
    bool parse_binding();
    bool parse_inherit();
    bool parse_inherit_name();
    bool parse_attr_path();
    bool parse_attr();
    bool check_entries(NodeId set);

    // parse_lambda.cc
    bool at_lambda() const;
    bool parse_lambda_head();
    bool parse_formals();
    bool parse_formal();
    bool check_formals(std::size_t mark);

    // parse_strings.cc
    bool parse_string();
    bool parse_indented();
    bool parse_path();
    bool parse_interpolation();
    bool check_text(std::uint32_t token);

    TreeBuilder build_;
    std::span<const Token> tokens_;
    std::uint32_t pos_ = 0;  // the token looked at, never trivia
    std::uint32_t end_ = 0;  // one after the last token taken
    std::uint32_t nesting_ = 0;
    std::vector<Open> open_;
    std::vector<Operator> operators_;
    std::optional<Error> error_;
};

/// Counts nesting while it lives.
struct Parser::Nested {
    explicit Nested(Parser& parser) : parser_(parser) { ++parser_.nesting_; }
    ~Nested() { --parser_.nesting_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    bool too_deep() const { return parser_.nesting_ > kMaxNesting && parser_.error_depth(); }
    Parser& parser_;
};

}  // namespace lf::nixsyntax
