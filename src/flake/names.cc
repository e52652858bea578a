// SPDX-License-Identifier: MIT
#include "flake/names.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/text.h"

namespace lf::flake {

namespace {

/// The words of `pkgs-unstable`, `pkgs_unstable` and `pkgsUnstable`, in small letters.
std::vector<std::string> words_of(std::string_view name) {
    std::vector<std::string> out(1);
    for (const char c : name) {
        const auto letter = static_cast<unsigned char>(c);
        if (c == '-' || c == '_' || std::isupper(letter) != 0) out.emplace_back();
        if (c != '-' && c != '_') out.back() += static_cast<char>(std::tolower(letter));
    }
    return out;
}

}  // namespace

bool is_second_instance(std::span<const std::string> names) {
    constexpr std::array<std::string_view, 4> kWords{"unstable", "stable", "master", "staging"};
    const auto has = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (names.size() < 2 || !names.back().starts_with("llama-cpp") || has("packages") || has("inputs")) return false;
    return std::any_of(names.begin(), names.end() - 1, [&](const std::string& name) {
        const auto words = words_of(name);
        return std::find_first_of(words.begin(), words.end(), kWords.begin(), kWords.end()) != words.end();
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
