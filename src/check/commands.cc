// SPDX-License-Identifier: MIT
#include "check/commands.h"

#include <fmt/format.h>
#include <grp.h>
#include <unistd.h>

#include "base/files.h"
#include "base/text.h"
#include "check/evaluate.h"

namespace lf::check {
namespace {

/// As root, Nix without a daemon builds as members of this group, which Debian's package does not make.
bool lacks_build_users() { return ::geteuid() == 0 && ::getgrnam("nixbld") == nullptr; }

/// The stand-ins' builders are shell scripts of this machine; a sandbox has to let them see its shell and tools.
std::string host_tools() {
    const RootedFiles machine("/");
    std::vector<std::string> there;
    for (const char* folder : {"/bin", "/lib", "/lib64", "/usr"}) {
        if (machine.exists(folder)) there.emplace_back(folder);
    }
    return join(there, " ");
}

void option(std::vector<std::string>& words, const char* name, std::string value) {
    words.insert(words.end(), {"--option", name, std::move(value)});
}

/// What `build` and `run` need here beyond the plain form.
std::vector<std::string> needed(const CheckRequest& request, Nix* nix) {
    std::vector<std::string> words;
    if (nix != nullptr && !nix->flakes_switched_on()) {
        words = {"--extra-experimental-features", "nix-command flakes"};
    }
    if (nix != nullptr && !nix->store().path.empty()) words.insert(words.end(), {"--store", nix->store().path});
    if (nix != nullptr && lacks_build_users()) option(words, "build-users-group", "");
    // Nix would start itself as a helper, which a program behind a loader cannot.
    if (nix != nullptr && nix->program().argv.size() > 1) option(words, "build-hook", "");
    if (request.overrides.empty()) return words;
    if (request.stand_ins || request.offline) words.emplace_back("--offline");
    if (request.stand_ins) option(words, "sandbox-paths", host_tools());
    words.emplace_back("--no-write-lock-file");
    const auto overrides = override_words(request);
    words.insert(words.end(), overrides.begin(), overrides.end());
    return words;
}

class Writer {
  public:
    Writer(const CheckRequest& request, Nix* nix)
        : program_(nix == nullptr || nix->program().in_path ? std::vector<std::string>{"nix"} : nix->program().argv),
          needed_(needed(request, nix)),
          flake_(request.as_files_lie ? path_reference(request.flake) : "."),
          private_(nix != nullptr && !nix->store().path.empty()) {}

    HostCommand command(const char* what, const char* verb, const std::string& attribute,
                        const std::vector<std::string>& behind) const {
        HostCommand out{what, program_, "", program_.size(), needed_.size()};
        out.argv.insert(out.argv.end(), {verb, flake_ + "#" + attribute});
        out.argv.insert(out.argv.end(), needed_.begin(), needed_.end());
        // The link ./result would point to where a private store's files only seem to be.
        if (private_ && std::string_view(verb) == "build") out.argv.emplace_back("--no-link");
        out.argv.insert(out.argv.end(), behind.begin(), behind.end());
        out.text = shell_command(out.argv);
        return out;
    }

  private:
    std::vector<std::string> program_;
    std::vector<std::string> needed_;
    std::string flake_;
    bool private_;
};

/// Percent-encoded as far as a flake reference needs it.
std::string for_reference(std::string_view name) {
    constexpr std::string_view kTaken = "%#?&+^<>`{}|\\";
    std::string out;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte > '~' || kTaken.find(c) != std::string_view::npos) {
            out += fmt::format("%{:02X}", static_cast<unsigned>(byte));
        } else {
            out += c;
        }
    }
    return out;
}

