// SPDX-License-Identifier: MIT
#include "nixsyntax/lexer.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "nixsyntax/lexer_tables.h"

namespace lf::nixsyntax {
namespace {

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text), size_(static_cast<std::uint32_t>(text.size())) {}
    std::vector<Token> run();

  private:
    enum class Mode : std::uint8_t { code, string, indented, path, path_slash };

    unsigned char at(std::size_t offset) const {
        return offset < size_ ? static_cast<unsigned char>(text_[offset]) : std::uint8_t{0};
    }
    bool is(std::uint32_t offset, int flags) const { return (kClasses[at(offset)] & flags) != 0; }
    bool is_interpolation(std::uint32_t offset) const { return at(offset) == '$' && at(offset + 1) == '{'; }
    std::uint32_t skip(std::uint32_t offset, int flags) const {
        while (is(offset, flags)) ++offset;
        return offset;
    }
    // The token [pos_, end) of this kind.
    void emit(TokenKind kind, std::uint32_t end) {
        tokens_.push_back({pos_, kind});
        pos_ = end;
    }
    void emit_open(TokenKind kind, std::uint32_t end, Mode mode) {
        emit(kind, end);
        modes_.push_back(mode);
    }
    void emit_interpolation() { emit_open(TokenKind::interpolation, pos_ + 2, Mode::code); }

    void code();
    void code_other();
    void word();
    void number();
    void slash();
    void angle();
    void quote_mark();
    void comment();
    void operator_or_bad();
    bool path_or_url();
    bool path_follows(std::uint32_t slash) const {
        return at(slash) == '/' && (is(slash + 1, kPathPart) || is_interpolation(slash + 1));
    }
    std::uint32_t path_rest(std::uint32_t offset) const;
    void path_token(TokenKind kind, std::uint32_t end);
    void in_path();
    void in_string();
    void in_indented();
    std::uint32_t indented_run() const;

    std::string_view text_;
    std::uint32_t size_;
    std::uint32_t pos_ = 0;
    std::vector<Token> tokens_;
    std::vector<Mode> modes_{Mode::code};
    // The run of path bytes last looked at ends here; its last '_' stands there. Each run is scanned once only.
    std::uint32_t run_end_ = 0;
    std::int64_t run_underscore_ = -1;
};

std::vector<Token> Lexer::run() {
    tokens_.reserve(size_ / 3 + 16);
    while (pos_ < size_) {
        switch (modes_.back()) {
            case Mode::code: code(); break;
            case Mode::string: in_string(); break;
            case Mode::indented: in_indented(); break;
            case Mode::path:
            case Mode::path_slash: in_path(); break;
        }
    }
    if (modes_.back() == Mode::path || modes_.back() == Mode::path_slash) in_path();
    emit(TokenKind::end_of_file, pos_);
    return std::move(tokens_);
}

void Lexer::code() {
    const Start start = kStarts[at(pos_)];
    switch (start.lead) {
        case Lead::single: return emit(start.single, pos_ + 1);
        case Lead::blank: return emit(TokenKind::blank, skip(pos_ + 1, kBlank));
        case Lead::word: return word();
        case Lead::digit: return number();
        case Lead::brace_open: return emit_open(TokenKind::brace_open, pos_ + 1, Mode::code);
        case Lead::brace_close:
            // The mode at the bottom stays, as in Nix: the parser will object.
            if (modes_.size() > 1) modes_.pop_back();
            return emit(TokenKind::brace_close, pos_ + 1);
        case Lead::maybe_longer: return operator_or_bad();
        case Lead::other: return code_other();
    }
}

void Lexer::code_other() {
    switch (at(pos_)) {
        case '#': return comment();
        case '/': return slash();
        case '<': return angle();
        case '"':
        case '\'': return quote_mark();
        case '.':
            if (is(pos_ + 1, kDigit)) return number();
            [[fallthrough]];
        case '-':
        case '+':
            if (!path_or_url()) operator_or_bad();
            return;
        case '~':
            if (path_follows(pos_ + 1)) return path_token(TokenKind::home_path, path_rest(pos_ + 1));
            return emit(TokenKind::bad_byte, pos_ + 1);
        case '$':
            if (is_interpolation(pos_)) return emit_interpolation();
            return emit(TokenKind::bad_byte, pos_ + 1);
        case '\0': return emit(TokenKind::unread, size_);
        default: return emit(TokenKind::bad_byte, pos_ + 1);
    }
}

