// SPDX-License-Identifier: MIT
/// \file
/// \brief Containers of GPU code made for tests, byte by byte as the formats say (doc/gpu-code.md).
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "elf/image.h"
#include "gpucode/gpu_code.h"

namespace lf::gpucode::for_test {

using Data = std::vector<std::uint8_t>;

template <class T>
void put(Data& out, T value) {
    const std::size_t at = out.size();
    out.resize(at + sizeof value);
    std::memcpy(out.data() + at, &value, sizeof value);
}
inline void put_text(Data& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }
inline void put_data(Data& out, const Data& data) { out.insert(out.end(), data.begin(), data.end()); }
inline void pad_to(Data& out, std::size_t alignment) {
    while (out.size() % alignment != 0) out.push_back(0);
}
template <class T>
void set(Data& out, std::size_t at, T value) {
    std::memcpy(out.data() + at, &value, sizeof value);
}

/// What tests compare: "sm_86 2x 1024/4096 zstd", one target a line.
inline std::string summary(const GpuCode& code) {
    std::string out;
    for (const Target& target : code.targets) {
        out += target.name + " " + std::to_string(target.entries) + "x " + std::to_string(target.stored_bytes) + "/" +
               std::to_string(target.unpacked_bytes) + (target.compression.empty() ? "" : " ") + target.compression +
               "\n";
    }
    return out;
}
inline std::string names(const GpuCode& code) {
    std::string out;
    for (const Target& target : code.targets) out += (out.empty() ? "" : " ") + target.name;
    return out;
}

// ---- CUDA ----

struct FatEntry {
    std::uint16_t kind = 2;  ///< 1 PTX, 2 ELF
    std::uint32_t arch = 86;
    std::uint64_t flags = 0x11;
    std::uint32_t header_size = 64;
    Data payload = Data(40, 0x55);
    std::uint64_t unpacked = 0;
};

inline Data fatbin(const std::vector<FatEntry>& entries) {
    Data body;
    for (const FatEntry& entry : entries) {
        Data payload = entry.payload;
        pad_to(payload, 8);
        const std::size_t start = body.size();
        put<std::uint16_t>(body, entry.kind);
        put<std::uint16_t>(body, 0x0101);
        put<std::uint32_t>(body, entry.header_size);
        put<std::uint64_t>(body, payload.size());
        put<std::uint32_t>(body, entry.unpacked == 0 ? 0 : static_cast<std::uint32_t>(entry.payload.size()));
        put<std::uint32_t>(body, 0);
        put<std::uint32_t>(body, 0x00080001);  // version 8.1 of what it is
        put<std::uint32_t>(body, entry.arch);
        put<std::uint64_t>(body, 0);  // name
        put<std::uint64_t>(body, entry.flags);
        put<std::uint64_t>(body, 0);
        put<std::uint64_t>(body, entry.unpacked);
        body.resize(start + entry.header_size);
        put_data(body, payload);
    }
    Data out;
    put<std::uint32_t>(out, 0xBA55ED50);
    put<std::uint16_t>(out, 1);
    put<std::uint16_t>(out, 16);
    put<std::uint64_t>(out, body.size());
    put_data(out, body);
    return out;
}

/// The 64 bytes that an ELF file begins with.
inline Data elf_head(std::uint16_t machine, std::uint8_t os_abi, std::uint8_t abi_version, std::uint32_t flags) {
    Data out = {0x7f, 'E', 'L', 'F', 2, 1, 1, os_abi, abi_version};
    out.resize(64);
    set<std::uint16_t>(out, 16, 2);
    set<std::uint16_t>(out, 18, machine);
    set<std::uint32_t>(out, 20, 1);
    set<std::uint32_t>(out, 48, flags);
    set<std::uint16_t>(out, 52, 64);
    return out;
}

// ---- packing ----

inline Data zstd(const Data& data) {
    Data out(ZSTD_compressBound(data.size()));
    out.resize(ZSTD_compress(out.data(), out.size(), data.data(), data.size(), 3));
    return out;
}
inline Data zlib(const Data& data) {
    uLongf size = compressBound(data.size());
    Data out(size);
    compress(out.data(), &size, data.data(), data.size());
    out.resize(size);
    return out;
}
/// Bytes that do not pack well, so that a bundle is longer than what is unpacked of it.
inline Data noise(std::size_t size) {
    Data out(size);
    std::uint32_t state = 1;
    for (std::uint8_t& byte : out) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24U);
    }
    return out;
}

