// SPDX-License-Identifier: MIT
// The rules and where they stand: doc/gpu-code.md, "What runs where".
#include <algorithm>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "gpucode/families.h"
#include "gpucode/gpu_code.h"

namespace lf::gpucode {

namespace {

// ---- CUDA ----

/// "8.6" → 86.
std::optional<int> capability(std::string_view text) {
    const std::size_t dot = text.find('.');
    if (dot == text.npos) return std::nullopt;
    const auto major = parse_unsigned(text.substr(0, dot)), minor = parse_unsigned(text.substr(dot + 1));
    if (!major || !minor || *major > 99 || *minor > 9) return std::nullopt;
    return static_cast<int>(*major * 10 + *minor);
}

struct CudaName {
    int made_for = 0;  ///< the last digit of "sm_121" is the minor number
    char suffix = 0;   ///< 'a', 'f' or 0
};

std::optional<CudaName> cuda_name(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return std::nullopt;
    name.remove_prefix(prefix.size());
    CudaName out;
    if (name.ends_with('a') || name.ends_with('f')) {
        out.suffix = name.back();
        name.remove_suffix(1);
    }
    const auto number = parse_unsigned(name);
    if (!number || *number < 10 || *number > 999) return std::nullopt;
    out.made_for = static_cast<int>(*number);
    return out;
}

/// Families have what their first member has; so far each is one major number, but for Tegra's 10.1.
bool in_family(int card, int made_for) {
    return card == made_for || (same_major_and_not_older(card, made_for) && !is_tegra(card) && !is_tegra(made_for));
}

bool machine_code_runs(const CudaName& code, int card) {
    if (code.suffix == 'a') return card == code.made_for;
    return in_family(card, code.made_for);
}

bool ptx_compiles(const CudaName& code, int card) {
    if (code.suffix == 'a') return card == code.made_for;
    if (code.suffix == 'f') return in_family(card, code.made_for);
    return card >= code.made_for;
}

// ---- ROCm ----

/// A card's usual mode where code insists on one: XNACK is off (but for the first APUs, which share the CPU's page
/// tables), ECC of its memories is on.
constexpr std::string_view kXnackOn = "gfx801 gfx810 gfx902 gfx909";

bool mode_fits(std::string_view features, std::string_view card) {
    for (const std::string_view feature : split(features, ':')) {
        if (feature == "xnack+" && !has_word(kXnackOn, card)) return false;
        if (feature == "xnack-" && has_word(kXnackOn, card)) return false;
        if (feature == "sramecc-") return false;
    }
    return true;
}

}  // namespace

Fit fit_cuda(Kind kind, const std::string& name, const std::string& compute_capability) {
    const auto card = capability(compute_capability);
    const auto code = kind == Kind::cuda_machine ? cuda_name(name, "sm_")
                      : kind == Kind::cuda_ptx   ? cuda_name(name, "compute_")
                                                 : std::nullopt;
    if (!card || !code) return Fit::no;
    if (kind == Kind::cuda_machine) return machine_code_runs(*code, *card) ? Fit::runs : Fit::no;
    return ptx_compiles(*code, *card) ? Fit::compiles_first : Fit::no;
}

Fit fit_hip(const std::string& name, const std::string& gfx_target) {
    if (name == "amdgcnspirv") return gfx_target.starts_with("gfx") ? Fit::compiles_first : Fit::no;
    const std::size_t colon = std::min(name.find(':'), name.size());
    const std::string_view processor = std::string_view(name).substr(0, colon);
    const std::string_view card = std::string_view(gfx_target).substr(0, gfx_target.find(':'));
    const bool made_for_it = !card.empty() && (processor == card || in_generic(processor, card));
    return made_for_it && mode_fits(std::string_view(name).substr(colon), card) ? Fit::runs : Fit::no;
}

}  // namespace lf::gpucode
