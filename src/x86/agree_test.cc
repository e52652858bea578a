// SPDX-License-Identifier: MIT
// decode() against decode_slowly(), operation() against operation_slowly(): the passes that remember must agree with
// their judges on every byte sequence.
// LLAMA_FLEET_X86_CASES=N tries N made encodings instead of some ten thousand (50 million: two minutes).
#include <elf.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "x86/decode.h"
#include "x86/operands.h"

namespace lf::x86 {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::string hex(std::span<const std::uint8_t> bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t byte : bytes) {
        out.push_back(kDigits[byte >> 4]);
        out.push_back(kDigits[byte & 15]);
    }
    return out;
}

std::string describe(const Insn& insn) {
    std::string out = insn.isa == kUnknownIsa ? "unknown" : std::string(isa_sets()[insn.isa].name);
    for (const std::uint64_t value : {std::uint64_t{insn.length}, insn.target, static_cast<std::uint64_t>(insn.flow)}) {
        out.push_back(' ');
        out += std::to_string(value);
    }
    return out;
}

std::string describe(const Operation& o) {
    std::string out = "op";
    const auto add = [&](std::uint64_t value) {
        out.push_back(' ');
        out += std::to_string(value);
    };
    for (const std::uint64_t value :
         {std::uint64_t{static_cast<std::uint8_t>(o.op)}, std::uint64_t{o.condition}, std::uint64_t{o.length},
          std::uint64_t{o.reads}, std::uint64_t{o.writes}, std::uint64_t{o.vector_reads},
          std::uint64_t{o.vector_writes}, std::uint64_t{o.writes_flags}, o.target})
        add(value);
    for (std::size_t i = 0; i < o.count; ++i) {
        const Operand& part = o.operands[i];
        out += " |";
        for (const std::uint64_t value :
             {std::uint64_t{static_cast<std::uint8_t>(part.kind)}, std::uint64_t{part.number}, std::uint64_t{part.size},
              std::uint64_t{part.base}, std::uint64_t{part.index}, std::uint64_t{part.scale}, part.value,
              std::uint64_t{part.high_byte}, std::uint64_t{part.other_segment}})
            add(value);
    }
    return out;
}

bool operations_agree(std::span<const std::uint8_t> code, std::uint64_t address) {
    const Operation fast = operation(code, address), slow = operation_slowly(code, address);
    if (fast == slow) return true;
    ADD_FAILURE() << hex(code.first(std::min<std::size_t>(code.size(), 15))) << "\nfast " << describe(fast) << "\nslow "
                  << describe(slow);
    return false;
}

bool agree(std::span<const std::uint8_t> code, std::uint64_t address) {
    if (!operations_agree(code, address)) return false;
    const Insn fast = decode(code, address), slow = decode_slowly(code, address);
    if (fast.isa == slow.isa && fast.length == slow.length && fast.target == slow.target && fast.flow == slow.flow &&
        fast.asks_cpu == slow.asks_cpu)
        return true;
    ADD_FAILURE() << hex(code.first(std::min<std::size_t>(code.size(), 15))) << "\nfast " << describe(fast) << "\nslow "
                  << describe(slow);
    return false;
}

// Bytes of the form of an instruction: random where a form leaves it open, and where it does not, mostly as demanded.
class Maker {
  public:
    explicit Maker(std::uint64_t seed) : random_(seed) {}

    Bytes make() {
        Bytes out;
        prefixes(out);
        switch (below(8)) {
            case 0: break;  // map 0
            case 1: out.push_back(0x0f); break;
            case 2: out.insert(out.end(), {0x0f, 0x38}); break;
            case 3: out.insert(out.end(), {0x0f, 0x3a}); break;
            case 4: vex(out); break;
            case 5:
            case 6: evex(out); break;
            default: out.insert(out.end(), {static_cast<std::uint8_t>(below(2) ? 0xd5 : 0x0f), byte()}); break;
        }
        while (out.size() < 15) out.push_back(byte());
        out.resize(below(8) == 0 ? 1 + below(15) : 15);
        return out;
    }

