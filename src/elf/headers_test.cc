// SPDX-License-Identifier: MIT
// Headers, right and wrong. Every file here is built by the test.
#include <gtest/gtest.h>

#include "elf/build_for_test.h"
#include "elf/image.h"

namespace lf::elf {
namespace {

using test::Builder;
using test::Out;

std::vector<std::uint8_t> small_file(bool section_headers = true) {
    Builder builder;
    builder.code(".text", 0x1000, Out{0xc3, 0x90, 0x90, 0xc3});
    builder.data(".rodata", 0x2000, Out().text("hello"));
    return builder.build(section_headers);
}

std::string id(const std::vector<std::uint8_t>& bytes) {
    const auto image = parse(bytes, "a.so");
    if (image) return "";
    EXPECT_EQ(image.error().where.file, "a.so");
    EXPECT_EQ(image.error().kind, ErrorKind::world);
    return image.error().id;
}

template <class T>
void patch(std::vector<std::uint8_t>& bytes, std::size_t at, T value) {
    std::memcpy(bytes.data() + at, &value, sizeof(T));
}

TEST(ElfHeaders, SectionsAndSegments) {
    const auto bytes = small_file();
    const auto image = parse(bytes, "a.so");
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->type, kEtDyn);
    EXPECT_EQ(machine_name(image->machine), "x86-64");
    ASSERT_EQ(image->sections.size(), 4U);
    EXPECT_EQ(image->segments.size(), 2U);
    const Section* text = image->find(".text");
    ASSERT_NE(text, nullptr);
    EXPECT_TRUE(text->holds_code());
    EXPECT_EQ(text->bytes.size(), 4U);
    EXPECT_EQ(image->section_at(0x1003), text);
    EXPECT_EQ(image->section_at(0x1004), nullptr);
    EXPECT_EQ(image->section_at(0xfff), nullptr);
    EXPECT_EQ(image->find(".none"), nullptr);
    EXPECT_EQ(text_at(*image->loaded(0x2000, 6), 0), "hello");
    EXPECT_FALSE(image->loaded(0x2000, 7));
    EXPECT_FALSE(image->loaded(~std::uint64_t{0}, 2));
    EXPECT_TRUE(image->notes.empty());
}

TEST(ElfHeaders, TruncatedAtEachByte) {
    const auto whole = small_file();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<std::uint8_t> part(whole.begin(), whole.begin() + static_cast<long>(size));
        EXPECT_EQ(id(part), size < 4 ? "elf-not-elf" : "elf-truncated") << size;
    }
    // Without section headers what is missing is code: the file is read and the loss is said.
    const auto stripped = small_file(false);
    for (std::size_t size = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr); size < stripped.size(); ++size) {
        const std::vector<std::uint8_t> part(stripped.begin(), stripped.begin() + static_cast<long>(size));
        const auto image = parse(part, "a.so");
        ASSERT_TRUE(image) << size;
        EXPECT_EQ(image->notes.empty(), size >= stripped.size() - 2) << size;
    }
}

TEST(ElfHeaders, OtherKindsOfFilesAreNamed) {
    EXPECT_EQ(id({}), "elf-not-elf");
    EXPECT_EQ(id({'#', '!', '/', 'b', 'i', 'n', '/', 's', 'h'}), "elf-not-elf");
    auto bytes = small_file();
    bytes[EI_CLASS] = ELFCLASS32;
    patch<std::uint16_t>(bytes, 18, EM_386);
    auto image = parse(bytes, "a.so");
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().id, "elf-32-bit");
    EXPECT_EQ(image.error().message, "a 32-bit ELF file for i386");
    bytes = small_file();
    bytes[EI_DATA] = ELFDATA2MSB;
    bytes[18] = 0;
    bytes[19] = EM_S390;
    image = parse(bytes, "a.so");
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().id, "elf-big-endian");
    EXPECT_EQ(image.error().message, "a big-endian ELF file for s390x");
    bytes[EI_CLASS] = ELFCLASS32;
    EXPECT_EQ(id(bytes), "elf-32-bit");
    bytes[EI_CLASS] = 7;
    bytes[EI_DATA] = ELFDATA2LSB;
    EXPECT_EQ(id(bytes), "elf-malformed");
    EXPECT_EQ(machine_name(999), "machine 999");
}

TEST(ElfHeaders, WrongSizesAndPlaces) {
    const auto header = [](auto change) {
        auto bytes = small_file();
        Elf64_Ehdr raw;
        std::memcpy(&raw, bytes.data(), sizeof raw);
        change(raw);
        std::memcpy(bytes.data(), &raw, sizeof raw);
        return id(bytes);
    };
    EXPECT_EQ(header([](Elf64_Ehdr& h) { h.e_shentsize = 40; }), "elf-malformed");
    EXPECT_EQ(header([](Elf64_Ehdr& h) { h.e_phentsize = 0; }), "elf-malformed");
    EXPECT_EQ(header([](Elf64_Ehdr& h) { h.e_shoff = ~Elf64_Off{0}; }), "elf-truncated");
    EXPECT_EQ(header([](Elf64_Ehdr& h) { h.e_phoff = ~Elf64_Off{0} - 3; }), "elf-truncated");
    EXPECT_EQ(header([](Elf64_Ehdr& h) { h.e_phnum = 2000; }), "elf-malformed");
    EXPECT_EQ(header([](Elf64_Ehdr& h) { h.e_shnum = 0xfeff; }), "elf-truncated");
    EXPECT_EQ(header([](Elf64_Ehdr& h) { h.e_shoff = 0, h.e_phnum = PN_XNUM; }), "elf-malformed");
    EXPECT_EQ(header([](Elf64_Ehdr& h) { h.e_shstrndx = 77; }), "");  // no names, but all else
    EXPECT_EQ(header([](Elf64_Ehdr& h) { h.e_shoff = 0, h.e_shnum = 0, h.e_shstrndx = 0; }), "");
}

