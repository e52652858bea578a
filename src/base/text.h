// SPDX-License-Identifier: MIT
/// \file
/// \brief Small work on text that several layers share.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lf {

/// `text` cut at every `separator`; empty parts are kept; "" gives one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The lines of `text` without their ends. A last line without newline counts, an empty one after it does not.
std::vector<std::string_view> lines(std::string_view text);

/// Without the blanks, tabs, CR and LF at both ends.
std::string_view trim(std::string_view text);

/// Is `word` one of the words of `list`, which blanks separate?
bool has_word(std::string_view list, std::string_view word);

/// ASCII letters as small ones; all else as it is.
std::string lower_case(std::string_view text);

std::string join(std::span<const std::string> parts, std::string_view separator);

/// Every line of `text` that is not empty gets `prefix` in front.
std::string indent(std::string_view text, std::string_view prefix);

/// A number written wholly in the given base (2 to 36), nothing before or after it; a leading 0x is taken in base 16.
std::optional<unsigned long long> parse_unsigned(std::string_view text, int base = 10);

/// How many insertions, deletions, replacements and swaps of neighbours make `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, if one is near enough to be a slip of the hand (distance at most a third of
/// the word, at least 1, at most 3).
std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// `text` with control bytes, escape sequences, marks of text direction and invalid UTF-8 replaced by visible forms
/// (\x1b, \n), so that what a machine or a flake says cannot move the cursor of a terminal or show other text than
/// there is. Tabs are kept, newlines if `keep_newlines`.
std::string printable(std::string_view text, bool keep_newlines = false);

/// `text` as one word of a POSIX shell: as it is where that is safe, else in single quotes.
std::string shell_word(std::string_view text);

/// Words of a command line, quoted so that it can be pasted.
std::string shell_command(std::span<const std::string> argv);

/// `text` as a Nix string literal, quotes included: \, ", ${ and newlines escaped.
std::string nix_string(std::string_view text);

/// SHA-256 as 64 lower-case hex digits, as sha256sum prints it.
std::string sha256_hex(std::string_view bytes);

/// A unified diff (3 lines of context) of one file as `git diff` writes it, or "" if nothing differs.
/// std::nullopt = the file does not exist on that side (/dev/null). `path` is relative to the repository.
std::string unified_diff(std::string_view path, const std::optional<std::string>& before,
                         const std::optional<std::string>& after);

}  // namespace lf
