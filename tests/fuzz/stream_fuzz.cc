// SPDX-License-Identifier: MIT
// What another machine's shell sends: whatever it is, it becomes an error or a machine whose facts can be read back,
// and blanking what was blanked changes nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "facts/codec.h"
#include "facts/minimal.h"
#include "fleet/stream.h"
#include "probe/blanking.h"
#include "probe/capture_source.h"
#include "probe/memory_devices.h"
#include "probe/nix_settings.h"
#include "probe/probe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::string once = lf::probe::blanked_text(input, "carbon");
    if (lf::probe::blanked_text(once, "carbon") != once) std::abort();
    lf::probe::parse_smbios_memory(input);
    lf::probe::allow_unfree_in(input);
    auto files = lf::fleet::parse_stream(input);
    if (!files) files = lf::fleet::parse_stream("llama-fleet stream 1\n" + std::string(input) + "\nend\n");
    if (!files) return 0;
    const lf::probe::CapturedMachine source(std::move(*files));
    const auto machine = lf::probe::probe(source, "fuzz");
    if (!machine) std::abort();
    const std::string written = lf::facts::to_json(*machine);
    const auto again = lf::facts::from_json(written, "facts.json");
    if (!again || lf::facts::to_json(*again) != written) std::abort();
    const std::string minimal = lf::facts::to_json(lf::facts::minimal(*machine));
    if (!lf::facts::from_json(minimal, "facts.json")) std::abort();
    return 0;
}
