// SPDX-License-Identifier: MIT
/// \file
/// \brief Values of registers and memory, bit by bit, as formulas over features of the CPU.
///
/// A bit is a pair: when may it be 1, when may it be 0. (true, true): anything, and the CPU has no say. Pairs are only
/// ever joined and met, never negated, which is what keeps "may" true when something was not understood.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "audit/formula.h"
#include "audit/hash_table.h"

namespace lf::audit {

struct Bit {
    Formula one = kTrue, zero = kTrue;
    bool operator==(const Bit&) const = default;
};

inline constexpr Bit kAnyBit = {kTrue, kTrue}, kZeroBit = {kFalse, kTrue}, kOneBit = {kTrue, kFalse};

/// What an address is counted from.
enum class Base : std::uint8_t {
    number,  ///< no address, or one of the file
    stack,   ///< the stack pointer at the entry of the outermost function
    object,  ///< an object of another file: `bits` = its number << 32 | offset
};

/// 64 bits. Without `formulas`, bits of `known` are those of `bits`, and the others can be anything.
struct Value {
    std::uint64_t known = 0, bits = 0;
    std::uint32_t formulas = 0;  ///< index into Values: the CPU has a say in some bit; 0 = in none
    Base base = Base::number;
    bool operator==(const Value&) const = default;
    bool constant() const { return formulas == 0 && known == ~std::uint64_t{0} && base == Base::number; }
};

using Bits = std::array<Bit, 64>;

inline Value number(std::uint64_t n) { return {~std::uint64_t{0}, n, 0, Base::number}; }

inline std::uint64_t mask_of(unsigned bytes) {
    return bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (bytes * 8)) - 1;
}

class Values {
  public:
    Values() { pool_.emplace_back(); }
    Formulas& formulas() { return formulas_; }

    Bit bit(const Value& v, unsigned i) const;
    Value make(const Bits& bits);
    Bits bits_of(const Value& v) const;

    Bit both(Bit a, Bit b);
    Bit either(Bit a, Bit b);
    Bit differ(Bit a, Bit b);
    static Bit flip(Bit a) { return {a.zero, a.one}; }
    Bit choose(Bit condition, Bit yes, Bit no);
    Bit something() { return {formulas_.variable(kSomething), formulas_.variable(kSomething)}; }
    /// This, or something that we do not know.
    Bit either_something(Bit b) {
        const Formula some = formulas_.variable(kSomething);
        return {formulas_.either(b.one, some), formulas_.either(b.zero, some)};
    }
    /// Has the CPU a say in it?
    static bool from_cpu(Bit b) { return b.one > kTrue || b.zero > kTrue; }

    Value both(const Value& a, const Value& b);
    Value either(const Value& a, const Value& b);
    Value differ(const Value& a, const Value& b);
    Value flip(const Value& a);
    Value choose(Bit condition, const Value& yes, const Value& no);
    /// a + b + carry; `carry` becomes that of bit `width` - 1, `overflow` too.
    Value add(const Value& a, const Value& b, unsigned width, Bit& carry, Bit& overflow);
    Value left(const Value& a, unsigned count);
    Value right(const Value& a, unsigned count, unsigned width, bool arithmetic);
    /// The low bytes; zeros above.
    Value low(const Value& a, unsigned bytes);
    Value sign_extended(const Value& a, unsigned bytes);
    /// `whole` with bytes [first, first + size) from the low ones of `part`.
    Value insert(const Value& whole, const Value& part, unsigned first, unsigned size);
    /// Something that the CPU has a say in, in all bits; or anything, where it has none in `a`.
    Value blurred(const Value& a);
    /// What holds where one comes from `a` under `when_a` or from `b` under `when_b`. `blur`: which of them it is no
    /// feature decides, and too many branches do: of what is no feature either it is not kept which: "something".
    Value joined(const Value& a, Formula when_a, const Value& b, Formula when_b, bool blur = false);
    Bit joined(Bit a, Formula when_a, Bit b, Formula when_b);
    /// When may its low bytes be this number?
    Formula equals(const Value& a, std::uint64_t n, unsigned bytes);
    Bit is_zero(const Value& a, unsigned bytes);
    /// All formulas without the branches of one function.
    Value forget_branches(const Value& a);

  private:
    bool features(const Value& v) const { return pool_[v.formulas].features; }
    Value bitwise(const Value& a, const Value& b, Bit (Values::*op)(Bit, Bit));

    Formulas formulas_;
    struct Kept {
        Bits bits = {};
        bool features = false;  ///< some bit asks for one
    };
    std::vector<Kept> pool_;  // [0]: of no formulas
    Interned by_hash_;
};

}  // namespace lf::audit
