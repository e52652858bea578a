// SPDX-License-Identifier: MIT
// A dump of CPUID from anywhere: either refused, or a machine whose facts can be written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "facts/codec.h"
#include "probe/dump_source.h"
#include "probe/probe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto source = lf::probe::DumpedMachine::parse(text, "dump");
    if (!source) return 0;
    const auto machine = lf::probe::probe(**source, "fuzz");
    if (!machine) std::abort();
    const std::string written = lf::facts::to_json(*machine);
    const auto again = lf::facts::from_json(written, "facts.json");
    if (!again || lf::facts::to_json(*again) != written) std::abort();
    return 0;
}
