// SPDX-License-Identifier: MIT
#include "cli/lint_command.h"

#include <fmt/format.h>

#include <set>

#include "base/files.h"
#include "base/text.h"
#include "check/survey.h"
#include "cli/arguments.h"
#include "cli/check_inputs.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "flake/repository.h"
#include "flake/sources.h"
#include "flake/transaction.h"
#include "lint/lint.h"
#include "lint/render.h"

namespace lf::cli {
namespace {

Done check_options(const Arguments& arguments) {
    if (arguments.has("--diff") && !arguments.has("--fix"))
        return fail(usage_error("usage-option", "--diff shows what --fix would write: give both"));
    if (!arguments.values("--host").empty() && !arguments.has("--eval"))
        return fail(usage_error("usage-option", "--lint reads the texts of all hosts: --host is for --eval"));
    if (arguments.has("--eval") && arguments.has("--fix"))
        return fail(usage_error("usage-option", "--fix mends texts, and what only evaluation shows is in none",
                                "first --lint --fix, then --lint --eval"));
    return {};
}

/// The repository without the Nix files that git ignores: a flake does not see them, and they are not for mending.
class VisibleFiles final : public FileSource {
  public:
    VisibleFiles(const std::string& root, std::set<std::string> hidden) : files_(root), hidden_(std::move(hidden)) {}
    Result<std::string> read(const std::string& path) const override { return files_.read(path); }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        auto names = files_.list(path);
        const std::string folder = path == "/" ? "" : path.substr(1) + "/";
        if (names) std::erase_if(*names, [&](const std::string& name) { return hidden_.contains(folder + name); });
        return names;
    }
    Result<std::string> read_link(const std::string& path) const override { return files_.read_link(path); }
    bool exists(const std::string& path) const override { return files_.exists(path); }

  private:
    RootedFiles files_;
    std::set<std::string> hidden_;
};

Result<VisibleFiles> visible_files(const flake::Repository& repository, ProcessRunner& processes) {
    const RootedFiles all(repository.root);
    flake::Sources sources(all);
    LF_ASSIGN(auto hidden, flake::ignored_files(repository, sources.all_nix_files(), processes));
    // A flake in a folder that the repository around it ignores is no part of that repository.
    if (hidden.contains("flake.nix")) hidden.clear();
    return VisibleFiles(repository.root, std::move(hidden));
}

/// What the hosts really get. The reason why not is an error only where nobody could be asked at all.
Result<std::vector<check::HostSurvey>> ask_hosts(const std::string& root, const Arguments& arguments,
                                                 ProcessRunner& processes, Terminal& terminal) {
    LF_ASSIGN(check::CheckRequest request, check_request(root, arguments));
    for (const std::string& host : arguments.values("--host")) request.hosts.push_back({host, std::nullopt});
    LF_ASSIGN(check::Nix nix, check::Nix::find(processes, check::search_from_environment()));
    terminal.progress("asking Nix …");
    LF_ASSIGN(auto surveys, check::survey(request, nix));
    for (const check::HostSurvey& host : surveys)
        if (!host.present && !request.hosts.empty() && !host.failure)
            return fail(usage_error("unknown-host", fmt::format("the flake has no host '{}'", printable(host.host))));
    return surveys;
}

/// What could not be read may hold anything: then "nothing found" is no yes.
int code_of(const lint::Report& report) {
    if (lint::has_faults(report)) return kNo;
    return report.unread.empty() && !report.incomplete ? kYes : kWorldFailed;
}

Result<int> fix_files(const flake::Repository& repository, const FileSource& files, const Arguments& arguments,
                      Terminal& terminal) {
    LF_ASSIGN(const lint::Fixed fixed, lint::fix(files));
    const bool only_show = arguments.has("--diff");
    if (!repository.git.busy.empty() && !fixed.changes.empty() && !only_show)
        return fail(owner_error("git-busy", fmt::format("a {} is in progress in this repository", repository.git.busy),
                                "finish or abort it first"));
    if (!only_show) LF_TRY(flake::apply_changes(repository.root, fixed.changes));
    if (arguments.has("--json")) {
        // With --diff nothing is mended: then the findings are those of the files as they are, with their edits.
        terminal.answer(only_show ? lint::to_json(lint::lint(files)) : lint::to_json(fixed.rest, fixed.done));
        return code_of(fixed.rest);
    }
    for (const flake::FileChange& change : fixed.changes)
        terminal.answer(terminal.paint_diff(unified_diff(change.path, change.before, change.after)));
    if (only_show) {
        terminal.talk(fmt::format("not written: {} edit{}; without --diff {}\n", fixed.done, fixed.done == 1 ? "" : "s",
                                  fixed.done == 1 ? "it is" : "they are"));
        return code_of(fixed.rest);
    }
    if (!fixed.changes.empty()) terminal.answer("\n");
    terminal.answer(fmt::format("mended: {} in {} file{}\n\n", fixed.done, fixed.changes.size(),
                                fixed.changes.size() == 1 ? "" : "s"));
    terminal.answer(lint::to_text(fixed.rest));
    return code_of(fixed.rest);
}

}  // namespace

bool wants_lint(const Arguments& arguments) {
    return arguments.has("--lint") || arguments.has("--fix") || arguments.has("--eval") || arguments.has("--diff");
}

Result<int> lint_verb(const Arguments& arguments, Terminal& terminal) {
    LF_TRY(check_options(arguments));
    RealProcesses processes;
    LF_ASSIGN(const flake::Repository repository, flake::read_repository(arguments.positional()[0], processes));
    LF_ASSIGN(const VisibleFiles files, visible_files(repository, processes));
    if (arguments.has("--fix")) return fix_files(repository, files, arguments, terminal);
    std::optional<Result<std::vector<check::HostSurvey>>> asked;
    if (arguments.has("--eval")) asked = ask_hosts(repository.root, arguments, processes, terminal);
    const lint::Report report = asked && *asked ? lint::lint(files, **asked) : lint::lint(files);
    terminal.answer(arguments.has("--json") ? lint::to_json(report) : lint::to_text(report));
    if (asked && !*asked) return fail(std::move(asked->error()));  // the text was judged all the same
    return code_of(report);
}

}  // namespace lf::cli
