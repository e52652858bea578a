// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "nixsyntax/lexer.h"
#include "nixsyntax/parser.h"

namespace lf::nixsyntax {

TreeBuilder::TreeBuilder(std::string text, std::string file) {
    tree_.file_ = std::move(file);
    tree_.text_ = std::make_shared<const std::string>(std::move(text));
}

void TreeBuilder::set_tokens(std::vector<Token> tokens) {
    tree_.tokens_ = std::move(tokens);
    // Half of the tokens are blanks, commas and the like; growing later costs more than a little too much room.
    tree_.nodes_.reserve(tree_.tokens_.size() / 2 + 16);
    tree_.children_.reserve(tree_.tokens_.size() / 2 + 16);
}

NodeId TreeBuilder::reduce(Kind kind, std::uint32_t first_token, std::uint32_t end_token, std::size_t mark,
                           unsigned flags, TokenKind op) {
    const auto id = static_cast<NodeId>(tree_.nodes_.size());
    const auto begin = static_cast<std::uint32_t>(tree_.children_.size());
    std::uint32_t height = 0;
    for (std::size_t i = mark; i < stack_.size(); ++i) {
        tree_.nodes_[stack_[i].id].parent = id;
        tree_.children_.push_back(stack_[i].id);
        height = std::max(height, stack_[i].height);
    }
    const auto count = static_cast<std::uint32_t>(stack_.size() - mark);
    tree_.nodes_.push_back({kind, static_cast<std::uint8_t>(flags), op, first_token, end_token, kNone, begin, count});
    stack_.resize(mark);
    stack_.push_back({id, height + 1});
    if (height >= kMaxHeight && too_high_ == kNone) too_high_ = id;
    return id;
}

Error Tree::at(Error error, NodeId id) const { return at_offset(std::move(error), file_, text(), span(id).begin); }

bool Parser::error_at(std::uint32_t token, std::string message, std::string hint, std::string_view id) {
    if (error_) return false;
    const Tree& tree = build_.tree();
    error_ = at_offset(world_error(std::string(id), std::move(message), std::move(hint)), tree.file(), tree.text(),
                       tokens_[token].begin);
    return false;
}

std::string Parser::got(std::uint32_t token) const {
    const TokenKind kind = tokens_[token].kind;
    if (kind != TokenKind::identifier && kind != TokenKind::integer && kind != TokenKind::floating &&
        kind != TokenKind::path && kind != TokenKind::url)
        return std::string(token_name(kind));
    std::string_view text = build_.tree().text(build_.tree().token_span(token));
    const bool cut = text.size() > 40;
    if (cut) text = text.substr(0, 40);
    return fmt::format("'{}{}'", text, cut ? "…" : "");
}

// What the lexer could not make sense of, said better than "unexpected".
bool Parser::error_byte(std::uint32_t token) {
    const std::string_view text = build_.tree().text().substr(tokens_[token].begin);
    if (tokens_[token].kind == TokenKind::bad_comment) return error_at(token, "this comment is never closed by '*/'");
    if (tokens_[token].kind == TokenKind::bad_path) return error_at(token, "a path must not end in '/'");
    const auto byte = static_cast<unsigned char>(text.empty() ? '\0' : text[0]);
    if (byte == 0) return error_at(token, "a NUL byte stands where code is expected");
    if (byte == '$') return error_at(token, "'$' must be followed by '{'");
    if (byte < 0x80) return error_at(token, fmt::format("'{}' has no meaning here", printable(text.substr(0, 1))));
    return error_at(token, fmt::format("byte 0x{:02x} stands where code is expected", byte),
                    "outside of strings and comments Nix knows ASCII only");
}

bool Parser::error_expected(std::string_view wanted) {
    if (kind() == TokenKind::bad_byte || kind() == TokenKind::bad_comment || kind() == TokenKind::bad_path)
        return error_byte(pos_);
    if (kind() == TokenKind::end_of_file && pos_ > 0 && tokens_[pos_ - 1].kind == TokenKind::unread)
        return error_byte(pos_ - 1);
    return error_at(pos_, fmt::format("expected {}, got {}", wanted, got(pos_)));
}

bool Parser::error_missing(TokenKind wanted, std::string_view where) {
    return error_expected(fmt::format("{} {}", token_name(wanted), where));
}

bool Parser::error_depth() {
    error_at(pos_, fmt::format("more than {} expressions inside each other", kMaxNesting),
             "no file written by hand is nested this deeply", "nix-depth");
    return true;
}

Result<Tree> Parser::run() {
    const Tree& tree = build_.tree();
    build_.set_tokens(lex(tree.text()));
    tokens_ = tree.tokens();
    if (is_trivia(kind())) pos_ = next_after(pos_);
    bool fine = parse_expr();
    if (fine && kind() != TokenKind::end_of_file)
        fine = error_expected("the end of the file or an operator after the expression");
    if (const NodeId culprit = build_.too_high(); fine && culprit != kNone)
        fine = error_at(tree.node(culprit).first_token, fmt::format("a chain of more than {} expressions", kMaxHeight),
                        "no file written by hand is nested this deeply", "nix-depth");
    if (!fine) return fail(std::move(*error_));
    return build_.take();
}

Result<Tree> parse(std::string text, std::string file) {
    if (text.size() > kMaxTextBytes) {
        Error error = world_error("nix-too-large", fmt::format("the file has {} bytes, more than {} are not read",
                                                               text.size(), kMaxTextBytes));
        error.where.file = std::move(file);
        return fail(std::move(error));
    }
    if (text.starts_with("\xef\xbb\xbf"))
        return fail(at_offset(world_error("nix-bom", "the file begins with a byte order mark, which Nix refuses",
                                          "take the first three bytes out: sed -i '1s/^\\xef\\xbb\\xbf//' FILE"),
                              std::move(file), text, 0));
    return Parser(std::move(text), std::move(file)).run();
}

}  // namespace lf::nixsyntax
