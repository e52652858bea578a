// SPDX-License-Identifier: MIT
// The layout is not published. What stands here was learnt from files (CUDA 8.4 to 13.1 PTX, read also with cuobjdump),
// the names of kinds and flags from NVIDIA's fatbinary.h of older toolkits. Only headers are read: what an entry holds
// is looked at (its first bytes) where its kind is not known, or its flags are not.
#include "gpucode/cuda_fatbin.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gpucode/code_object.h"
#include "gpucode/ptx.h"
#include "gpucode/scan.h"
#include "gpucode/unpack_head.h"

namespace lf::gpucode {

namespace {

constexpr std::uint32_t kMagic = 0xBA55ED50;
constexpr std::uint64_t kContainerHeader = 16, kEntryHeader = 64;

enum EntryKind : std::uint16_t { kPtx = 1, kElf = 2, kOldCubin = 4 };

constexpr std::uint64_t kCompressedOld = 0x1000, kCompressedLz4 = 0x2000, kCompressedZstd = 0x8000, kExact = 0x100000;
/// 64-bit, debug, CUDA, OpenCL, the host's system (0xf0), optimization (0xf00), the three compressions, "a", and the
/// one that comes with the longer header of Blackwell's entries.
constexpr std::uint64_t kKnownFlags = 0xfff | kCompressedOld | kCompressedLz4 | kCompressedZstd | kExact | 0x1000000;

struct Entry {
    std::uint16_t kind = 0;
    std::uint32_t header_size = 0, compressed_size = 0, arch = 0;
    std::uint64_t stored_size = 0, flags = 0, unpacked_size = 0;
    elf::Bytes payload;
    std::string_view compression() const {
        if ((flags & kCompressedZstd) != 0) return "zstd";
        if ((flags & kCompressedLz4) != 0) return "lz4";
        return (flags & kCompressedOld) != 0 ? "other" : "";
    }
    std::uint64_t unpacked() const { return compression().empty() || unpacked_size == 0 ? stored_size : unpacked_size; }
};

struct Place {
    std::uint64_t container = 0, entry = 0;  ///< offsets in the file
    std::string text() const { return fmt::format("entry at {:#x} of the fat binary at {:#x}", entry, container); }
};

std::optional<Entry> read_entry(elf::Bytes rest) {
    if (rest.size() < kEntryHeader) return std::nullopt;
    Entry entry;
    entry.kind = elf::read_at<std::uint16_t>(rest, 0).value_or(0);
    entry.header_size = elf::read_at<std::uint32_t>(rest, 4).value_or(0);
    entry.stored_size = elf::read_at<std::uint64_t>(rest, 8).value_or(0);
    entry.compressed_size = elf::read_at<std::uint32_t>(rest, 16).value_or(0);
    entry.arch = elf::read_at<std::uint32_t>(rest, 28).value_or(0);
    entry.flags = elf::read_at<std::uint64_t>(rest, 40).value_or(0);
    entry.unpacked_size = elf::read_at<std::uint64_t>(rest, 56).value_or(0);
    return entry;
}

/// What is wrong with the sizes of an entry that has `room` bytes; "" = nothing.
std::string bad_sizes(const Entry& entry, std::uint64_t room) {
    if (entry.header_size < kEntryHeader || entry.header_size > room) {
        return fmt::format("its header claims {} bytes, {} are there", entry.header_size, room);
    }
    if (entry.stored_size > room - entry.header_size) {
        return fmt::format("it claims {} bytes, {} are there", entry.stored_size, room - entry.header_size);
    }
    if (entry.compressed_size > entry.stored_size) {
        return fmt::format("it holds {} bytes and claims {} compressed ones", entry.stored_size, entry.compressed_size);
    }
    return {};
}

/// The first bytes of what the entry holds, unpacked where we can; empty where we cannot.
std::vector<std::uint8_t> payload_head(const Entry& entry, std::size_t want, Collector& out) {
    constexpr std::uint64_t kCostOfAStream = 16384;
    if (!out.spend(want + kCostOfAStream)) return {};
    if (entry.compression().empty()) {
        const std::size_t size = std::min(want, entry.payload.size());
        return {entry.payload.begin(), entry.payload.begin() + static_cast<std::ptrdiff_t>(size)};
    }
    const bool zstd = is_zstd(entry.payload);
    if (!zstd && (entry.flags & kCompressedLz4) == 0) return {};
    const std::size_t size =
        entry.compressed_size == 0 ? entry.payload.size() : entry.compressed_size;  // without padding
    return unpack_head(entry.payload.first(size), zstd ? Packing::zstd : Packing::lz4, want);
}

/// "a" by its flag. A bit that we do not know may be what makes code run on its family only ("f", since CUDA 12.9): PTX
/// says so itself in its .target line. nullopt: neither says it.
std::optional<std::string> suffix(const Entry& entry, Collector& out) {
    if ((entry.flags & kExact) != 0) return "a";
    if ((entry.flags & ~kKnownFlags) == 0) return "";
    const std::string target = entry.kind == kPtx ? ptx_target(payload_head(entry, 4096, out)) : "";
    if (target.empty()) return std::nullopt;
    return target.ends_with('f') || target.ends_with('a') ? target.substr(target.size() - 1) : "";
}

void add_known(const Entry& entry, const Place& place, Collector& out) {
    if (entry.arch < 10 || entry.arch > 999) {
        out.damage(Maker::nvidia, fmt::format("{}: no architecture has the number {}", place.text(), entry.arch));
        return;
    }
    const bool ptx = entry.kind == kPtx;
    const auto its_suffix = suffix(entry, out);
    const std::string name = fmt::format("{}_{}{}", ptx ? "compute" : "sm", entry.arch, its_suffix.value_or(""));
    out.add(ptx ? Kind::cuda_ptx : Kind::cuda_machine, name, entry.stored_size, entry.unpacked(), entry.compression());
    if (!its_suffix) {
        out.add_unknown(fmt::format("{} with flags that are not known ({:#x}): whether they narrow down where it runs "
                                    "cannot be told",
                                    name, entry.flags & ~kKnownFlags),
                        entry.stored_size);
    }
}

/// Of another kind: machine code if it is an ELF file for CUDA (kind 0x10 in some libraries), else counted as unknown.
void add_other(const Entry& entry, Collector& out) {
    const auto object = code_object(payload_head(entry, 64, out));
    if (object && object->kind == Kind::cuda_machine && !object->name.empty()) {
        const bool exact = (entry.flags & kExact) != 0 && !object->name.ends_with('a');
        out.add(Kind::cuda_machine, object->name + (exact ? "a" : ""), entry.stored_size, entry.unpacked(),
                entry.compression());
    } else {
        out.add_unknown(fmt::format("unknown kind {:#x}", entry.kind), entry.stored_size);
    }
}

/// All entries from `begin` to `end` (offsets of the file). Where the last good one ends.
std::uint64_t read_entries(Span span, std::uint64_t container, std::uint64_t begin, std::uint64_t end, Collector& out) {
    std::uint64_t at = begin;
    while (at < end) {
        const std::uint64_t room = end - at;
        const elf::Bytes rest = span.from(at).first(static_cast<std::size_t>(room));
        const Place place{container, at};
        auto entry = read_entry(rest);
        if (!entry) {
            out.damage(Maker::nvidia,
                       fmt::format("{}: {} bytes are left, a header has {}", place.text(), room, kEntryHeader));
            return at;
        }
        if (const std::string bad = bad_sizes(*entry, room); !bad.empty()) {
            out.damage(Maker::nvidia, place.text() + ": " + bad);
            return at;
        }
        entry->payload = rest.subspan(entry->header_size, static_cast<std::size_t>(entry->stored_size));
        if (entry->kind == kPtx || entry->kind == kElf) {
            add_known(*entry, place, out);
        } else {
            add_other(*entry, out);
        }
        at += entry->header_size + entry->stored_size;
    }
    return at;
}

/// One container; where the part of it ends that can be believed.
std::uint64_t read_container(Span span, std::uint64_t start, Collector& out) {
    const elf::Bytes rest = span.from(start);
    const auto version = elf::read_at<std::uint16_t>(rest, 4).value_or(0);
    const auto header_size = elf::read_at<std::uint16_t>(rest, 6).value_or(0);
    const auto size = elf::read_at<std::uint64_t>(rest, 8).value_or(0);
    if (version != 1) out.note(fmt::format("fat binary at {:#x}: version {}, read as version 1", start, version));
    if (header_size < kContainerHeader || header_size > rest.size()) {
        out.damage(Maker::nvidia, fmt::format("fat binary at {:#x}: its header claims {} bytes", start, header_size));
        return start + 4;
    }
    const std::uint64_t room = std::min(span.end(), out.free_until(start)) - start;
    if (room < header_size) return start + 4;
    std::uint64_t end = start + room;
    if (size > room - header_size) {
        out.damage(Maker::nvidia, fmt::format("fat binary at {:#x}: it claims {} bytes, {} are there", start, size,
                                              room - header_size));
    } else {
        end = start + header_size + size;
    }
    out.add_container();
    end = read_entries(span, start, start + header_size, end, out);
    out.claim(start, end - start);
    return end;
}

/// Where to look next from `at` on: at once, at a wrapper's word, or at the next magic number. nullopt = nothing left.
std::optional<std::uint64_t> next_start(Span span, std::uint64_t at, const std::vector<std::uint64_t>& starts) {
    const std::uint64_t aligned = (at + 7) / 8 * 8;
    if (is_fatbin(span.from(aligned))) return aligned;
    const auto said = std::lower_bound(starts.begin(), starts.end(), at);
    if (said != starts.end() && *said < span.end()) return *said;
    return find_magic(span, at, kMagic);
}

}  // namespace

bool is_fatbin(elf::Bytes bytes) {
    return bytes.size() >= kContainerHeader && elf::read_at<std::uint32_t>(bytes, 0) == kMagic;
}

void read_fatbins(Span span, const std::vector<std::uint64_t>& starts, Collector& out) {
    std::uint64_t at = span.offset;
    while (const auto start = next_start(span, at, starts)) {
        at = *start + 4;
        if (is_fatbin(span.from(*start))) {
            at = std::max(at, read_container(span, *start, out));
        } else if (std::binary_search(starts.begin(), starts.end(), *start)) {
            out.damage(Maker::nvidia, fmt::format("a wrapper points to {:#x}, where no fat binary begins", *start));
        } else {
            out.damage(Maker::nvidia, fmt::format("fat binary at {:#x}: cut off in its header", *start));
        }
    }
}

}  // namespace lf::gpucode
