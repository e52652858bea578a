// SPDX-License-Identifier: MIT
#include "check/cmake_text.h"

#include <algorithm>

namespace lf::check {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_byte(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

void CmakeText::step(std::size_t bytes) {
    const std::size_t end = std::min(text_.size(), at_ + bytes);
    line_ += static_cast<std::uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                   text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    at_ = end;
}

/// "[==[ … ]==]" here: its inside, stepped over. A newline right behind the opening is no part of it, which matters to
/// nobody here. Without an end it reaches to the end of the file, as CMake would complain.
std::optional<CmakeArgument> CmakeText::bracket() {
    std::size_t open = at_ + 1;
    while (open < text_.size() && text_[open] == '=') ++open;
    if (open >= text_.size() || text_[open] != '[') return std::nullopt;
    const std::size_t equals = open - at_ - 1;
    const std::size_t begin = open + 1;
    std::size_t end = text_.find(']', begin);
    while (end != std::string_view::npos) {
        std::size_t close = end + 1;
        while (close < text_.size() && text_[close] == '=') ++close;
        if (close - end - 1 == equals && close < text_.size() && text_[close] == ']') break;
        end = text_.find(']', close);
    }
    const bool open_ended = end == std::string_view::npos;
    const CmakeArgument out{text_.substr(begin, open_ended ? std::string_view::npos : end - begin),
                            CmakeQuoting::bracket};
    step(open_ended ? text_.size() - at_ : end + equals + 2 - at_);
    return out;
}

bool CmakeText::skip_blank_or_comment() {
    if (is_space(here()) && !done()) {
        step();
        return true;
    }
    if (here() != '#') return false;
    step();
    if (here() == '[' && bracket()) return true;
    const std::size_t end = text_.find('\n', at_);
    step(end == std::string_view::npos ? text_.size() - at_ : end - at_);
    return true;
}

CmakeArgument CmakeText::quoted() {
    step();
    const std::size_t begin = at_;
    std::size_t end = begin;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    end = std::min(end, text_.size());
    step(end + 1 - at_);
    return {text_.substr(begin, end - begin), CmakeQuoting::quoted};
}

/// Up to a blank, a parenthesis or a comment. Old code has quoted parts inside: -Da="b c".
CmakeArgument CmakeText::unquoted() {
    const std::size_t begin = at_;
    std::size_t end = begin;
    while (end < text_.size() && !is_space(text_[end]) && text_[end] != '(' && text_[end] != ')' && text_[end] != '#') {
        if (text_[end] == '"') {
            const std::size_t close = text_.find('"', end + 1);
            end = close == std::string_view::npos ? text_.size() : close + 1;
        } else {
            end += text_[end] == '\\' ? 2 : 1;
        }
    }
    end = std::min(end, text_.size());
    step(end - begin);
    return {text_.substr(begin, end - begin), CmakeQuoting::unquoted};
}

std::string_view CmakeText::identifier() {
    const std::size_t begin = at_;
    while (!done() && is_name_byte(here())) ++at_;
    return text_.substr(begin, at_ - begin);
}

/// Behind the opening parenthesis; true once the one that closes it was met.
bool CmakeText::arguments(std::vector<CmakeArgument>& out) {
    std::size_t depth = 1;
    while (!done()) {
        if (skip_blank_or_comment()) continue;
        const char c = here();
        if (c == '(' || c == ')') {
            if (c == ')' && --depth == 0) {
                step();
                return true;
            }
            depth += c == '(' ? 1 : 0;
            out.push_back({text_.substr(at_, 1), CmakeQuoting::unquoted});
            step();
        } else if (c == '"') {
            out.push_back(quoted());
        } else if (auto found = c == '[' ? bracket() : std::nullopt) {
            out.push_back(*found);
        } else {
            out.push_back(unquoted());
        }
    }
    return false;
}

std::optional<CmakeCommand> CmakeText::next() {
    while (!done()) {
        if (skip_blank_or_comment()) continue;
        if (!is_letter(here())) {
            step();
            continue;
        }
        CmakeCommand command;
        command.line = line_;
        command.name = identifier();
        while (here() == ' ' || here() == '\t') step();
        if (here() != '(') continue;
        step();
        if (arguments(command.arguments)) return command;
    }
    return std::nullopt;
}

}  // namespace lf::check