void Lexer::operator_or_bad() {
    const std::string_view rest = text_.substr(pos_, 3);
    for (const Word& op : kOperators)
        if (op.text[0] == rest[0] && rest.starts_with(op.text))
            return emit(op.kind, pos_ + static_cast<std::uint32_t>(op.text.size()));
    emit(kStarts[at(pos_)].single, pos_ + 1);
}

void Lexer::word() {
    const std::uint32_t end = skip(pos_ + 1, kNamePart);
    // Only these can make something longer than the identifier; if it has a "'", the run of path bytes ends before.
    const unsigned char next = at(end);
    if ((next == '.' || next == '/' || next == ':' || next == '+') && path_or_url()) return;
    emit(word_kind(text_.substr(pos_, end - pos_)), end);
}

// [1-9][0-9]*\.[0-9]* or 0?\.[0-9]+, both with an exponent if there is one; else [0-9]+.
void Lexer::number() {
    const std::uint32_t whole = skip(pos_, kDigit);
    std::uint32_t end = whole;
    bool floating = false;
    if (at(whole) == '.') {
        const std::uint32_t fraction = skip(whole + 1, kDigit);
        const bool counts = whole > pos_ && at(pos_) != '0';
        const bool zero = whole == pos_ || (whole == pos_ + 1 && at(pos_) == '0');
        floating = counts || (zero && fraction > whole + 1);
        if (floating) end = fraction;
    }
    if (floating && (at(end) == 'e' || at(end) == 'E')) {
        const std::uint32_t sign = at(end + 1) == '+' || at(end + 1) == '-' ? 1 : 0;
        if (is(end + 1 + sign, kDigit)) end = skip(end + 1 + sign, kDigit);
    }
    if ((is(end, kPathPart) || at(end) == '/') && path_or_url()) return;
    emit(floating ? TokenKind::floating : TokenKind::integer, end);
}

// A path or URL that begins here, if it is longer than what else could: emits it.
bool Lexer::path_or_url() {
    if (pos_ >= run_end_) {
        run_underscore_ = -1;
        for (run_end_ = pos_; is(run_end_, kPathPart); ++run_end_)
            if (at(run_end_) == '_') run_underscore_ = run_end_;
    }
    if (path_follows(run_end_)) {
        path_token(TokenKind::path, path_rest(run_end_));
        return true;
    }
    if (at(run_end_) == ':' && is(run_end_ + 1, kUrlPart) && run_underscore_ < static_cast<std::int64_t>(pos_) &&
        is(pos_, kNameStart)) {
        emit(TokenKind::url, skip(run_end_ + 1, kUrlPart));
        return true;
    }
    return false;
}

// From a slash on: (/[path bytes]+)* and one more slash if there is one.
std::uint32_t Lexer::path_rest(std::uint32_t offset) const {
    while (at(offset) == '/' && is(offset + 1, kPathPart)) offset = skip(offset + 1, kPathPart);
    return at(offset) == '/' ? offset + 1 : offset;
}

void Lexer::path_token(TokenKind kind, std::uint32_t end) {
    const Mode mode = at(end - 1) == '/' ? Mode::path_slash : Mode::path;
    emit_open(kind, end, mode);
}

void Lexer::in_path() {
    if (is_interpolation(pos_)) {
        modes_.back() = Mode::path;
        return emit_interpolation();
    }
    const std::uint32_t end = path_rest(skip(pos_, kPathPart));
    if (end > pos_) {
        modes_.pop_back();
        return path_token(TokenKind::path_text, end);
    }
    emit(modes_.back() == Mode::path ? TokenKind::path_end : TokenKind::bad_path, pos_);
    modes_.pop_back();
}

