// SPDX-License-Identifier: MIT
// For the script tests: reads file names from standard input, one a line, and prints one line for each:
// "ok <tree>" or "refused <id> <line>:<column> <message>". --current: the tree as current Nix prints it.
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/text.h"
#include "nixsyntax/dump.h"

int main(int argc, char** argv) {
    using namespace lf;
    using namespace lf::nixsyntax;
    DumpOptions options;
    if (argc > 1 && std::string_view(argv[1]) == "--current") options.nix = PrintedBy::nix_2_34;
    if (const char* home = std::getenv("HOME")) options.home = home;
    for (std::string file; std::getline(std::cin, file);) {
        options.directory = file.substr(0, file.rfind('/'));
        const Result<std::string> text = read_file(file);
        const Result<Tree> tree = text ? check_round_trip(*text, file) : Result<Tree>(fail(text.error()));
        if (tree) {
            std::cout << "ok " << dump(*tree, options) << '\n';
            continue;
        }
        const Error& error = tree.error();
        std::cout << "refused " << error.id << ' ' << error.where.line << ':' << error.where.column << ' '
                  << printable(error.message) << '\n';
    }
    return 0;
}
