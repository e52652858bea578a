// SPDX-License-Identifier: MIT
// Any bytes as an ELF file: parsed, decoded, drawn as a graph, searched with features that the last bytes choose. No
// crash, no runaway; each byte of code is of exactly one kind.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "audit/program.h"
#include "facts/x86_features.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lf;
    const auto image = elf::parse({data, size}, "fuzz");
    if (!image || image->machine != elf::kEmX86_64) return 0;
    const audit::Program program = audit::analyse(*image);
    const audit::ByteTable& b = program.bytes;
    if (b.eh_frame + b.symbol + b.sweep + b.plt + b.padding + b.unknown != b.total) std::abort();
    facts::FeatureSet features;
    std::size_t at = 0;
    for (const facts::X86Feature& f : facts::x86_features())
        if (at < size && (data[size - 1 - at++] & 1U) != 0) features.insert(std::string(f.name));
    for (const audit::StageResult& stage : audit::reach(program, features))
        for (const audit::Fault& fault : stage.faults)
            if (fault.function >= program.functions.size() || fault.path.empty()) std::abort();
    return 0;
}
