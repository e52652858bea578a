// SPDX-License-Identifier: MIT
// Apart from text.cc: it is all that needs libmd, and the static llama-fleet-probe goes without.
#include <sha2.h>

#include <array>

#include "base/text.h"

namespace lf {

std::string sha256_hex(std::string_view bytes) {
    std::array<char, SHA256_DIGEST_STRING_LENGTH> hex{};
    SHA256Data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), hex.data());
    return {hex.data(), SHA256_DIGEST_STRING_LENGTH - 1};
}

}  // namespace lf
