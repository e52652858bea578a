// SPDX-License-Identifier: MIT
// march_tool FILE...: for each dump of CPUID what we say of the CPU, a line each, fields with tabs between them:
// file, the names of GCC 12 to 16 ("-" = none), its options besides the newest name, gccarch, psABI level, features.
// With --names: each name of GCC that we know, its features, "nix" if nixpkgs knows it.
// A file name that stands alone on a line of standard input is taken too, so that thousands cost one process.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <string>

#include "base/files.h"
#include "facts/gcc_march.h"
#include "facts/gcc_names.h"
#include "probe/fake_machine.h"
#include "probe/probe.h"

namespace {

void show(const std::string& path) {
    const auto text = lf::read_file(path);
    const auto dump = text ? lf::probe::parse_cpu_dump(*text, path) : tl::unexpected(text.error());
    if (!dump) {
        fmt::print("{}\terror\t{}\n", path, dump.error().message);
        return;
    }
    lf::probe::FakeMachine machine;
    machine.dumps[0] = *dump;
    auto found = lf::probe::probe(machine, "host");
    if (!found->cpu.features.contains("lm")) {  // such a CPU runs no 64-bit kernel
        machine.machine = "i686";
        found = lf::probe::probe(machine, "host");
    }
    const lf::facts::Cpu& cpu = found->cpu;
    std::string line = path;
    for (int version = lf::facts::kOldestGcc; version <= lf::facts::kNewestGcc; ++version)
        line += "\t" + lf::facts::gcc_march(cpu, version).value_or("-");
    const std::string newest = cpu.march.value_or("-");
    line += fmt::format("\t{}\t{}\t{}\t{}\n", fmt::join(lf::facts::gcc_march_delta(cpu, newest), " "),
                        cpu.gccarch.value_or("-"), cpu.x86_64_level.value_or(0), fmt::join(cpu.features, " "));
    fmt::print("{}", line);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--names") {
        for (const lf::facts::GccName& row : lf::facts::gcc_names())
            fmt::print("{}\t{}\t{}\n", row.name, fmt::join(lf::facts::gcc_name_features(row.name), " "),
                       lf::facts::is_nix_gccarch(row.name) ? "nix" : "");
        return 0;
    }
    for (int i = 1; i < argc; ++i) show(argv[i]);
    for (std::string path; argc == 1 && std::getline(std::cin, path);) show(path);
    return 0;
}
