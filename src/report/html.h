// SPDX-License-Identifier: MIT
/// \file
/// \brief Writing HTML so that data is never markup: markup can only be a literal of this program, which the compiler
/// checks; everything else is escaped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lf::report {

/// Text that was there when the program was compiled.
struct Markup {
    // NOLINTNEXTLINE(google-explicit-constructor): a literal is to be given as it is
    consteval Markup(const char* literal) : text(literal) {}
    std::string_view text;
};

/// `text` for HTML text and for attributes in double quotes: control bytes, marks of text direction and bytes that are
/// no UTF-8 made visible, & < > " ' as character references.
std::string escaped(std::string_view text);

/// JSON for a <script> element: < > & and the line separators of JavaScript as \u escapes, which only strings can hold.
std::string escaped_json(std::string_view json);

class Html {
  public:
    Html& raw(Markup markup);
    Html& text(std::string_view text);
    Html& count(std::int64_t value);
    Html& digits(std::size_t value);  ///< a number of ours, for ids
    Html& percent(double part);       ///< "12.34%" of 0 to 1; what is no number is 0
    Html& append(const Html& other);
    /// Bytes that are markup, or safe inside it, by how they were made: our style sheet, our script, escaped_json.
    Html& own(std::string_view bytes);
    const std::string& str() const { return out_; }

  private:
    std::string out_;
};

}  // namespace lf::report
