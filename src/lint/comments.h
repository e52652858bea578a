// SPDX-License-Identifier: MIT
/// \file
/// \brief Comments are the owner's words: no fix loses one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flake/meaning.h"
#include "lint/finding.h"

namespace lf::lint {

/// Is each comment of `before` in `after`, as often? Blanks at the ends of their lines do not count.
bool keeps_comments(std::string_view before, std::string_view after);

/// Does a fix take a comment away and not write it elsewhere?
bool loses_comment(const flake::Tree& tree, const Fix& fix);

/// The comments in a span, in the order of the text.
std::vector<nixsyntax::Span> comments_in(const flake::Tree& tree, nixsyntax::Span span);
bool has_comments(const flake::Tree& tree, nixsyntax::Span span);

/// The comments of a span, to be written where something else is put in its place.
struct Carried {
    std::string text;        ///< " /* a */", or with a newline before each that had one; "" = there are none
    bool ends_line = false;  ///< what follows needs a new line
};
/// Comments on lines of their own get this indentation.
Carried carried(const flake::Tree& tree, nixsyntax::Span span, std::string_view indentation);

}  // namespace lf::lint
