// SPDX-License-Identifier: MIT
// What the x86 layer says, for the tests here to compare.
//   decode_tool hex          lines of hex on standard input → set, length ("unknown 0"), one line each
//   decode_tool functions F  one line a function of an ELF file: start, end, source, instructions, undecodable places,
//   set:count … decode_tool bytes F A B  the same of one range of addresses (hexadecimal), decoded from its first byte
// Each instruction is decoded by decode() and by decode_slowly(); where they differ the exit code is 1.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "elf/image.h"
#include "x86/decode.h"

namespace {

using namespace lf;

bool differ = false;

x86::Insn decoded(std::span<const std::uint8_t> code, std::uint64_t address) {
    const x86::Insn fast = x86::decode(code, address), slow = x86::decode_slowly(code, address);
    if (fast.isa != slow.isa || fast.length != slow.length || fast.flow != slow.flow || fast.target != slow.target) {
        std::fprintf(stderr, "decode() and decode_slowly() differ at %llx\n", static_cast<unsigned long long>(address));
        differ = true;
    }
    return fast;
}

std::string name_of(const x86::Insn& insn) {
    return insn.isa == x86::kUnknownIsa ? "unknown" : std::string(x86::isa_sets()[insn.isa].name);
}

void print_hex_lines() {
    for (std::string line; std::getline(std::cin, line);) {
        std::vector<std::uint8_t> code;
        for (std::size_t i = 0; i + 1 < line.size(); i += 2)
            code.push_back(static_cast<std::uint8_t>(std::stoul(line.substr(i, 2), nullptr, 16)));
        const x86::Insn insn = decoded(code, 0);
        std::printf("%s %d\n", name_of(insn).c_str(), insn.length);
    }
}

void print_range(const elf::Image& image, std::uint64_t start, std::uint64_t end, const char* source) {
    const auto code = image.loaded(start, end - start);
    if (!code) return;
    std::map<std::string, unsigned long long> sets;
    unsigned long long count = 0, bad = 0;
    bool in_bad = false;
    for (std::size_t at = 0; at < code->size();) {
        const x86::Insn insn = decoded(code->subspan(at), start + at);
        at += insn.length == 0 ? 1 : insn.length;
        if (insn.length == 0) {
            bad += in_bad ? 0 : 1;
        } else {
            ++sets[name_of(insn)];
            ++count;
        }
        in_bad = insn.length == 0;
    }
    std::printf("%llx\t%llx\t%s\t%llu\t%llu\t", static_cast<unsigned long long>(start),
                static_cast<unsigned long long>(end), source, count, bad);
    for (const auto& [set, uses] : sets) std::printf(" %s:%llu", set.c_str(), uses);
    std::printf("\n");
}

int print_file(const std::string& path, const char* from, const char* to) {
    const auto file = MappedFile::open(path);
    if (!file) return 2;
    const auto image = elf::parse(file->bytes(), path);
    if (!image) return 2;
    if (from && to) {
        print_range(*image, std::strtoull(from, nullptr, 16), std::strtoull(to, nullptr, 16), "given");
        return 0;
    }
    constexpr const char* kSources[] = {"eh_frame", "symbol", "sweep"};
    for (const elf::Function& f : elf::functions(*image))
        print_range(*image, f.start, f.end, kSources[static_cast<int>(f.source)]);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    int code = 2;
    if (mode == "hex") {
        print_hex_lines();
        code = 0;
    } else if (mode == "functions" && argc == 3) {
        code = print_file(argv[2], nullptr, nullptr);
    } else if (mode == "bytes" && argc == 5) {
        code = print_file(argv[2], argv[3], argv[4]);
    }
    return differ ? 1 : code;
}
