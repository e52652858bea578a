// SPDX-License-Identifier: MIT
// Sources: clang's docs (ClangOffloadBundler, "Compressed Offload Bundle") and files written by LLVM 19 and 22. Version
// 1 (LLVM 17 and 18) by the docs alone.
#include "gpucode/ccob.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gpucode/bundle_list.h"
#include "gpucode/hip_bundle.h"
#include "gpucode/unpack_head.h"

namespace lf::gpucode {

namespace {

struct Header {
    std::uint16_t version = 0, method = 0;  ///< method: 0 zlib, 1 zstd
    std::uint64_t size = 0;
    std::uint64_t total = 0;  ///< with the header; 0 = version 1, which does not say
};

/// Why it cannot be read, or "".
std::string read_header(elf::Bytes rest, Header& out) {
    const auto version = elf::read_at<std::uint16_t>(rest, 4), method = elf::read_at<std::uint16_t>(rest, 6);
    if (!version || !method) return "cut off in its header";
    out.version = *version;
    out.method = *method;
    if (*version < 1 || *version > 3) return fmt::format("version {}, which is not known", *version);
    if (*method > 1) return fmt::format("compressed by method {}, which is not known", *method);
    constexpr std::uint64_t kSizes[] = {20, 24, 32};
    out.size = kSizes[*version - 1];
    if (rest.size() < out.size) return "cut off in its header";
    if (*version == 2) out.total = elf::read_at<std::uint32_t>(rest, 8).value_or(0);
    if (*version == 3) out.total = elf::read_at<std::uint64_t>(rest, 8).value_or(0);
    return {};
}

/// Unpacks until the list is whole, at most kMost bytes.
BundleList unpack_list(elf::Bytes packed, Packing packing, std::vector<std::uint8_t>& head, Collector& out) {
    constexpr std::size_t kFirst = 16384, kMost = 1U << 20U;
    BundleList list;
    for (std::size_t want = kFirst; want <= kMost; want *= 8) {
        if (!out.spend(2 * want)) {
            list.problem = "not looked at";
            return list;
        }
        head = unpack_head(packed, packing, want);
        if (!std::equal(kBundleMagic.begin(), kBundleMagic.end(), head.begin(),
                        head.begin() + static_cast<std::ptrdiff_t>(std::min(kBundleMagic.size(), head.size())))) {
            list.problem = head.empty() ? "it cannot be unpacked" : "what it unpacks to is no bundle";
            return list;
        }
        list = read_bundle_list(head);
        if (!list.cut_off || head.size() < want) return list;
    }
    return list;
}

/// part / of of the whole, rounded down.
std::uint64_t share(std::uint64_t whole, std::uint64_t part, std::uint64_t of) {
    __extension__ using Wide = unsigned __int128;
    return of == 0 ? 0 : static_cast<std::uint64_t>(Wide{whole} * std::min(part, of) / of);
}

/// The entries by their share of the packed bytes. However large the sizes they claim, the shares sum to no more than
/// those: where their sum is over 64 bits, all of it is nobody's.
void add_shares(const BundleList& list, std::uint64_t packed_size, std::string_view compression, Collector& out) {
    std::uint64_t of = 0;
    for (const BundleEntry& entry : list.entries) of = add_capped(of, entry.size);
    if (of == ~std::uint64_t{0}) packed_size = 0;
    for (const BundleEntry& entry : list.entries) {
        if (entry.size == 0) continue;  // the host's
        add_bundle_entry(entry.id, {}, share(packed_size, entry.size, of), entry.size, compression, out);
    }
}

std::uint64_t find_end(Span span, std::uint64_t start, const Header& header,
                       const std::function<std::uint64_t(std::uint64_t)>& next, Collector& out) {
    const std::uint64_t data = start + header.size, room = span.end() - start;
    if (header.total >= header.size && header.total <= room) return start + header.total;
    if (header.version != 1) {
        out.damage(Maker::amd, fmt::format("compressed bundle at {:#x}: it claims {} bytes, {} are there", start,
                                           header.total, room));
    } else if (header.method == 1 && out.spend(1U << 20U)) {
        if (const auto size = zstd_frame_size(span.from(data))) return data + *size;
        out.damage(Maker::amd, fmt::format("compressed bundle at {:#x}: its zstd frame is not whole", start));
    }
    return std::max(data, next(data));
}

}  // namespace

std::uint64_t read_compressed_bundle(Span span, std::uint64_t start,
                                     const std::function<std::uint64_t(std::uint64_t)>& next, Collector& out) {
    const auto say = [&](const std::string& problem) {
        if (!problem.empty()) out.damage(Maker::amd, fmt::format("compressed bundle at {:#x}: {}", start, problem));
    };
    Header header;
    if (const std::string problem = read_header(span.from(start), header); !problem.empty()) {
        say(problem);
        return start + kCompressedMagic.size();
    }
    const std::uint64_t end = find_end(span, start, header, next, out);
    if (!out.claim(start, end - start)) return start + kCompressedMagic.size();
    out.add_container();
    const elf::Bytes packed = span.from(start).subspan(static_cast<std::size_t>(header.size),
                                                       static_cast<std::size_t>(end - start - header.size));
    std::vector<std::uint8_t> head;
    const BundleList list = unpack_list(packed, header.method == 1 ? Packing::zstd : Packing::zlib, head, out);
    say(list.problem);
    add_shares(list, packed.size(), header.method == 1 ? "zstd" : "zlib", out);
    return end;
}

}  // namespace lf::gpucode
