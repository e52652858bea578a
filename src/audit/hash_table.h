// SPDX-License-Identifier: MIT
/// \file
/// \brief Tables of numbers for the analysis' inner loops: flat, without a piece of memory for each entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lf::audit {

/// Spreads a key over all 64 bits (the finalizer of SplitMix64).
inline std::uint64_t spread(std::uint64_t key) {
    key = (key ^ (key >> 30U)) * 0xbf58476d1ce4e5b9;
    key = (key ^ (key >> 27U)) * 0x94d049bb133111eb;
    return key ^ (key >> 31U);
}

/// Numbers of things that are kept elsewhere, found by their hash; open addressing. 0 is nobody's number.
class Interned {
  public:
    /// The number for which `same` holds; 0 = none.
    template <class Same>
    std::uint32_t find(std::uint64_t hash, const Same& same) const {
        if (slots_.empty()) return 0;
        for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
            const Slot& s = slots_[i];
            if (s.number == 0) return 0;
            if (s.hash == static_cast<std::uint32_t>(hash >> 32U) && same(s.number)) return s.number;
        }
    }
    /// What find() did not find. `hash_of` gives the whole hash of a number again, for the table to grow.
    template <class HashOf>
    void add(std::uint64_t hash, std::uint32_t number, const HashOf& hash_of) {
        if (slots_.size() < 2 * (count_ + 1)) {
            std::vector<Slot> old(slots_.empty() ? kFirst : 2 * slots_.size());
            old.swap(slots_);
            for (const Slot& s : old)
                if (s.number != 0) place(hash_of(s.number), s.number);
        }
        place(hash, number);
        ++count_;
    }

  private:
    static constexpr std::size_t kFirst = 256;
    struct Slot {
        std::uint32_t hash = 0, number = 0;
    };
    void place(std::uint64_t hash, std::uint32_t number) {
        std::size_t i = hash & (slots_.size() - 1);
        while (slots_[i].number != 0) i = (i + 1) & (slots_.size() - 1);
        slots_[i] = {static_cast<std::uint32_t>(hash >> 32U), number};
    }

    std::vector<Slot> slots_;
    std::size_t count_ = 0;
};

/// Results by key, of which some are forgotten where the table is full: whoever asks can work them out again.
class Remembered {
  public:
    const std::uint32_t* find(std::uint64_t key) const {
        if (slots_.empty()) return nullptr;
        const Slot& s = slots_[spread(key) & (slots_.size() - 1)];
        return s.key == key ? &s.value : nullptr;
    }
    void add(std::uint64_t key, std::uint32_t value) {
        if (slots_.empty()) slots_.resize(kFirst);
        if (++count_ > slots_.size() / 2 && slots_.size() < kMost) grow();
        slots_[spread(key) & (slots_.size() - 1)] = {key, value};
    }

  private:
    static constexpr std::size_t kFirst = 1024, kMost = std::size_t{1} << 20U;  // 16 MiB
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t value = 0;
    };
    void grow() {
        std::vector<Slot> old(2 * slots_.size());
        old.swap(slots_);
        for (const Slot& s : old)
            if (s.key != 0) slots_[spread(s.key) & (slots_.size() - 1)] = s;
    }

    std::vector<Slot> slots_;
    std::size_t count_ = 0;
};

}  // namespace lf::audit
