// SPDX-License-Identifier: MIT
// What the loader reads: dynamic section, symbols without section headers, relocations, what it calls, PLT stubs,
// notes.
#include <gtest/gtest.h>

#include "elf/build_for_test.h"
#include "elf/image.h"

namespace lf::elf {
namespace {

using test::Builder;
using test::Out;
using test::rela;
using test::Strings;

constexpr std::uint64_t kText = 0x1000, kStrings = 0x10000, kSymbols = 0x20000, kHash = 0x30000, kRela = 0x40000,
                        kArray = 0x50000, kDynamic = 0x60000, kGot = 0x70000, kRelr = 0x80000, kPlt = 0x90000;

/// A library, piece by piece.
struct Library {
    Builder builder;
    Strings strings;
    std::vector<Elf64_Sym> symbols = {Elf64_Sym{}};
    std::vector<std::pair<std::uint64_t, std::uint64_t>> tags;
    std::vector<std::uint8_t> bytes;

    Library() { builder.code("", kText, Out().fill(0x100, 0xc3)); }
    Library& tag(std::uint64_t tag, std::uint64_t value) { return tags.emplace_back(tag, value), *this; }
    Library& name(std::uint64_t tag, std::string_view text) { return this->tag(tag, strings.at(text)); }
    Library& symbol(std::string_view text, unsigned type, std::uint64_t value, std::uint16_t section = 1) {
        symbols.push_back(test::symbol(strings.at(text), type, value, 4, section));
        return *this;
    }
    Library& rela_table(std::uint64_t tag, std::uint64_t size_tag, std::uint64_t address,
                        const std::vector<Elf64_Rela>& relocations) {
        Out out;
        for (const Elf64_Rela& relocation : relocations) out.put(relocation);
        builder.data("", address, out);
        return this->tag(tag, address).tag(size_tag, out.size());
    }
    Image image(bool section_headers = false) {
        Out table;
        for (const Elf64_Sym& one : symbols) table.put(one);
        builder.data("", kStrings, strings.out());
        builder.data("", kSymbols, table);
        tag(DT_STRTAB, kStrings).tag(DT_STRSZ, strings.out().size()).tag(DT_SYMTAB, kSymbols);
        Out dynamic;
        for (const auto& [t, value] : tags) dynamic.u64(t).u64(value);
        builder.segment(PT_DYNAMIC, builder.data("", kDynamic, dynamic.u64(DT_NULL).u64(0)));
        bytes = builder.build(section_headers);
        auto parsed = parse(bytes, "a.so");
        EXPECT_TRUE(parsed) << parsed.error().message;
        return std::move(*parsed);
    }
};

TEST(ElfDynamic, Names) {
    Library library;
    library.name(DT_NEEDED, "libc.so.6").name(DT_RPATH, "/old").name(DT_NEEDED, "libm.so.6");
    library.name(DT_SONAME, "liba.so.1").name(DT_RUNPATH, "$ORIGIN/../lib").tag(DT_NEEDED, 99999);
    const Image image = library.image();
    EXPECT_EQ(image.needed, (std::vector<std::string_view>{"libc.so.6", "libm.so.6"}));
    EXPECT_EQ(image.soname, "liba.so.1");
    EXPECT_EQ(image.run_path, "$ORIGIN/../lib");
    EXPECT_EQ(image.notes.size(), 1U);
}

TEST(ElfDynamic, WhatIsAProgram) {
    const auto is_program = [](std::uint16_t type, std::uint64_t flags, bool interpreter, bool soname) {
        Library library;
        library.builder.header.e_type = type;
        library.builder.header.e_entry = kText;
        if (flags != 0) library.tag(DT_FLAGS_1, flags);
        if (soname) library.name(DT_SONAME, "a");
        if (interpreter)
            library.builder.segment(PT_INTERP, library.builder.data("", 0xa0000, Out().text("/lib64/ld.so")));
        return library.image().executable;
    };
    EXPECT_TRUE(is_program(ET_EXEC, 0, false, false));
    EXPECT_TRUE(is_program(ET_DYN, DF_1_PIE, true, false));
    EXPECT_TRUE(is_program(ET_DYN, DF_1_PIE, false, false));  // static PIE
    EXPECT_TRUE(is_program(ET_DYN, 0, true, false));          // before the mark was made
    EXPECT_FALSE(is_program(ET_DYN, 0, true, true));          // libc.so.6
    EXPECT_FALSE(is_program(ET_DYN, DF_1_NOW, false, true));
}

TEST(ElfDynamic, SymbolsAreCountedByEitherHash) {
    const auto count = [](std::uint64_t tag, const Out& table) {
        Library library;
        for (const char* name : {"one", "two", "three"}) library.symbol(name, STT_FUNC, kText);
        library.builder.data("", kHash, table);
        return library.tag(tag, kHash).image().dynamic_symbols.size();
    };
    EXPECT_EQ(count(DT_HASH, Out().u32(1).u32(4).u32(0)), 4U);
    // Two buckets; the second chain ends with the last symbol.
    const Out gnu = Out().u32(2).u32(1).u32(1).u32(6).u64(0).u32(1).u32(2).u32(0x11).u32(0x20).u32(0x31);
    EXPECT_EQ(count(DT_GNU_HASH, gnu), 4U);
    EXPECT_EQ(count(DT_GNU_HASH, Out().u32(1).u32(3).u32(0).u32(6).u32(0)), 3U);            // nothing is hashed
    EXPECT_EQ(count(DT_GNU_HASH, Out().u32(1).u32(1).u32(0).u32(6).u32(1).u32(0x10)), 0U);  // its chain does not end
    EXPECT_EQ(count(DT_GNU_HASH, Out().u32(0xffffffff).u32(1).u32(0xffffffff).u32(6)), 0U);
    EXPECT_EQ(count(DT_HASH, Out().u32(1)), 0U);
}

TEST(ElfDynamic, SymbolsSayWhatTheyAre) {
    Library library;
    library.symbol("work", STT_FUNC, kText + 8).symbol("pick", STT_GNU_IFUNC, kText).symbol("other", STT_FUNC, 0, 0);
    library.builder.data("", kHash, Out().u32(1).u32(4).u32(0));
    library.tag(DT_HASH, kHash);
    const Image image = library.image();
    ASSERT_EQ(image.dynamic_symbols.size(), 4U);
    EXPECT_EQ(image.dynamic_symbols[1].name, "work");
    EXPECT_EQ(image.dynamic_symbols[1].type, SymbolType::function);
    EXPECT_TRUE(image.dynamic_symbols[1].exported());
    EXPECT_EQ(image.dynamic_symbols[2].type, SymbolType::ifunc);
    EXPECT_FALSE(image.dynamic_symbols[3].defined());
    ASSERT_EQ(image.load_calls.size(), 1U);
    EXPECT_EQ(image.load_calls[0].kind, LoadCall::Kind::ifunc_resolver);
    EXPECT_EQ(image.load_calls[0].address, kText);
}

TEST(ElfDynamic, RelocationsOfAllTables) {
    Library library;
    library.symbol("puts", STT_FUNC, 0, 0);
    library.rela_table(DT_RELA, DT_RELASZ, kRela, {rela(kGot, R_X86_64_RELATIVE, 0, kText)});
    library.rela_table(DT_JMPREL, DT_PLTRELSZ, kRela + 0x100, {rela(kGot + 8, R_X86_64_JUMP_SLOT, 1, 0)});
    library.builder.data("", kGot, Out().u64(0).u64(0).fill(0x400, 0x11));
    // The word at kGot + 0x10, then of the 63 words after it the first and the last.
    library.builder.data("", kRelr, Out().u64(kGot + 0x10).u64(1 | 2 | std::uint64_t{1} << 63));
    library.tag(DT_RELR, kRelr).tag(DT_RELRSZ, 16);
    const Image image = library.image();
    ASSERT_EQ(image.relocations.size(), 5U);
    EXPECT_EQ(image.relocations[0].offset, kGot + 0x10);
    EXPECT_EQ(image.relocations[0].type, std::uint32_t{R_X86_64_RELATIVE});
    EXPECT_EQ(image.relocations[0].addend, 0x1111111111111111);
    EXPECT_EQ(image.relocations[1].offset, kGot + 0x18);
    EXPECT_EQ(image.relocations[2].offset, kGot + 0x18 + 62 * 8);
    EXPECT_EQ(image.relocations[3].addend, std::int64_t{kText});
    EXPECT_EQ(image.relocations[4].symbol, 1U);
    EXPECT_EQ(image.dynamic_symbols.at(1).name, "puts");  // counted by the relocation alone
}

TEST(ElfDynamic, PackedRelocationsAreBounded) {
    Library library;
    Out table;
    table.u64(kRelr);
    for (int i = 0; i < 20000; ++i) table.u64(~std::uint64_t{0});  // each says 63
    library.builder.data("", kRelr, table);
    library.tag(DT_RELR, kRelr).tag(DT_RELRSZ, table.size());
    const Image image = library.image();
    EXPECT_LE(image.relocations.size(), image.file.size() / 8 + 63);
    EXPECT_FALSE(image.notes.empty());
}

TEST(ElfDynamic, TablesOutsideOfTheFileAreSaid) {
    Library library;
    library.tag(DT_RELA, 0x999999).tag(DT_RELASZ, 24).tag(DT_JMPREL, kText).tag(DT_PLTRELSZ, ~std::uint64_t{0});
    library.tag(DT_RELR, kText).tag(DT_RELRSZ, std::uint64_t{1} << 40).tag(DT_INIT_ARRAY, kText + 0xf8);
    library.tag(DT_INIT_ARRAYSZ, 1 << 30);
    const Image image = library.image();
    EXPECT_TRUE(image.relocations.empty());
    EXPECT_TRUE(image.load_calls.empty());
    EXPECT_EQ(image.notes.size(), 4U);
}

TEST(ElfDynamic, CallsInTheLoadersOrder) {
    Library library;
    library.builder.header.e_type = ET_EXEC;
    library.builder.header.e_entry = kText + 9;
    library.symbol("start", STT_FUNC, kText + 5);
    // The array's words: by a RELATIVE relocation, by a symbol, as they are; 0 and -1 are nobody.
    library.builder.data("", kArray, Out().u64(0).u64(0).u64(kText + 3).u64(0).u64(~std::uint64_t{0}).u64(0x5000));
    library.rela_table(DT_RELA, DT_RELASZ, kRela,
                       {rela(kGot, R_X86_64_IRELATIVE, 0, kText + 1), rela(kArray, R_X86_64_RELATIVE, 0, kText + 4),
                        rela(kArray + 8, R_X86_64_64, 1, 0), rela(kGot + 8, R_X86_64_IRELATIVE, 0, kText + 1)});
    library.builder.data("", kArray + 0x1000, Out().u64(kText + 7).u64(kText + 6));
    library.tag(DT_FINI, kText + 8).tag(DT_FINI_ARRAY, kArray + 0x1000).tag(DT_FINI_ARRAYSZ, 16);
    library.tag(DT_INIT, kText + 2).tag(DT_INIT_ARRAY, kArray).tag(DT_INIT_ARRAYSZ, 48);
    library.builder.data("", kArray + 0x2000, Out().u64(kText + 0x10));
    library.tag(DT_PREINIT_ARRAY, kArray + 0x2000).tag(DT_PREINIT_ARRAYSZ, 8);
    const Image image = library.image();
    using Kind = LoadCall::Kind;
    const std::vector<std::pair<Kind, std::uint64_t>> expected = {
        {Kind::ifunc_resolver, 1}, {Kind::preinit_array, 0x10},
        {Kind::init, 2},           {Kind::init_array, 4},
        {Kind::init_array, 5},     {Kind::init_array, 3},
        {Kind::entry, 9},          {Kind::fini_array, 6},
        {Kind::fini_array, 7},     {Kind::fini, 8}};
    std::vector<std::pair<Kind, std::uint64_t>> found;
    for (const LoadCall& call : image.load_calls) found.emplace_back(call.kind, call.address - kText);
    EXPECT_EQ(found, expected);
}

TEST(ElfPlt, StubsOfAllLinkers) {
    Library library;
    library.symbol("puts", STT_FUNC, 0, 0).symbol("exit", STT_FUNC, 0, 0);
    library.rela_table(DT_JMPREL, DT_PLTRELSZ, kRela,
                       {rela(kGot, R_X86_64_JUMP_SLOT, 1, 0), rela(kGot + 8, R_X86_64_JUMP_SLOT, 2, 0),
                        rela(kGot + 16, R_X86_64_IRELATIVE, 0, kText)});
    Out code;
    const auto jump = [&](std::uint64_t slot) { code.u8(0xff).u8(0x25).u32(slot - (kPlt + code.size() + 4)); };
    code.add(Out{0xff, 0x35}).u32(8), jump(0x12345), code.add(Out{0x0f, 0x1f, 0x40, 0});  // PLT0: no slot of ours
    jump(kGot), code.add(Out{0x68, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0});                        // lazy, without IBT
    code.add(Out{0xf3, 0x0f, 0x1e, 0xfa, 0xf2}), jump(kGot + 8), code.fill(5, 0x90);      // .plt.sec with bnd
    code.add(Out{0xf3, 0x0f, 0x1e, 0xfa}), jump(kGot + 8), code.fill(6, 0x90);            // .plt.sec
    jump(kGot + 16), code.add(Out{0x66, 0x90});                                           // .plt.got
    code.add(Out{0xf3, 0x0f, 0x1e, 0xfa, 0x41, 0xbb, 1, 0, 0, 0}), jump(kGot);            // mold
    code.align(16);
    const std::uint64_t lazy = kPlt + code.size();
    code.add(Out{0xf3, 0x0f, 0x1e, 0xfa, 0x68, 1, 0, 0, 0, 0xf2, 0xe9, 0, 0, 0, 0, 0x90});  // lazy, with IBT
    code.add(Out{0xf3, 0x0f, 0x1e, 0xfa, 0x68, 9, 0, 0, 0, 0xf2, 0xe9, 0, 0, 0, 0, 0x90});  // there is no ninth
    library.builder.code(".plt", kPlt, code);
    for (const bool section_headers : {true, false}) {
        Library copy = library;
        const Image image = copy.image(section_headers);
        std::vector<std::pair<std::uint64_t, std::string_view>> found;
        for (const PltEntry& entry : image.plt) found.emplace_back(entry.address - kPlt, entry.symbol);
        const std::vector<std::pair<std::uint64_t, std::string_view>> expected = {
            {16, "puts"}, {32, "exit"}, {48, "exit"}, {64, ""}, {72, "puts"}, {lazy - kPlt, "exit"}};
        EXPECT_EQ(found, expected);
    }
}

TEST(ElfNotes, BuildIdPropertiesDebugLink) {
    Builder builder;
    builder.code(".text", kText, Out{0xc3});
    builder.section(".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, 0x2000,
                    Out().u32(4).u32(5).u32(NT_GNU_BUILD_ID).text("GNU").add(Out{0xde, 0xad, 0xbe, 0xef, 0x0a}));
    builder.section(".note.gnu.property", SHT_NOTE, SHF_ALLOC, 0x3000,
                    Out()
                        .u32(4)
                        .u32(32)
                        .u32(NT_GNU_PROPERTY_TYPE_0)
                        .text("GNU")
                        .u32(0xc0000002)
                        .u32(4)
                        .u32(3)
                        .u32(0)
                        .u32(0xc0008002)
                        .u32(4)
                        .u32(5)
                        .u32(0));
    builder.sections.back().sh_addralign = 8;
    builder.section(".gnu_debuglink", SHT_PROGBITS, 0, 0, Out().text("a.debug").u32(77));
    const auto bytes = builder.build();
    Image image = *parse(bytes, "a.so");
    EXPECT_EQ(image.build_id, "deadbeef0a");
    EXPECT_EQ(image.isa_needed, 5U);
    EXPECT_EQ(image.debug_link, "a.debug");

    Image debug;
    debug.machine = image.machine;
    debug.symbols.push_back({});
    debug.build_id = "00";
    add_debug_symbols(image, debug);
    EXPECT_TRUE(image.symbols.empty());
    EXPECT_EQ(image.notes.size(), 1U);
    debug.build_id = image.build_id;
    add_debug_symbols(image, debug);
    EXPECT_EQ(image.symbols.size(), 1U);
}

TEST(ElfNotes, LyingSizes) {
    for (const Out& note :
         {Out().u32(0xffffffff).u32(0xffffffff).u32(3), Out().u32(4).u32(100).u32(3).text("GNU"),
          Out().u32(4).u32(12).u32(NT_GNU_PROPERTY_TYPE_0).text("GNU").u32(0xc0008002).u32(~0U).u32(1)}) {
        Builder builder;
        builder.section(".note", SHT_NOTE, SHF_ALLOC, 0x2000, note);
        const auto bytes = builder.build();
        const auto image = parse(bytes, "a.so");
        ASSERT_TRUE(image);
        EXPECT_TRUE(image->build_id.empty());
        EXPECT_FALSE(image->isa_needed);
    }
}

}  // namespace
}  // namespace lf::elf
