// SPDX-License-Identifier: MIT
/// \file
/// \brief What the readers of this layer write into: sums by target, and ranges of the file that are already counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "elf/reader.h"
#include "gpucode/gpu_code.h"

namespace lf::gpucode {

/// a + b, or the largest number: sums of sizes that a file claims.
std::uint64_t add_capped(std::uint64_t a, std::uint64_t b);

/// Takes pieces of code in any order and gives a GpuCode. However hostile the file, what it keeps is bounded: kMost*
/// below; what is over is counted in a note.
class Collector {
  public:
    static constexpr std::size_t kMostTargets = 4096, kMostNotes = 32, kMostRanges = 1U << 20;
    static constexpr std::uint64_t kMostWork = std::uint64_t{1} << 30U;

    /// One entry. `compression` is "" or one word.
    void add(Kind kind, std::string_view name, std::uint64_t stored, std::uint64_t unpacked,
             std::string_view compression = {});
    /// Something whose bytes are counted without knowing what it is; the same `what` is summed up.
    void add_unknown(const std::string& what, std::uint64_t stored);
    void note(std::string text);
    /// A note about something that cannot be read: code for this maker's cards may stand there.
    void damage(Maker maker, std::string text);
    void add_container() { ++out_.containers; }
    void add_section(std::uint64_t bytes) { out_.section_bytes = add_capped(out_.section_bytes, bytes); }

    /// Takes [start, start + size) of the file, so that nothing counts twice. False: some of it is taken already.
    bool claim(std::uint64_t start, std::uint64_t size);
    bool is_claimed(std::uint64_t offset) const;
    /// The sum of all ranges that are taken.
    std::uint64_t claimed_bytes() const { return claimed_bytes_; }
    /// Where the next range that is taken begins, from `offset` on: the largest number where there is none.
    std::uint64_t free_until(std::uint64_t offset) const;

    /// Work that a hostile file could ask for without end (unpacking, lists that overlap): each use is paid from one
    /// purse of kMostWork bytes. False: it is empty; said in a note.
    bool spend(std::uint64_t bytes);

    /// The end: sorted, unknown things and left-out notes said.
    GpuCode finish();

  private:
    struct Unknown {
        std::uint64_t entries = 0, bytes = 0;
    };
    void mark(Maker maker, const std::string& text);

    GpuCode out_;
    std::map<std::pair<Kind, std::string>, Target> targets_;
    std::map<std::string, Unknown> unknown_;
    std::map<std::uint64_t, std::uint64_t> claimed_;  ///< start → end
    std::uint64_t notes_left_out_ = 0, entries_left_out_ = 0, work_ = 0, claimed_bytes_ = 0;
    bool stopped_ = false;
};

/// "a" before "b" with numbers in them compared as numbers: sm_86 < sm_100, gfx906 < gfx90a < gfx1010.
bool name_before(std::string_view a, std::string_view b);

/// "0x1f40", for notes.
std::string hex(std::uint64_t value);

/// What a file calls something, for notes: at most 64 bytes of it, and none that moves a cursor.
std::string shown(std::string_view name);

/// A file, or a section of one: bytes and where in the file they begin.
struct Span {
    elf::Bytes bytes;
    std::uint64_t offset = 0;
    std::uint64_t end() const { return offset + bytes.size(); }
    /// From this offset of the file on; empty where that is outside.
    elf::Bytes from(std::uint64_t file_offset) const;
};

}  // namespace lf::gpucode
