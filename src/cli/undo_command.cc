// SPDX-License-Identifier: MIT
// fit --undo: the record says what fit has done; no facts, no plans and no Nix are needed.
#include <fmt/format.h>

#include <array>

#include "cli/fit_output.h"
#include "cli/fit_ways.h"
#include "cli/fit_write.h"
#include "flake/undo.h"

namespace lf::cli {
namespace {

/// What only a fit can use.
constexpr std::array<std::string_view, 10> kNotWithUndo{"--host",         "--here",          "--root", "--facts",
                                                        "--allow-unfree", "--update",        "--pin",  "--prove",
                                                        "--stand-ins",    "--override-input"};

}  // namespace

Result<int> undo_fit(const Arguments& arguments, ProcessRunner& processes, Terminal& terminal) {
    for (const std::string_view option : kNotWithUndo)
        if (arguments.has(option))
            return fail(usage_error("usage-option", fmt::format("{} has no meaning with --undo", option),
                                    "--undo takes everything out that fit has put into this flake"));
    LF_ASSIGN(const flake::Repository repository, flake::read_repository(arguments.positional()[0], processes));
    LF_ASSIGN(const flake::RecoverResult recovered, flake::recover(repository.root));
    terminal.talk(recovery_text(recovered));
    LF_ASSIGN(flake::FitResult undone, flake::undo({repository.root, arguments.has("--force")}));
    LF_TRY(not_in_submodules(repository, undone));
    const bool write = arguments.has("--write");
    if (write && !undone.changes.empty())
        LF_TRY(write_changes(repository, undone, false, arguments, processes, terminal));
    const FleetFacts facts;
    const std::map<std::string, plan::Plan> plans;
    const FitOutput output{.root = repository.root,
                           .hosts = {},
                           .facts = facts,
                           .plans = plans,
                           .fit = undone,
                           .written = write,
                           .whole_diff = arguments.has("--diff"),
                           .nothing = "nothing to do: no edit of fit is in this flake"};
    terminal.answer(arguments.has("--json") ? fit_json(output) : fit_text(output, terminal));
    return undone.instructions.empty() ? kYes : kNeedsOwner;
}

}  // namespace lf::cli
