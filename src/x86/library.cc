// SPDX-License-Identifier: MIT
#include "x86/library.h"

#include <Zydis/Zydis.h>

#include <array>

#include "x86/isa_ids.h"

namespace lf::x86 {
namespace {

constexpr std::size_t kLibrarySets = ZYDIS_ISA_SET_MAX_VALUE + 1;

// By name: the numbers of the library's sets change from version to version.
std::array<IsaId, kLibrarySets> map_sets() {
    std::array<IsaId, kLibrarySets> sets{};
    for (std::size_t i = 0; i < kLibrarySets; ++i)
        sets[i] = find_isa_set(ZydisISASetGetString(static_cast<ZydisISASet>(i)));
    return sets;
}

ZydisDecoder make_decoder() {
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return decoder;
}

// Where one set of the library holds instructions that need different things: x86/isa_sets.def, second part.
IsaId refined(const ZydisDecodedInstruction& insn, IsaId isa) {
    switch (insn.mnemonic) {
        case ZYDIS_MNEMONIC_TZCNT: return id::BMI1_TZCNT;
        case ZYDIS_MNEMONIC_ENQCMDS: return id::PRIVILEGED;  // the library does not know
        case ZYDIS_MNEMONIC_MOVDIR64B: return id::MOVDIR64B;
        case ZYDIS_MNEMONIC_VPCLMULQDQ: return isa == id::AVX ? IsaId{id::AVX_PCLMULQDQ} : isa;
        case ZYDIS_MNEMONIC_INCSSPD:
        case ZYDIS_MNEMONIC_INCSSPQ:
        case ZYDIS_MNEMONIC_RSTORSSP:
        case ZYDIS_MNEMONIC_SAVEPREVSSP:
        case ZYDIS_MNEMONIC_WRSSD:
        case ZYDIS_MNEMONIC_WRSSQ: return id::CET_SHSTK;
        case ZYDIS_MNEMONIC_PI2FW:
        case ZYDIS_MNEMONIC_PF2IW:
        case ZYDIS_MNEMONIC_PFNACC:
        case ZYDIS_MNEMONIC_PFPNACC:
        case ZYDIS_MNEMONIC_PSWAPD: return id::AMD3DNOW_EXT;
        default: break;
    }
    const bool prefetches = isa == id::FAT_NOP && insn.opcode_map == ZYDIS_OPCODE_MAP_0F && insn.opcode == 0x18;
    if (prefetches && insn.raw.modrm.mod != 3 && insn.raw.modrm.reg >= 6) return id::ICACHE_PREFETCH;
    const bool is_privileged = (insn.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED) != 0;
    return is_privileged && !isa_sets()[isa].features.empty() ? IsaId{id::PRIVILEGED} : isa;
}

Flow flow_of(const ZydisDecodedInstruction& insn) {
    const bool direct = insn.raw.imm[0].is_relative != 0;
    switch (insn.mnemonic) {
        case ZYDIS_MNEMONIC_UD0:
        case ZYDIS_MNEMONIC_UD1:
        case ZYDIS_MNEMONIC_UD2:
        case ZYDIS_MNEMONIC_HLT: return Flow::stop;
        case ZYDIS_MNEMONIC_XBEGIN: return Flow::conditional;
        case ZYDIS_MNEMONIC_RSM:
        case ZYDIS_MNEMONIC_UIRET: return Flow::ret;
        default: break;
    }
    switch (insn.meta.category) {
        case ZYDIS_CATEGORY_CALL: return direct ? Flow::call : Flow::indirect_call;
        case ZYDIS_CATEGORY_UNCOND_BR: return direct ? Flow::jump : Flow::indirect_jump;
        case ZYDIS_CATEGORY_COND_BR: return direct ? Flow::conditional : Flow::next;  // XED's: XABORT, XEND too
        case ZYDIS_CATEGORY_RET:
        case ZYDIS_CATEGORY_SYSRET: return Flow::ret;
        default: return Flow::next;
    }
}

std::uint64_t target_of(const ZydisDecodedInstruction& insn, std::uint64_t address) {
    const std::uint64_t next = address + insn.length;
    if (insn.raw.imm[0].is_relative) return next + static_cast<std::uint64_t>(insn.raw.imm[0].value.s);
    const bool rip = (insn.attributes & ZYDIS_ATTRIB_HAS_MODRM) && insn.raw.modrm.mod == 0 && insn.raw.modrm.rm == 5;
    if (!rip || insn.raw.disp.size != 32) return 0;
    const std::uint64_t target = next + static_cast<std::uint64_t>(insn.raw.disp.value);
    return insn.address_width == 32 ? target & 0xffffffff : target;
}

}  // namespace

Insn ask_library(std::span<const std::uint8_t> code, std::uint64_t address) {
    static const ZydisDecoder decoder = make_decoder();
    static const std::array<IsaId, kLibrarySets> sets = map_sets();
    ZydisDecodedInstruction insn;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, nullptr, code.data(), code.size(), &insn)))
        return {.isa = kUnknownIsa};
    if (insn.meta.isa_set >= ZYDIS_ISA_SET_KNCE && insn.meta.isa_set <= ZYDIS_ISA_SET_KNC_PF_HINT)
        return {.isa = kUnknownIsa};
    const bool asks = insn.mnemonic == ZYDIS_MNEMONIC_CPUID || insn.mnemonic == ZYDIS_MNEMONIC_XGETBV;
    return {.target = target_of(insn, address),
            .isa = refined(insn, sets[insn.meta.isa_set]),
            .length = insn.length,
            .flow = flow_of(insn),
            .asks_cpu = asks};
}

}  // namespace lf::x86
