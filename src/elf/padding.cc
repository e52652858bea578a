// SPDX-License-Identifier: MIT
#include "elf/padding.h"

namespace lf::elf {
namespace {

/// The length of the NOP at the begin, 0 = there is none. Forms of the Intel SDM (NOP, table 4-12) and of GNU as: 90,
/// 66 90, 0f 1f /0 with any operand, any number of 66 and one 2e before; and lea 0(%rsi),%rsi of old.
std::uint64_t nop_length(Bytes bytes) {
    std::size_t at = 0;
    const auto has = [&](std::size_t i) { return i < bytes.size(); };
    while (has(at) && at < 11 && (bytes[at] == 0x66 || bytes[at] == 0x2e)) ++at;
    if (!has(at)) return 0;
    if (bytes[at] == 0x90) return at + 1;
    if (!has(at + 2) || bytes[at] != 0x0f || bytes[at + 1] != 0x1f) return 0;
    const std::uint8_t modrm = bytes[at + 2];
    if ((modrm >> 3 & 7) != 0) return 0;
    const int mode = modrm >> 6, base = modrm & 7;
    std::size_t length = at + 3;
    if (mode != 3 && base == 4) {
        if (!has(length)) return 0;
        if (mode == 0 && (bytes[length] & 7) == 5) length += 4;
        ++length;
    } else if (mode == 0 && base == 5) {
        length += 4;
    }
    length += mode == 1 ? 1 : mode == 2 ? 4 : 0;
    return length <= bytes.size() ? length : 0;
}

}  // namespace

std::uint64_t padding_before(Bytes bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (bytes[at] == 0 || bytes[at] == 0xcc) {
            ++at;
            continue;
        }
        const std::uint64_t length = nop_length(bytes.subspan(at));
        if (length == 0) break;
        at += static_cast<std::size_t>(length);
    }
    return at;
}

std::uint64_t without_padding_behind(Bytes bytes) {
    if (bytes.empty() || (bytes.back() != 0 && bytes.back() != 0xcc && bytes.back() != 0x90)) return bytes.size();
    constexpr std::size_t kLongestInstruction = 15;
    std::size_t run = 0;
    while (run < bytes.size() && bytes[bytes.size() - 1 - run] == bytes.back()) ++run;
    return run > kLongestInstruction ? bytes.size() - run + kLongestInstruction : bytes.size();
}

}  // namespace lf::elf