// ---- HIP ----

struct BundleItem {
    std::string id;
    Data code;
};

inline Data bundle(const std::vector<BundleItem>& items, std::size_t alignment = 64) {
    std::size_t at = 32;
    for (const BundleItem& item : items) at += 24 + item.id.size();
    Data out, body;
    put_text(out, "__CLANG_OFFLOAD_BUNDLE__");
    put<std::uint64_t>(out, items.size());
    const std::size_t first = (at + alignment - 1) / alignment * alignment;
    for (const BundleItem& item : items) {
        pad_to(body, alignment);
        put<std::uint64_t>(out, first + body.size());
        put<std::uint64_t>(out, item.code.size());
        put<std::uint64_t>(out, item.id.size());
        put_text(out, item.id);
        put_data(body, item.code);
    }
    out.resize(first);
    put_data(out, body);
    return out;
}

inline Data ccob(std::uint16_t version, std::uint16_t method, const Data& inner) {
    const Data packed = method == 1 ? zstd(inner) : zlib(inner);
    Data out;
    put_text(out, "CCOB");
    put<std::uint16_t>(out, version);
    put<std::uint16_t>(out, method);
    if (version == 2) put<std::uint32_t>(out, static_cast<std::uint32_t>(24 + packed.size()));
    if (version == 3) put<std::uint64_t>(out, 32 + packed.size());
    if (version == 3) {
        put<std::uint64_t>(out, inner.size());
    } else {
        put<std::uint32_t>(out, static_cast<std::uint32_t>(inner.size()));
    }
    put<std::uint64_t>(out, 0x0123456789abcdef);  // a hash
    put_data(out, packed);
    return out;
}

// ---- LLVM's packages ----

struct PackageItem {
    std::uint16_t kind = 1;
    std::string arch;
    Data image;
};

/// Version 1 holds one item, version 2 any number.
inline Data package(std::uint32_t version, const std::vector<PackageItem>& items) {
    constexpr std::uint64_t kHeader = 32, kEntry = 40;
    const std::uint64_t string_size = version == 1 ? 16 : 24;
    const std::uint64_t strings = kHeader + kEntry * items.size();
    Data out, texts, images;
    const std::uint64_t texts_at = strings + string_size * items.size();
    for (const PackageItem& item : items) texts.resize(texts.size() + 5 + item.arch.size() + 1);
    const std::uint64_t images_at = (texts_at + texts.size() + 7) / 8 * 8;
    for (const PackageItem& item : items) images.resize((images.size() + item.image.size() + 7) / 8 * 8);
    put<std::uint32_t>(out, 0xAD10FF10);
    put<std::uint32_t>(out, version);
    put<std::uint64_t>(out, images_at + images.size());
    put<std::uint64_t>(out, kHeader);
    put<std::uint64_t>(out, version == 1 ? kEntry : items.size());
    std::uint64_t image = images_at, text = texts_at;
    for (std::size_t i = 0; i < items.size(); ++i) {
        put<std::uint16_t>(out, items[i].kind);
        put<std::uint16_t>(out, 4);  // made for HIP
        put<std::uint32_t>(out, 0);
        put<std::uint64_t>(out, strings + i * string_size);
        put<std::uint64_t>(out, 1);
        put<std::uint64_t>(out, image);
        put<std::uint64_t>(out, items[i].image.size());
        image += (items[i].image.size() + 7) / 8 * 8;
    }
    for (const PackageItem& item : items) {
        put<std::uint64_t>(out, text);
        put<std::uint64_t>(out, text + 5);
        if (version != 1) put<std::uint64_t>(out, item.arch.size());
        text += 5 + item.arch.size() + 1;
    }
    for (const PackageItem& item : items) {
        put_text(out, {"arch\0", 5});
        put_text(out, item.arch);
        out.push_back(0);
    }
    pad_to(out, 8);
    for (const PackageItem& item : items) {
        put_data(out, item.image);
        pad_to(out, 8);
    }
    return out;
}

