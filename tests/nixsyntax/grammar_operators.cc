// SPDX-License-Identifier: MIT
#include "grammar_operators.h"

#include <algorithm>
#include <array>

namespace lf::nixsyntax {
namespace {

struct Binding {
    std::string_view op;
    int strength;
    bool right;  ///< a op b op c is a op (b op c)
};
// From the Nix manual, weakest first.
constexpr std::array kBindings = {
    Binding{"|>", 1, false}, Binding{"<|", 1, true},  Binding{"->", 2, true},  Binding{"||", 3, false},
    Binding{"&&", 4, false}, Binding{"==", 5, false}, Binding{"!=", 5, false}, Binding{"<", 6, false},
    Binding{">", 6, false},  Binding{"<=", 6, false}, Binding{">=", 6, false}, Binding{"//", 7, true},
    Binding{"+", 9, false},  Binding{"-", 9, false},  Binding{"*", 10, false}, Binding{"/", 10, false},
    Binding{"++", 11, true}, Binding{"?", 12, false},
};
constexpr int kNot = 8;
constexpr int kNegate = 13;

}  // namespace

Operations::Range Operations::wrap(std::size_t begin, std::size_t end) {
    ++lexemes_[begin].opens;
    ++lexemes_[end - 1].closes;
    return {begin, end};
}

// The longest operation from the next item on whose operators are at least this strong.
Operations::Range Operations::part(int least) {
    const Item first = items_[next_++];
    Range left{first.begin, first.end};
    if (!first.op.empty()) left = wrap(first.begin, part(first.op == "!" ? kNot : kNegate).end);
    while (next_ < items_.size()) {
        const Item& item = items_[next_];
        const auto* const found =
            std::find_if(kBindings.begin(), kBindings.end(), [&](const Binding& each) { return each.op == item.op; });
        if (found->strength < least) break;
        ++next_;
        const std::size_t end = item.op == "?" ? item.end : part(found->strength + (found->right ? 0 : 1)).end;
        left = wrap(left.begin, end);
    }
    return left;
}

void Operations::mark() {
    if (items_.size() > 1) part(0);
}

std::vector<Lexeme> parenthesised(const std::vector<Lexeme>& lexemes) {
    std::vector<Lexeme> out;
    for (const Lexeme& lexeme : lexemes) {
        out.insert(out.end(), lexeme.opens, Lexeme{"(", Edge::bracket, Edge::bracket});
        out.push_back(lexeme);
        out.insert(out.end(), lexeme.closes, Lexeme{")", Edge::bracket, Edge::bracket});
    }
    return out;
}

}  // namespace lf::nixsyntax
