// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>

#include "base/files.h"
#include "cli/arguments.h"
#include "cli/finish.h"
#include "cli/verbs.h"
#include "nixsyntax/dump.h"

namespace lf::cli {
namespace {

Result<nixsyntax::Tree> read_tree(const std::string& file) {
    LF_ASSIGN(std::string text, read_file(file, std::size_t{2} << 30));
    return nixsyntax::check_round_trip(std::move(text), file);
}

}  // namespace

int run_syntax(const Arguments& arguments, Terminal& terminal) {
    int code = kYes;
    for (const std::string& file : arguments.positional()) {
        const auto tree = read_tree(file);
        if (!tree) {
            terminal.error(tree.error());
            code = exit_code_of(tree.error().kind);
        } else if (arguments.has("--tree")) {
            nixsyntax::DumpOptions options;
            options.directory = std::filesystem::absolute(file).lexically_normal().parent_path().string();
            terminal.answer(nixsyntax::dump(*tree, options) + "\n");
        }
    }
    if (arguments.has("--json"))
        terminal.answer(fmt::format("{{\"files\": {}, \"ok\": {}}}\n", arguments.positional().size(), code == kYes));
    else if (code == kYes && !arguments.has("--tree"))
        terminal.talk(fmt::format("syntax: {} file(s), every byte came back\n", arguments.positional().size()));
    return code;
}

}  // namespace lf::cli