TEST(ElfHeaders, CountsThatDoNotFitStandInTheFirstSection) {
    auto bytes = small_file();
    Elf64_Ehdr raw;
    std::memcpy(&raw, bytes.data(), sizeof raw);
    Elf64_Shdr first{};
    first.sh_size = raw.e_shnum;
    first.sh_info = raw.e_phnum;
    first.sh_link = raw.e_shstrndx;
    patch(bytes, raw.e_shoff, first);
    raw.e_shnum = 0;
    raw.e_phnum = PN_XNUM;
    raw.e_shstrndx = SHN_XINDEX;
    patch(bytes, 0, raw);
    const auto image = parse(bytes, "a.so");
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->sections.size(), 4U);
    EXPECT_EQ(image->segments.size(), 2U);
    EXPECT_NE(image->find(".rodata"), nullptr);
}

TEST(ElfHeaders, WithoutSectionHeadersWhatIsLoadedCounts) {
    const auto bytes = small_file(false);
    const auto image = parse(bytes, "a.so");
    ASSERT_TRUE(image) << image.error().message;
    ASSERT_EQ(image->sections.size(), 2U);
    EXPECT_EQ(image->sections[0].name, "LOAD");
    EXPECT_TRUE(image->sections[0].holds_code());
    EXPECT_FALSE(image->sections[1].holds_code());
    ASSERT_EQ(functions(*image).size(), 1U);
    EXPECT_EQ(functions(*image)[0].source, RangeSource::sweep);
}

/// Linkers load the file from its first byte, where nothing is run.
TEST(ElfHeaders, WithoutSectionHeadersTheHeadersOfTheFileAreNoCode) {
    auto bytes = small_file(false);
    Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    Elf64_Phdr loaded;
    std::memcpy(&loaded, bytes.data() + header.e_phoff, sizeof loaded);
    const std::uint64_t end = loaded.p_offset + loaded.p_filesz, before = loaded.p_vaddr - loaded.p_offset;
    ASSERT_GT(loaded.p_offset, 0U);
    loaded.p_vaddr = loaded.p_paddr = before;
    loaded.p_offset = 0;
    loaded.p_filesz = loaded.p_memsz = end;
    patch(bytes, header.e_phoff, loaded);
    const auto image = parse(bytes, "a.so");
    ASSERT_TRUE(image) << image.error().message;
    ASSERT_EQ(image->sections.size(), 2U);
    const std::uint64_t headers = header.e_phoff + header.e_phnum * sizeof(Elf64_Phdr);
    EXPECT_EQ(image->sections[0].offset, headers);
    EXPECT_EQ(image->sections[0].address, before + headers);
    EXPECT_EQ(image->sections[0].size, end - headers);
}

TEST(ElfHeaders, SectionsOutsideOfTheFileAreLeftOut) {
    Builder builder;
    builder.code(".text", 0x1000, Out{0xc3});
    auto bytes = builder.build();
    Elf64_Ehdr raw;
    std::memcpy(&raw, bytes.data(), sizeof raw);
    patch<std::uint64_t>(bytes, raw.e_shoff + sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_size), 1 << 20);
    const auto image = parse(bytes, "a.so");
    ASSERT_TRUE(image);
    EXPECT_TRUE(image->find(".text")->bytes.empty());
    EXPECT_TRUE(functions(*image).empty());
    ASSERT_EQ(image->notes.size(), 1U);
    EXPECT_NE(image->notes[0].find(".text"), std::string::npos);
}

/// Addresses that would run over the end of memory, and code that claims to lie twice in one place.
TEST(ElfHeaders, OddAddresses) {
    Builder builder;
    builder.code(".high", ~std::uint64_t{0} - 1, Out{0xc3, 0xc3, 0xc3, 0xc3});
    builder.code(".one", 0x1000, Out().fill(16, 0xc3));
    builder.code(".two", 0x1008, Out().fill(16, 0xc3));
    const auto bytes = builder.build();
    const auto image = parse(bytes, "a.so");
    ASSERT_TRUE(image);
    const auto found = functions(*image);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].end, 0x1008U);
    EXPECT_EQ(found[1].start, 0x1008U);
    EXPECT_EQ(found[1].end, 0x1018U);
}

TEST(ElfHeaders, RelocatableFilesHaveAddressesByOffset) {
    Builder builder;
    builder.header.e_type = ET_REL;
    const auto first = builder.code(".text.a", 0, Out{0xc3, 0xc3});
    const auto second = builder.code(".text.b", 0, Out{0x90, 0xc3});
    test::Strings strings;
    Out table;
    table.put(Elf64_Sym{});
    table.put(test::symbol(strings.at("a"), STT_FUNC, 0, 2, static_cast<std::uint16_t>(first)));
    table.put(test::symbol(strings.at("b"), STT_FUNC, 1, 1, static_cast<std::uint16_t>(second)));
    const auto names = builder.section(".strtab", SHT_STRTAB, 0, 0, strings.out());
    builder.section(".symtab", SHT_SYMTAB, 0, 0, table, names, sizeof(Elf64_Sym));
    const auto bytes = builder.build();
    const auto image = parse(bytes, "a.o");
    ASSERT_TRUE(image) << image.error().message;
    const auto found = functions(*image);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "a");
    EXPECT_EQ(found[1].name, "b");
    EXPECT_EQ(found[0].start, image->find(".text.a")->offset);
    EXPECT_EQ(found[1].start, image->find(".text.b")->offset + 1);
    EXPECT_EQ(image->loaded(found[1].start, 1)->front(), 0xc3);
}

}  // namespace
}  // namespace lf::elf
