// SPDX-License-Identifier: MIT
/// \file
/// \brief Small programs as bytes, for tests: an ELF header, one segment, and code from its entry.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace lf::audit {

inline constexpr std::uint64_t kBase = 0x400000;

/// "0f a2" → an executable whose entry is its first byte.
inline std::vector<std::uint8_t> program_of(std::string_view hex) {
    std::vector<std::uint8_t> code;
    std::string digits;
    for (const char c : hex) {
        if (c == ' ') continue;
        digits += c;
        if (digits.size() < 2) continue;
        code.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
        digits.clear();
    }
    struct Header {
        std::uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
        std::uint16_t type = 2, machine = 62;
        std::uint32_t version = 1;
        std::uint64_t entry = kBase + 120, segments = 64, sections = 0;
        std::uint32_t flags = 0;
        std::uint16_t size = 64, segment_size = 56, segment_count = 1, section_size = 0, section_count = 0, names = 0;
        std::uint32_t segment_type = 1, segment_flags = 5;
        std::uint64_t offset = 0, address = kBase, physical = kBase, file_size = 0, memory_size = 0, align = 0x1000;
    } header;
    static_assert(sizeof(Header) == 120);
    header.file_size = header.memory_size = sizeof(header) + code.size();
    std::vector<std::uint8_t> out(sizeof(header));
    std::memcpy(out.data(), &header, sizeof(header));
    out.insert(out.end(), code.begin(), code.end());
    return out;
}

}  // namespace lf::audit
