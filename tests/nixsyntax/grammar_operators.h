// SPDX-License-Identifier: MIT
/// \file
/// \brief How operators bind, said once more and apart from the parser: by the table of the Nix manual.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "grammar.h"

namespace lf::nixsyntax {

/// Notes what the operators of one expression stand for: the lexemes get marks for parentheses around each operation.
class Operations {
  public:
    explicit Operations(std::vector<Lexeme>& lexemes) : lexemes_(lexemes) {}
    /// What was put last, from lexeme `begin` on, is a prefix or binary operator; "?" has its attribute path with it.
    void op(std::string_view op, std::size_t begin) { items_.push_back({op, begin, lexemes_.size()}); }
    void operand(std::size_t begin) { items_.push_back({{}, begin, lexemes_.size()}); }
    void mark();

  private:
    struct Item {
        std::string_view op;  ///< "": an operand
        std::size_t begin, end;
    };
    struct Range {
        std::size_t begin, end;
    };
    Range part(int least);
    Range wrap(std::size_t begin, std::size_t end);

    std::vector<Lexeme>& lexemes_;
    std::vector<Item> items_;
    std::size_t next_ = 0;
};

/// The same expression with the parentheses that were marked.
std::vector<Lexeme> parenthesised(const std::vector<Lexeme>& lexemes);

}  // namespace lf::nixsyntax
