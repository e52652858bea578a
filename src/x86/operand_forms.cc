// SPDX-License-Identifier: MIT
#include "x86/operand_forms.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "x86/encoding.h"
#include "x86/shape.h"

namespace lf::x86 {
namespace {

// As in decode.cc: the memory is fixed (640 KiB a thread), a form that finds no place pushes another out.
constexpr std::size_t kWays = 4;
constexpr unsigned kSetBits = 10;
struct Known {
    std::uint64_t key = 0;
    Form form;
};
struct Memory {
    std::array<std::array<Known, kWays>, std::size_t{1} << kSetBits> sets{};
};

Memory& memory() {
    static thread_local const std::unique_ptr<Memory> kept = std::make_unique<Memory>();
    return *kept;
}

/// Bits of registers' numbers that stand outside of ModRM and SIB.
struct Extension {
    unsigned reg = 0, index = 0, base = 0;  ///< already where they belong: 8, 16
    unsigned vvvv = 0;
    std::size_t opcode = 0;  ///< where it stands
    bool rex = false, evex = false;
    bool segment = false;        ///< a prefix names one
    bool other_segment = false;  ///< FS or GS
    bool odd = false;            ///< several segments: the library decides
};

bool is_segment(std::uint8_t b) { return b == 0x26 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0x64 || b == 0x65; }
bool is_prefix(std::uint8_t b) { return b == 0x66 || b == 0xf2 || b == 0xf3 || b == 0xf0 || b == 0x67; }

void take_vector(std::span<const std::uint8_t> code, std::size_t at, Extension& out) {
    const bool is_short = code[at] == 0xc5;
    const unsigned first = ~unsigned{code[at + 1]}, second = is_short ? first : ~unsigned{code[at + 2]};
    out.reg = first >> 7 & 1U ? 8 : 0;
    if (!is_short) {
        out.index = first >> 6 & 1U ? 8 : 0;
        out.base = first >> 5 & 1U ? 8 : 0;
    }
    out.vvvv = second >> 3 & 15U;
    out.evex = code[at] == 0x62;
    if (!out.evex) return;
    out.reg |= first >> 4 & 1U ? 16 : 0;
    out.vvvv |= ~unsigned{code[at + 3]} >> 3 & 1U ? 16 : 0;
}

/// Shape::known says that these bytes are there.
Extension extension_of(std::span<const std::uint8_t> code, const Shape& shape) {
    constexpr unsigned kFirstVector = 5;  // spaces of VEX, EVEX and XOP
    Extension out;
    std::size_t at = 0;
    for (; is_segment(code[at]) || is_prefix(code[at]); ++at) {
        if (!is_segment(code[at])) continue;
        out.odd = out.odd || out.segment;
        out.segment = true;
        out.other_segment = code[at] == 0x64 || code[at] == 0x65;
    }
    if ((shape.key >> 1 & 7U) >= kFirstVector) {
        take_vector(code, at, out);
        return out;
    }
    if ((code[at] & 0xf0) == 0x40) {
        out.rex = true;
        out.reg = code[at] >> 2 & 1U ? 8 : 0;
        out.index = code[at] >> 1 & 1U ? 8 : 0;
        out.base = (code[at] & 1U) != 0 ? 8 : 0;
    }
    return out;
}

void take_memory(std::span<const std::uint8_t> code, const Shape& shape, const Extension& extension, std::uint64_t next,
                 Operand& out) {
    const std::uint8_t* at = code.data() + shape.modrm;
    const unsigned mod = *at >> 6U, rm = *at & 7U;
    ++at;
    unsigned displacement = mod == 1 ? 1 : mod == 2 ? 4 : 0;
    out.base = static_cast<std::uint8_t>(rm | extension.base);
    out.index = kNoRegister;
    out.scale = 0;
    bool rip = false;
    if (rm == 4) {
        const unsigned sib = *at++;
        const unsigned index = (sib >> 3U & 7U) | extension.index;
        out.base = static_cast<std::uint8_t>((sib & 7U) | extension.base);
        if (index != 4) {
            out.index = static_cast<std::uint8_t>(index);
            out.scale = static_cast<std::uint8_t>(1U << (sib >> 6U));
        }
        if (mod == 0 && (sib & 7U) == 5) out.base = kNoRegister, displacement = 4;
    } else if (mod == 0 && rm == 5) {
        out.base = kNoRegister;
        displacement = 4;
        rip = true;
    }
    std::uint64_t value = 0;
    if (displacement == 1) value = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int8_t>(*at)});
    if (displacement == 4) {
        std::uint32_t word = 0;
        for (unsigned i = 4; i-- > 0;) word = word << 8U | at[i];
        value = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(word)});
    }
    out.value = value + (rip ? next : 0);
    out.absolute = out.base == kNoRegister && out.index == kNoRegister;
}

