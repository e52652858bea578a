// SPDX-License-Identifier: MIT
#include "grammar.h"

#include <array>
#include <utility>

#include "grammar_operators.h"

namespace lf::nixsyntax {
namespace {

using Words = std::span<const std::string_view>;

constexpr auto kNames = std::to_array<std::string_view>(
    {"x", "y", "lib", "a-b", "c'", "_", "_d1", "import", "true", "orr", "X9", "builtins", "__sub", "inn"});
constexpr auto kNumbers =
    std::to_array<std::string_view>({"0", "1", "007", "9223372036854775807", "1.5", ".5", "1.", "0.25", "1.e5",
                                     "12.5E-3", ".0e+1", "1000000.0", "123456.78"});
constexpr auto kSearchPaths = std::to_array<std::string_view>({"<x>", "<nixpkgs/lib>", "<a.b-c+d_/e>", "<.>"});
constexpr auto kUrls =
    std::to_array<std::string_view>({"a:b", "https://example.org/?q=1&r=%20", "x+y-z.w:~a'b*", "m:,@$!=:"});
constexpr auto kPaths = std::to_array<std::string_view>(
    {"./a", "../a-b", "/a/b", "a/b", "~/a", "./.", "a.b/c+d", "/.", "-1/2", "../../x_", "~/a/../b", "1/2", ".../c"});
constexpr auto kPathStarts =
    std::to_array<std::string_view>({"./", "/", "~/", "a/", "./a", "../b/", "~/c/d", "/e.f", "./.g-"});
constexpr auto kPathRests = std::to_array<std::string_view>({"", "b", "/c", "b/c.d", "-", ".x", "/e/f"});
constexpr auto kStringTexts = std::to_array<std::string_view>(
    {"",     "a",   " ",  "\n", "\\n", "\\r",  "\\t",   "\\\"", "\\\\", "\\${",     "\\$",
     "$a",   "$$",  "$ ", "\t", "\r",  "\r\n", "''",    "#",    "/*",   "\xc3\xa4", "\xff",
     "\\\n", "\\x", "{",  "}",  "\\'", "$}",   "$\\\\", "$\\$", "b c"});
constexpr auto kIndentedTexts = std::to_array<std::string_view>(
    {"",      "a",      "  ",    "\n",    "\n    ", "\n  b", "\t",   "''$",  "'''",    "''\\n", "''\\t",
     "''\\x", "''\\\\", "''\\'", "''\\$", "$a",     "$$",    "'a",   "' ",   "'$a",    "\r\n",  "\r",
     "\"",    "\\",     "#",     "\xff",  "{",      "}",     "\n\n", "  \n", "''\\\n", "''${"});
constexpr auto kBinary = std::to_array<std::string_view>(
    {"+", "-", "*", "/", "++", "//", "&&", "||", "->", "==", "!=", "<", ">", "<=", ">=", "|>", "<|"});

class Generator {
  public:
    explicit Generator(Choices& choices) : choices_(choices) {}
    std::vector<Lexeme> run() {
        expr();
        return std::move(out_);
    }

  private:
    static constexpr int kDeepest = 40;

    void put(std::string_view text, Edge edge) { out_.push_back({std::string(text), edge, edge}); }
    void word(std::string_view text) { put(text, Edge::word); }
    void name(std::string_view text) { put(text, Edge::name); }
    void bracket(std::string_view text) { put(text, Edge::bracket); }
    void op(std::string_view text) { put(text, Edge::op); }
    void fixed(std::string_view text, Edge edge) { out_.push_back({std::string(text), edge, edge, true}); }
    // Attributes and arguments all have names of their own, so that none is defined twice.
    std::string fresh() { return "x" + std::to_string(++names_); }

    void interpolation(bool inside) {
        out_.push_back({"${", Edge::bracket, Edge::bracket, inside});
        expr();
        bracket("}");
    }

    void text_parts(Words texts) {
        while (const unsigned what = choices_.below(5)) {
            if (what == 4) interpolation(true);
            else fixed(choices_.of(texts), Edge::bracket);
        }
    }

    void string() {
        bracket("\"");
        text_parts(kStringTexts);
        if (choices_.once_in(8)) fixed("$", Edge::bracket);
        fixed("\"", Edge::bracket);
    }

    void indented() {
        constexpr auto kOpenings = std::to_array<std::string_view>({"''", "''\n", "''  \n", "'' ", "''\n    "});
        word(choices_.of(kOpenings));
        text_parts(kIndentedTexts);
        fixed("''", Edge::word);
    }

    void path() {
        if (!choices_.once_in(3)) return put(choices_.of(kPaths), Edge::path);
        put(choices_.of(kPathStarts), Edge::path);
        do {
            interpolation(true);
            fixed(choices_.of(kPathRests), Edge::path);
        } while (choices_.once_in(3));
    }

