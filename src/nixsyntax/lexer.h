// SPDX-License-Identifier: MIT
/// \file
/// \brief Text → tokens. Every byte belongs to exactly one token, whatever the text is.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nixsyntax/token.h"

namespace lf::nixsyntax {

/// Larger texts are refused: offsets have 32 bits.
inline constexpr std::size_t kMaxTextBytes = std::size_t{2} << 30;

/// The tokens of `text`, which must not be larger than kMaxTextBytes; the last one is end_of_file. Never fails: bytes
/// that Nix would not accept become bad_* tokens, an open string ends with the text. Tokens are cut where Nix's own
/// lexer cuts them (longest match): `a:b` is a URL, `a/b` a path, `-1/2` too. path_end is empty: it stands where a path
/// stops. Linear in the size of the text.
std::vector<Token> lex(std::string_view text);

}  // namespace lf::nixsyntax
