// SPDX-License-Identifier: MIT
#include "base/source_picture.h"

#include <fmt/format.h>

#include "base/text.h"

namespace lf {

std::string source_picture(std::string_view margin, std::string_view line, std::size_t column, std::size_t width) {
    if (line.size() > width) {
        const std::size_t begin = column > width / 2 ? column - width / 2 : 0;
        line = line.substr(begin, width);
        column -= begin;
    }
    const std::string before = printable(line.substr(0, column));
    std::string blanks;
    for (const char c : before) blanks += c == '\t' ? '\t' : ' ';
    return fmt::format("{0}{1}{2}\n{0}{3}^\n", margin, before, printable(line.substr(column)), blanks);
}

}  // namespace lf
