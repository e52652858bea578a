// SPDX-License-Identifier: MIT
#include "probe/codename.h"

#include <algorithm>

namespace lf::probe {
namespace {

bool same(char c, char wanted) {
    if (wanted == '#') return c >= '0' && c <= '9';
    return wanted == '@' ? c >= 'A' && c <= 'Z' : c == wanted;
}

int level_2(const facts::Cpu& cpu) {
    for (const facts::Cache& cache : cpu.caches)
        if (cache.level == 2) return static_cast<int>(cache.kib);
    return 0;
}

/// Intel fills its brand strings up with blanks inside.
std::string single_blanks(std::string text) {
    text.erase(std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }), text.end());
    return text;
}

bool holds(const CodenameRow& row, const facts::Cpu& cpu) {
    if (*cpu.model < row.first_model || *cpu.model > row.last_model) return false;
    const int stepping = cpu.stepping.value_or(0);
    if (stepping < row.first_stepping || stepping > row.last_stepping) return false;
    if (row.l2_kib != 0 && level_2(cpu) != std::max(row.l2_kib, 0)) return false;
    if (row.cores != 0 && cpu.cores != row.cores) return false;
    return holds_pattern(single_blanks(cpu.model_name.value_or("")), row.brand);
}

}  // namespace

bool holds_pattern(std::string_view text, std::string_view pattern) {
    return std::search(text.begin(), text.end(), pattern.begin(), pattern.end(), same) != text.end() || pattern.empty();
}

std::optional<std::string> codename(const facts::Cpu& cpu) {
    if (!cpu.vendor || !cpu.family || !cpu.model) return std::nullopt;
    for (const auto& part :
         {intel_core_codenames(), intel_other_codenames(), amd_codenames(), amd_old_codenames(), centaur_codenames()})
        for (const CodenameTable& table : part) {
            if (table.vendor != *cpu.vendor || table.family != *cpu.family) continue;
            for (const CodenameRow& row : table.rows)
                if (holds(row, cpu)) return std::string(row.name);
        }
    return std::nullopt;
}

}  // namespace lf::probe