    // A name that is known when the file is parsed, written in one of its ways.
    void static_name(const std::string& text) {
        const bool plain = text.find('\'') == std::string::npos;  // ''c''' would be an escape
        switch (choices_.below(plain ? 6 : 3)) {
            case 1: return bracket("\"" + text + "\"");
            case 2: bracket("${"), bracket("\"" + text + "\""), bracket("}"); return;
            case 3: bracket("${"), bracket("("), word("''" + text + "''"), bracket(")"), bracket("}"); return;
            default: return name(text);
        }
    }

    // One that is not: a call is never constant.
    void dynamic_name() {
        if (choices_.once_in(2)) {
            bracket("\"");
            fixed("a", Edge::bracket);
            interpolation(true);
            fixed("\"", Edge::bracket);
            return;
        }
        bracket("${");
        name("f");
        simple();
        bracket("}");
    }

    void any_attr() {
        if (choices_.once_in(4)) return dynamic_name();
        if (choices_.once_in(8)) return name("or");
        static_name(std::string(choices_.of(kNames)));
    }

    void attr_path() {
        any_attr();
        while (choices_.once_in(3)) put(".", Edge::dot), any_attr();
    }

    // `shared`: the one name of a set below which several entries put attributes.
    void binding(const std::string& shared, bool dynamic) {
        if (choices_.once_in(4)) {
            static_name(shared);
            if (choices_.once_in(2)) {
                op("=");
                if (choices_.once_in(3)) word("rec");
                set({}, true);
                return bracket(";");
            }
            put(".", Edge::dot);
        }
        if (dynamic && choices_.once_in(4)) dynamic_name();
        else static_name(fresh());
        while (choices_.once_in(4)) {
            put(".", Edge::dot);
            if (choices_.once_in(4)) dynamic_name();
            else static_name(fresh());
        }
        op("=");
        expr();
        bracket(";");
    }

    void inherit() {
        word("inherit");
        if (choices_.once_in(2)) bracket("("), expr(), bracket(")");
        while (choices_.below(3) != 0) static_name(fresh());
        bracket(";");
    }

    void entries(bool dynamic) {
        const std::string shared = fresh();
        while (const unsigned what = choices_.below(4)) {
            if (what == 3) inherit();
            else binding(shared, dynamic);
        }
    }

    void set(std::string_view keyword, bool dynamic) {
        if (!keyword.empty()) word(keyword);
        bracket("{");
        entries(dynamic);
        if (keyword == "let") name("body"), op("="), expr(), bracket(";");
        bracket("}");
    }

    void list() {
        bracket("[");
        while (choices_.below(4) != 0) select();
        bracket("]");
    }

    void parens() {
        bracket("(");
        expr();
        bracket(")");
    }

    void simple() {
        if (depth_ > kDeepest) return name("deep");
        ++depth_;
        switch (choices_.below(18)) {
            case 1: name("x" + std::to_string(1 + choices_.below(static_cast<unsigned>(names_) + 1))); break;
            case 2: word(choices_.of(kNumbers)); break;
            case 3: put(choices_.of(kSearchPaths), Edge::path); break;
            case 4: put(choices_.of(kUrls), Edge::url); break;
            case 5:
            case 6: string(); break;
            case 7:
            case 8: indented(); break;
            case 9: path(); break;
            case 10:
            case 11: parens(); break;
            case 12: list(); break;
            case 13:
            case 14: set({}, true); break;
            case 15: set("rec", true); break;
            case 16: set("let", true); break;
            case 17: name("__curPos"); break;
            default: name(choices_.of(kNames)); break;
        }
        --depth_;
    }

    void select() {
        simple();
        if (choices_.once_in(24)) return word("or");
        if (!choices_.once_in(4)) return;
        put(".", Edge::dot);
        attr_path();
        if (!choices_.once_in(3) || depth_ > kDeepest) return;
        word("or");
        ++depth_;
        select();
        --depth_;
    }

    void operand(Operations& operations) {
        while (choices_.once_in(8)) {
            const std::string_view prefix = choices_.once_in(2) ? "!" : "-";
            op(prefix);
            operations.op(prefix, out_.size() - 1);
        }
        const std::size_t begin = out_.size();
        select();
        while (choices_.once_in(4)) select();
        operations.operand(begin);
        while (choices_.once_in(12)) {
            const std::size_t question = out_.size();
            op("?"), attr_path();
            operations.op("?", question);
        }
    }

    // Comparisons do not chain, nor do pipes of two directions; all else does.
    void operators() {
        Operations operations(out_);
        operand(operations);
        bool equality = false;
        bool order = false;
        std::string_view pipe;
        while (choices_.once_in(3)) {
            const std::string_view next = choices_.of(kBinary);
            if (next == "==" || next == "!=") {
                if (std::exchange(equality, true)) continue;
                order = false;
            } else if ((next[0] == '<' || next[0] == '>') && next != "<|") {
                if (std::exchange(order, true)) continue;
            } else if (next == "|>" || next == "<|") {
                if (!pipe.empty() && next != pipe) continue;
                pipe = next;
                equality = order = false;
            } else if (next == "&&" || next == "||" || next == "->") {
                equality = order = false;
            }
            op(next);
            operations.op(next, out_.size() - 1);
            operand(operations);
        }
        operations.mark();
    }

