// SPDX-License-Identifier: MIT
#include "lint/targets.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace lf::lint {
namespace {

/// "86", "120a" → 86, 120.
std::optional<unsigned long long> version_of(std::string_view text) {
    while (!text.empty() && text.back() >= 'a' && text.back() <= 'z') text.remove_suffix(1);
    return parse_unsigned(text);
}

std::optional<unsigned long long> version_of_capability(std::string_view capability) {
    std::string text(capability);
    std::erase(text, '.');
    return version_of(text);
}

bool entry_serves(std::string_view entry, unsigned long long card) {
    if (entry == "native" || entry == "all" || entry == "all-major") return true;
    const std::size_t dash = entry.find('-');
    const std::string_view kind = dash == std::string_view::npos ? "" : entry.substr(dash + 1);
    const auto version = version_of(entry.substr(0, dash));
    if (!version || *version > card) return false;
    const bool machine_code = kind != "virtual" && *version / 10 == card / 10;
    const bool ptx = kind != "real";
    return machine_code || ptx;
}

}  // namespace

bool serves_cuda(std::string_view architectures, std::string_view capability) {
    const auto card = version_of_capability(capability);
    const auto entries = split(architectures, ';');
    return card && std::ranges::any_of(entries, [&](auto entry) { return entry_serves(entry, *card); });
}

bool serves_gfx(std::string_view targets, std::string_view gfx) {
    const auto entries = split(targets, ';');
    return std::ranges::any_of(entries, [&](auto entry) { return entry.substr(0, entry.find(':')) == gfx; });
}

}  // namespace lf::lint
