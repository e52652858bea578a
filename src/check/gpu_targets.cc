// SPDX-License-Identifier: MIT
#include "check/gpu_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "gpucode/families.h"

namespace lf::check {
namespace {

using gpucode::in_generic;
using gpucode::is_tegra;
using gpucode::same_major_and_not_older;

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

Covered by_entry(const CudaEntry& entry, std::string_view word, int card) {
    const std::string by(word);
    const bool exact = entry.capability == card;
    if (exact && entry.machine_code) return {Coverage::exact, by, ""};
    if (exact) return {Coverage::just_in_time, by, ""};
    if (entry.suffix == 'a') return {};
    const bool within =
        same_major_and_not_older(card, entry.capability) && !is_tegra(card) && !is_tegra(entry.capability);
    if (entry.machine_code && within) return {Coverage::compatible, by, ""};
    const bool newer =
        entry.suffix == 'f' ? same_major_and_not_older(card, entry.capability) : entry.capability <= card;
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