  private:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }
    void prefixes(Bytes& out) {
        static constexpr std::uint8_t kPrefixes[] = {0x66, 0xf3, 0xf2, 0xf0, 0x67, 0x2e, 0x64, 0x3e};
        while (below(3) == 0) out.push_back(kPrefixes[below(std::size(kPrefixes))]);
        if (below(3) == 0) out.push_back(static_cast<std::uint8_t>(0x40 | below(16)));
    }
    std::uint8_t registers(std::uint64_t map) {
        return static_cast<std::uint8_t>((below(2) ? 0xe0 : byte() & 0xe0U) | map);
    }
    std::uint8_t vvvv() { return static_cast<std::uint8_t>(below(2) ? byte() | 0x78 : byte()); }
    void vex(Bytes& out) {
        if (below(4) == 0) {
            out.insert(out.end(), {0xc5, static_cast<std::uint8_t>(vvvv() | 0x80)});
            return;
        }
        const bool xop = below(6) == 0;
        const std::uint64_t map = xop ? 8 + below(3) : below(8) == 0 ? below(32) : 1 + below(3);
        out.insert(out.end(), {static_cast<std::uint8_t>(xop ? 0x8f : 0xc4), registers(map), vvvv()});
    }
    void evex(Bytes& out) {
        const std::uint64_t map = 1 + below(7);
        const auto extended = static_cast<std::uint8_t>((below(2) ? 0x10 : byte() & 0x10U) | (below(8) ? 0 : 8));
        const auto second = static_cast<std::uint8_t>(below(8) ? vvvv() | 4 : vvvv());
        const auto third = static_cast<std::uint8_t>(below(2) ? (byte() & 0x60U) | 8 : byte());
        out.insert(out.end(), {0x62, static_cast<std::uint8_t>(registers(map) | extended), second, third});
    }
    std::mt19937_64 random_;
};

std::uint64_t cases(std::uint64_t usual) {
    const char* wanted = std::getenv("LLAMA_FLEET_X86_CASES");
    return wanted ? std::strtoull(wanted, nullptr, 10) : usual;
}

TEST(Agree, OnMadeEncodings) {
    Maker maker(1);
    int failures = 0;
    for (std::uint64_t i = 0; i < cases(40'000) && failures < 10; ++i)
        failures += agree(maker.make(), 0x401000) ? 0 : 1;
}

// What was learned of one must hold for those that differ in a bit or two of the first bytes.
TEST(Agree, OnNeighbours) {
    Maker maker(3);
    std::mt19937_64 random(4);
    int failures = 0;
    for (std::uint64_t i = 0; i < cases(40'000) / 16 && failures < 10; ++i) {
        const Bytes first = maker.make();
        failures += agree(first, 0x401000) ? 0 : 1;
        for (int k = 0; k < 15; ++k) {
            Bytes code = first;
            for (std::uint64_t bits = 1 + random() % 3; bits > 0; --bits)
                code[random() % std::min<std::size_t>(code.size(), 8)] ^= static_cast<std::uint8_t>(1U << random() % 8);
            failures += agree(code, 0x401000) ? 0 : 1;
        }
    }
}

TEST(Agree, OnRandomBytes) {
    std::mt19937_64 random(2);
    int failures = 0;
    Bytes code(15);
    for (std::uint64_t i = 0; i < cases(40'000) && failures < 10; ++i) {
        for (std::uint8_t& byte : code) byte = static_cast<std::uint8_t>(random());
        failures += agree(code, 0x401000) ? 0 : 1;
    }
}

// The executable bytes of an ELF file, by its program headers; this layer knows no ELF reader.
std::vector<std::pair<std::uint64_t, Bytes>> executable_parts(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const Bytes whole{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::pair<std::uint64_t, Bytes>> parts;
    Elf64_Ehdr header;
    if (whole.size() < sizeof(header)) return parts;
    std::memcpy(&header, whole.data(), sizeof(header));
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_machine != EM_X86_64) return parts;
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        std::memcpy(&segment, whole.data() + header.e_phoff + i * sizeof(segment), sizeof(segment));
        if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X)) continue;
        const auto at = whole.begin() + static_cast<std::ptrdiff_t>(segment.p_offset);
        parts.emplace_back(segment.p_vaddr, Bytes(at, at + static_cast<std::ptrdiff_t>(segment.p_filesz)));
    }
    return parts;
}

// From every offset, not from instructions only: what lies in between is as good a test as any. `step`: to be quick.
void expect_agreement(const std::string& path, std::size_t step) {
    int failures = 0;
    for (const auto& [address, code] : executable_parts(path)) {
        for (std::size_t at = 0; at < code.size() && failures < 10; at += step)
            failures += agree(std::span(code).subspan(at), address + at) ? 0 : 1;
    }
    EXPECT_EQ(failures, 0) << path;
}

TEST(Agree, OnTheProgramItself) { expect_agreement("/proc/self/exe", 7); }

// LLAMA_FLEET_X86_LIBRARIES=DIR: every library below, from every offset.
TEST(Agree, OnWholeLibraries) {
    const char* folder = std::getenv("LLAMA_FLEET_X86_LIBRARIES");
    if (!folder) GTEST_SKIP() << "takes minutes: LLAMA_FLEET_X86_LIBRARIES=DIR names a folder of libraries";
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             folder, std::filesystem::directory_options::skip_permission_denied)) {
        if (!entry.is_regular_file() || entry.path().string().find(".so") == std::string::npos) continue;
        expect_agreement(entry.path(), 1);
        ++files;
    }
    EXPECT_GT(files, 0U);
    RecordProperty("libraries", static_cast<int>(files));
}

}  // namespace
}  // namespace lf::x86
