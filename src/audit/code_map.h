// SPDX-License-Identifier: MIT
/// \file
/// \brief What leads where in a file: ranges of code by address, stubs and slots followed, who calls whom.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "audit/code_scan.h"
#include "audit/program.h"
#include "elf/image.h"

namespace lf::audit {

inline constexpr std::uint32_t kNoRange = 0xffffffff;

/// What a call, a jump or a pointer leads to.
struct Target {
    enum class Kind : std::uint8_t { none, range, resolver, import };
    Kind kind = Kind::none;
    std::uint32_t range = kNoRange;  ///< range, resolver
    std::uint64_t address = 0;
    std::string_view symbol = {};  ///< import
};

struct CodeMap {
    CodeMap(const elf::Image& image, Program& program);

    std::uint32_t range_at(std::uint64_t address) const;  ///< kNoRange = none
    Target code_target(std::uint64_t address) const;      ///< through stubs of the PLT
    Target slot_target(std::uint64_t slot) const;         ///< what a pointer that the loader fills leads to
    Target of(const Reference& reference) const;
    /// Is what stands here, or what is called here, never left again?
    bool never_returns(const Target& target) const;
    /// The function that `owner` stands for: its parts, and itself last.
    std::vector<std::uint32_t> whole(std::uint32_t owner) const;
    /// All ranges, each behind those that it calls, but for calls in a circle.
    std::vector<std::uint32_t> callees_first() const;
    /// Ranges that refer to an address within [from, to).
    std::vector<std::uint32_t> readers(std::uint64_t from, std::uint64_t to) const;

    const elf::Image& image;
    CodeBytes code;
    Pointers pointers;
    std::vector<CodeRange> ranges;  ///< by address
    std::vector<std::vector<std::uint32_t>> callers;
    std::vector<std::vector<std::uint32_t>> holders;  ///< who takes its address
    std::vector<std::uint32_t>
        part_of;  ///< range → the only one that jumps into it, whose cold part it is; else itself
    std::vector<std::vector<std::uint32_t>> parts;  ///< the other way round
    std::vector<bool> never_returning;
    std::vector<bool>
        leads_to_more;  ///< beyond the baseline: itself, or what it calls, jumps to or takes the address of
    std::vector<bool> leads_to_question;  ///< CPUID or XGETBV, by few calls

  private:
    void split_sweeps(Program& program);
    void keep_boundaries(std::vector<std::uint64_t>& addresses) const;
    void find_starts();
    void find_stubs();
    void find_callers();
    void find_parts();
    void find_never_returning();
    void find_leading();
    struct DataReference {
        std::uint64_t target = 0;
        std::uint32_t range = 0;
    };
    std::vector<DataReference> data_;    // by target
    std::vector<std::uint64_t> starts_;  // of the ranges: what range_at() looks through, close together
    struct Stub {
        std::uint64_t address = 0;
        Target to;
    };
    std::vector<Stub> stubs_;  // of the PLT that code leads to, by address
};

}  // namespace lf::audit
