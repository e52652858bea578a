// SPDX-License-Identifier: MIT
#include "plan/builds.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace lf::plan {
namespace {

struct KnownBuild {
    std::uint32_t build;
    std::string_view ggml;
};

// Builds published well after one version of ggml and before the next, so that theirs is beyond doubt: dates of the
// commits "ggml : bump version to …" in ggml's history (0.9.4: 30 Sep 2025, 0.9.5: 31 Dec, 0.9.6: 7 Feb 2026, 0.9.7: 15
// Feb, 0.9.8: 16 Mar, 0.9.9: 30 Mar, 0.17.0: 17 Jul, 0.18.0: 30 Jul) and the days on which winget took the builds over
// (13 and 19 Nov, 20 Jan and 3 Feb, 12 Feb, 2 and 13 Mar, 22 and 25 Mar, 24 Jul).
constexpr std::array kBuilds{KnownBuild{7045, "0.9.4"},  KnownBuild{7097, "0.9.4"}, KnownBuild{7779, "0.9.5"},
                             KnownBuild{7917, "0.9.5"},  KnownBuild{8006, "0.9.6"}, KnownBuild{8184, "0.9.7"},
                             KnownBuild{8317, "0.9.7"},  KnownBuild{8468, "0.9.8"}, KnownBuild{8508, "0.9.8"},
                             KnownBuild{10103, "0.17.0"}};

}  // namespace

std::optional<std::uint32_t> build_number(std::string_view tag) {
    if (tag.size() < 2 || tag.size() > 7 || tag.front() != 'b') return std::nullopt;
    const std::string_view digits = tag.substr(1);
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    const auto number = parse_unsigned(digits);
    return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

OptionAt find_option_of_build(std::string_view name, std::uint32_t build) {
    OptionAt unknown{find_option(name), OptionStanding::cannot_tell, ""};
    if (build < kBuilds.front().build || build > kBuilds.back().build) {
        unknown.why = fmt::format("which ggml b{} has is not known: the table goes from b{} to b{}", build,
                                  kBuilds.front().build, kBuilds.back().build);
        return unknown;
    }
    std::size_t upper = 0;
    while (kBuilds[upper].build < build) ++upper;
    const std::size_t lower = kBuilds[upper].build == build || upper == 0 ? upper : upper - 1;
    OptionAt at_lower = find_option(name, kBuilds[lower].ggml);
    if (at_lower.standing == find_option(name, kBuilds[upper].ggml).standing) return at_lower;
    unknown.why = fmt::format("b{} has a ggml from {} to {}, which differ in it", build, kBuilds[lower].ggml,
                              kBuilds[upper].ggml);
    return unknown;
}

BuildChange changes_between(std::uint32_t from, std::uint32_t to) {
    BuildChange out;
    for (const Option& option : options()) {
        const OptionStanding before = find_option_of_build(option.name, from).standing;
        const OptionStanding after = find_option_of_build(option.name, to).standing;
        if (before == OptionStanding::cannot_tell || after == OptionStanding::cannot_tell)
            out.unknown.emplace_back(option.name);
        else if (before != OptionStanding::there && after == OptionStanding::there) out.added.emplace_back(option.name);
        else if (before == OptionStanding::there && after != OptionStanding::there)
            out.removed.emplace_back(option.name);
    }
    return out;
}

}  // namespace lf::plan