void Lexer::comment() {
    if (at(pos_) == '#') {
        const std::string_view line = text_.substr(pos_, text_.find('\n', pos_) - pos_);
        const std::size_t length = std::min(line.find('\r'), line.size());
        return emit(TokenKind::line_comment, pos_ + static_cast<std::uint32_t>(length));
    }
    const std::size_t end = text_.find("*/", pos_ + std::size_t{2});
    if (end == std::string_view::npos) return emit(TokenKind::bad_comment, size_);
    emit(TokenKind::block_comment, static_cast<std::uint32_t>(end) + 2);
}

void Lexer::slash() {
    if (at(pos_ + 1) == '*') return comment();
    if (path_follows(pos_)) return path_token(TokenKind::path, path_rest(pos_));
    operator_or_bad();
}

void Lexer::angle() {
    std::uint32_t end = skip(pos_ + 1, kPathPart);
    if (end > pos_ + 1) {
        while (at(end) == '/' && is(end + 1, kPathPart)) end = skip(end + 1, kPathPart);
        if (at(end) == '>') return emit(TokenKind::search_path, end + 1);
    }
    operator_or_bad();
}

void Lexer::quote_mark() {
    if (at(pos_) == '"') return emit_open(TokenKind::quote, pos_ + 1, Mode::string);
    if (at(pos_ + 1) != '\'') return emit(TokenKind::bad_byte, pos_ + 1);
    std::uint32_t end = pos_ + 2;
    while (at(end) == ' ') ++end;
    // Blanks and a newline behind the opening belong to it; blanks alone do not.
    emit_open(TokenKind::indented_open, at(end) == '\n' ? end + 1 : pos_ + 2, Mode::indented);
}

void Lexer::in_string() {
    if (at(pos_) == '"') {
        modes_.pop_back();
        return emit(TokenKind::quote, pos_ + 1);
    }
    if (is_interpolation(pos_)) return emit_interpolation();
    std::uint32_t end = pos_;
    while (end < size_) {
        const unsigned char c = at(end);
        if ((kClasses[c] & kStringStop) == 0) {
            ++end;
        } else if (c == '\\') {
            end += 2;
        } else if (c == '"' || is_interpolation(end)) {
            break;
        } else {
            // `$` and what follows it, so that `$${` is no interpolation.
            const unsigned char next = at(end + 1);
            end += next == '"' || next == '\\' ? 1 : 2;
        }
    }
    emit(TokenKind::string_text, std::min(end, size_));
}

// The plain text that begins here. `$` and `'` take the byte behind them along, so that `$${` is no interpolation.
std::uint32_t Lexer::indented_run() const {
    std::uint32_t end = pos_;
    while (end < size_) {
        const unsigned char c = at(end);
        if (c != '$' && c != '\'') {
            ++end;
            continue;
        }
        const unsigned char next = at(end + 1);
        const unsigned char special = c == '$' ? '{' : '$';
        if (end + 1 >= size_ || next == '\'' || next == special) break;
        end += 2;
    }
    return end;
}

void Lexer::in_indented() {
    if (is_interpolation(pos_)) return emit_interpolation();
    if (const std::uint32_t end = indented_run(); end > pos_) return emit(TokenKind::indented_text, end);
    if (at(pos_) == '\'' && at(pos_ + 1) == '\'') {
        const unsigned char next = at(pos_ + 2);
        if (next == '$' || next == '\'') return emit(TokenKind::indented_escape, pos_ + 3);
        if (next == '\\' && pos_ + 3 < size_) return emit(TokenKind::indented_escape, pos_ + 4);
        modes_.pop_back();
        return emit(TokenKind::indented_close, pos_ + 2);
    }
    emit(TokenKind::indented_escape, pos_ + 1);  // a `$` before a quote, a `'` before a `$`
}

}  // namespace

std::string_view token_name(TokenKind kind) {
    static constexpr std::array kNames = {
#define LF_NIX_TOKEN(name, text) std::string_view(text),
        LF_NIX_TOKENS(LF_NIX_TOKEN)
#undef LF_NIX_TOKEN
    };
    return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Token> lex(std::string_view text) { return Lexer(text).run(); }

}  // namespace lf::nixsyntax
