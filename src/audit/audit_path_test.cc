// SPDX-License-Identifier: MIT
// Files that are broken, foreign or hostile: each is named, with why; none is left out, none ends the audit.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "audit/audit.h"
#include "audit/audit_file.h"

namespace lf::audit {
namespace {

namespace fs = std::filesystem;

/// An ELF header with nothing behind it: class (1 = 32, 2 = 64 bits), byte order (1 = little), type, machine.
std::string header(char bits, char order, char type, char machine) {
    std::string out(64, '\0');
    out.replace(0, 4,
                "\x7f"
                "ELF");
    out[4] = bits;
    out[5] = order;
    out[6] = 1;
    const std::size_t low = order == 2 ? 1 : 0;
    out[16 + low] = type;
    out[18 + low] = machine;
    out[20 + low * 3] = 1;
    out[52 + low] = 64;  // e_ehsize
    return out;
}

template <class T>
void put(std::string& out, std::size_t at, T value) {
    if (out.size() < at + sizeof value) out.resize(at + sizeof value);
    std::memcpy(out.data() + at, &value, sizeof value);
}

/// An x86-64 library: .text of `symbols` times RET (of type `text_type`), a .symtab with a function on each, and
/// .strtab with the one name that all of them have.
std::string with_symbols(std::size_t symbols, std::size_t name_size, std::uint32_t text_type) {
    constexpr std::size_t kSymbolSize = 24, kHeaderSize = 64, kText = 4096;
    const std::size_t table = kText + (symbols + 7) / 8 * 8, strings = table + symbols * kSymbolSize;
    std::string out = header(2, 1, 3, 62);
    out.resize(kText);
    out.append(symbols, '\xc3');
    for (std::size_t i = 0; i < symbols; ++i) {
        const std::size_t at = table + i * kSymbolSize;
        put<std::uint32_t>(out, at, 1);     // st_name
        put<std::uint8_t>(out, at + 4, 2);  // a local function
        put<std::uint16_t>(out, at + 6, 1);
        put<std::uint64_t>(out, at + 8, kText + i);
        put<std::uint64_t>(out, at + 16, 1);
    }
    out.resize(strings + 1);
    out.append(name_size, 'f');
    out.push_back('\0');
    const std::size_t headers = out.size();
    const struct {
        std::uint32_t type;
        std::uint64_t flags, offset, size;
        std::uint32_t link;
        std::uint64_t entry_size;
    } sections[] = {{0, 0, 0, 0, 0, 0},
                    {text_type, 6, kText, symbols, 0, 0},
                    {2, 0, table, symbols * kSymbolSize, 3, kSymbolSize},
                    {3, 0, strings, headers - strings, 0, 0}};
    for (std::size_t i = 0; i < std::size(sections); ++i) {
        const std::size_t at = headers + i * kHeaderSize;
        put<std::uint32_t>(out, at + 4, sections[i].type);
        put<std::uint64_t>(out, at + 8, sections[i].flags);
        put<std::uint64_t>(out, at + 16, sections[i].flags != 0 ? sections[i].offset : 0);
        put<std::uint64_t>(out, at + 24, sections[i].offset);
        put<std::uint64_t>(out, at + 32, sections[i].size);
        put<std::uint32_t>(out, at + 40, sections[i].link);
        put<std::uint64_t>(out, at + 56, sections[i].entry_size);
    }
    put<std::uint64_t>(out, 40, headers);      // e_shoff
    put<std::uint16_t>(out, 58, kHeaderSize);  // e_shentsize
    put<std::uint16_t>(out, 60, static_cast<std::uint16_t>(std::size(sections)));
    return out;
}

class AuditPath : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "/audit-path-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        root_ = name;
    }
    void TearDown() override { fs::remove_all(root_); }
    void make(const std::string& path, const std::string& bytes) {
        std::ofstream(root_ + "/" + path, std::ios::binary) << bytes;
    }
    std::string root_;
};

TEST_F(AuditPath, EveryFileIsNamedAndSaysWhatItIs) {
    make("a-aarch64", header(2, 1, 3, static_cast<char>(183)));
    make("b-i386", header(1, 1, 3, 3));
    make("c-ppc-big", header(2, 2, 3, 21));
    make("d-short", header(2, 1, 3, 62).substr(0, 20));
    make("e-core", header(2, 1, 4, 62));
    const auto build = audit_path(root_);
    ASSERT_TRUE(build);
    EXPECT_TRUE(build->folder);
    ASSERT_EQ(build->files.size(), 5U);
    const struct {
        const char* path;
        const char* machine;
        const char* why_not;  // its beginning
        bool error;
    } wanted[] = {
        {"a-aarch64", "aarch64", "aarch64 code is not examined by this version", false},
        {"b-i386", "i386", "32-bit i386 code is not examined by this version", false},
        {"c-ppc-big", "powerpc64", "64-bit big-endian powerpc64 code is not examined by this version", false},
        {"d-short", "", "", true},
        {"e-core", "x86-64", "a core dump is no program", false},
    };
    for (std::size_t i = 0; i < build->files.size(); ++i) {
        const FileAudit& file = build->files[i];
        EXPECT_EQ(file.path, wanted[i].path);
        EXPECT_FALSE(file.examined) << file.path;
        EXPECT_EQ(file.error.has_value(), wanted[i].error) << file.path;
        EXPECT_FALSE(file.why_not.empty()) << file.path;
        if (wanted[i].error) continue;
        EXPECT_EQ(file.machine, wanted[i].machine) << file.path;
        EXPECT_TRUE(file.why_not.starts_with(wanted[i].why_not)) << file.why_not;
    }
}

