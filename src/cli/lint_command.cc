// SPDX-License-Identifier: MIT
#include "cli/lint_command.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "check/survey.h"
#include "cli/arguments.h"
#include "cli/check_inputs.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "flake/repository.h"
#include "flake/transaction.h"
#include "lint/lint.h"
#include "lint/render.h"

namespace lf::cli {
namespace {

Done check_options(const Arguments& arguments) {
    if (arguments.has("--diff") && !arguments.has("--fix"))
        return fail(usage_error("usage-option", "--diff shows what --fix would write: give both"));
    if (arguments.has("--eval") && arguments.has("--fix"))
        return fail(usage_error("usage-option", "--fix mends texts, and what only evaluation shows is in none",
                                "first --lint --fix, then --lint --eval"));
    return {};
}

/// What the hosts really get. The reason why not is an error only where nobody could be asked at all.
Done add_evaluation(lint::Report& report, const FileSource& files, const std::string& root, const Arguments& arguments,
                    ProcessRunner& processes, Terminal& terminal) {
    LF_ASSIGN(check::CheckRequest request, check_request(root, arguments));
    for (const std::string& host : arguments.values("--host")) request.hosts.push_back({host, std::nullopt});
    LF_ASSIGN(check::Nix nix, check::Nix::find(processes, check::search_from_environment()));
    terminal.progress("asking Nix …");
    LF_ASSIGN(const auto surveys, check::survey(request, nix));
    lint::add_surveys(report, files, surveys);
    return {};
}

/// What could not be read may hold anything: then "nothing found" is no yes.
int code_of(const lint::Report& report) {
    if (lint::has_faults(report)) return kNo;
    return report.unread.empty() ? kYes : kWorldFailed;
}

Result<int> fix_files(const flake::Repository& repository, const Arguments& arguments, Terminal& terminal) {
    const RootedFiles files(repository.root);
    LF_ASSIGN(const lint::Fixed fixed, lint::fix(files));
    if (!repository.git.busy.empty() && !fixed.changes.empty())
        return fail(owner_error("git-busy", fmt::format("a {} is in progress in this repository", repository.git.busy),
                                "finish or abort it first"));
    const bool only_show = arguments.has("--diff");
    if (!only_show) LF_TRY(flake::apply_changes(repository.root, fixed.changes));
    if (arguments.has("--json")) {
        terminal.answer(lint::to_json(fixed.rest, fixed.done));
        return code_of(fixed.rest);
    }
    for (const flake::FileChange& change : fixed.changes)
        terminal.answer(terminal.paint_diff(unified_diff(change.path, change.before, change.after)));
    if (only_show) {
        terminal.talk(fmt::format("not written: {} edits; without --diff they are\n", fixed.done));
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
    if (arguments.has("--fix")) return fix_files(repository, arguments, terminal);
    const RootedFiles files(repository.root);
    lint::Report report = lint::lint(files);
    std::optional<Error> not_asked;
    if (arguments.has("--eval")) {
        auto asked = add_evaluation(report, files, repository.root, arguments, processes, terminal);
        if (!asked) not_asked = std::move(asked.error());
    }
    terminal.answer(arguments.has("--json") ? lint::to_json(report) : lint::to_text(report));
    if (not_asked) return fail(std::move(*not_asked));  // the text was judged all the same
    return code_of(report);
}

}  // namespace lf::cli
