// SPDX-License-Identifier: MIT
// A facter.json of anybody: an error, or facts that can be read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "facts/codec.h"
#include "probe/facter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto machine = lf::probe::probe_facter(input, "facter.json", "fuzz");
    if (!machine) return 0;
    const std::string written = lf::facts::to_json(*machine);
    const auto again = lf::facts::from_json(written, "facts.json");
    if (!again || lf::facts::to_json(*again) != written) std::abort();
    return 0;
}
