// SPDX-License-Identifier: MIT
/// \file
/// \brief Writes small ELF files, right or wrong ones, for tests of any layer.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "elf/reader.h"

namespace lf::elf::test {

/// Bytes one after the other.
class Out {
  public:
    Out() = default;
    Out(std::initializer_list<std::uint8_t> bytes) : bytes_(bytes) {}
    template <class T>
    Out& put(const T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        const std::size_t at = bytes_.size();
        bytes_.resize(at + sizeof(T));
        std::memcpy(bytes_.data() + at, &value, sizeof(T));
        return *this;
    }
    Out& u8(std::uint64_t value) { return put(static_cast<std::uint8_t>(value)); }
    Out& u16(std::uint64_t value) { return put(static_cast<std::uint16_t>(value)); }
    Out& u32(std::uint64_t value) { return put(static_cast<std::uint32_t>(value)); }
    Out& u64(std::uint64_t value) { return put(value); }
    /// With its zero.
    Out& text(std::string_view text) {
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        return u8(0);
    }
    Out& add(const Out& other) {
        bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
        return *this;
    }
    Out& fill(std::size_t count, std::uint8_t byte = 0) {
        bytes_.resize(bytes_.size() + count, byte);
        return *this;
    }
    Out& align(std::size_t to) { return fill((to - bytes_.size() % to) % to); }
    std::size_t size() const { return bytes_.size(); }
    const std::vector<std::uint8_t>& bytes() const { return bytes_; }
    std::vector<std::uint8_t>& bytes() { return bytes_; }

  private:
    std::vector<std::uint8_t> bytes_;
};

/// A table of texts; each is added once it is asked for.
class Strings {
  public:
    std::uint32_t at(std::string_view text) {
        if (text.empty()) return 0;
        const auto place = static_cast<std::uint32_t>(out_.size());
        out_.text(text);
        return place;
    }
    const Out& out() const { return out_; }

  private:
    Out out_{0};
};

/// A file of sections, each loaded where its address says. Section 0 is the empty one, the names are the last.
class Builder {
  public:
    Builder() {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_DYN;
        header.e_machine = EM_X86_64;
        header.e_version = EV_CURRENT;
        header.e_ehsize = sizeof(Elf64_Ehdr);
        header.e_phentsize = sizeof(Elf64_Phdr);
        header.e_shentsize = sizeof(Elf64_Shdr);
    }

    /// The number of the section.
    std::uint32_t section(std::string_view name, std::uint32_t type, std::uint64_t flags, std::uint64_t address,
                          const Out& bytes, std::uint32_t link = 0, std::uint64_t entry_size = 0) {
        Elf64_Shdr raw{};
        raw.sh_name = names_.at(name);
        raw.sh_type = type;
        raw.sh_flags = flags;
        raw.sh_addr = address;
        raw.sh_size = bytes.size();
        raw.sh_link = link;
        raw.sh_entsize = entry_size;
        raw.sh_addralign = 1;
        sections.push_back(raw);
        contents_.push_back(bytes);
        return static_cast<std::uint32_t>(sections.size());
    }
    std::uint32_t code(std::string_view name, std::uint64_t address, const Out& bytes) {
        return section(name, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, address, bytes);
    }
    std::uint32_t data(std::string_view name, std::uint64_t address, const Out& bytes) {
        return section(name, SHT_PROGBITS, SHF_ALLOC, address, bytes);
    }
    /// A segment of this type over the bytes of a section (its number).
    void segment(std::uint32_t type, std::uint32_t section) { segments_.emplace_back(type, section); }

    /// The whole file. Each section that has SHF_ALLOC and bytes gets a PT_LOAD of its own.
    std::vector<std::uint8_t> build(bool section_headers = true) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> segments = segments_;
        if (header.e_type != ET_REL)
            for (std::uint32_t i = 1; i <= sections.size(); ++i)
                if ((sections[i - 1].sh_flags & SHF_ALLOC) != 0 && sections[i - 1].sh_type != SHT_NOBITS)
                    segments.emplace_back(PT_LOAD, i);
        Out body;
        const std::size_t start = sizeof(Elf64_Ehdr) + segments.size() * sizeof(Elf64_Phdr);
        for (std::size_t i = 0; i < sections.size(); ++i) {
            body.align(8);
            sections[i].sh_offset = start + body.size();
            if (sections[i].sh_type != SHT_NOBITS) body.add(contents_[i]);
        }
        Elf64_Shdr names{};
        names.sh_name = names_.at(".shstrtab");
        names.sh_type = SHT_STRTAB;
        names.sh_offset = start + body.align(8).size();
        names.sh_size = names_.out().size();
        if (section_headers) body.add(names_.out()).align(8);
        header.e_phnum = static_cast<std::uint16_t>(segments.size());
        header.e_phoff = segments.empty() ? 0 : sizeof(Elf64_Ehdr);
        header.e_shnum = static_cast<std::uint16_t>(section_headers ? sections.size() + 2 : 0);
        header.e_shoff = section_headers ? start + body.size() : 0;
        header.e_shstrndx = static_cast<std::uint16_t>(section_headers ? sections.size() + 1 : 0);
        Out out;
        out.put(header);
        for (const auto& [type, number] : segments) out.put(program_header(type, sections[number - 1]));
        out.add(body);
        if (!section_headers) return out.bytes();
        out.put(Elf64_Shdr{});
        for (const Elf64_Shdr& raw : sections) out.put(raw);
        return out.put(names).bytes();
    }

    Elf64_Ehdr header{};
    std::vector<Elf64_Shdr> sections;

  private:
    static Elf64_Phdr program_header(std::uint32_t type, const Elf64_Shdr& section) {
        Elf64_Phdr raw{};
        raw.p_type = type;
        raw.p_flags = PF_R | ((section.sh_flags & SHF_EXECINSTR) != 0 ? PF_X : 0U) |
                      ((section.sh_flags & SHF_WRITE) != 0 ? PF_W : 0U);
        raw.p_offset = section.sh_offset;
        raw.p_vaddr = raw.p_paddr = section.sh_addr;
        raw.p_filesz = raw.p_memsz = section.sh_size;
        raw.p_align = section.sh_addralign;
        return raw;
    }

    std::vector<Out> contents_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> segments_;
    Strings names_;
};

inline Elf64_Sym symbol(std::uint32_t name, unsigned type, std::uint64_t value, std::uint64_t size,
                        std::uint16_t section = 1, unsigned binding = STB_GLOBAL) {
    Elf64_Sym raw{};
    raw.st_name = name;
    raw.st_info = static_cast<unsigned char>(ELF64_ST_INFO(binding, type));
    raw.st_shndx = section;
    raw.st_value = value;
    raw.st_size = size;
    return raw;
}

inline Elf64_Rela rela(std::uint64_t offset, std::uint32_t type, std::uint64_t symbol, std::int64_t addend) {
    return {offset, ELF64_R_INFO(symbol, static_cast<std::uint64_t>(type)), addend};
}

}  // namespace lf::elf::test
