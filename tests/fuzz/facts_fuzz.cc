// SPDX-License-Identifier: MIT
// Facts from anywhere: either refused, or read so that writing and reading them again gives the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "facts/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto machine = lf::facts::from_json(text, "facts.json");
    if (!machine) return 0;
    if (!lf::facts::is_host_name(machine->host)) std::abort();
    const std::string written = lf::facts::to_json(*machine);
    const auto again = lf::facts::from_json(written, "facts.json");
    if (!again || lf::facts::to_json(*again) != written) std::abort();
    return 0;
}
