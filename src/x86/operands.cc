// SPDX-License-Identifier: MIT
#include "x86/operands.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <iterator>

#include "x86/operand_forms.h"

namespace lf::x86 {
namespace {

struct OpRow {
    ZydisMnemonic mnemonic;
    Op op;
};

// What the mnemonics of the decoder library mean to us. The conditional families are below.
constexpr OpRow kOps[] = {
    {ZYDIS_MNEMONIC_NOP, Op::nop},
    {ZYDIS_MNEMONIC_ENDBR64, Op::nop},
    {ZYDIS_MNEMONIC_PAUSE, Op::nop},
    {ZYDIS_MNEMONIC_MOV, Op::mov},
    {ZYDIS_MNEMONIC_MOVZX, Op::mov},
    {ZYDIS_MNEMONIC_MOVSX, Op::movsx},
    {ZYDIS_MNEMONIC_MOVSXD, Op::movsx},
    {ZYDIS_MNEMONIC_LEA, Op::lea},
    {ZYDIS_MNEMONIC_AND, Op::and_},
    {ZYDIS_MNEMONIC_ANDN, Op::andn},
    {ZYDIS_MNEMONIC_OR, Op::or_},
    {ZYDIS_MNEMONIC_XOR, Op::xor_},
    {ZYDIS_MNEMONIC_NOT, Op::not_},
    {ZYDIS_MNEMONIC_NEG, Op::neg},
    {ZYDIS_MNEMONIC_ADD, Op::add},
    {ZYDIS_MNEMONIC_SUB, Op::sub},
    {ZYDIS_MNEMONIC_ADC, Op::adc},
    {ZYDIS_MNEMONIC_SBB, Op::sbb},
    {ZYDIS_MNEMONIC_CMP, Op::cmp},
    {ZYDIS_MNEMONIC_INC, Op::inc},
    {ZYDIS_MNEMONIC_DEC, Op::dec},
    {ZYDIS_MNEMONIC_TEST, Op::test},
    {ZYDIS_MNEMONIC_BT, Op::bt},
    {ZYDIS_MNEMONIC_BTS, Op::bts},
    {ZYDIS_MNEMONIC_BTR, Op::btr},
    {ZYDIS_MNEMONIC_SHL, Op::shl},
    {ZYDIS_MNEMONIC_SHR, Op::shr},
    {ZYDIS_MNEMONIC_SAR, Op::sar},
    {ZYDIS_MNEMONIC_ROL, Op::rol},
    {ZYDIS_MNEMONIC_ROR, Op::ror},
    {ZYDIS_MNEMONIC_SHLX, Op::shl},
    {ZYDIS_MNEMONIC_SHRX, Op::shr},
    {ZYDIS_MNEMONIC_SARX, Op::sar},
    {ZYDIS_MNEMONIC_RORX, Op::ror},
    {ZYDIS_MNEMONIC_PUSH, Op::push},
    {ZYDIS_MNEMONIC_POP, Op::pop},
    {ZYDIS_MNEMONIC_LEAVE, Op::leave},
    {ZYDIS_MNEMONIC_XCHG, Op::xchg},
    {ZYDIS_MNEMONIC_CDQE, Op::extend},
    {ZYDIS_MNEMONIC_CWDE, Op::extend},
    {ZYDIS_MNEMONIC_CALL, Op::call},
    {ZYDIS_MNEMONIC_JMP, Op::jump},
    {ZYDIS_MNEMONIC_RET, Op::ret},
    {ZYDIS_MNEMONIC_CPUID, Op::cpuid},
    {ZYDIS_MNEMONIC_XGETBV, Op::xgetbv},
    {ZYDIS_MNEMONIC_MOVD, Op::vector_move},
    {ZYDIS_MNEMONIC_MOVQ, Op::vector_move},
    {ZYDIS_MNEMONIC_MOVDQA, Op::vector_move},
    {ZYDIS_MNEMONIC_MOVDQU, Op::vector_move},
    {ZYDIS_MNEMONIC_MOVAPS, Op::vector_move},
    {ZYDIS_MNEMONIC_MOVUPS, Op::vector_move},
    {ZYDIS_MNEMONIC_MOVAPD, Op::vector_move},
    {ZYDIS_MNEMONIC_MOVUPD, Op::vector_move},
    {ZYDIS_MNEMONIC_LDDQU, Op::vector_move},
    {ZYDIS_MNEMONIC_VMOVD, Op::vector_move},
    {ZYDIS_MNEMONIC_VMOVQ, Op::vector_move},
    {ZYDIS_MNEMONIC_VMOVDQA, Op::vector_move},
    {ZYDIS_MNEMONIC_VMOVDQU, Op::vector_move},
    {ZYDIS_MNEMONIC_VMOVAPS, Op::vector_move},
    {ZYDIS_MNEMONIC_VMOVUPS, Op::vector_move},
    {ZYDIS_MNEMONIC_PINSRD, Op::vector_insert},
    {ZYDIS_MNEMONIC_PINSRQ, Op::vector_insert},
    {ZYDIS_MNEMONIC_PUNPCKLQDQ, Op::vector_unpack},
    {ZYDIS_MNEMONIC_MOVHPS, Op::vector_high},
    {ZYDIS_MNEMONIC_MOVHPD, Op::vector_high},
};

struct ConditionRow {
    ZydisMnemonic jump, set, cmov;
    Condition condition;
};

constexpr ConditionRow kConditions[] = {
    {ZYDIS_MNEMONIC_JO, ZYDIS_MNEMONIC_SETO, ZYDIS_MNEMONIC_CMOVO, 0},
    {ZYDIS_MNEMONIC_JNO, ZYDIS_MNEMONIC_SETNO, ZYDIS_MNEMONIC_CMOVNO, 1},
    {ZYDIS_MNEMONIC_JB, ZYDIS_MNEMONIC_SETB, ZYDIS_MNEMONIC_CMOVB, 2},
    {ZYDIS_MNEMONIC_JNB, ZYDIS_MNEMONIC_SETNB, ZYDIS_MNEMONIC_CMOVNB, 3},
    {ZYDIS_MNEMONIC_JZ, ZYDIS_MNEMONIC_SETZ, ZYDIS_MNEMONIC_CMOVZ, 4},
    {ZYDIS_MNEMONIC_JNZ, ZYDIS_MNEMONIC_SETNZ, ZYDIS_MNEMONIC_CMOVNZ, 5},
    {ZYDIS_MNEMONIC_JBE, ZYDIS_MNEMONIC_SETBE, ZYDIS_MNEMONIC_CMOVBE, 6},
    {ZYDIS_MNEMONIC_JNBE, ZYDIS_MNEMONIC_SETNBE, ZYDIS_MNEMONIC_CMOVNBE, 7},
    {ZYDIS_MNEMONIC_JS, ZYDIS_MNEMONIC_SETS, ZYDIS_MNEMONIC_CMOVS, 8},
    {ZYDIS_MNEMONIC_JNS, ZYDIS_MNEMONIC_SETNS, ZYDIS_MNEMONIC_CMOVNS, 9},
    {ZYDIS_MNEMONIC_JP, ZYDIS_MNEMONIC_SETP, ZYDIS_MNEMONIC_CMOVP, 10},
    {ZYDIS_MNEMONIC_JNP, ZYDIS_MNEMONIC_SETNP, ZYDIS_MNEMONIC_CMOVNP, 11},
    {ZYDIS_MNEMONIC_JL, ZYDIS_MNEMONIC_SETL, ZYDIS_MNEMONIC_CMOVL, 12},
    {ZYDIS_MNEMONIC_JNL, ZYDIS_MNEMONIC_SETNL, ZYDIS_MNEMONIC_CMOVNL, 13},
    {ZYDIS_MNEMONIC_JLE, ZYDIS_MNEMONIC_SETLE, ZYDIS_MNEMONIC_CMOVLE, 14},
    {ZYDIS_MNEMONIC_JNLE, ZYDIS_MNEMONIC_SETNLE, ZYDIS_MNEMONIC_CMOVNLE, 15},
};

struct Meaning {
    Op op = Op::other;
    Condition condition = 0;
};

// Mnemonic → meaning, made once from the tables above.
const auto& meanings() {
    static const auto table = [] {
        std::array<Meaning, ZYDIS_MNEMONIC_MAX_VALUE + 1> out = {};
        for (const OpRow& row : kOps) out.at(row.mnemonic).op = row.op;
        for (const ConditionRow& row : kConditions) {
            out.at(row.jump) = {Op::conditional, row.condition};
            out.at(row.set) = {Op::set, row.condition};
            out.at(row.cmov) = {Op::cmov, row.condition};
        }
        return out;
    }();
    return table;
}

constexpr int kLargest = 64;  // Operand::size

struct RegisterPlace {
    Operand::Kind kind = Operand::Kind::none;
    std::uint8_t number = kNoRegister;
    bool high_byte = false;
};

RegisterPlace place_of(ZydisRegister reg) {
    const ZydisRegisterClass kind = ZydisRegisterGetClass(reg);
    const auto id = static_cast<std::uint8_t>(std::max<int>(ZydisRegisterGetId(reg), 0));
    switch (kind) {
        case ZYDIS_REGCLASS_GPR64:
        case ZYDIS_REGCLASS_GPR32:
        case ZYDIS_REGCLASS_GPR16: return {Operand::Kind::general, id, false};
        case ZYDIS_REGCLASS_GPR8: {
            const bool high = reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH;
            const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
            return {Operand::Kind::general, static_cast<std::uint8_t>(std::max<int>(ZydisRegisterGetId(whole), 0)),
                    high};
        }
        case ZYDIS_REGCLASS_XMM:
        case ZYDIS_REGCLASS_YMM:
        case ZYDIS_REGCLASS_ZMM: return {Operand::Kind::vector, id, false};
        default: return {};
    }
}

std::uint8_t register_number(ZydisRegister reg) {
    const RegisterPlace place = place_of(reg);
    return place.kind == Operand::Kind::general ? place.number : kNoRegister;
}

Operand memory_operand(const ZydisDecodedOperandMem& mem, std::uint64_t next) {
    Operand out;
    out.kind = Operand::Kind::memory;
    out.base = register_number(mem.base);
    out.index = register_number(mem.index);
    out.scale = mem.scale;
    out.value = mem.disp.has_displacement ? static_cast<std::uint64_t>(mem.disp.value) : 0;
    if (mem.base == ZYDIS_REGISTER_RIP) out.value += next;
    out.absolute = out.base == kNoRegister && out.index == kNoRegister;
    out.other_segment = mem.segment == ZYDIS_REGISTER_FS || mem.segment == ZYDIS_REGISTER_GS;
    return out;
}

Operand operand_of(const ZydisDecodedOperand& from, std::uint64_t next) {
    Operand out;
    if (from.type == ZYDIS_OPERAND_TYPE_REGISTER) {
        const RegisterPlace place = place_of(from.reg.value);
        out.kind = place.kind;
        out.number = place.number;
        out.high_byte = place.high_byte;
    } else if (from.type == ZYDIS_OPERAND_TYPE_MEMORY) {
        out = memory_operand(from.mem, next);
    } else if (from.type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
        out.kind = Operand::Kind::immediate;
        out.value = from.imm.is_signed ? static_cast<std::uint64_t>(from.imm.value.s) : from.imm.value.u;
    }
    out.size = static_cast<std::uint8_t>(std::min(from.size / 8, kLargest));
    return out;
}

void note_register(Operation& out, ZydisRegister reg, bool read, bool written) {
    const RegisterPlace place = place_of(reg);
    if (place.kind == Operand::Kind::general && place.number < 16) {
        const auto bit = static_cast<std::uint16_t>(1U << place.number);
        if (read) out.reads = static_cast<std::uint16_t>(out.reads | bit);
        if (written) out.writes = static_cast<std::uint16_t>(out.writes | bit);
    } else if (place.kind == Operand::Kind::vector && place.number < 32) {
        if (read) out.vector_reads |= 1U << place.number;
        if (written) out.vector_writes |= 1U << place.number;
    }
}

void note_uses(Operation& out, const ZydisDecodedOperand& from) {
    const bool read = (from.actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0;
    const bool written = (from.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    if (from.type == ZYDIS_OPERAND_TYPE_REGISTER) note_register(out, from.reg.value, read, written);
    if (from.type != ZYDIS_OPERAND_TYPE_MEMORY) return;
    note_register(out, from.mem.base, true, false);
    note_register(out, from.mem.index, true, false);
}

const ZydisDecoder& decoder() {
    static const ZydisDecoder made = [] {
        ZydisDecoder out;
        ZydisDecoderInit(&out, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
        return out;
    }();
    return made;
}

using Operands = std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT>;

bool ask(std::span<const std::uint8_t> code, ZydisDecodedInstruction& insn, Operands& operands) {
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder(), code.data(), std::min<std::size_t>(code.size(), 15), &insn,
                                               operands.data()));
}

/// MOVS and STOS: their operands are not written in assembly, but say what is stored and where.
bool stores_string(const ZydisDecodedInstruction& insn, const Operands& operands) {
    return insn.meta.category == ZYDIS_CATEGORY_STRINGOP && operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY &&
           (operands[0].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
}

/// All but the operands.
Operation head_of(const ZydisDecodedInstruction& insn, const Operands& operands) {
    Operation out;
    const Meaning meaning = meanings().at(insn.mnemonic);
    out.op = meaning.op;
    out.condition = meaning.condition;
    out.length = insn.length;
    out.writes_flags = insn.cpu_flags != nullptr && (insn.cpu_flags->modified | insn.cpu_flags->set_0 |
                                                     insn.cpu_flags->set_1 | insn.cpu_flags->undefined) != 0;
    out.count = static_cast<std::uint8_t>(std::min<std::size_t>(insn.operand_count_visible, out.operands.size()));
    if (stores_string(insn, operands)) {
        out.op = Op::store_string;
        out.count = 2;
    }
    return out;
}

/// Where one operand comes from; false: from where we do not look.
bool learn_field(const ZydisDecodedOperand& from, Field& field) {
    field.read = (from.actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0;
    field.written = (from.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    const bool memory = from.type == ZYDIS_OPERAND_TYPE_MEMORY;
    field.kind = memory ? Operand::Kind::memory : Operand::Kind::none;
    field.address_only = memory && from.mem.type == ZYDIS_MEMOP_TYPE_AGEN;
    if (from.type == ZYDIS_OPERAND_TYPE_REGISTER) {
        field.kind = place_of(from.reg.value).kind;
        field.byte = ZydisRegisterGetClass(from.reg.value) == ZYDIS_REGCLASS_GPR8;
        if (field.kind == Operand::Kind::none) return true;
    }
    if (from.type == ZYDIS_OPERAND_TYPE_POINTER) return false;
    const bool plain = !memory || from.mem.type == ZYDIS_MEMOP_TYPE_MEM || from.mem.type == ZYDIS_MEMOP_TYPE_AGEN;
    const bool single = (from.attributes & ZYDIS_OATTRIB_IS_MULTISOURCE4) == 0;
    if (!plain || !single) return false;
    switch (from.encoding) {
        case ZYDIS_OPERAND_ENCODING_NONE: return true;
        case ZYDIS_OPERAND_ENCODING_MODRM_REG: field.source = Field::Source::reg; return !memory;
        case ZYDIS_OPERAND_ENCODING_MODRM_RM: field.source = Field::Source::rm; return true;
        case ZYDIS_OPERAND_ENCODING_OPCODE: field.source = Field::Source::opcode; return !memory;
        case ZYDIS_OPERAND_ENCODING_NDSNDD: field.source = Field::Source::vvvv; return !memory;
        default: break;
    }
    field.source = Field::Source::immediate;
    return from.type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
}

}  // namespace

unsigned covered_bytes(const Operation& operation) {
    constexpr unsigned kState = 512;  // FXSAVE; of XSAVE what decides anything lies within as well
    const unsigned size = operation.operands[0].size;
    return size == kLargest && operation.vector_reads == 0 ? kState : size;
}

Form learn_form(std::span<const std::uint8_t> code, std::size_t bytes) {
    Form out;
    ZydisDecodedInstruction insn;
    Operands operands;
    if (!ask(code, insn, operands)) return {.kind = Form::Kind::unknown};
    const bool fits =
        insn.length >= bytes && (insn.raw.imm[0].size == 0 ? insn.length == bytes : insn.raw.imm[0].offset == bytes);
    if (!fits || insn.raw.imm[1].size != 0 || insn.operand_count > out.fields.size()) return {};
    if (stores_string(insn, operands)) return {};
    out.base = head_of(insn, operands);
    out.immediate = static_cast<std::uint8_t>(insn.length - bytes);
    for (std::size_t i = 0; i < insn.operand_count; ++i) {
        Field& field = out.fields.at(out.count++);
        if (!learn_field(operands.at(i), field)) return {};
        const ZydisDecodedOperand& from = operands.at(i);
        if (field.source == Field::Source::immediate) {
            out.is_signed = from.imm.is_signed;
            out.is_relative = i == 0 && from.imm.is_relative;
        }
        if (i < out.base.count) out.base.operands.at(i) = operand_of(from, 0);
        if (field.source == Field::Source::fixed) note_uses(out.base, from);
    }
    out.kind = Form::Kind::known;
    return out;
}

Operation operation_slowly(std::span<const std::uint8_t> code, std::uint64_t address) {
    ZydisDecodedInstruction insn;
    Operands operands;
    if (!ask(code, insn, operands)) return {};
    Operation out = head_of(insn, operands);
    const std::uint64_t next = address + insn.length;
    for (std::size_t i = 0; i < insn.operand_count; ++i) note_uses(out, operands.at(i));
    for (std::size_t i = 0; i < out.count; ++i) out.operands.at(i) = operand_of(operands.at(i), next);
    if (out.count > 0 && operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operands[0].imm.is_relative)
        out.target = next + static_cast<std::uint64_t>(operands[0].imm.value.s);
    return out;
}

}  // namespace lf::x86
