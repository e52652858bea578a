// SPDX-License-Identifier: MIT
#include "cli/render_error.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/source_picture.h"
#include "base/text.h"

namespace lf::cli {
namespace {

constexpr std::size_t kSourceWidth = 76;

std::string place_of(const Where& where) {
    std::string out;
    if (!where.host.empty()) out += printable(where.host) + ": ";
    if (!where.file.empty()) out += printable(where.file);
    if (where.line != 0) out += fmt::format(":{}:{}", where.line, where.column);
    if (!where.json_path.empty()) out += (where.file.empty() ? "" : ": ") + printable(where.json_path);
    if (!out.empty() && !out.ends_with(": ")) out += ": ";
    return out;
}

/// The source line with a caret below the column, where both are known.
std::string picture_of(const Where& where) {
    if (where.line == 0 || where.column == 0) return {};
    const std::size_t column = where.column - 1;
    if (column > where.source_line.size()) return {};
    return source_picture("  ", where.source_line, column, kSourceWidth);
}

std::string_view kind_name(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::no: return "no";
        case ErrorKind::usage: return "usage";
        case ErrorKind::world: return "world";
        case ErrorKind::owner: return "owner";
    }
    return "world";
}

Json json_of(const Error& error) {
    Json causes = Json::array();
    for (const Error& cause : error.causes) causes.push_back(json_of(cause));
    return {{"id", error.id},           {"kind", kind_name(error.kind)},
            {"message", error.message}, {"file", error.where.file},
            {"line", error.where.line}, {"column", error.where.column},
            {"host", error.where.host}, {"json_path", error.where.json_path},
            {"hint", error.hint},       {"causes", std::move(causes)}};
}

}  // namespace

std::string error_text(const Error& error) {
    std::string out = fmt::format("llama-fleet: error: {}{}\n{}", place_of(error.where), printable(error.message, true),
                                  picture_of(error.where));
    for (const Error& cause : error.causes)
        out += fmt::format("  because: {}{}\n", place_of(cause.where), printable(cause.message, true));
    std::string_view label = "hint: ";
    for (const std::string_view line : lines(error.hint)) {
        out += fmt::format("{}{}\n", label, printable(line));
        label = "      ";
    }
    return out;
}

std::string error_json(const Error& error) {
    return Json{{"error", json_of(error)}}.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lf::cli
