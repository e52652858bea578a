// SPDX-License-Identifier: MIT
/// \file
/// \brief Bytes of a file, read only where they are: no length of a file is trusted.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace lf::elf {

using Bytes = std::span<const std::uint8_t>;

/// The part [offset, offset + size) of `bytes`; nullopt where it is not all there (checked without overflow).
inline std::optional<Bytes> part(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
    if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
    return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

/// A little-endian number or a plain struct of such at `offset`; nullopt where it is not all there.
template <class T>
std::optional<T> read_at(Bytes bytes, std::uint64_t offset) {
    static_assert(std::is_trivially_copyable_v<T> && std::endian::native == std::endian::little);
    const auto here = part(bytes, offset, sizeof(T));
    if (!here) return std::nullopt;
    T out;
    std::memcpy(&out, here->data(), sizeof(T));
    return out;
}

/// The zero-terminated text at `offset`, without its zero; nullopt where no zero follows within the bytes.
inline std::optional<std::string_view> text_at(Bytes bytes, std::uint64_t offset) {
    if (offset >= bytes.size()) return std::nullopt;
    const Bytes rest = bytes.subspan(static_cast<std::size_t>(offset));
    const void* end = std::memchr(rest.data(), 0, rest.size());
    if (end == nullptr) return std::nullopt;
    const auto* begin = reinterpret_cast<const char*>(rest.data());
    return std::string_view(begin, static_cast<std::size_t>(static_cast<const char*>(end) - begin));
}

}  // namespace lf::elf
