// SPDX-License-Identifier: MIT
// Any bytes, at any address, whole and cut: decode() says what decode_slowly() says, and neither reads past the end.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "x86/decode.h"

namespace {

bool same(const lf::x86::Insn& a, const lf::x86::Insn& b) {
    return a.isa == b.isa && a.length == b.length && a.target == b.target && a.flow == b.flow &&
           a.asks_cpu == b.asks_cpu;
}

void check(std::span<const std::uint8_t> code, std::uint64_t address) {
    // A copy of its own, so that the sanitizer sees a read behind it.
    const std::vector<std::uint8_t> copy(code.begin(), code.end());
    const auto fast = lf::x86::decode(copy, address), slow = lf::x86::decode_slowly(copy, address);
    if (!same(fast, slow) || fast.length > copy.size()) std::abort();
    if ((fast.length == 0) != (fast.isa == lf::x86::kUnknownIsa)) std::abort();
    if (fast.length != 0 && fast.isa >= lf::x86::isa_sets().size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const std::uint8_t> all(data, size < 256 ? size : 256);
    for (std::size_t at = 0; at < all.size(); ++at) {
        const auto here = all.subspan(at);
        check(here, 0x400000 + at);
        check(here.first(here.size() / 2), ~std::uint64_t{0} - at);
    }
    return 0;
}
