// SPDX-License-Identifier: MIT
// For the script tests: reads file names from standard input, one a line, and prints one line for each:
// "ok <places> <tree>" or "refused <id> <line>:<column> <message>"; places are those of undefined variables, as
// "1:2,3:4" or "-". --current: the tree as current Nix prints it, else as Nix 2.8 does.
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/text.h"
#include "nixsyntax/dump.h"
#include "nixsyntax/variables.h"

namespace {

std::string places(const lf::nixsyntax::Tree& tree) {
    std::string out;
    for (lf::nixsyntax::NodeId id : lf::nixsyntax::undefined_variables(tree)) {
        if (tree.is(id, lf::nixsyntax::Kind::identifier) && tree.text(id) == "or")
            id = tree.parent(id);  // Nix points to the function before it
        const lf::Where where = tree.at({}, id).where;
        out += (out.empty() ? "" : ",") + std::to_string(where.line) + ":" + std::to_string(where.column);
    }
    return out.empty() ? "-" : out;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace lf;
    using namespace lf::nixsyntax;
    DumpOptions options;
    if (argc < 2 || std::string_view(argv[1]) != "--current") options.nix = PrintedBy::nix_2_8;
    if (const char* home = std::getenv("HOME")) options.home = home;
    for (std::string file; std::getline(std::cin, file);) {
        options.directory = file.substr(0, file.rfind('/'));
        const Result<std::string> text = read_file(file);
        const Result<Tree> tree = text ? check_round_trip(*text, file) : Result<Tree>(fail(text.error()));
        if (tree) {
            std::cout << "ok " << places(*tree) << ' ' << dump(*tree, options) << '\n';
            continue;
        }
        const Error& error = tree.error();
        std::cout << "refused " << error.id << ' ' << error.where.line << ':' << error.where.column << ' '
                  << printable(error.message) << '\n';
    }
    return 0;
}
