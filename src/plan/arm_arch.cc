// SPDX-License-Identifier: MIT
#include "plan/arm_arch.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "facts/feature_words.h"
#include "plan/cpu_variants.h"

namespace lf::plan {
namespace {

// Sources: GCC's aarch64-arches.def and aarch64-option-extensions.def (what a version and an extension switch on),
// LLVM's AArch64Features.td (the same; the sum of both is asked for), Linux' elf_hwcaps.rst (names).
//
// Left out on purpose, since no compiler emits them unasked: ssbs (and Linux hides it on many Arm cores for erratum
// 3194386), dit, dcpop, dcpodp, the predres and ls64 instructions (Linux has no names for most of these). paca and pacg
// are asked for: below armv8.3-a return-address signing, which nixpkgs switches on for ARM, is a no-op on a CPU
// without it, and from armv8.3-a on it is an instruction of its own (RETAA) that kills the program. Kernels and virtual
// machines without pointer authentication do exist on CPUs that have it.
constexpr ArmBase kBases[] = {
    {"armv8-a", "", "", "what every AArch64 CPU since 2011 runs: Cortex-A53, A57, A72, A73"},
    {"armv8.1-a", "armv8-a", "fp asimd crc32 atomics asimdrdm", ""},
    {"armv8.2-a", "armv8.1-a", "", "atomic instructions, and the first version that dotprod, fp16 and sve go with"},
    {"armv8.3-a", "armv8.2-a", "paca pacg lrcpc jscvt fcma", ""},
    {"armv8.4-a", "armv8.3-a", "asimddp asimdfhm uscat ilrcpc flagm", ""},
    {"armv8.5-a", "armv8.4-a", "sb flagm2 frint", ""},
    {"armv8.6-a", "armv8.5-a", "i8mm bf16", "the version that ggml's own variants give to i8mm"},
    {"armv9-a", "armv8.5-a", "fphp asimdhp sve sve2", "compilers then tune for cores that have SVE2"},
    {"armv9.1-a", "armv9-a", "i8mm bf16", ""},
};

// In the order in which they are written. SME wants bf16, fcma and fp16fml of the CPU because GCC switches them on with
// it (version 14 the first, 15 all three), and sve2 because GCC has no SME without SVE2: Apple's M4 goes without.
constexpr ArmExtension kArm[] = {
    {"dotprod", "asimddp", "", "8-bit dot products in one instruction"},
    {"fp16", "fphp asimdhp", "", "half floats in hardware"},
    {"i8mm", "i8mm", "", "8-bit matrix products in one instruction"},
    {"sve", "sve", "fp16", "scalable vectors"},
    {"sve2", "sve2", "sve", "scalable vectors, second version"},
    {"sme", "sme", "sve2", "matrix tiles; of ggml's code only that of KleidiAI uses them", "bf16 fcma asimdfhm"},
};
constexpr ArmExtension kArmByHand[] = {
    {"bf16", "bf16", "", ""},
    {"crc", "crc32", "", ""},
    {"lse", "atomics", "", ""},
    {"rdma", "asimdrdm", "", ""},
    {"rcpc", "lrcpc", "", ""},
    {"aes", "aes pmull", "", ""},
    {"sha2", "sha1 sha2", "", ""},
    {"crypto", "aes pmull sha1 sha2", "", ""},
    {"sha3", "sha3 sha512", "sha2", ""},
    {"fp16fml", "asimdfhm", "fp16", ""},
    {"flagm", "flagm", "", ""},
    {"sb", "sb", "", ""},
    {"ssbs", "ssbs", "", ""},
    {"pauth", "paca pacg", "", ""},
    {"sve2-aes", "sveaes svepmull", "sve2 aes", ""},
    {"sve2-sha3", "svesha3", "sve2 sha3", ""},
    {"sve2-bitperm", "svebitperm", "sve2", ""},
};

const ArmExtension* find_extension(std::string_view name) {
    for (const std::span<const ArmExtension> table : {std::span<const ArmExtension>(kArm), {kArmByHand}})
        for (const ArmExtension& row : table)
            if (row.name == name) return &row;
    return nullptr;
}

void add_words(std::string_view features, std::set<std::string_view>& out) {
    for (const std::string_view feature : words(features)) out.insert(feature);
}

void add_extension(const ArmExtension& extension, std::set<std::string_view>& out) {
    add_words(extension.features, out);
    add_words(extension.also, out);
    for (const std::string_view below : words(extension.builds_on))
        if (const ArmExtension* row = find_extension(below)) add_extension(*row, out);
}

/// "+nofp16" takes SVE away too.
void take_extension(const ArmExtension& extension, std::set<std::string_view>& out) {
    for (const std::string_view feature : words(extension.features)) out.erase(feature);
    for (const ArmExtension& row : kArm)
        if (std::ranges::count(words(row.builds_on), extension.name) > 0) take_extension(row, out);
}

std::string some_have(const facts::Cpu& cpu, const std::vector<std::string_view>& missing) {
    std::vector<std::string_view> on_some;
    for (const std::string_view feature : missing)
        if (cpu.features_some.contains(std::string(feature))) on_some.push_back(feature);
    return on_some.empty() ? "" : fmt::format("; only some CPUs have {} (cpu.features_some)", fmt::join(on_some, ", "));
}

void say_lacking(const facts::Cpu& cpu, std::string_view what, const std::vector<std::string_view>& missing,
                 March& march) {
    march.losers.push_back(
        fmt::format("{}: cpu.features lacks {}{}", what, fmt::join(missing, ", "), some_have(cpu, missing)));
}

const ArmBase& highest_base(const facts::Cpu& cpu, March& march) {
    for (const ArmBase* base = std::end(kBases); base-- != std::begin(kBases);) {
        if (base->because.empty()) continue;
        const auto missing = facts::lacking(cpu.features, features_of(*base));
        if (missing.empty()) return *base;
        say_lacking(cpu, base->name, missing, march);
    }
    return kBases[0];  // needs nothing: never reached
}

void add_to(March& march, const facts::Cpu& cpu, bool sme) {
    std::vector<std::string_view> taken;
    for (const ArmExtension& extension : kArm) {
        std::vector<std::string_view> asked = words(extension.features);
        for (const std::string_view feature : words(extension.also)) asked.push_back(feature);
        const auto missing = facts::lacking(cpu.features, asked);
        bool holds = missing.empty();
        if (!holds) say_lacking(cpu, "+" + std::string(extension.name), missing, march);
        for (const std::string_view needed : words(extension.builds_on)) {
            if (!holds || std::ranges::count(taken, needed) > 0) continue;
            holds = false;
            march.losers.push_back(
                fmt::format("+{}: compilers switch {} on with it, which is not there", extension.name, needed));
        }
        if (holds && extension.name == "sme" && !sme) {
            holds = false;
            march.losers.emplace_back("+sme: GCC takes it from version 14 on, and CUDA 12 compiles with an older one");
        }
        if (!holds) continue;
        taken.push_back(extension.name);
        march.facts.push_back(fmt::format("cpu.features has {}", fmt::join(asked, ", ")));
        march.text += "+" + std::string(extension.name);
    }
}

}  // namespace

std::span<const ArmBase> arm_bases() { return kBases; }
std::vector<std::string_view> features_of(const ArmBase& base) {
    std::vector<std::string_view> out;
    const auto* const below = std::ranges::find(kBases, base.builds_on, &ArmBase::name);
    if (below != std::end(kBases)) out = features_of(*below);
    for (const std::string_view feature : words(base.features)) out.push_back(feature);
    return out;
}

std::span<const ArmExtension> arm_extensions() { return kArm; }

std::optional<std::vector<std::string_view>> march_needs(std::string_view march) {
    if (march.empty()) return std::vector<std::string_view>{};
    const auto parts = split(march, '+');
    const auto* const base = std::ranges::find(kBases, parts.front(), &ArmBase::name);
    if (base == std::end(kBases)) return std::nullopt;
    std::set<std::string_view> needed;
    for (const std::string_view feature : features_of(*base)) needed.insert(feature);
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const bool off = parts[i].starts_with("no");
        const ArmExtension* row = find_extension(off ? parts[i].substr(2) : parts[i]);
        if (row == nullptr) return std::nullopt;
        if (off) take_extension(*row, needed);
        else add_extension(*row, needed);
    }
    return std::vector<std::string_view>(needed.begin(), needed.end());
}

March planned_march(const facts::Cpu& cpu, bool sme) {
    March march;
    const ArmBase& base = highest_base(cpu, march);
    if (features_of(base).empty()) return march;
    march.text = base.name;
    march.facts.push_back(fmt::format("cpu.features has {}", fmt::join(features_of(base), ", ")));
    add_to(march, cpu, sme);
    return march;
}

}  // namespace lf::plan
