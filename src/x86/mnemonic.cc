// SPDX-License-Identifier: MIT
#include "x86/mnemonic.h"

#include <Zydis/Zydis.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "x86/decode.h"

namespace lf::x86 {

std::string instruction_text(std::span<const std::uint8_t> code, std::uint64_t address) {
    ZydisDecoder decoder;
    ZydisFormatter formatter;
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    char text[160];
    if (ZYAN_FAILED(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) ||
        ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, code.data(), code.size(), &instruction, operands)) ||
        ZYAN_FAILED(ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL)) ||
        ZYAN_FAILED(ZydisFormatterFormatInstruction(&formatter, &instruction, operands,
                                                    instruction.operand_count_visible, text, sizeof text, address,
                                                    nullptr)))
        return "";
    return text;
}

std::string instruction_bytes(std::span<const std::uint8_t> code) {
    const Insn insn = decode_slowly(code, 0);
    const std::size_t length = insn.length == 0 || insn.length > code.size() ? code.size() : insn.length;
    return fmt::format("{:02x}", fmt::join(code.first(length), " "));
}

}  // namespace lf::x86
