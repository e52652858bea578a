// SPDX-License-Identifier: MIT
// Where struct cpu_features lies within ld.so's _rtld_global_ro, and how long its array is, differs between versions of
// glibc and is written nowhere. Code of glibc that reads it (libc's and libm's IFUNC resolvers) tests bits in it; the
// only place at which all these bits are features is the place.
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "audit/cpu_answers.h"
#include "audit/guards.h"
#include "x86/operands.h"

namespace lf::audit {
namespace {

using x86::Op;
using x86::Operand;

struct BitTest {
    std::int64_t word = 0;  ///< offset, a multiple of four
    std::uint32_t mask = 0;
    bool operator==(const BitTest&) const = default;
};

/// Follows the pointer and the words read through it, instruction by instruction: resolvers are short.
class Reader {
  public:
    Reader(std::uint64_t slot, std::vector<BitTest>& tests) : slot_(slot), tests_(tests) {}

    void read(const x86::Operation& operation) {
        const Operand& first = operation.operands[0];
        const Operand& second = operation.operands[1];
        if ((operation.op == Op::test || operation.op == Op::and_ || operation.op == Op::bt) &&
            second.kind == Operand::Kind::immediate)
            note(first, operation.op == Op::bt ? std::uint64_t{1} << (second.value & 31U) : second.value);
        Held made;
        if (operation.op == Op::mov && first.kind == Operand::Kind::general) made = held(second);
        for (unsigned i = 0; i < 16; ++i)
            if (((operation.writes >> i) & 1U) != 0) registers_[i] = {};
        if (made.what != What::nothing) registers_[first.number & 15U] = made;
    }

  private:
    enum class What : std::uint8_t { nothing, pointer, word };
    struct Held {
        What what = What::nothing;
        std::int64_t offset = 0;
    };

    Held held(const Operand& from) const {
        if (from.kind == Operand::Kind::general) return registers_[from.number & 15U];
        if (from.kind != Operand::Kind::memory) return {};
        if (from.absolute && from.value == slot_) return {What::pointer, 0};
        if (from.base == x86::kNoRegister || from.index != x86::kNoRegister || from.size != 4) return {};
        if (registers_[from.base & 15U].what != What::pointer) return {};
        return {What::word, static_cast<std::int64_t>(from.value)};
    }

    void note(const Operand& tested, std::uint64_t mask) {
        std::int64_t at = -1;
        if (tested.kind == Operand::Kind::general && registers_[tested.number & 15U].what == What::word)
            at = registers_[tested.number & 15U].offset + (tested.high_byte ? 1 : 0);
        if (tested.kind == Operand::Kind::memory && tested.base != x86::kNoRegister &&
            registers_[tested.base & 15U].what == What::pointer)
            at = static_cast<std::int64_t>(tested.value);
        if (at < 0) return;
        const std::uint64_t shifted = (mask & 0xffffffff) << ((at & 3) * 8);
        const BitTest test = {at & ~std::int64_t{3}, static_cast<std::uint32_t>(shifted)};
        for (const BitTest& known : tests_)
            if (known == test) return;
        if (tests_.size() < 256) tests_.push_back(test);
    }

    std::uint64_t slot_;
    std::vector<BitTest>& tests_;
    std::array<Held, 16> registers_ = {};
};

/// Bits of a word that have a row, as a feature of programs or of systems; and those of programs.
struct Rows {
    std::uint32_t any = 0, programs = 0;
};

/// Words are looked at under hundreds of layouts: what is in them depends on the place within the array alone.
class Words {
  public:
    Rows at(std::int64_t offset, const GlibcLayout& layout) {
        const auto [known, fresh] = rows_.try_emplace({layout.leaves, offset - std::int64_t{layout.offset}});
        if (!fresh) return known->second;
        const Value word = object_word(values_, CpuObject::glibc_ro, 0, offset, layout);
        for (unsigned i = 0; i < 32; ++i) {
            const Bit bit = values_.bit(word, i);
            if (bit != values_.something()) known->second.any |= 1U << i;
            if (bit != kAnyBit) known->second.programs |= 1U << i;
        }
        return known->second;
    }

  private:
    Values values_;
    std::map<std::pair<std::uint32_t, std::int64_t>, Rows> rows_;
};

int score(const std::vector<BitTest>& tests, const GlibcLayout& layout, Words& words) {
    constexpr std::int64_t kBasic = 20, kLeaf = 32;
    int out = 0;
    for (const BitTest& test : tests) {
        const std::int64_t within = test.word - layout.offset - kBasic;
        out += within == kLeaf * layout.leaves ? 1 : 0;  // glibc's own choices, which tell how long the array is
        if (within == kLeaf * layout.leaves) continue;
        if (within < 0 || within > kLeaf * layout.leaves) continue;  // another member of _rtld_global_ro
        const Rows rows = words.at(test.word, layout);
        // What is usable is asked for more often than what CPUID says; bits for systems (ERMS) tell little.
        const int good = within % kLeaf >= kLeaf / 2 ? 2 : 1;
        out += (test.mask & ~rows.any) == 0 ? ((test.mask & ~rows.programs) == 0 ? good : -1) : -4;
    }
    return out;
}

}  // namespace

GlibcLayout glibc_layout(const CodeMap& map) {
    std::vector<BitTest> tests;
    for (const Pointers::Slot& slot : map.pointers.all()) {
        if (slot.to.kind != Pointed::Kind::import || cpu_object(slot.to.symbol) != CpuObject::glibc_ro) continue;
        for (const std::uint32_t range : map.readers(slot.slot, slot.slot + 1)) {
            Reader reader(slot.slot, tests);
            const CodeRange& r = map.ranges[range];
            const elf::Bytes all = map.code.from(r.start, r.end - r.start);
            for (std::size_t at = 0; at < all.size();) {
                const x86::Operation operation = x86::operation(all.subspan(at), r.start + at);
                if (operation.length != 0) reader.read(operation);
                at += operation.length == 0 ? 1 : operation.length;
            }
        }
    }
    if (tests.empty()) return {};
    Words words;
    GlibcLayout best;
    int best_score = 0;
    bool unique = false;
    for (const std::uint32_t leaves : {9U, 8U, 10U, 7U})
        for (std::uint32_t offset = 0x20; offset < 0x400; offset += 4) {
            const GlibcLayout layout = {offset, leaves};
            const int here = score(tests, layout, words);
            if (here == best_score && offset != best.offset) unique = false;
            if (here <= best_score) continue;
            best = layout;
            best_score = here;
            unique = true;
        }
    return unique ? best : GlibcLayout{};
}

}  // namespace lf::audit
