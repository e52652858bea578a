// SPDX-License-Identifier: MIT
#include "gpucode/ptx.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace lf::gpucode {

namespace {

bool is_name_end(char c) { return (c < '0' || c > '9') && c != 'a' && c != 'f'; }

/// The first word of a line after `directive`; "" where the line is another.
std::string_view after(std::string_view line, std::string_view directive) {
    line = trim(line);
    if (!line.starts_with(directive)) return {};
    return trim(line.substr(directive.size()));
}

std::string target_line(elf::Bytes head, bool version_seen) {
    constexpr std::size_t kFarEnough = 4096;
    const std::string_view text(reinterpret_cast<const char*>(head.data()), std::min(head.size(), kFarEnough));
    for (const std::string_view line : lines(text)) {
        version_seen = version_seen || !after(line, ".version").empty();
        std::string_view target = after(line, ".target");
        if (!version_seen || !target.starts_with("sm_")) continue;
        target.remove_prefix(3);
        const auto* end = std::find_if(target.begin(), target.end(), is_name_end);
        target = target.substr(0, static_cast<std::size_t>(end - target.begin()));
        return target.size() < 2 || target.size() > 4 ? std::string{} : "compute_" + std::string(target);
    }
    return {};
}

}  // namespace

std::string ptx_target(elf::Bytes head) { return target_line(head, true); }

std::string ptx_file_target(elf::Bytes head) { return target_line(head, false); }

}  // namespace lf::gpucode