    void formals() {
        bracket("{");
        bool more = choices_.below(3) != 0;
        while (more) {
            if (choices_.once_in(4)) {
                op("...");
                break;
            }
            name(fresh());
            if (choices_.once_in(3)) op("?"), expr();
            more = choices_.below(3) != 0;
            if (more || choices_.once_in(4)) bracket(",");
        }
        bracket("}");
    }

    void lambda() {
        const unsigned form = choices_.below(4);
        if (form == 0) {
            name(fresh());
        } else if (form == 3) {
            name(fresh()), op("@"), formals();
        } else {
            formals();
            if (form == 2) op("@"), name(fresh());
        }
        put(":", Edge::colon);
        expr();
    }

    void expr() {
        if (depth_ > kDeepest) return name("deep");
        ++depth_;
        switch (choices_.below(12)) {
            case 6: word("assert"), expr(), bracket(";"), expr(); break;
            case 7: word("with"), expr(), bracket(";"), expr(); break;
            case 8: word("if"), expr(), word("then"), expr(), word("else"), expr(); break;
            case 9: word("let"), entries(false), word("in"), expr(); break;
            case 10:
            case 11: lambda(); break;
            default: operators(); break;
        }
        --depth_;
    }

    Choices& choices_;
    std::vector<Lexeme> out_;
    int depth_ = 0;
    int names_ = 0;
};

bool may_touch(const Lexeme& a, const Lexeme& b) {
    if (a.right == Edge::url || b.left == Edge::url)
        return b.text == ")" || b.text == "]" || b.text == "}" || b.text == ";" || (a.right == Edge::bracket);
    if (a.right == Edge::path && b.text == "${") return false;
    if (a.right == Edge::bracket || b.left == Edge::bracket) return true;
    if (a.right == Edge::name) return b.left == Edge::dot || b.left == Edge::colon;
    return a.right == Edge::dot && b.left == Edge::name;
}

}  // namespace

std::vector<Lexeme> generate(Choices& choices) { return Generator(choices).run(); }

std::string render(std::span<const Lexeme> lexemes, Choices& trivia) {
    constexpr auto kBlanks = std::to_array<std::string_view>({" ", "\n", "\t", "\r\n", "\r", "  ", "\n\n"});
    constexpr auto kComments = std::to_array<std::string_view>(
        {"# c\n", "#\r", "/* c */", "/**/", "/***/", "/* / * # \" '' ${ \n*/", "#\"''${{ \xff\r\n", "/** doc */"});
    std::string out;
    const auto some = [&](bool needed, bool comment_first) {
        if (needed) out += trivia.of(kBlanks);
        else if (trivia.below(3) == 0) return;
        for (unsigned more = trivia.below(4); more > 1; --more) {
            if (!comment_first) out += trivia.of(kBlanks);
            if (trivia.once_in(2)) out += trivia.of(kComments);
            comment_first = false;
        }
    };
    some(false, true);
    for (std::size_t i = 0; i < lexemes.size(); ++i) {
        if (i > 0 && !lexemes[i].fixed)
            some(!may_touch(lexemes[i - 1], lexemes[i]), lexemes[i - 1].right == Edge::bracket);
        out += lexemes[i].text;
    }
    some(false, false);
    return out;
}

std::string damage(std::string text, Choices& choices) {
    constexpr auto kScraps = std::to_array<std::string_view>(
        {"{",     "}", "(",         ")",     "[",    "]",      ";",   ":",  "=",    ",",        ".", "@",    "?",
         "\"",    "'", "''",        "$",     "${",   "+",      "-",   "*",  "/",    "<",        ">", "!",    "&",
         "|",     "#", "/*",        "*/",    "\\",   " ",      "\n",  "\r", "~",    "a",        "1", " or ", " in ",
         " let ", "%", " inherit ", " rec ", " if ", " with ", "...", "|>", "\xff", " x = 1; ", "_", "'"});
    for (unsigned left = 1 + choices.below(3); left > 0; --left) {
        const std::size_t at = (choices.below(256) * std::size_t{256} + choices.below(256)) % (text.size() + 1);
        const std::size_t length = choices.below(8);
        switch (choices.below(3)) {
            case 0: text.erase(at, length); break;
            case 1: text.insert(at, std::string(text.substr(at, length))); break;
            default: text.insert(at, choices.of(kScraps)); break;
        }
    }
    return text;
}

}  // namespace lf::nixsyntax
