// SPDX-License-Identifier: MIT
#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/process.h"
#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/terminal.h"

namespace lf::cli {
namespace {

std::string help_for(const Parsed& parsed) {
    if (parsed.man) return man_page();
    return parsed.command != nullptr ? command_text(*parsed.command) : overview_text();
}

std::string_view colour_asked_for(const std::vector<std::string>& words) {
    for (const std::string_view when : {"always", "never"})
        if (std::find(words.begin(), words.end(), fmt::format("--color={}", when)) != words.end()) return when;
    return "auto";
}

}  // namespace

int run(const std::vector<std::string>& words) {
    const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
    Terminal terminal(colour_asked_for(words), json);
    const auto parsed = parse_arguments(words);
    if (!parsed) {
        terminal.error(parsed.error());
        return exit_code_of(parsed.error().kind);
    }
    int code = kYes;
    if (parsed->version) terminal.answer(fmt::format("llama-fleet {}\n", LLAMA_FLEET_VERSION));
    else if (parsed->help) terminal.answer(help_for(*parsed));
    else {
        watch_interrupts();
        code = parsed->command->run(parsed->arguments, terminal);
        if (interrupted()) code = kInterrupted;
    }
    if (words.empty()) return kWrongUse;
    return terminal.failed() && code == kYes ? static_cast<int>(kWorldFailed) : code;
}

}  // namespace lf::cli
