// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>

#include "base/files.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/finish.h"
#include "cli/verbs.h"
#include "nixsyntax/dump.h"
#include "nixsyntax/lexer.h"
#include "nixsyntax/variables.h"

namespace lf::cli {
namespace {

namespace fs = std::filesystem;

// As Nix takes a file that is named: a link stands for what it points to (links on the way to it do not), a folder for
// its default.nix.
std::string named_file(const std::string& argument) {
    constexpr int kMostLinks = 64;
    std::error_code error;
    fs::path path = fs::absolute(argument, error).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();  // "folder/"
    for (int links = 0; links < kMostLinks && fs::is_symlink(path, error); ++links)
        path = (path.parent_path() / fs::read_symlink(path, error)).lexically_normal();
    return (fs::is_directory(path, error) ? path / "default.nix" : path).string();
}

class SyntaxCheck {
  public:
    SyntaxCheck(const Arguments& arguments, Terminal& terminal) : arguments_(arguments), terminal_(terminal) {}

    Done check(const std::string& argument) {
        if (argument == "-") {
            const fs::path here = fs::current_path() / "stdin";
            return check_text({std::istreambuf_iterator<char>(std::cin), {}}, "(stdin)", here.string());
        }
        const std::string real = named_file(argument);
        const bool folder = real.ends_with("/default.nix") && !argument.ends_with("default.nix");
        const std::string shown = folder ? (fs::path(argument) / "default.nix").string() : argument;
        LF_ASSIGN(std::string text, read_file(real, nixsyntax::kMaxTextBytes));
        return check_text(std::move(text), shown, real);
    }

    /// With --tree and --json: file and tree of each file that is fine.
    const Json& trees() const { return trees_; }

  private:
    Done check_text(std::string text, const std::string& shown, const std::string& real) {
        LF_ASSIGN(const nixsyntax::Tree tree, nixsyntax::check_round_trip(std::move(text), shown));
        if (arguments_.has("--variables")) LF_TRY(nixsyntax::check_variables(tree));
        if (!arguments_.has("--tree")) return {};
        nixsyntax::DumpOptions options;
        options.directory = fs::path(real).parent_path().string();
        if (const char* home = std::getenv("HOME")) options.home = home;
        if (arguments_.has("--json")) {
            trees_.push_back({{"file", shown}, {"tree", nixsyntax::dump(tree, options)}});
            return {};
        }
        nixsyntax::dump_to(tree, options, [&](std::string_view piece) { terminal_.answer(piece); });
        terminal_.answer("\n");
        return {};
    }

    const Arguments& arguments_;
    Terminal& terminal_;
    Json trees_ = Json::array();
};

}  // namespace

int run_syntax(const Arguments& arguments, Terminal& terminal) {
    int code = kYes;
    SyntaxCheck syntax(arguments, terminal);
    for (const std::string& file : arguments.positional()) {
        const Done done = syntax.check(file);
        if (done) continue;
        terminal.error(done.error());
        code = exit_code_of(done.error().kind);
    }
    if (arguments.has("--json")) {
        Json answer{{"files", arguments.positional().size()}, {"ok", code == kYes}};
        if (arguments.has("--tree")) answer["trees"] = syntax.trees();
        terminal.answer(write_json(answer));
    } else if (code == kYes && !arguments.has("--tree")) {
        terminal.talk(fmt::format("syntax: {} file(s), every byte came back\n", arguments.positional().size()));
    }
    return code;
}

}  // namespace lf::cli
