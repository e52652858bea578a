// SPDX-License-Identifier: MIT
#include "base/error.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace lf {
namespace {

Error make(ErrorKind kind, std::string id, std::string message, std::string hint) {
    Error error;
    error.id = std::move(id);
    error.kind = kind;
    error.message = std::move(message);
    error.hint = std::move(hint);
    return error;
}

}  // namespace

Error usage_error(std::string id, std::string message, std::string hint) {
    return make(ErrorKind::usage, std::move(id), std::move(message), std::move(hint));
}

Error world_error(std::string id, std::string message, std::string hint) {
    return make(ErrorKind::world, std::move(id), std::move(message), std::move(hint));
}

Error owner_error(std::string id, std::string message, std::string hint) {
    return make(ErrorKind::owner, std::move(id), std::move(message), std::move(hint));
}

// A line ends with LF, CR LF or, as for Nix, with CR alone.
Error at_offset(Error error, std::string file, std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    std::size_t line_begin = 0;
    std::uint32_t line = 1;
    for (std::size_t i = text.find_first_of("\n\r"); i < offset; i = text.find_first_of("\n\r", i + 1)) {
        if (text[i] == '\r' && text.substr(i + 1, 1) == "\n") continue;
        line_begin = i + 1;
        ++line;
    }
    error.where.file = std::move(file);
    error.where.line = line;
    error.where.column = static_cast<std::uint32_t>(offset - line_begin + 1);
    error.where.source_line = std::string(text.substr(line_begin, text.find_first_of("\n\r", line_begin) - line_begin));
    return error;
}

}  // namespace lf