// ---- SPIR-V ----

/// A whole shader that does nothing.
inline Data shader() {
    const std::uint32_t words[] = {
        0x07230203,      0x00010500, 0x000d000b, 8,          0,     // magic, 1.5, made by glslang, ids are below 8
        2U << 16U | 17,  1,                                         // OpCapability Shader
        3U << 16U | 14,  0,          1,                             // OpMemoryModel Logical GLSL450
        5U << 16U | 15,  5,          4,          0x6e69616d, 0,     // OpEntryPoint GLCompute %4 "main"
        6U << 16U | 16,  4,          17,         1,          1, 1,  // OpExecutionMode %4 LocalSize 1 1 1
        2U << 16U | 19,  2,                                         // %2 = OpTypeVoid
        3U << 16U | 33,  3,          2,                             // %3 = OpTypeFunction %2
        5U << 16U | 54,  2,          4,          0,          3,     // %4 = OpFunction %2 None %3
        2U << 16U | 248, 5,                                         // %5 = OpLabel
        1U << 16U | 253,                                            // OpReturn
        1U << 16U | 56,                                             // OpFunctionEnd
    };
    Data out;
    for (const std::uint32_t word : words) put(out, word);
    return out;
}

// ---- a program around them ----

/// A program with sections one after the other: in the file from 4096 on, in memory at 0x10000 more.
class Program {
  public:
    static constexpr std::uint64_t kFirst = 4096, kBase = 0x10000;

    Program& section(std::string_view name, const Data& data, std::uint64_t flags = 2) {
        pad_to(file_, 64);
        parts_.push_back({name, flags, file_.size(), data.size()});
        put_data(file_, data);
        return *this;
    }
    Program& relocate(std::uint64_t offset, std::int64_t addend) {
        relocations_.push_back({.offset = offset, .type = 8, .symbol = 0, .addend = addend});
        return *this;
    }
    /// Where the next section will begin in the file.
    std::uint64_t next() const { return (file_.size() + 63) / 64 * 64; }
    elf::Image image() const {
        elf::Image out;
        out.file = file_;
        out.type = elf::kEtDyn;
        out.machine = elf::kEmX86_64;
        for (const Part& part : parts_) {
            elf::Section section;
            section.name = part.name;
            section.type = 1;
            section.flags = part.flags;
            section.offset = part.offset;
            section.address = part.offset + kBase;
            section.size = part.size;
            section.bytes = elf::Bytes(file_).subspan(part.offset, part.size);
            out.sections.push_back(section);
        }
        elf::Segment segment;
        segment.type = 1;
        segment.flags = 4;
        segment.address = kBase;
        segment.file_size = segment.memory_size = file_.size();
        segment.bytes = file_;
        out.segments.push_back(segment);
        out.relocations = relocations_;
        return out;
    }

  private:
    struct Part {
        std::string_view name;
        std::uint64_t flags = 0, offset = 0, size = 0;
    };
    Data file_ = Data(kFirst);
    std::vector<Part> parts_;
    std::vector<elf::Relocation> relocations_;
};

/// A wrapper whose pointer the file already holds.
inline void put_wrapper(Data& out, std::uint32_t magic, std::uint64_t address) {
    put<std::uint32_t>(out, magic);
    put<std::uint32_t>(out, 1);
    put<std::uint64_t>(out, address);
    put<std::uint64_t>(out, 0);
}

}  // namespace lf::gpucode::for_test
