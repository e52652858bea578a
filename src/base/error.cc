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

Error at_offset(Error error, std::string file, std::string_view text, std::size_t offset) {
    offset = std::min(offset, text.size());
    const std::string_view before = text.substr(0, offset);
    const std::size_t newline = before.rfind('\n');
    const std::size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
    std::string_view line = text.substr(line_begin, text.find('\n', line_begin) - line_begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    error.where.file = std::move(file);
    error.where.line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
    error.where.column = static_cast<std::uint32_t>(offset - line_begin + 1);
    error.where.source_line = std::string(line);
    return error;
}

}  // namespace lf
