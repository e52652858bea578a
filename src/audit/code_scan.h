// SPDX-License-Identifier: MIT
/// \file
/// \brief All code of a file, decoded once: what each function uses and refers to.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "audit/program.h"
#include "elf/image.h"

namespace lf::audit {

/// What an instruction refers to.
struct Reference {
    enum class Kind : std::uint8_t { call, jump, conditional, call_slot, jump_slot, data };
    std::uint64_t target = 0;  ///< of code; of the pointer (…_slot); of data or code whose address or content is taken
    std::uint32_t from = 0;    ///< the instruction's distance from the function's start
    Kind kind = Kind::data;
};

/// Code without a cut: what stands in elf::Function, and what leads out of it.
struct CodeRange {
    std::uint64_t start = 0, end = 0;
    std::uint32_t function = 0;  ///< index into Program::functions
    std::vector<IsaUse> uses;    ///< all sets
    std::vector<Reference> references;
    bool asks_cpu = false;
    bool returns = false;  ///< holds a RET
    bool jumps_indirectly = false;
    bool falls_through = false;  ///< its last instruction goes on behind its end
    bool interesting() const;    ///< uses more than the baseline
};

/// Bytes of the executable sections, and what holds them.
class CodeBytes {
  public:
    explicit CodeBytes(const elf::Image& image);
    struct Region {
        std::uint64_t start = 0;
        elf::Bytes bytes;
        bool plt = false;
        std::uint64_t end() const { return start + bytes.size(); }
    };
    const std::vector<Region>& regions() const { return regions_; }
    const Region* at(std::uint64_t address) const;
    /// From `address` to the end of its region, at most `size`; empty = no code there.
    elf::Bytes from(std::uint64_t address, std::uint64_t size) const;

  private:
    std::vector<Region> regions_;
};

/// Counts of `from` on top of those of `to`.
void add_uses(std::vector<IsaUse>& to, const std::vector<IsaUse>& from);

/// One NOP, INT3 or two zero bytes: what stands between pieces of code and is not run.
bool is_padding(elf::Bytes instruction);

/// What programs and compilers stop with.
bool is_ud2(elf::Bytes instruction);

/// How code of a file holds addresses as numbers.
struct Addressing {
    bool absolute = false;            ///< as they are: it does not move
    std::uint64_t got = 0;            ///< as distances from here, in the large code model; 0 = not known
    std::uint64_t low = 0, high = 0;  ///< of the file in memory
};

Addressing addressing_of(const elf::Image& image);

/// Decodes [start, end) into `range`; counts into `use` and `bytes` where given.
void scan_range(const CodeBytes& code, CodeRange& range, FunctionUse* use, ByteTable* bytes, const Addressing& how);

/// One range for each function that is in program.functions; fills their counts and the byte table.
std::vector<CodeRange> scan(const elf::Image& image, const CodeBytes& code, Program& program);

/// What lies at a pointer once the loader has done its work.
struct Pointed {
    enum class Kind : std::uint8_t { unknown, address, resolver, import };
    Kind kind = Kind::unknown;
    std::uint64_t address = 0;     ///< also of the IFUNC resolver
    std::string_view symbol = {};  ///< import: of another file; address: the symbol it was found by
};

class Pointers {
  public:
    explicit Pointers(const elf::Image& image);
    Pointed at(std::uint64_t slot) const;
    /// Where a stub of the PLT jumps to; nullopt = no stub.
    std::optional<Pointed> stub(const CodeBytes& code, std::uint64_t address) const;
    struct Slot {
        std::uint64_t slot = 0;
        Pointed to;
    };
    const std::vector<Slot>& all() const { return slots_; }

  private:
    void add_absolute(const elf::Image& image);
    std::vector<Slot> slots_;  // by slot
};

}  // namespace lf::audit
