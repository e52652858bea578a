// SPDX-License-Identifier: MIT
#include "audit/value.h"

#include <algorithm>

namespace lf::audit {
namespace {

// Sums of more bits than this that the CPU has a say in are not followed: their formulas grow too large.
constexpr unsigned kSumBits = 8;

std::uint64_t hash_of(const Bits& bits) {
    std::uint64_t h = 0;
    for (const Bit& b : bits) {
        h ^= (std::uint64_t{b.one} << 32U) | b.zero;
        h = ((h << 29U) | (h >> 35U)) * 0x9e3779b97f4a7c15;
    }
    return spread(h);
}

/// Neighbouring bits are mostly alike: an operation on one pair of them is done once, as long as it is the same pair.
template <class Operation>
Bits pairwise(const Values& values, const Value& a, const Value& b, const Operation& operation) {
    constexpr unsigned kPairs = 4;
    struct Pair {
        Bit a, b, out;
    };
    std::array<Pair, kPairs> seen;
    unsigned count = 0, next = 0;
    Bits out;
    for (unsigned i = 0; i < 64; ++i) {
        const Bit x = values.bit(a, i), y = values.bit(b, i);
        unsigned at = 0;
        while (at < count && (seen[at].a != x || seen[at].b != y)) ++at;
        if (at == count) {
            at = next;
            seen[at] = {x, y, operation(x, y)};
            next = (next + 1) % kPairs;
            count = count < kPairs ? count + 1 : kPairs;
        }
        out[i] = seen[at].out;
    }
    return out;
}

bool plain(const Value& v) { return v.formulas == 0 && v.base == Base::number; }

}  // namespace

Bit Values::bit(const Value& v, unsigned i) const {
    if (v.formulas != 0) return pool_[v.formulas].bits[i];
    if (v.base != Base::number || ((v.known >> i) & 1U) == 0) return kAnyBit;
    return ((v.bits >> i) & 1U) != 0 ? kOneBit : kZeroBit;
}

Bits Values::bits_of(const Value& v) const {
    Bits out;
    for (unsigned i = 0; i < 64; ++i) out[i] = bit(v, i);
    return out;
}

Value Values::make(const Bits& bits) {
    Value out;
    bool cpu = false;
    for (unsigned i = 0; i < 64; ++i) {
        const std::uint64_t here = std::uint64_t{1} << i;
        if (from_cpu(bits[i])) cpu = true;
        else if (bits[i] == kOneBit) out.known |= here, out.bits |= here;
        else if (bits[i].one == kFalse) out.known |= here;
    }
    if (!cpu) return out;
    const std::uint64_t hash = hash_of(bits);
    std::uint32_t id = by_hash_.find(hash, [&](std::uint32_t i) { return pool_[i].bits == bits; });
    if (id == 0) {
        const bool features = std::any_of(bits.begin(), bits.end(), [this](const Bit& b) {
            return formulas_.features(b.one) || formulas_.features(b.zero);
        });
        pool_.push_back({bits, features});
        id = static_cast<std::uint32_t>(pool_.size() - 1);
        by_hash_.add(hash, id, [this](std::uint32_t i) { return hash_of(pool_[i].bits); });
    }
    return {0, 0, id, Base::number};
}

Bit Values::both(Bit a, Bit b) { return {formulas_.both(a.one, b.one), formulas_.either(a.zero, b.zero)}; }
Bit Values::either(Bit a, Bit b) { return {formulas_.either(a.one, b.one), formulas_.both(a.zero, b.zero)}; }
Bit Values::differ(Bit a, Bit b) { return either(both(a, flip(b)), both(flip(a), b)); }
Bit Values::choose(Bit c, Bit yes, Bit no) {
    return {formulas_.either(formulas_.both(c.one, yes.one), formulas_.both(c.zero, no.one)),
            formulas_.either(formulas_.both(c.one, yes.zero), formulas_.both(c.zero, no.zero))};
}

Value Values::bitwise(const Value& a, const Value& b, Bit (Values::*op)(Bit, Bit)) {
    return make(pairwise(*this, a, b, [&](Bit x, Bit y) { return (this->*op)(x, y); }));
}

Value Values::both(const Value& a, const Value& b) {
    if (!plain(a) || !plain(b)) return bitwise(a, b, &Values::both);
    const std::uint64_t ones = a.known & a.bits & b.known & b.bits;
    return {ones | (a.known & ~a.bits) | (b.known & ~b.bits), ones, 0, Base::number};
}

Value Values::either(const Value& a, const Value& b) {
    if (!plain(a) || !plain(b)) return bitwise(a, b, &Values::either);
    const std::uint64_t ones = (a.known & a.bits) | (b.known & b.bits);
    return {ones | (a.known & b.known), ones, 0, Base::number};
}

Value Values::differ(const Value& a, const Value& b) {
    if (!plain(a) || !plain(b)) return bitwise(a, b, &Values::differ);
    const std::uint64_t known = a.known & b.known;
    return {known, (a.bits ^ b.bits) & known, 0, Base::number};
}

Value Values::flip(const Value& a) { return differ(a, number(~std::uint64_t{0})); }

Value Values::choose(Bit condition, const Value& yes, const Value& no) {
    if (condition.zero == kFalse || yes == no) return yes;
    if (condition.one == kFalse) return no;
    if (condition == kAnyBit && yes.formulas != 0 && no.formulas != 0) return joined(yes, kTrue, no, kTrue);
    return make(pairwise(*this, yes, no, [&](Bit y, Bit n) { return y == n ? y : choose(condition, y, n); }));
}

Value Values::add(const Value& a, const Value& b, unsigned width, Bit& carry, Bit& overflow) {
    if (plain(a) && plain(b) && (a.known & b.known) != ~std::uint64_t{0}) {
        // The low bits are known as far as those of both are.
        const std::uint64_t unknown = ~(a.known & b.known);
        const std::uint64_t known = (unknown & (~unknown + 1)) - 1;
        const Value in = carry == kAnyBit ? Value{} : number(carry == kOneBit ? 1 : 0);
        const std::uint64_t sum = a.bits + b.bits + in.bits;
        if (known < mask_of(width / 8) || carry == kAnyBit) {
            const bool told = carry != kAnyBit;
            carry = overflow = kAnyBit;
            return {(told ? known : 0) | ~mask_of(width / 8), told ? sum & known : 0, 0, Base::number};
        }
    }
    unsigned cpu = 0;
    Bits out;
    out.fill(kZeroBit);
    for (unsigned i = 0; i < width; ++i) cpu += from_cpu(bit(a, i)) + from_cpu(bit(b, i));
    if (cpu > kSumBits) {
        for (unsigned i = 0; i < width; ++i) out[i] = something();
        carry = overflow = something();
        return make(out);
    }
    Bit before = carry;
    for (unsigned i = 0; i < width; ++i) {
        const Bit x = bit(a, i), y = bit(b, i), half = differ(x, y);
        before = carry;
        out[i] = differ(half, carry);
        carry = either(both(x, y), both(half, carry));
    }
    overflow = differ(before, carry);
    return make(out);
}

Value Values::left(const Value& a, unsigned count) {
    if (count >= 64) return number(0);
    if (count == 0) return a;
    if (plain(a)) return {(a.known << count) | ((std::uint64_t{1} << count) - 1), a.bits << count, 0, Base::number};
    Bits out;
    for (unsigned i = 0; i < 64; ++i) out[i] = i < count ? kZeroBit : bit(a, i - count);
    return make(out);
}

Value Values::right(const Value& a, unsigned count, unsigned width, bool arithmetic) {
    if (plain(a) && !arithmetic && count < 64) {
        const std::uint64_t mask = mask_of(width / 8);
        return {((a.known | ~mask) >> count) | ~(~std::uint64_t{0} >> count), (a.bits & mask) >> count, 0,
                Base::number};
    }
    Bits out;
    const Bit sign = bit(a, width - 1);
    for (unsigned i = 0; i < 64; ++i) {
        if (i >= width) out[i] = kZeroBit;
        else if (i + count < width) out[i] = bit(a, i + count);
        else out[i] = arithmetic ? sign : kZeroBit;
    }
    return make(out);
}

Value Values::low(const Value& a, unsigned bytes) {
    if (bytes >= 8) return a;
    const std::uint64_t mask = mask_of(bytes);
    if (plain(a)) return {a.known | ~mask, a.bits & mask, 0, Base::number};
    Bits out = bits_of(a);
    bool cut = false;
    for (unsigned i = bytes * 8; i < 64; ++i) {
        cut = cut || out[i] != kZeroBit;
        out[i] = kZeroBit;
    }
    return cut ? make(out) : a;
}

Value Values::sign_extended(const Value& a, unsigned bytes) {
    if (bytes >= 8) return a;
    Bits out = bits_of(a);
    for (unsigned i = bytes * 8; i < 64; ++i) out[i] = out[bytes * 8 - 1];
    return make(out);
}

Value Values::insert(const Value& whole, const Value& part, unsigned first, unsigned size) {
    if (first == 0 && size >= 8) return part;
    if (plain(whole) && plain(part)) {
        const std::uint64_t mask = mask_of(size) << (first * 8);
        return {(whole.known & ~mask) | ((part.known << (first * 8)) & mask),
                (whole.bits & ~mask) | ((part.bits << (first * 8)) & mask), 0, Base::number};
    }
    Bits out = bits_of(whole);
    for (unsigned i = 0; i < size * 8 && first * 8 + i < 64; ++i) out[first * 8 + i] = bit(part, i);
    return make(out);
}

Value Values::blurred(const Value& a) {
    if (a.formulas == 0) return {};
    Bits out;
    out.fill(something());
    return make(out);
}

Bit Values::joined(Bit a, Formula when_a, Bit b, Formula when_b) {
    if (a == b) return a;
    // "Wherever one can be here at all" is "always": else every value behind a guard would seem to be the CPU's.
    const Formula total = formulas_.either(when_a, when_b);
    Bit out = {formulas_.either(formulas_.both(when_a, a.one), formulas_.both(when_b, b.one)),
               formulas_.either(formulas_.both(when_a, a.zero), formulas_.both(when_b, b.zero))};
    if (out.one == total) out.one = kTrue;
    if (out.zero == total) out.zero = kTrue;
    return out;
}

Value Values::joined(const Value& a, Formula when_a, const Value& b, Formula when_b, bool blur) {
    if (a == b) return a;
    if (when_a == kTrue && when_b == kTrue && plain(a) && plain(b)) {
        const std::uint64_t known = a.known & b.known & ~(a.bits ^ b.bits);
        return {known, a.bits & known, 0, Base::number};
    }
    if (blur && !features(a) && !features(b))
        return make(pairwise(*this, a, b, [&](Bit x, Bit y) { return x == y ? x : something(); }));
    // Which of two answers it is, something else decides: what one of them says alone is not sure.
    const bool either_answer = when_a == when_b && a.formulas != 0 && b.formulas != 0;
    return make(pairwise(*this, a, b, [&](Bit x, Bit y) {
        Bit out = joined(x, when_a, y, when_b);
        if (!either_answer || x == y || (!from_cpu(x) && !from_cpu(y))) return out;
        const Formula some = formulas_.variable(kSomething);
        out.one = formulas_.both(out.one, formulas_.either(formulas_.both(x.one, y.one), some));
        out.zero = formulas_.both(out.zero, formulas_.either(formulas_.both(x.zero, y.zero), some));
        return out;
    }));
}

Formula Values::equals(const Value& a, std::uint64_t n, unsigned bytes) {
    if (plain(a)) return ((a.bits ^ n) & a.known & mask_of(bytes)) == 0 ? kTrue : kFalse;
    Formula out = kTrue;
    for (unsigned i = 0; i < bytes * 8 && out != kFalse; ++i) {
        const Bit b = bit(a, i);
        out = formulas_.both(out, ((n >> i) & 1U) != 0 ? b.one : b.zero);
    }
    return out;
}

Bit Values::is_zero(const Value& a, unsigned bytes) {
    if (plain(a)) {
        if ((a.bits & a.known & mask_of(bytes)) != 0) return kZeroBit;
        return (~a.known & mask_of(bytes)) == 0 ? kOneBit : kAnyBit;
    }
    Bit out = kOneBit;
    for (unsigned i = 0; i < bytes * 8; ++i) out = both(out, flip(bit(a, i)));
    return out;
}

Value Values::forget_branches(const Value& a) {
    if (a.formulas == 0) return a;
    const auto forgotten = [this](Bit b, Bit) {
        return Bit{formulas_.forget_branches(b.one), formulas_.forget_branches(b.zero)};
    };
    return make(pairwise(*this, a, a, forgotten));
}

}  // namespace lf::audit
