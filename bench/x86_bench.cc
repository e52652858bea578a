// SPDX-License-Identifier: MIT
// Decoding all functions' code of one library (LLAMA_FLEET_X86_FILE, else the machine's libLLVM-14): the decoder
// library alone, our pass that asks it for every instruction, and the table-driven one. bench/audit.py sets them beside
// objdump.
#include <Zydis/Zydis.h>
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/mapped_file.h"
#include "elf/image.h"
#include "x86/decode.h"

namespace {

using namespace lf;

struct Code {
    std::vector<std::pair<std::uint64_t, std::span<const std::uint8_t>>> functions;
    std::size_t bytes = 0;
};

const Code& code() {
    static const MappedFile* file = nullptr;
    static const Code loaded = [] {
        const char* wanted = std::getenv("LLAMA_FLEET_X86_FILE");
        auto opened = MappedFile::open(wanted ? wanted : "/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1");
        Code out;
        if (!opened) return out;
        file = new MappedFile(std::move(*opened));  // for as long as the program runs
        const auto image = elf::parse(file->bytes(), file->path());
        if (!image) return out;
        for (const elf::Function& f : elf::functions(*image)) {
            const auto bytes = image->loaded(f.start, f.end - f.start);
            if (!bytes || f.source == elf::RangeSource::sweep) continue;
            out.functions.emplace_back(f.start, *bytes);
            out.bytes += bytes->size();
        }
        return out;
    }();
    return loaded;
}

template <class Decode>
void over_all(benchmark::State& state, Decode decode) {
    if (code().bytes == 0) {
        state.SkipWithError("no library: LLAMA_FLEET_X86_FILE names one");
        return;
    }
    std::size_t instructions = 0;
    for (auto _ : state) {
        for (const auto& [address, bytes] : code().functions) {
            for (std::size_t at = 0; at < bytes.size(); ++instructions) {
                const std::size_t length = decode(bytes.subspan(at), address + at);
                at += length == 0 ? 1 : length;
            }
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(code().bytes * static_cast<std::size_t>(state.iterations())));
    state.counters["instructions"] = benchmark::Counter(static_cast<double>(instructions), benchmark::Counter::kIsRate);
}

void library_alone(benchmark::State& state) {
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    over_all(state, [&](std::span<const std::uint8_t> bytes, std::uint64_t) -> std::size_t {
        ZydisDecodedInstruction insn;
        const auto status = ZydisDecoderDecodeInstruction(&decoder, nullptr, bytes.data(), bytes.size(), &insn);
        return ZYAN_SUCCESS(status) ? insn.length : 0;
    });
}
BENCHMARK(library_alone)->Unit(benchmark::kMillisecond);

void decode_slowly(benchmark::State& state) {
    over_all(state, [](auto bytes, std::uint64_t address) -> std::size_t {
        const x86::Insn insn = x86::decode_slowly(bytes, address);
        benchmark::DoNotOptimize(insn);
        return insn.length;
    });
}
BENCHMARK(decode_slowly)->Unit(benchmark::kMillisecond);

void decode(benchmark::State& state) {
    over_all(state, [](auto bytes, std::uint64_t address) -> std::size_t {
        const x86::Insn insn = x86::decode(bytes, address);
        benchmark::DoNotOptimize(insn);
        return insn.length;
    });
}
BENCHMARK(decode)->Unit(benchmark::kMillisecond);

// Cores, not threads of cores: two threads on one core gain nothing here.
std::size_t real_cores() {
    std::set<std::string> cores;
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
        std::ifstream siblings("/sys/devices/system/cpu/cpu" + std::to_string(i) + "/topology/thread_siblings_list");
        std::string line;
        if (std::getline(siblings, line)) cores.insert(line);
    }
    return cores.size();
}

void decode_threads(benchmark::State& state) {
    if (real_cores() < 4) {
        state.SkipWithError("not measured: fewer than four real cores here");
        return;
    }
    decode(state);
}
BENCHMARK(decode_threads)->Unit(benchmark::kMillisecond)->UseRealTime()->Threads(1)->Threads(2)->Threads(4);

}  // namespace

BENCHMARK_MAIN();
