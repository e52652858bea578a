// SPDX-License-Identifier: MIT
#include "check/gpu_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace lf::check {
namespace {

// Tegra chips: NVIDIA's compatibility of machine code between minor revisions does not reach to or from them
// (CUDA programming guide, "Binary Compatibility").
constexpr std::array kTegra{53, 62, 72, 87, 101, 110};

bool is_tegra(int capability) { return std::find(kTegra.begin(), kTegra.end(), capability) != kTegra.end(); }

struct CudaEntry {
    int capability = 0;
    char suffix = '\0';  // 'a', 'f' or none
    bool machine_code = true;
    bool intermediate = true;
};

/// "86", "86-real", "120a-real", "90-virtual"; nullopt for any other word.
std::optional<CudaEntry> cuda_entry(std::string_view word) {
    CudaEntry entry;
    const auto take = [&](std::string_view end) {
        const bool is = word.ends_with(end);
        if (is) word.remove_suffix(end.size());
        return is;
    };
    if (take("-real")) entry.intermediate = false;
    else if (take("-virtual")) entry.machine_code = false;
    if (!word.empty() && (word.back() == 'a' || word.back() == 'f')) {
        entry.suffix = word.back();
        word.remove_suffix(1);
    }
    const auto number = word.size() <= 3 ? parse_unsigned(word) : std::nullopt;
    if (!number || *number < 10 || word.front() == '0') return std::nullopt;
    entry.capability = static_cast<int>(*number);
    // ggml: "12X" has no use without the FP4 tensor cores, so it becomes "12Xa".
    if (entry.capability / 10 == 12 && entry.suffix == '\0') entry.suffix = 'a';
    return entry;
}

bool same_family(int code, int card) { return code / 10 == card / 10 && code <= card; }

Covered by_entry(const CudaEntry& entry, std::string_view word, int card) {
    const std::string by(word);
    const bool exact = entry.capability == card;
    if (exact && entry.machine_code) return {Coverage::exact, by, ""};
    if (exact) return {Coverage::just_in_time, by, ""};
    if (entry.suffix == 'a') return {};
    const bool within = same_family(entry.capability, card) && !is_tegra(card) && !is_tegra(entry.capability);
    if (entry.machine_code && within) return {Coverage::compatible, by, ""};
    const bool newer = entry.suffix == 'f' ? same_family(entry.capability, card) : entry.capability <= card;
    if (entry.intermediate && newer) return {Coverage::just_in_time, by, ""};
    return {};
}

/// The words that stand for lists which only the toolkit or the building machine knows.
struct Vague {
    std::string_view word;
    std::string_view why;
};
constexpr std::array kVague{
    Vague{"native", "`native` means the cards of the machine that builds, and a Nix build sees none"},
    Vague{"all", "which architectures `all` is depends on the CUDA toolkit"},
    Vague{"all-major", "which architectures `all-major` is depends on the CUDA toolkit"},
};

struct Generic {
    std::string_view name;
    std::string_view members;  ///< blank-separated
};

// LLVM, "User Guide for AMDGPU Backend", generic processors.
constexpr std::array kGeneric{
    Generic{"gfx9-generic", "gfx900 gfx902 gfx904 gfx906 gfx909 gfx90c"},
    Generic{"gfx9-4-generic", "gfx940 gfx941 gfx942 gfx950"},
    Generic{"gfx10-1-generic", "gfx1010 gfx1011 gfx1012 gfx1013"},
    Generic{"gfx10-3-generic", "gfx1030 gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036"},
    Generic{"gfx11-generic", "gfx1100 gfx1101 gfx1102 gfx1103 gfx1150 gfx1151 gfx1152 gfx1153"},
    Generic{"gfx12-generic", "gfx1200 gfx1201"},
};

bool in_generic(std::string_view generic, std::string_view target) {
    for (const Generic& row : kGeneric) {
        if (row.name != generic) continue;
        const auto members = split(row.members, ' ');
        return std::find(members.begin(), members.end(), target) != members.end();
    }
    return false;
}

}  // namespace

const Covered& better(const Covered& a, const Covered& b) { return b.coverage < a.coverage ? b : a; }

Covered cuda_coverage(std::string_view architectures, int capability) {
    Covered best;
    for (const std::string_view part : split(architectures, ';')) {
        const std::string_view word = trim(part);
        if (const auto entry = cuda_entry(word)) best = better(best, by_entry(*entry, word, capability));
        for (const Vague& row : kVague) {
            if (row.word == word) best = better(best, {Coverage::perhaps, std::string(word), std::string(row.why)});
        }
    }
    return best;
}

Covered hip_coverage(std::string_view targets, std::string_view target) {
    Covered best;
    for (const std::string_view part : split(targets, ';')) {
        const std::string_view word = trim(part);
        const std::string_view name = word.substr(0, word.find(':'));
        const bool exact = name == target;
        if (!exact && !in_generic(name, target)) continue;
        if (name.size() != word.size()) {
            best = better(best, {Coverage::perhaps, std::string(word),
                                 fmt::format("{} runs only where {} is as the machine has it", word,
                                             word.substr(name.size() + 1))});
        } else {
            best = better(best, {exact ? Coverage::exact : Coverage::compatible, std::string(word), ""});
        }
    }
    return best;
}

}  // namespace lf::check
