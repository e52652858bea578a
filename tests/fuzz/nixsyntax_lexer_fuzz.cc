// SPDX-License-Identifier: MIT
// Any bytes are tokens: every byte belongs to one, in order. What a token is depends only on the mode, never on what
// stood before: from each place where all is closed the rest gives the same tokens alone.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "nixsyntax/lexer.h"

namespace {

using namespace lf::nixsyntax;

void require(bool holds) {
    if (!holds) std::abort();
}

// Follows what is open: braces, strings, paths. Strings and paths end by their own tokens, braces by '}'.
class Open {
  public:
    bool none() const { return stack_.empty(); }
    void take(TokenKind kind) {
        const bool in_string = !none() && stack_.back() == TokenKind::quote;
        switch (kind) {
            case TokenKind::interpolation:
            case TokenKind::brace_open:
            case TokenKind::indented_open:
            case TokenKind::path:
            case TokenKind::home_path: stack_.push_back(kind); break;
            case TokenKind::quote:
                if (in_string) stack_.pop_back();
                else stack_.push_back(kind);
                break;
            case TokenKind::brace_close:
                if (none()) break;
                [[fallthrough]];
            case TokenKind::indented_close:
            case TokenKind::bad_path:
            case TokenKind::path_end:
                require(!none());
                stack_.pop_back();
                break;
            default: break;
        }
    }

  private:
    std::vector<TokenKind> stack_;
};

void check_rest(std::string_view text, const std::vector<Token>& tokens, std::size_t from) {
    const std::uint32_t offset = tokens[from].begin;
    const std::vector<Token> rest = lex(text.substr(offset));
    require(rest.size() == tokens.size() - from);
    for (std::size_t i = 0; i < rest.size(); ++i)
        require(rest[i].begin + offset == tokens[from + i].begin && rest[i].kind == tokens[from + i].kind);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::vector<Token> tokens = lex(text);
    require(tokens.front().begin == 0 && tokens.back().begin == text.size());
    require(tokens.back().kind == TokenKind::end_of_file);
    Open open;
    int checks = 8;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        require(tokens[i].begin <= tokens[i + 1].begin);
        // Only where a path or string ends may a token be empty.
        const bool may_be_empty = tokens[i].kind == TokenKind::path_end || tokens[i].kind == TokenKind::bad_path;
        require(tokens[i].begin < tokens[i + 1].begin || may_be_empty);
        if (i > 0 && open.none() && checks-- > 0) check_rest(text, tokens, i);
        open.take(tokens[i].kind);
    }
    return 0;
}
