// SPDX-License-Identifier: MIT
#include "flake/names.h"

#include <algorithm>

#include "base/text.h"

namespace lf::flake {

bool is_second_instance(std::span<const std::string> names) {
    constexpr std::array<std::string_view, 4> kWords{"unstable", "stable", "master", "staging"};
    const auto has = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (names.size() < 2 || !names.back().starts_with("llama-cpp") || has("packages") || has("inputs")) return false;
    return std::any_of(names.begin(), names.end() - 1, [&](const std::string& name) {
        return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
            return name == word || name.ends_with("-" + std::string(word)) || name.starts_with(std::string(word) + "-");
        });
    });
}

std::set<std::string> allowed_at(std::span<const std::string_view> lines, std::uint32_t line) {
    constexpr std::string_view kMark = "# llama-fleet: allow ";
    std::set<std::string> out;
    const auto read = [&](std::string_view source) {
        const std::size_t at = source.find(kMark);
        if (at == std::string_view::npos) return;
        for (const std::string_view word : split(source.substr(at + kMark.size()), ' ')) {
            const std::size_t comma = word.find(',');
            out.emplace(trim(word.substr(0, comma)));
        }
    };
    if (line == 0 || line > lines.size()) return out;
    read(lines[line - 1]);
    for (std::uint32_t above = line - 1; above > 0 && trim(lines[above - 1]).starts_with('#'); --above)
        read(lines[above - 1]);
    return out;
}

}  // namespace lf::flake