std::uint64_t immediate_of(std::span<const std::uint8_t> code, const Shape& shape, const Form& form) {
    std::uint64_t raw = 0;
    for (std::size_t i = form.immediate; i-- > 0;) raw = raw << 8U | code[shape.bytes + i];
    const unsigned unused = 64 - 8U * form.immediate;
    return form.is_signed ? static_cast<std::uint64_t>(static_cast<std::int64_t>(raw << unused) >> unused) : raw;
}

unsigned number_of(const Field& field, std::span<const std::uint8_t> code, const Shape& shape,
                   const Extension& extension) {
    switch (field.source) {
        case Field::Source::reg: return (code[shape.modrm] >> 3U & 7U) | extension.reg;
        case Field::Source::rm:
            return (code[shape.modrm] & 7U) | extension.base | (extension.evex ? extension.index << 1U : 0);
        case Field::Source::opcode: return static_cast<unsigned>(shape.key >> 16U & 7U) | extension.base;
        default: return extension.vvvv;
    }
}

void note(Operation& out, const Field& field, unsigned number) {
    if (field.kind == Operand::Kind::vector) {
        if (field.read) out.vector_reads |= 1U << number;
        if (field.written) out.vector_writes |= 1U << number;
        return;
    }
    const auto bit = static_cast<std::uint16_t>(1U << number);
    if (field.read) out.reads = static_cast<std::uint16_t>(out.reads | bit);
    if (field.written) out.writes = static_cast<std::uint16_t>(out.writes | bit);
}

/// nullopt: the library has to be asked.
std::optional<Operation> finish(const Form& form, const Shape& shape, std::span<const std::uint8_t> code,
                                std::uint64_t address) {
    const Extension extension = extension_of(code, shape);
    if (extension.odd) return std::nullopt;
    Operation out = form.base;
    out.length = static_cast<std::uint8_t>(shape.bytes + form.immediate);
    const std::uint64_t next = address + out.length;
    for (std::size_t i = 0; i < form.count; ++i) {
        const Field& field = form.fields[i];
        Operand spare;
        Operand& operand = i < out.count ? out.operands[i] : spare;
        if (field.source == Field::Source::fixed) {
            if (field.kind == Operand::Kind::memory && extension.segment) return std::nullopt;
        } else if (field.source == Field::Source::immediate) {
            operand.value = immediate_of(code, shape, form);
        } else if (field.kind == Operand::Kind::memory) {
            // A displacement of one byte counts in units of the operand's size.
            if (extension.evex && code[shape.modrm] >> 6U == 1) return std::nullopt;
            take_memory(code, shape, extension, next, operand);
            operand.other_segment = extension.other_segment && !field.address_only;
            for (const std::uint8_t r : {operand.base, operand.index})
                if (r != kNoRegister) out.reads = static_cast<std::uint16_t>(out.reads | 1U << r);
        } else {
            unsigned number = number_of(field, code, shape, extension);
            if (field.kind == Operand::Kind::general) number &= 15U;
            operand.high_byte = field.byte && !extension.rex && number >= 4 && number < 8;
            if (operand.high_byte) number -= 4;
            operand.number = static_cast<std::uint8_t>(number);
            note(out, field, number);
        }
    }
    if (form.is_relative) out.target = next + out.operands[0].value;
    return out;
}

// With zeros behind what there is, so that the answer does not depend on where `code` ends.
void learn(Known& place, const Shape& shape, std::span<const std::uint8_t> code) {
    constexpr std::size_t kLongestImmediate = 8;
    std::array<std::uint8_t, kLongest> padded{};
    std::copy(code.begin(), code.end(), padded.begin());
    place = {};
    if (extension_of(code, shape).segment) return;
    const Form form = learn_form(padded, shape.bytes);
    if (form.kind == Form::Kind::unknown && shape.bytes + kLongestImmediate > kLongest) return;
    place = {shape.key, form};
}

}  // namespace

Operation operation(std::span<const std::uint8_t> code, std::uint64_t address) {
    code = code.first(std::min(code.size(), kLongest));
    const Shape shape = shape_of(code.data(), code.size());
    if (shape.kind != Shape::known || shape.address_size) return operation_slowly(code, address);
    const std::uint64_t hash = shape.key * 0x9e3779b97f4a7c15;
    auto& ways = memory().sets[hash >> (64 - kSetBits)];
    auto known = std::find_if(ways.begin(), ways.end(), [&](const Known& k) { return k.key == shape.key; });
    if (known == ways.end()) {
        std::copy_backward(ways.begin(), ways.end() - 1, ways.end());  // the oldest goes
        known = ways.begin();
        learn(*known, shape, code);
        if (known->key != shape.key) return operation_slowly(code, address);
    }
    const Form& form = known->form;
    if (form.kind == Form::Kind::unknown) return {};
    if (form.kind == Form::Kind::known && std::size_t{shape.bytes} + form.immediate <= code.size())
        if (const auto out = finish(form, shape, code, address)) return *out;
    return operation_slowly(code, address);
}

}  // namespace lf::x86