/// Words that belong on one line: an option with its arguments.
std::vector<std::string> pieces(const std::vector<std::string>& argv) {
    const auto arguments = [](const std::string& word) -> std::size_t {
        if (word == "--option" || word == "--override-input") return 2;
        return word == "--store" || word == "--extra-experimental-features" ? 1 : 0;
    };
    std::vector<std::string> out;
    for (std::size_t i = 0; i < argv.size(); ++i) {
        std::string piece = shell_word(argv[i]);
        for (std::size_t left = arguments(argv[i]); left > 0 && i + 1 < argv.size(); --left) {
            piece += " " + shell_word(argv[++i]);
        }
        out.push_back(std::move(piece));
    }
    return out;
}

}  // namespace

std::string fragment(const std::string& host, const std::string& rest) {
    const bool quoted = host.empty() || host.find('.') != std::string::npos;
    const std::string name = for_reference(host);
    return fmt::format("nixosConfigurations.{0}{1}{0}.{2}", quoted ? "\"" : "", name, rest);
}

std::vector<HostCommands> commands(const CheckRequest& request, Nix* nix) {
    const Writer writer(request, nix);
    std::vector<HostCommands> out;
    for (const HostRequest& host : request.hosts) {
        HostCommands of{host.host, {}};
        if (host.plan) {
            const std::string package = fragment(host.host, "pkgs." + host.plan->build.package);
            of.commands.push_back(writer.command("build", "build", package, {}));
            of.commands.push_back(writer.command("run", "run", package, {"--", "--version"}));
        }
        of.commands.push_back(
            writer.command("system", "build", fragment(host.host, "config.system.build.toplevel"), {}));
        out.push_back(std::move(of));
    }
    return out;
}

namespace {

/// Words joined to lines of at most `width` columns, each but the last with a backslash behind it.
std::string wrapped_words(const std::vector<std::string>& words, std::size_t width) {
    std::string out;
    std::size_t column = 0;
    for (const std::string& piece : words) {
        if (column == 0) {
            out += piece;
            column = piece.size();
        } else if (column + 1 + piece.size() + 2 <= width) {  // 2: " \"
            out += " " + piece;
            column += 1 + piece.size();
        } else {
            out += " \\\n    " + piece;
            column = 4 + piece.size();
        }
    }
    return out;
}

/// `here VERB PACKAGE ARGS…`: nix with the switches of `command`.
std::string shell_function(const HostCommand& command, std::size_t width) {
    const auto begin = command.argv.begin();
    const auto behind = begin + static_cast<std::ptrdiff_t>(command.program_words);
    std::vector<std::string> words = pieces({begin, behind});
    words.insert(words.end(), {"\"$verb\"", "\"$what\""});
    const std::vector<std::string> switches =
        pieces({behind + 2, behind + 2 + static_cast<std::ptrdiff_t>(command.switches)});
    words.insert(words.end(), switches.begin(), switches.end());
    words.emplace_back("\"$@\"");
    return "here() {\n    verb=$1 what=$2; shift 2\n" + indent(wrapped_words(words, width - 4), "    ") + "\n}\n";
}

std::string by_function(const HostCommand& command) {
    std::vector<std::string> words{"here"};
    const auto behind = command.argv.begin() + static_cast<std::ptrdiff_t>(command.program_words);
    words.insert(words.end(), behind, behind + 2);
    words.insert(words.end(), behind + 2 + static_cast<std::ptrdiff_t>(command.switches), command.argv.end());
    return shell_command(words);
}

}  // namespace

std::string wrapped(const HostCommand& command, std::size_t width) {
    return wrapped_words(pieces(command.argv), width);
}

std::string to_script(const std::vector<HostCommands>& commands, const std::string& folder) {
    std::string out = fmt::format("cd {}\n", shell_word(folder));
    if (commands.empty()) return out;
    const HostCommand& first = commands.front().commands.front();
    const bool once = first.switches > 4;
    if (once) out += shell_function(first, 80);
    for (const HostCommands& host : commands) {
        out += fmt::format("# {}\n", printable(host.host));
        for (const HostCommand& command : host.commands) out += (once ? by_function(command) : wrapped(command)) + "\n";
    }
    return out;
}

}  // namespace lf::check
