// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "audit/render.h"
#include "base/text.h"
#include "cli/audit_request.h"
#include "cli/finish.h"
#include "cli/verbs.h"

namespace lf::cli {
namespace {

ExitCode code_of(audit::Outcome outcome) {
    switch (outcome) {
        case audit::Outcome::runs: return kYes;
        case audit::Outcome::crashes:
        case audit::Outcome::wrong:
        case audit::Outcome::not_loaded: return kNo;
        case audit::Outcome::cannot_tell: return kWorldFailed;
    }
    return kWorldFailed;
}

/// A card counts where the build has code for its maker.
ExitCode code_of(const audit::CardVerdict& card) {
    if (card.backend.empty()) return kYes;
    if (!card.known) return kWorldFailed;
    return card.fit == gpucode::Fit::no ? kNo : kYes;
}

/// A crash somewhere is the answer, whatever else could not be told.
int code_of(const audit::Report& report) {
    int code = report.problems.empty() ? kYes : kWorldFailed;
    bool no = false;
    const auto take = [&](ExitCode one) {
        no = no || one == kNo;
        if (one == kWorldFailed) code = one;
    };
    for (const audit::Report::Host& host : report.hosts) {
        take(code_of(host.verdict.outcome));
        for (const audit::CardVerdict& card : host.verdict.cards) take(code_of(card));
    }
    return no ? kNo : code;
}

/// What an option is for, where it is given without its partner.
Done check_partners(const Arguments& arguments) {
    const bool flake = arguments.has("--flake");
    if (flake && !arguments.positional().empty())
        return fail(usage_error("audit-what", "--flake and paths are two questions",
                                "ask one: llama-fleet audit PATH, or llama-fleet audit --flake FLAKE"));
    if (!flake && arguments.positional().empty())
        return fail(usage_error("usage-argument", "'audit' needs PATH",
                                "a file, a folder or a store path; for all hosts of a flake: --flake FLAKE"));
    if (flake && arguments.has("--root"))
        return fail(usage_error("audit-what", "--flake and --root exclude each other",
                                "other facts of its hosts are given as --facts FILE"));
    for (const char* option : {"--stand-ins", "--override-input", "--time-limit"})
        if (!flake && arguments.has(option))
            return fail(usage_error("audit-what", fmt::format("{} is for --flake: it says how Nix is asked", option),
                                    "see: llama-fleet audit --help"));
    return {};
}

std::string text_of(const FlakeAudit& flake, const audit::RenderOptions& options) {
    std::string out = audit::render_text(flake.report, options);
    if (flake.not_built.empty()) return out;
    return out + "\nCommands that build what is not here:\n\n" + check::to_script(flake.not_built, flake.root);
}

Result<int> audit_verb(const Arguments& arguments, Terminal& terminal) {
    LF_TRY(check_partners(arguments));
    FlakeAudit asked;
    if (arguments.has("--flake")) {
        LF_ASSIGN(asked, audit_flake(arguments, terminal));
    } else {
        LF_ASSIGN(asked.report, audit_paths(arguments, terminal));
    }
    const audit::RenderOptions options{arguments.has("--functions")};
    terminal.answer(arguments.has("--json") ? audit::to_json(asked.report, options) : text_of(asked, options));
    return code_of(asked.report);
}

}  // namespace

int run_audit(const Arguments& arguments, Terminal& terminal) {
    return finish(audit_verb(arguments, terminal), terminal);
}

}  // namespace lf::cli
