// SPDX-License-Identifier: MIT
#include "nixsyntax/dump_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "base/text.h"

namespace lf::nixsyntax {

std::string canonical_path(std::string_view path) {
    std::vector<std::string_view> kept;
    for (const std::string_view part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..") kept.push_back(part);
        else if (!kept.empty()) kept.pop_back();
    }
    std::string out;
    for (const std::string_view part : kept) out.append("/").append(part);
    return out.empty() ? "/" : out;
}

std::string printed_string(std::string_view value, PrintedBy nix) {
    std::string out = "\"";
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        const bool dollar = c == '$' && (nix != PrintedBy::nix_2_34 || value.substr(i + 1).starts_with('{'));
        if (c == '"' || c == '\\' || dollar) out += '\\';
        constexpr std::string_view kControls = "\n\r\t";
        const std::size_t control = kControls.find(c);
        if (control == std::string_view::npos) out += c;
        else out.append("\\").append(1, "nrt"[control]);
    }
    return out + '"';
}

std::string printed_name(std::string_view value, PrintedBy nix) {
    static constexpr std::array<std::string_view, 9> kReserved = {"if",  "then", "else", "assert", "with",
                                                                  "let", "in",   "rec",  "inherit"};
    const auto* const reserved_end = nix == PrintedBy::nix_2_34 ? kReserved.end() : kReserved.begin() + 1;
    if (std::find(kReserved.begin(), reserved_end, value) != reserved_end) return fmt::format("\"{}\"", value);
    constexpr std::string_view kStart = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    const bool plain = !value.empty() && kStart.find(value[0]) != std::string_view::npos &&
                       value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789'-") ==
                           std::string_view::npos;
    return plain ? std::string(value) : printed_string(value, nix);
}

std::string printed_number(std::string_view written, bool floating) {
    if (floating) return fmt::format("{:g}", std::strtod(std::string(written).c_str(), nullptr));
    const std::size_t first = written.find_first_not_of('0');
    return first == std::string_view::npos ? "0" : std::string(written.substr(first));
}

}  // namespace lf::nixsyntax
