// SPDX-License-Identifier: MIT
#include "flake/line_ends.h"

#include "base/text.h"

namespace lf::flake {

std::string with_lf(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
    return out;
}

std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : with_lf(text)) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

bool is_crlf(std::string_view text) { return text.find('\n') != std::string_view::npos && with_crlf(text) == text; }

bool has_hash(const std::string& text, std::string_view hash) {
    if (sha256_hex(text) == hash) return true;
    // A lone kind of line ends only: what git makes of a file, and back.
    if (text.find('\r') != std::string::npos && !is_crlf(text)) return false;
    const std::string lf = with_lf(text);
    return sha256_hex(lf) == hash || sha256_hex(with_crlf(lf)) == hash;
}

std::uint32_t same_place(std::string_view from, std::string_view to, std::size_t offset) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < offset && at < to.size(); ++i) {
        if (from[i] == '\r' && i + 1 < from.size() && from[i + 1] == '\n') continue;
        if (to[at] == '\r' && from[i] == '\n') ++at;
        ++at;
    }
    return static_cast<std::uint32_t>(at);
}

RecordedFile with_lf(RecordedFile file) {
    for (RecordedEdit& edit : file.edits)
        for (std::string* text : {&edit.removed, &edit.inserted, &edit.above, &edit.below}) *text = with_lf(*text);
    return file;
}

}  // namespace lf::flake
