// SPDX-License-Identifier: MIT
#include "flake/squeezed.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace lf::flake {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '\''; }

Squeezed squeezed(std::string_view text) {
    Squeezed out;
    std::size_t gap = std::string_view::npos;  // where the blanks begin that stand before this byte
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_blank(text[i])) {
            gap = std::min(gap, i);
            continue;
        }
        if (gap != std::string_view::npos && !out.text.empty() && in_name(out.text.back()) && in_name(text[i])) {
            out.text += ' ';
            out.at.push_back(static_cast<std::uint32_t>(gap));
        }
        gap = std::string_view::npos;
        out.text += text[i];
        out.at.push_back(static_cast<std::uint32_t>(i));
    }
    return out;
}

RecordedEdit squeezed(const RecordedEdit& edit) {
    const Squeezed all = squeezed(edit.above + edit.inserted + edit.below);
    const std::string_view core = trim(edit.inserted);
    const std::size_t above = edit.above.find_last_not_of(" \t\r\n");
    std::size_t begin = above == std::string::npos ? 0 : above + 1;
    std::size_t end = begin;
    if (!core.empty()) {
        begin = edit.above.size() + edit.inserted.find_first_not_of(" \t\r\n");
        end = begin + core.size();
    }
    const auto index = [&](std::size_t offset) {
        return static_cast<std::size_t>(std::lower_bound(all.at.begin(), all.at.end(), offset) - all.at.begin());
    };
    RecordedEdit out = edit;
    out.above = all.text.substr(0, index(begin));
    out.inserted = all.text.substr(index(begin), index(end) - index(begin));
    out.below = all.text.substr(index(end));
    out.removed = squeezed(edit.removed).text;
    return out;
}

}  // namespace lf::flake
