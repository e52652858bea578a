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

// More than any version of an architecture, so that machine code comes before PTX.
constexpr unsigned long long kMachineCode = 100'000;

/// How well an entry serves a card; 0 = not at all.
unsigned long long rank(std::string_view entry, unsigned long long card) {
    if (entry == "native" || entry == "all" || entry == "all-major") return 2 * kMachineCode;
    const std::size_t dash = entry.find('-');
    const std::string_view kind = dash == std::string_view::npos ? "" : entry.substr(dash + 1);
    const auto version = version_of(entry.substr(0, dash));
    if (!version || *version > card || *version >= kMachineCode) return 0;
    if (kind != "virtual" && *version / 10 == card / 10) return kMachineCode + *version;
    return kind == "real" ? 0 : *version + 1;
}

}  // namespace

bool serves_cuda(std::string_view architectures, std::string_view capability) {
    return !best_for_cuda(architectures, capability).empty();
}

std::vector<std::string_view> best_for_cuda(std::string_view architectures, std::string_view capability) {
    const auto card = version_of_capability(capability);
    std::vector<std::string_view> best;
    unsigned long long most = 1;
    for (const std::string_view entry : split(architectures, ';')) {
        const unsigned long long one = card ? rank(entry, *card) : 0;
        if (one > most) best.clear();
        most = std::max(most, one);
        if (one == most) best.push_back(entry);
    }
    return best;
}

bool serves_gfx(std::string_view targets, std::string_view gfx) {
    const auto entries = split(targets, ';');
    return std::ranges::any_of(entries, [&](auto entry) { return entry.substr(0, entry.find(':')) == gfx; });
}

}  // namespace lf::lint
