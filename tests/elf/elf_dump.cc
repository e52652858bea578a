// SPDX-License-Identifier: MIT
// What src/elf says of a file, one thing a line, for readelf.py to compare: elf_dump KIND FILE…
#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include "base/mapped_file.h"
#include "elf/eh_frame.h"
#include "elf/image.h"

namespace {

using lf::elf::Image;

const char* name_of(lf::elf::LoadCall::Kind kind) {
    constexpr const char* kNames[] = {"ifunc_resolver", "preinit_array", "init", "init_array",
                                      "entry",          "fini_array",    "fini"};
    return kNames[static_cast<int>(kind)];
}

void symbols(const std::vector<lf::elf::Symbol>& table) {
    for (const auto& s : table)
        fmt::print("{:x} {} {} {} {} {}\n", s.value, s.size, static_cast<int>(s.type), s.binding, s.section, s.name);
}

void summary(const Image& image) {
    fmt::print("machine {}\ntype {}\nentry {:x}\nexecutable {}\nbuild_id {}\nsoname {}\ninterpreter {}\nrun_path {}\n",
               lf::elf::machine_name(image.machine), image.type, image.entry, image.executable, image.build_id,
               image.soname, image.interpreter, image.run_path);
    for (const auto needed : image.needed) fmt::print("needed {}\n", needed);
    fmt::print("debug_link {}\nrelocations {}\nsymbols {}\ndynamic_symbols {}\n", image.debug_link,
               image.relocations.size(), image.symbols.size(), image.dynamic_symbols.size());
    if (image.isa_needed) fmt::print("isa_needed {:x}\n", *image.isa_needed);
    for (const auto& note : image.notes) fmt::print("note {}\n", note);
}

const std::map<std::string, std::function<void(const Image&)>> kKinds = {
    {"summary", summary},
    {"symbols", [](const Image& image) { symbols(image.symbols); }},
    {"dynamic", [](const Image& image) { symbols(image.dynamic_symbols); }},
    {"relocations",
     [](const Image& image) {
         for (const auto& r : image.relocations) fmt::print("{:x} {} {} {:x}\n", r.offset, r.type, r.symbol, r.addend);
     }},
    {"frames",
     [](const Image& image) {
         const auto frames = lf::elf::frames(image);
         for (const auto& f : frames.frames) fmt::print("{:x} {:x}\n", f.start, f.end);
         for (const auto& note : frames.notes) fmt::print("note {}\n", note);
     }},
    {"functions",
     [](const Image& image) {
         for (const auto& f : lf::elf::functions(image))
             fmt::print("{:x} {:x} {} {}\n", f.start, f.end, static_cast<int>(f.source), f.name);
     }},
    {"plt",
     [](const Image& image) {
         for (const auto& p : image.plt) fmt::print("{:x} {:x} {}\n", p.address, p.slot, p.symbol);
     }},
    {"calls",
     [](const Image& image) {
         for (const auto& c : image.load_calls) fmt::print("{} {:x}\n", name_of(c.kind), c.address);
     }},
};

}  // namespace

int main(int argc, char** argv) {
    const auto kind = argc > 2 ? kKinds.find(argv[1]) : kKinds.end();
    if (kind == kKinds.end()) return std::fputs("usage: elf_dump KIND FILE…\n", stderr), 2;
    for (int i = 2; i < argc; ++i) {
        const auto file = lf::MappedFile::open(argv[i]);
        if (!file) {
            fmt::print("error {} {}\n", file.error().id, file.error().message);
            continue;
        }
        const auto image = lf::elf::parse(file->bytes(), argv[i]);
        if (!image) fmt::print("error {} {}\n", image.error().id, image.error().message);
        else kind->second(*image);
    }
    return 0;
}
