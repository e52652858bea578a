// SPDX-License-Identifier: MIT
#include "lint/targets.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "check/gpu_targets.h"

namespace lf::lint {
namespace {

using check::Coverage;

/// "8.6" → 86
std::optional<int> number_of(std::string_view capability) {
    std::string text(capability);
    std::erase(text, '.');
    const auto number = text.size() <= 3 ? parse_unsigned(text) : std::nullopt;
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

/// How well an entry serves a card: machine code before what the driver compiles, then the newer version. What depends
/// on the toolkit ("all") is left alone by ranking first. {0, 0} = not at all.
std::pair<int, int> rank(std::string_view entry, int card) {
    const std::string_view digits = entry.substr(0, entry.find_first_not_of("0123456789"));
    const int version = number_of(digits).value_or(0);
    switch (check::cuda_coverage(entry, card).coverage) {
        case Coverage::perhaps: return {4, 0};
        case Coverage::exact: return {3, 0};
        case Coverage::compatible: return {2, version};
        case Coverage::just_in_time: return {1, version};
        case Coverage::none: break;
    }
    return {0, 0};
}

}  // namespace

bool serves_cuda(std::string_view architectures, std::string_view capability) {
    return !best_for_cuda(architectures, capability).empty();
}

std::vector<std::string_view> best_for_cuda(std::string_view architectures, std::string_view capability) {
    const auto card = number_of(capability);
    std::vector<std::string_view> best;
    std::pair<int, int> most{0, 1};
    for (const std::string_view entry : split(architectures, ';')) {
        const auto one = card ? rank(entry, *card) : std::pair{0, 0};
        if (one > most) best.clear();
        most = std::max(most, one);
        if (one == most) best.push_back(entry);
    }
    return best;
}

bool compiled_when_run(std::string_view architectures, std::string_view capability) {
    const auto card = number_of(capability);
    const auto best = best_for_cuda(architectures, capability);
    return card && !best.empty() && check::cuda_coverage(best.front(), *card).coverage == Coverage::just_in_time;
}

bool serves_gfx(std::string_view targets, std::string_view gfx) {
    return check::hip_coverage(targets, gfx).coverage != Coverage::none;
}

}  // namespace lf::lint
