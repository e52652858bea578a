// SPDX-License-Identifier: MIT
#include "gpucode/scan.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace lf::gpucode {

std::optional<std::uint64_t> find_text(Span span, std::uint64_t from, std::string_view text) {
    const std::uint64_t start = std::max(from, span.offset);
    const elf::Bytes rest = span.from(start);
    if (rest.empty()) return std::nullopt;
    const void* found = ::memmem(rest.data(), rest.size(), text.data(), text.size());
    if (found == nullptr) return std::nullopt;
    return start + static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(found) - rest.data());
}

std::optional<std::uint64_t> find_magic(Span span, std::uint64_t from, std::uint32_t magic) {
    char text[sizeof magic];
    std::memcpy(text, &magic, sizeof magic);
    return find_text(span, from, {text, sizeof text});
}

void expect_jumps(elf::Bytes bytes) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
    const std::uintptr_t first = (begin + page - 1) / page * page, last = (begin + bytes.size()) / page * page;
    // A hint: what the system makes of it is its own affair.
    if (first < last) ::posix_madvise(reinterpret_cast<void*>(first), last - first, POSIX_MADV_RANDOM);  // NOLINT
}

}  // namespace lf::gpucode
