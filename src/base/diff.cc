// SPDX-License-Identifier: MIT
// Unified diffs of whole texts. The texts are flakes and module files (some hundred lines), so the plain
// longest-common-subsequence table is used after the common head and tail are cut off; where what remains
// is too large for the table (kMaxCells), it is shown as one replaced block, which is a correct diff, only longer.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace lf {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kMaxCells = 16'000'000;

struct Line {
    char sign;              // ' ', '-', '+'
    std::string_view text;  // with its newline, if it has one
};

std::vector<std::string_view> whole_lines(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        const std::size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
        out.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return out;
}

using Lines = std::span<const std::string_view>;

void append_replaced(std::vector<Line>& script, Lines a, Lines b) {
    for (const std::string_view line : a) script.push_back({'-', line});
    for (const std::string_view line : b) script.push_back({'+', line});
}

void append_middle(std::vector<Line>& script, Lines a, Lines b) {
    const std::size_t width = b.size() + 1;
    if ((a.size() + 1) > kMaxCells / width) return append_replaced(script, a, b);
    std::vector<std::uint32_t> common((a.size() + 1) * width);  // length of the LCS of a[i..], b[j..]
    for (std::size_t i = a.size(); i-- > 0;)
        for (std::size_t j = b.size(); j-- > 0;)
            common[i * width + j] = a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                                                 : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        if (a[i] == b[j]) {
            script.push_back({' ', a[i++]});
            ++j;
        } else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            script.push_back({'-', a[i++]});
        } else {
            script.push_back({'+', b[j++]});
        }
    }
    append_replaced(script, a.subspan(i), b.subspan(j));
}

std::vector<Line> edit_script(Lines a, Lines b) {
    std::vector<Line> script;
    while (!a.empty() && !b.empty() && a.front() == b.front()) {
        script.push_back({' ', a.front()});
        a = a.subspan(1);
        b = b.subspan(1);
    }
    std::size_t tail = 0;
    while (tail < a.size() && tail < b.size() && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
    append_middle(script, a.first(a.size() - tail), b.first(b.size() - tail));
    for (const std::string_view line : a.last(tail)) script.push_back({' ', line});
    return script;
}

struct Hunk {
    std::size_t begin, end;  // in the script
};

std::vector<Hunk> hunks_of(const std::vector<Line>& script) {
    std::vector<Hunk> hunks;
    for (std::size_t i = 0; i < script.size(); ++i) {
        if (script[i].sign == ' ') continue;
        const std::size_t begin = i < kContext ? 0 : i - kContext;
        const std::size_t end = std::min(i + kContext + 1, script.size());
        if (!hunks.empty() && begin <= hunks.back().end) hunks.back().end = end;
        else hunks.push_back({begin, end});
    }
    return hunks;
}

std::string range(std::size_t first, std::size_t count) {
    // As diff(1): an empty range names the line before it, a count of one is left out.
    if (count == 0) return fmt::format("{},0", first - 1);
    return count == 1 ? fmt::format("{}", first) : fmt::format("{},{}", first, count);
}

/// A path as git writes it: in quotes with C escapes where it has control bytes, quotes, backslashes or bytes over
/// 0x7f.
std::string quoted_path(std::string_view side, std::string_view path) {
    const auto plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
    if (std::ranges::all_of(path, plain)) return fmt::format("{}{}", side, path);
    std::string out = fmt::format("\"{}", side);
    for (const char c : path) {
        if (plain(c)) out += c;
        else if (c == '"' || c == '\\') out += {'\\', c};
        else out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    }
    return out + '"';
}

/// The name on a --- or +++ line: a tab marks the end of one with blanks.
std::string named_side(std::string_view side, std::string_view path) {
    return quoted_path(side, path) + (path.find(' ') != std::string_view::npos ? "\t" : "");
}

}  // namespace

std::string unified_diff(std::string_view path, const std::optional<std::string>& before,
                         const std::optional<std::string>& after) {
    if (before == after) return {};
    const auto a = whole_lines(before ? *before : std::string_view());
    const auto b = whole_lines(after ? *after : std::string_view());
    const std::vector<Line> script = edit_script(a, b);
    std::string out = fmt::format("diff --git {} {}\n", quoted_path("a/", path), quoted_path("b/", path));
    if (!before) out += "new file mode 100644\n";
    if (!after) out += "deleted file mode 100644\n";
    const std::vector<Hunk> hunks = hunks_of(script);
    if (hunks.empty()) return out;  // an empty file made or deleted
    out += fmt::format("--- {}\n", before ? named_side("a/", path) : "/dev/null");
    out += fmt::format("+++ {}\n", after ? named_side("b/", path) : "/dev/null");
    std::size_t at = 0;
    std::size_t old_line = 1;
    std::size_t new_line = 1;
    for (const Hunk& hunk : hunks) {
        for (; at < hunk.begin; ++at) {
            ++old_line;
            ++new_line;
        }
        std::string body;
        std::size_t removed = 0;
        std::size_t added = 0;
        for (; at < hunk.end; ++at) {
            const Line& line = script[at];
            if (line.sign != '+') ++removed;
            if (line.sign != '-') ++added;
            body += line.sign;
            body += line.text;
            if (!line.text.ends_with('\n')) body += "\n\\ No newline at end of file\n";
        }
        out += fmt::format("@@ -{} +{} @@\n{}", range(old_line, removed), range(new_line, added), body);
        old_line += removed;
        new_line += added;
    }
    return out;
}

}  // namespace lf
