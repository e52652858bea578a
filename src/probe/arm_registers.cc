// SPDX-License-Identifier: MIT
// Fields: Arm Architecture Reference Manual (DDI 0487), D23.2; a field is 4 bits wide. In FP and AdvSIMD 0xf is "none".
#include "probe/arm_registers.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>

namespace lf::probe {
namespace {

struct Field {
    std::string_view reg;
    unsigned shift;
    unsigned at_least;
    std::string_view name;
};

constexpr auto kFields64 = std::to_array<Field>({
    {"id_aa64pfr0", 16, 0, "fp"},      {"id_aa64pfr0", 20, 0, "asimd"},     {"id_aa64isar0", 4, 1, "aes"},
    {"id_aa64isar0", 4, 2, "pmull"},   {"id_aa64isar0", 8, 1, "sha1"},      {"id_aa64isar0", 12, 1, "sha2"},
    {"id_aa64isar0", 16, 1, "crc32"},  {"id_aa64isar0", 20, 2, "atomics"},  {"id_aa64pfr0", 16, 1, "fphp"},
    {"id_aa64pfr0", 20, 1, "asimdhp"}, {"id_aa64isar0", 28, 1, "asimdrdm"}, {"id_aa64isar1", 12, 1, "jscvt"},
    {"id_aa64isar1", 16, 1, "fcma"},   {"id_aa64isar1", 20, 1, "lrcpc"},    {"id_aa64isar1", 20, 2, "ilrcpc"},
    {"id_aa64isar1", 0, 1, "dcpop"},   {"id_aa64isar1", 0, 2, "dcpodp"},    {"id_aa64isar0", 32, 1, "sha3"},
    {"id_aa64isar0", 36, 1, "sm3"},    {"id_aa64isar0", 40, 1, "sm4"},      {"id_aa64isar0", 44, 1, "asimddp"},
    {"id_aa64isar0", 12, 2, "sha512"}, {"id_aa64pfr0", 32, 1, "sve"},       {"id_aa64isar0", 48, 1, "asimdfhm"},
    {"id_aa64pfr0", 48, 1, "dit"},     {"id_aa64mmfr2", 32, 1, "uscat"},    {"id_aa64isar0", 52, 1, "flagm"},
    {"id_aa64isar0", 52, 2, "flagm2"}, {"id_aa64pfr1", 4, 2, "ssbs"},       {"id_aa64isar1", 36, 1, "sb"},
    {"id_aa64isar1", 4, 1, "paca"},    {"id_aa64isar1", 8, 1, "paca"},      {"id_aa64isar1", 24, 1, "pacg"},
    {"id_aa64isar1", 28, 1, "pacg"},   {"id_aa64zfr0", 0, 1, "sve2"},       {"id_aa64zfr0", 0, 2, "sve2p1"},
    {"id_aa64zfr0", 4, 1, "sveaes"},   {"id_aa64zfr0", 4, 2, "svepmull"},   {"id_aa64zfr0", 16, 1, "svebitperm"},
    {"id_aa64zfr0", 32, 1, "svesha3"}, {"id_aa64zfr0", 40, 1, "svesm4"},    {"id_aa64isar1", 32, 1, "frint"},
    {"id_aa64zfr0", 44, 1, "svei8mm"}, {"id_aa64zfr0", 52, 1, "svef32mm"},  {"id_aa64zfr0", 56, 1, "svef64mm"},
    {"id_aa64zfr0", 20, 1, "svebf16"}, {"id_aa64isar1", 52, 1, "i8mm"},     {"id_aa64isar1", 44, 1, "bf16"},
    {"id_aa64isar1", 48, 1, "dgh"},    {"id_aa64isar0", 60, 1, "rng"},      {"id_aa64pfr1", 0, 1, "bti"},
    {"id_aa64pfr1", 8, 2, "mte"},      {"id_aa64mmfr0", 60, 1, "ecv"},      {"id_aa64isar2", 4, 1, "rpres"},
    {"id_aa64isar2", 0, 2, "wfxt"},    {"id_aa64isar2", 16, 1, "mops"},     {"id_aa64isar2", 20, 1, "hbc"},
    {"id_aa64isar2", 52, 1, "cssc"},   {"id_aa64pfr1", 24, 1, "sme"},       {"id_aa64pfr1", 24, 2, "sme2"},
});

constexpr auto kFields32 = std::to_array<Field>({
    {"id_isar0", 24, 1, "idivt"},
    {"id_isar0", 24, 2, "idiva"},
    {"id_mmfr0", 0, 5, "lpae"},
    {"id_isar5", 4, 1, "aes"},
    {"id_isar5", 4, 2, "pmull"},
    {"id_isar5", 8, 1, "sha1"},
    {"id_isar5", 12, 1, "sha2"},
    {"id_isar5", 16, 1, "crc32"},
});

std::optional<std::uint64_t> value_of(const ArmRegisters& core, std::string_view name) {
    const auto found = core.find(name);
    return found == core.end() ? std::nullopt : std::optional(found->second);
}

bool is_64_bit(const ArmRegisters& core) { return value_of(core, "id_aa64pfr0").value_or(0) != 0; }

template <std::size_t size>
std::string features(const ArmRegisters& core, const std::array<Field, size>& fields) {
    std::string out;
    std::string_view before;
    for (const Field& field : fields) {
        const auto value = value_of(core, field.reg);
        const std::uint64_t found = value ? (*value >> field.shift) & 0xf : 0;
        const bool none = field.reg == "id_aa64pfr0" && (field.shift == 16 || field.shift == 20) && found == 0xf;
        if (!value || none || found < field.at_least || field.name == before) continue;
        out += fmt::format("{}{}", out.empty() ? "" : " ", field.name);
        before = field.name;
    }
    return out;
}

}  // namespace

std::string arm_architecture(const std::map<int, ArmRegisters>& cores) {
    for (const auto& [cpu, core] : cores)
        if (is_64_bit(core)) return "aarch64";
    return "armv7l";
}

std::string arm_cpuinfo(const std::map<int, ArmRegisters>& cores) {
    std::string out;
    for (const auto& [cpu, core] : cores) {
        const std::uint64_t midr = value_of(core, "midr").value_or(0);
        const bool wide = is_64_bit(core);
        out += fmt::format("processor\t: {}\nFeatures\t: {}\nCPU implementer\t: {:#04x}\nCPU architecture: {}\n", cpu,
                           wide ? features(core, kFields64) : features(core, kFields32), (midr >> 24) & 0xff,
                           wide ? 8 : 7);
        out += fmt::format("CPU variant\t: {:#x}\nCPU part\t: {:#05x}\nCPU revision\t: {}\n\n", (midr >> 20) & 0xf,
                           (midr >> 4) & 0xfff, midr & 0xf);
    }
    return out;
}

}  // namespace lf::probe
