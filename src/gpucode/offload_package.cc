// SPDX-License-Identifier: MIT
// Source: LLVM's docs (ClangOffloadPackager, llvm-offload-binary) and its OffloadBinary.h, versions 1 and 2 of the
// format.
#include "gpucode/offload_package.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gpucode/code_object.h"
#include "gpucode/cuda_fatbin.h"
#include "gpucode/hip_bundle.h"
#include "gpucode/ptx.h"
#include "gpucode/scan.h"
#include "gpucode/spirv.h"

namespace lf::gpucode {

namespace {

constexpr std::uint32_t kMagic = 0xAD10FF10;
constexpr std::uint64_t kHeaderSize = 32, kEntrySize = 40, kMostImages = 4096, kMostStrings = 64, kLongestString = 512;

struct Header {
    std::uint32_t version = 0;
    std::uint64_t size = 0, entries = 0, count = 0;
};

struct Image {
    std::uint64_t offset = 0, size = 0;  ///< from the package's start
    std::uint64_t strings = 0, string_count = 0;
    std::uint16_t kind = 0;
};

/// ImageKind of OffloadBinary.h.
constexpr std::string_view kImageKinds[] = {"no kind",    "object", "LLVM bitcode", "cubin",
                                            "fat binary", "PTX",    "SPIR-V"};

Header read_header(elf::Bytes rest) {
    Header header;
    header.version = elf::read_at<std::uint32_t>(rest, 4).value_or(0);
    header.size = elf::read_at<std::uint64_t>(rest, 8).value_or(0);
    header.entries = elf::read_at<std::uint64_t>(rest, 16).value_or(0);
    // Version 1 has one entry and says its size here, version 2 says how many there are.
    header.count = header.version == 1 ? 1 : elf::read_at<std::uint64_t>(rest, 24).value_or(0);
    return header;
}

std::optional<Image> read_image(elf::Bytes package, std::uint64_t at) {
    const auto entry = elf::part(package, at, kEntrySize);
    if (!entry) return std::nullopt;
    Image image;
    image.kind = elf::read_at<std::uint16_t>(*entry, 0).value_or(0);
    image.strings = elf::read_at<std::uint64_t>(*entry, 8).value_or(0);
    image.string_count = elf::read_at<std::uint64_t>(*entry, 16).value_or(0);
    image.offset = elf::read_at<std::uint64_t>(*entry, 24).value_or(0);
    image.size = elf::read_at<std::uint64_t>(*entry, 32).value_or(0);
    return image;
}

/// The value of "arch" or "triple"; "" where there is none.
std::string_view string_of(elf::Bytes package, const Image& image, std::uint32_t version, std::string_view key) {
    const std::uint64_t step = version == 1 ? 16 : 24;  // version 2 adds the length of the value
    for (std::uint64_t index = 0; index < std::min(image.string_count, kMostStrings); ++index) {
        const auto entry = elf::part(package, image.strings, (index + 1) * step);
        if (!entry) return {};
        const auto key_at = elf::read_at<std::uint64_t>(*entry, index * step).value_or(0);
        const auto value_at = elf::read_at<std::uint64_t>(*entry, index * step + 8).value_or(0);
        if (elf::text_at(package, key_at).value_or("") == key) {
            return elf::text_at(package, value_at).value_or("").substr(0, kLongestString);
        }
    }
    return {};
}

/// By what it holds, then by its strings.
void add_image(elf::Bytes bytes, std::uint16_t kind, std::string_view arch, Collector& out) {
    const auto object = code_object(bytes);
    if (object && !object->name.empty()) {
        // A cubin's own header does not always say "a" (code_object.cc): the package's word is the finer one.
        const bool finer = object->kind == Kind::cuda_machine && arch.starts_with(object->name);
        return out.add(object->kind, finer ? arch : std::string_view(object->name), bytes.size(), bytes.size());
    }
    const std::string ptx = ptx_file_target(bytes);
    if (!ptx.empty()) return out.add(Kind::cuda_ptx, ptx, bytes.size(), bytes.size());
    std::uint64_t words = bytes.size();
    if (spirv_module(bytes, words) > 0) return out.add(Kind::spirv, "spir-v", bytes.size(), bytes.size());
    const std::string_view name = kind < std::size(kImageKinds) ? kImageKinds[kind] : "unknown kind";
    out.add_unknown(fmt::format("{} for {}", name, arch.empty() ? "a target that it does not name" : shown(arch)),
                    bytes.size());
}

void read_images(Span span, std::uint64_t start, const Header& header, Collector& out) {
    const elf::Bytes package = span.from(start).first(static_cast<std::size_t>(header.size));
    for (std::uint64_t index = 0; index < std::min(header.count, kMostImages); ++index) {
        const auto image = read_image(package, add_capped(header.entries, index * kEntrySize));
        const auto bytes = image ? elf::part(package, image->offset, image->size) : std::nullopt;
        if (!bytes || !out.spend(bytes->size() / 64 + 4096)) {
            out.damage(Maker::any,
                       fmt::format("offload package at {:#x}: image {} is not all there", start, index + 1));
            continue;
        }
        const Span inner{*bytes, start + image->offset};
        if (is_fatbin(*bytes)) {
            read_fatbins(inner, {}, out);
        } else if (is_bundle(*bytes)) {
            read_bundles(inner, {}, out);
        } else if (out.claim(inner.offset, image->size)) {
            add_image(*bytes, image->kind, string_of(package, *image, header.version, "arch"), out);
        }
    }
}

}  // namespace

bool is_offload_package(elf::Bytes bytes) {
    return bytes.size() >= kHeaderSize && elf::read_at<std::uint32_t>(bytes, 0) == kMagic;
}

void read_offload_packages(Span span, Collector& out) {
    std::uint64_t at = span.offset;
    while (const auto start = find_magic(span, at, kMagic)) {
        at = *start + 4;
        const elf::Bytes rest = span.from(*start);
        if (!is_offload_package(rest)) {
            out.damage(Maker::any, fmt::format("offload package at {:#x}: cut off in its header", *start));
            continue;
        }
        const Header header = read_header(rest);
        if ((header.version != 1 && header.version != 2) || header.size < kHeaderSize || header.size > rest.size()) {
            out.damage(Maker::any, fmt::format("offload package at {:#x}: version {}, it claims {} bytes, {} are there",
                                               *start, header.version, header.size, rest.size()));
            continue;
        }
        out.add_container();
        read_images(span, *start, header, out);
        at = *start + header.size;
    }
}

}  // namespace lf::gpucode
