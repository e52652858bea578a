// SPDX-License-Identifier: MIT
// The header, the program headers and the section headers. gABI chapters 4 and 5.
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

#include "elf/parts.h"

namespace lf::elf {
namespace {

/// The kernel loads no program with more than 64 KiB of program headers (fs/binfmt_elf.c, load_elf_phdrs); only core
/// files have more, one for each mapping.
constexpr std::uint64_t kMostSegments = 65536 / sizeof(Elf64_Phdr);

Error elf_error(const char* id, const std::string& name, std::string message, std::string hint = {}) {
    Error error = world_error(id, std::move(message), std::move(hint));
    error.where.file = name;
    return error;
}

Error truncated(const std::string& name, const char* what, std::uint64_t end, std::size_t size) {
    return elf_error("elf-truncated", name,
                     fmt::format("the file ends before its {}: {} bytes are needed, {} are there", what, end, size),
                     "copy or download the file again");
}

/// 32-bit and big-endian files have other headers; of those only the machine is read, for the message.
Done refuse_other_classes(Bytes file, const std::string& name) {
    if (file.size() < EI_NIDENT) return fail(truncated(name, "ELF header", sizeof(Elf64_Ehdr), file.size()));
    const bool big = file[EI_DATA] == ELFDATA2MSB, small = file[EI_CLASS] == ELFCLASS32;
    std::string machine;
    if (const auto raw = read_at<std::uint16_t>(file, 18)) {
        const auto swapped = static_cast<std::uint16_t>((*raw >> 8) | (*raw << 8));
        machine = " for " + machine_name(big ? swapped : *raw);
    }
    const char* hint = "only 64-bit little-endian files are examined";
    if (small)
        return fail(elf_error("elf-32-bit", name,
                              fmt::format("a 32-bit{} ELF file{}", big ? " big-endian" : "", machine), hint));
    if (big) return fail(elf_error("elf-big-endian", name, fmt::format("a big-endian ELF file{}", machine), hint));
    if (file[EI_CLASS] != ELFCLASS64 || file[EI_DATA] != ELFDATA2LSB)
        return fail(elf_error("elf-malformed", name,
                              fmt::format("an ELF file of class {} and byte order {}, which do not exist",
                                          file[EI_CLASS], file[EI_DATA])));
    return {};
}

/// Where the counts do not fit into the header, the first section header has them.
struct Counts {
    std::uint64_t segments = 0, sections = 0, names = 0;
};

Result<Counts> read_counts(Bytes file, const Elf64_Ehdr& header, const std::string& name) {
    Counts counts{header.e_phnum, header.e_shnum, header.e_shstrndx};
    const bool extended =
        (header.e_shnum == 0 && header.e_shoff != 0) || header.e_phnum == PN_XNUM || header.e_shstrndx == SHN_XINDEX;
    if (header.e_shoff == 0) counts.sections = 0;
    if (!extended) return counts;
    if (header.e_shoff == 0)
        return fail(elf_error("elf-malformed", name, "its counts stand in a section header, and it has none"));
    const auto first = read_at<Elf64_Shdr>(file, header.e_shoff);
    if (!first) return fail(truncated(name, "first section header", header.e_shoff + sizeof(Elf64_Shdr), file.size()));
    if (header.e_shnum == 0) counts.sections = first->sh_size;
    if (header.e_phnum == PN_XNUM) counts.segments = first->sh_info;
    if (header.e_shstrndx == SHN_XINDEX) counts.names = first->sh_link;
    return counts;
}

/// `count` headers of type T at `offset`.
template <class T>
Result<Bytes> table(Bytes file, std::uint64_t offset, std::uint64_t count, std::uint16_t entry_size, const char* what,
                    const std::string& name) {
    if (count == 0) return Bytes{};
    if (entry_size != sizeof(T))
        return fail(elf_error("elf-malformed", name,
                              fmt::format("its {} are {} bytes each, not {}", what, entry_size, sizeof(T))));
    if (count > file.size() / sizeof(T) || !part(file, offset, count * sizeof(T))) {
        const bool sane = count < (std::uint64_t{1} << 32) && offset < (std::uint64_t{1} << 60);
        return fail(truncated(name, what, sane ? offset + count * sizeof(T) : ~std::uint64_t{0}, file.size()));
    }
    return *part(file, offset, count * sizeof(T));
}

void add_segments(Image& image, Bytes headers) {
    image.segments.reserve(headers.size() / sizeof(Elf64_Phdr));
    for (std::uint64_t at = 0; at < headers.size(); at += sizeof(Elf64_Phdr)) {
        const auto raw = *read_at<Elf64_Phdr>(headers, at);
        Segment segment{raw.p_type, raw.p_flags, raw.p_vaddr, raw.p_offset, raw.p_filesz, raw.p_memsz, raw.p_align, {}};
        if (raw.p_offset <= image.file.size()) {
            const std::uint64_t there = std::min<std::uint64_t>(raw.p_filesz, image.file.size() - raw.p_offset);
            segment.bytes = *part(image.file, raw.p_offset, there);
        }
        // An address space that ends within a segment is nobody's: what would wrap around is not there.
        if (segment.bytes.size() > ~raw.p_vaddr) segment.bytes = {};
        if (raw.p_type == PT_LOAD && segment.bytes.size() < raw.p_filesz)
            note(image, fmt::format("the segment at {:#x} is not all in the file: it is truncated", raw.p_vaddr));
        image.segments.push_back(segment);
    }
}

void add_sections(Image& image, Bytes headers, std::uint64_t names_index) {
    Bytes names;
    if (const auto raw = read_at<Elf64_Shdr>(
            headers, names_index < headers.size() ? names_index * sizeof(Elf64_Shdr) : headers.size()))
        names = part(image.file, raw->sh_offset, raw->sh_size).value_or(Bytes{});
    image.sections.reserve(headers.size() / sizeof(Elf64_Shdr));
    for (std::uint64_t at = 0; at < headers.size(); at += sizeof(Elf64_Shdr)) {
        const auto raw = *read_at<Elf64_Shdr>(headers, at);
        Section section;
        section.name = name_at(names, raw.sh_name);
        section.type = raw.sh_type;
        section.flags = raw.sh_flags;
        section.address = raw.sh_addr;
        section.offset = raw.sh_offset;
        section.size = raw.sh_size;
        section.link = raw.sh_link;
        section.info = raw.sh_info;
        section.entry_size = raw.sh_entsize;
        section.alignment = raw.sh_addralign;
        if (raw.sh_type != SHT_NOBITS && raw.sh_type != SHT_NULL) {
            if (image.type == kEtRel) section.address = raw.sh_offset;
            const auto bytes = part(image.file, raw.sh_offset, raw.sh_size);
            if (bytes && bytes->size() <= ~section.address) section.bytes = *bytes;
            if (section.bytes.size() < raw.sh_size)
                note(image, fmt::format("section {} does not lie within the file: it is left out", section.name));
        }
        image.sections.push_back(section);
    }
}

/// A file without section headers still has code: what is loaded with the right to run. The headers of the file, the
/// first `headers` bytes of it, are mostly loaded too, and are none.
void add_loaded_as_sections(Image& image, std::uint64_t headers) {
    for (const Segment& segment : image.segments) {
        const std::uint64_t skipped = headers > segment.offset ? headers - segment.offset : 0;
        if (segment.type != PT_LOAD || segment.bytes.size() <= skipped) continue;
        Section section;
        section.name = "LOAD";
        section.type = SHT_PROGBITS;
        section.flags =
            SHF_ALLOC | (segment.flags & PF_X ? SHF_EXECINSTR : 0U) | (segment.flags & PF_W ? SHF_WRITE : 0U);
        section.address = segment.address + skipped;
        section.offset = segment.offset + skipped;
        section.size = segment.bytes.size() - skipped;
        section.bytes = segment.bytes.subspan(skipped);
        image.sections.push_back(section);
    }
}

void index_by_address(Image& image) {
    image.by_address.reserve(image.sections.size());
    for (std::uint32_t i = 0; i < image.sections.size(); ++i) {
        const Section& section = image.sections[i];
        const bool tls_bss = section.type == SHT_NOBITS && (section.flags & SHF_TLS) != 0;
        const bool placeless = image.type == kEtRel && section.type == SHT_NOBITS;
        if ((section.flags & SHF_ALLOC) != 0 && section.size != 0 && !tls_bss && !placeless)
            image.by_address.push_back(i);
    }
    std::stable_sort(image.by_address.begin(), image.by_address.end(), [&](std::uint32_t a, std::uint32_t b) {
        return image.sections[a].address < image.sections[b].address;
    });
}

}  // namespace

bool is_elf(Bytes file) { return file.size() >= SELFMAG && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0; }

Result<Image> read_headers(Bytes file, const std::string& name) {
    if (!is_elf(file)) return fail(elf_error("elf-not-elf", name, "not an ELF file"));
    LF_TRY(refuse_other_classes(file, name));
    const auto header = read_at<Elf64_Ehdr>(file, 0);
    if (!header) return fail(truncated(name, "ELF header", sizeof(Elf64_Ehdr), file.size()));
    LF_ASSIGN(const Counts counts, read_counts(file, *header, name));
    if (counts.segments > kMostSegments && header->e_type != ET_CORE)
        return fail(
            elf_error("elf-malformed", name,
                      fmt::format("{} program headers; no system loads more than {}", counts.segments, kMostSegments)));
    LF_ASSIGN(const Bytes segments,
              table<Elf64_Phdr>(file, header->e_phoff, counts.segments, header->e_phentsize, "program headers", name));
    LF_ASSIGN(const Bytes sections,
              table<Elf64_Shdr>(file, header->e_shoff, counts.sections, header->e_shentsize, "section headers", name));
    Image image;
    image.file = file;
    image.type = header->e_type;
    image.machine = header->e_machine;
    image.os_abi = header->e_ident[EI_OSABI];
    image.abi_version = header->e_ident[EI_ABIVERSION];
    image.flags = header->e_flags;
    image.entry = header->e_entry;
    add_segments(image, segments);
    add_sections(image, sections, counts.names);
    image.sectionless = counts.sections <= 1;
    if (image.sectionless) {
        const std::uint64_t after = segments.empty() ? 0 : header->e_phoff + segments.size();  // both lie in the file
        add_loaded_as_sections(image, std::max<std::uint64_t>(sizeof(Elf64_Ehdr), after));
    }
    index_by_address(image);
    return image;
}

}  // namespace lf::elf
