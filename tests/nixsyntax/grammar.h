// SPDX-License-Identifier: MIT
/// \file
/// \brief Valid Nix texts made from the grammar, for fuzzing and for comparing with Nix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lf::nixsyntax {

/// A source of decisions: one byte each; when they are used up every answer is 0, which always means "stop".
class Choices {
  public:
    explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    unsigned below(unsigned count) { return next_ < bytes_.size() ? bytes_[next_++] % count : 0; }
    /// Yes in one of `count` cases, never at the end.
    bool once_in(unsigned count) { return below(count) == count - 1 && count > 1; }
    std::string_view of(std::span<const std::string_view> words) {
        return words[below(static_cast<unsigned>(words.size()))];
    }

  private:
    std::span<const std::uint8_t> bytes_;
    std::size_t next_ = 0;
};

/// What an end of a lexeme is: it decides what may stand there without a blank.
enum class Edge : std::uint8_t { word, name, bracket, dot, colon, op, path, url };

struct Lexeme {
    std::string text;
    Edge left = Edge::word;
    Edge right = Edge::word;
    bool fixed = false;      ///< inside of a string or path: nothing may stand before it
    std::size_t opens = 0;   ///< so many operations begin here
    std::size_t closes = 0;  ///< and so many end here
};

/// A file that Nix's parser accepts, every construct of the language among them. Variables may be undefined.
std::vector<Lexeme> generate(Choices& choices);
/// The text with blanks and comments of all kinds, and none where none is needed.
std::string render(std::span<const Lexeme> lexemes, Choices& trivia);
/// `text` with a few bytes taken out, doubled or put in: mostly no longer valid.
std::string damage(std::string text, Choices& choices);

/// Generates from the bytes and checks: it parses, comes back byte for byte and looks the same to the parser whatever
/// trivia stand in it, and with parentheses around each operation, where the generator has them; edits can be taken out
/// again, and a parenthesis in place of any expression parses. Returns what is wrong, with the text, or "".
std::string check_generated(std::span<const std::uint8_t> bytes);

}  // namespace lf::nixsyntax
