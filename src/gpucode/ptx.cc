// SPDX-License-Identifier: MIT
#include "gpucode/ptx.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/text.h"

namespace lf::gpucode {

namespace {

constexpr std::size_t kFarEnough = 4096;

bool is_name_end(char c) { return (c < '0' || c > '9') && c != 'a' && c != 'f'; }

/// The first word of a line after `directive`; "" where the line is another.
std::string_view after(std::string_view line, std::string_view directive) {
    line = trim(line);
    if (!line.starts_with(directive)) return {};
    return trim(line.substr(directive.size()));
}

std::string_view text_of(elf::Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// How many bytes of a comment or text stand at the beginning; 0 = there is none, npos = it does not end.
std::size_t skipped(std::string_view text) {
    struct Rule {
        std::string_view begin, end;
    };
    constexpr Rule kRules[] = {{"//", "\n"}, {"/*", "*/"}, {"\"", "\""}};
    for (const Rule& rule : kRules) {
        if (!text.starts_with(rule.begin)) continue;
        const std::size_t end = text.find(rule.end, rule.begin.size());
        return end == std::string_view::npos ? end : end + rule.end.size();
    }
    return 0;
}

/// Without the comments and blank lines that it begins with.
std::string_view first_statement(std::string_view text) {
    for (text = trim(text); text.starts_with('/'); text = trim(text)) {
        const std::size_t size = skipped(text);
        if (size == 0 || size == std::string_view::npos) return {};
        text.remove_prefix(size);
    }
    return text;
}

std::string target_line(elf::Bytes head) {
    const std::string_view text = text_of(head).substr(0, kFarEnough);
    for (const std::string_view line : lines(text)) {
        std::string_view target = after(line, ".target");
        if (!target.starts_with("sm_")) continue;
        target.remove_prefix(3);
        const auto* end = std::find_if(target.begin(), target.end(), is_name_end);
        target = target.substr(0, static_cast<std::size_t>(end - target.begin()));
        return target.size() < 2 || target.size() > 4 ? std::string{} : "compute_" + std::string(target);
    }
    return {};
}

}  // namespace

std::string ptx_target(elf::Bytes head) { return target_line(head); }

std::string ptx_file_target(elf::Bytes head) {
    const std::string_view version = after(first_statement(text_of(head).substr(0, kFarEnough)), ".version");
    return !version.empty() && version.front() >= '1' && version.front() <= '9' ? target_line(head) : std::string{};
}

bool is_whole_ptx(elf::Bytes ptx) {
    std::string_view text = text_of(ptx);
    std::int64_t open = 0;
    bool block = false;
    char last = 0;
    while (!text.empty()) {
        std::size_t size = skipped(text);
        if (size == std::string_view::npos && text.starts_with("//")) break;  // a last line may have no end
        if (size == std::string_view::npos) return false;
        if (size == 0) {
            size = 1;
            if (text.front() > ' ') last = text.front();
            open += text.front() == '{' ? 1 : text.front() == '}' ? -1 : 0;
            block = block || text.front() == '}';
        }
        text.remove_prefix(size);
    }
    return block && open == 0 && (last == '}' || last == ';');
}

}  // namespace lf::gpucode
