// SPDX-License-Identifier: MIT
/// \file
/// \brief One ELF file: what it says of itself. Values and views into the file's bytes, which must outlive them.
///
/// Sources: the System V gABI (ELF header, sections, symbols, dynamic section), the x86-64 psABI (relocations, GNU
/// properties), the LSB (.eh_frame, .eh_frame_hdr, .gnu_debuglink).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elf/reader.h"

namespace lf::elf {

// The numbers that matter here, by their names in <elf.h>.
inline constexpr std::uint16_t kEtRel = 1, kEtExec = 2, kEtDyn = 3, kEtCore = 4;
inline constexpr std::uint16_t kEm386 = 3, kEmX86_64 = 62, kEmAarch64 = 183, kEmCuda = 190, kEmRiscv = 243,
                               kEmAmdgpu = 224;

struct Section {
    std::string_view name;  ///< "" where its name cannot be read
    std::uint32_t type = 0;
    std::uint64_t flags = 0;  ///< SHF_*
    std::uint64_t address = 0, offset = 0, size = 0;
    std::uint32_t link = 0, info = 0;
    std::uint64_t entry_size = 0;
    Bytes bytes;  ///< empty for SHT_NOBITS, and where the file does not hold them all
    std::uint64_t alignment = 0;
    bool holds_code() const { return (flags & 0x6) == 0x6; }  ///< SHF_ALLOC and SHF_EXECINSTR
};

struct Segment {
    std::uint32_t type = 0, flags = 0;  ///< PT_*, PF_*
    std::uint64_t address = 0, offset = 0, file_size = 0, memory_size = 0, alignment = 0;
    Bytes bytes;  ///< what the file holds of it
};

enum class SymbolType : std::uint8_t { none, object, function, section, file, tls, ifunc, other };

struct Symbol {
    std::string_view name;
    std::uint64_t value = 0, size = 0;
    SymbolType type = SymbolType::none;
    std::uint8_t binding = 0;     ///< STB_*: 0 local, 1 global, 2 weak
    std::uint8_t visibility = 0;  ///< STV_*: 2 hidden
    std::uint16_t section = 0;    ///< SHN_*: 0 = not defined here
    bool dynamic = false;         ///< of .dynsym
    bool defined() const { return section != 0; }
    bool exported() const { return dynamic && defined() && binding != 0 && visibility != 2; }
};

struct Relocation {
    std::uint64_t offset = 0;  ///< the address that is written
    std::uint32_t type = 0;    ///< R_X86_64_*: 8 RELATIVE, 37 IRELATIVE, 7 JUMP_SLOT, 6 GLOB_DAT, 1 64
    std::uint32_t symbol = 0;  ///< index into Image::dynamic_symbols; 0 = none
    std::int64_t addend = 0;
};

/// Where a function's range comes from, the surest first.
enum class RangeSource : std::uint8_t { eh_frame, symbol, sweep };

/// Half-open range of code. Ranges of Image::functions do not overlap and are sorted.
struct Function {
    std::uint64_t start = 0, end = 0;
    RangeSource source = RangeSource::eh_frame;
    std::string_view name;  ///< of a symbol that begins here, an exported one first; "" = nobody says
};

/// What the loader calls, in the order in which it does.
struct LoadCall {
    enum class Kind : std::uint8_t { ifunc_resolver, preinit_array, init, init_array, entry, fini_array, fini };
    Kind kind = Kind::init_array;
    std::uint64_t address = 0;
};

struct PltEntry {
    std::uint64_t address = 0;  ///< of the stub
    std::uint64_t slot = 0;     ///< of the GOT entry it jumps through
    std::string_view symbol;    ///< "" for IRELATIVE slots
};

struct Image {
    Bytes file;
    std::uint16_t type = 0;     ///< kEt*
    std::uint16_t machine = 0;  ///< kEm*
    std::uint8_t os_abi = 0, abi_version = 0;
    std::uint32_t flags = 0;
    std::uint64_t entry = 0;  ///< 0 = none
    std::vector<Section> sections;
    std::vector<Segment> segments;
    std::vector<Symbol> symbols;          ///< of .symtab (or the .gnu_debuglink file's); empty = stripped
    std::vector<Symbol> dynamic_symbols;  ///< by index of the relocations; also where there are no section headers
    std::vector<Relocation> relocations;  ///< DT_RELA, DT_JMPREL, DT_RELR (those as type 8)
    std::vector<std::string_view> needed;
    std::string_view soname, interpreter, run_path;
    std::string build_id;                          ///< hex; "" = none
    std::optional<std::uint32_t> isa_needed = {};  ///< GNU_PROPERTY_X86_ISA_1_NEEDED; nullopt = no such note
    std::string_view debug_link;                   ///< file name in .gnu_debuglink
    std::vector<LoadCall> load_calls;
    std::vector<PltEntry> plt;
    bool executable = false;                ///< a program: the kernel starts it at `entry` (ET_EXEC, PIE, static PIE)
    bool sectionless = false;               ///< no section headers: each PT_LOAD stands in `sections` as "LOAD"
    std::vector<std::string> notes;         ///< what of it could not be read, and why
    std::vector<std::uint32_t> by_address;  ///< sections that lie in memory, sorted; for section_at

    const Section* find(std::string_view name) const;
    /// The section that holds code or data at this address; nullptr = none.
    const Section* section_at(std::uint64_t address) const;
    /// What the file holds at an address once it is loaded, through the segments; nullopt = not all of it is there.
    std::optional<Bytes> loaded(std::uint64_t address, std::uint64_t size) const;
};

/// "x86-64", "aarch64", "i386", "amdgpu"…; "machine 97" where we have no name.
std::string machine_name(std::uint16_t machine);

/// Does the file begin as an ELF file does?
bool is_elf(Bytes file);

/// Errors (ErrorKind::world; where.file = `name`): "elf-not-elf", "elf-32-bit", "elf-big-endian", "elf-truncated" (its
/// headers do not fit into the file), "elf-malformed". A table that is damaged is left out and said in `notes`; files
/// without section headers are read through their segments, and each PT_LOAD is then a section named "LOAD".
/// 32-bit and big-endian files are errors that name what they are. Relocatable files (ET_REL) have no addresses yet:
/// each section's is then its offset in the file, values of symbols and relocations likewise, and relocations are
/// those of the code (their symbol is an index into `symbols`).
Result<Image> parse(Bytes file, const std::string& name);

/// All code of an executable section, cut into functions: .eh_frame first, then symbols, then what is left ("sweep").
/// Sorted, without overlaps; the sum of their sizes and of the gaps that hold only padding is the size of the code.
std::vector<Function> functions(const Image& image);

/// Adds the symbols of a separate debug file (found by debug_link or build id beside it, in .debug/, in
/// /usr/lib/debug or $NIX_DEBUG_INFO_DIRS by the caller).
void add_debug_symbols(Image& image, const Image& debug);

}  // namespace lf::elf