TEST_F(AuditPath, NamesOfAllFunctionsTakeNoMoreMemoryThanTheFile) {
    constexpr std::size_t kSymbols = 2000, kName = 100'000;
    make("hostile.so", with_symbols(kSymbols, kName, 1));
    make("sound.so", with_symbols(kSymbols, 10, 1));
    const FileAudit hostile = audit_file({root_ + "/hostile.so", "hostile.so", {}});
    ASSERT_TRUE(hostile.examined);
    ASSERT_EQ(hostile.program.functions.size(), kSymbols);
    EXPECT_LE(hostile.names->size(), hostile.size);
    EXPECT_FALSE(hostile.program.functions.front().range.name.empty());
    EXPECT_TRUE(hostile.program.functions.back().range.name.empty());
    ASSERT_EQ(hostile.program.notes.size(), 1U);
    EXPECT_NE(hostile.program.notes.front().find("functions are left out"), std::string::npos);
    const FileAudit sound = audit_file({root_ + "/sound.so", "sound.so", {}});
    ASSERT_EQ(sound.program.functions.size(), kSymbols);
    EXPECT_EQ(sound.program.functions.back().range.name, "ffffffffff");
    EXPECT_TRUE(sound.program.notes.empty());
}

TEST_F(AuditPath, DebugInformationAloneIsNoCode) {
    make("a.so", with_symbols(100, 4, 8));  // SHT_NOBITS
    const FileAudit file = audit_file({root_ + "/a.so", "a.so", {}});
    EXPECT_FALSE(file.examined);
    EXPECT_FALSE(file.error);
    EXPECT_EQ(file.why_not, "it holds no code, only debug information");
}

TEST_F(AuditPath, AFileThatVanishesIsAnErrorOfThatFile) {
    const FileAudit file = audit_file({root_ + "/gone.so", "gone.so", {}});
    ASSERT_TRUE(file.error);
    EXPECT_EQ(file.path, "gone.so");
    EXPECT_FALSE(file.examined);
    EXPECT_EQ(file.why_not, file.error->message);
}

TEST_F(AuditPath, OfAFileThatChangesMeanwhileNothingIsKept) {
    for (const std::size_t symbols : {std::size_t{100}, std::size_t{20'000}}) {  // read, mapped
        make("a.so", with_symbols(symbols, 4, 1));
        const auto mapped = MappedFile::open(root_ + "/a.so");
        ASSERT_TRUE(mapped);
        FileAudit whole, shortened;
        whole.path = shortened.path = "a.so";
        audit_mapped(whole, *mapped);
        EXPECT_TRUE(whole.examined && !whole.error);
        fs::resize_file(root_ + "/a.so", 4096);
        audit_mapped(shortened, *mapped);
        ASSERT_TRUE(shortened.error) << symbols;
        EXPECT_EQ(shortened.error->id, "file-changed");
        EXPECT_EQ(shortened.error->where.file, root_ + "/a.so");
        EXPECT_FALSE(shortened.error->hint.empty());
        EXPECT_EQ(shortened.path, "a.so");
        EXPECT_EQ(shortened.why_not, shortened.error->message);
        EXPECT_TRUE(!shortened.examined && shortened.program.functions.empty() && shortened.kind.empty());
    }
}

TEST_F(AuditPath, ASingleFileThatIsBrokenIsAnError) {
    make("short", header(2, 1, 3, 62).substr(0, 20));
    const auto build = audit_path(root_ + "/short");
    ASSERT_FALSE(build);
    EXPECT_TRUE(build.error().id.starts_with("elf-")) << build.error().id;
}

TEST(DebugFiles, ArePlacesThatDistributionsUse) {
    elf::Image image;
    image.build_id = "abcdef";
    image.debug_link = "libx.so.debug";
    EXPECT_EQ(debug_file_places(image, "/usr/lib/libx.so", {"/usr/lib/debug"}),
              (std::vector<std::string>{"/usr/lib/debug/.build-id/ab/cdef.debug", "/usr/lib/libx.so.debug",
                                        "/usr/lib/.debug/libx.so.debug", "/usr/lib/debug/usr/lib/libx.so.debug"}));
    image.debug_link = "../../etc/passwd";
    image.build_id = "";
    EXPECT_TRUE(debug_file_places(image, "/usr/lib/libx.so", {"/usr/lib/debug"}).empty());
}

}  // namespace
}  // namespace lf::audit
