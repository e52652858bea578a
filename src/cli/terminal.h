// SPDX-License-Identifier: MIT
/// \file
/// \brief The only place that writes to stdout and stderr.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace lf::cli {

enum class Colour : unsigned char { red, green, yellow, cyan, bold, dim };

class Terminal {
  public:
    /// `when` = "auto" (a terminal and no NO_COLOR), "always" or "never".
    explicit Terminal(std::string_view when = "auto", bool json_errors = false);

    /// The answer. A closed or full stdout is remembered: see write_error().
    void answer(std::string_view text);
    /// Talk: progress, notes, what was done. To stderr.
    void talk(std::string_view text);
    /// An error, as text with source line and caret, or as one line of JSON with --json.
    void error(const lf::Error& error);
    /// Shows a line that the next one overwrites, on a terminal only.
    void progress(std::string_view text);

    std::string paint(Colour colour, std::string_view text) const;
    /// A unified diff, coloured line by line where stdout takes colours.
    std::string paint_diff(std::string_view diff) const;
    /// Why the answer could not be written (errno); 0 = it was. EPIPE: whoever reads it has seen enough.
    int write_error() const { return write_error_; }

  private:
    void end_progress();
    bool colour_;
    bool json_errors_;
    bool progress_shown_ = false;
    int write_error_ = 0;
};

}  // namespace lf::cli
