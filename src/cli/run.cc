// SPDX-License-Identifier: MIT
#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

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

/// Asked before all else is read, so that an error is shown as is wished, too. Whether the word can be meant is judged
/// by parse_arguments.
std::string_view colour_asked_for(const std::vector<std::string>& words) {
    constexpr std::string_view kOption = "--color";
    std::string_view when = "auto";
    for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
        const std::string_view word = words[i];
        if (word == kOption && i + 1 < words.size()) when = words[++i];
        else if (word.starts_with(kOption) && word.substr(kOption.size()).starts_with('='))
            when = word.substr(kOption.size() + 1);
    }
    return when;
}

/// Whatever the answer was, nobody got it. Who closes a pipe (head -1) has seen enough and is told nothing.
int code_without_answer(int code, Terminal& terminal) {
    const bool closed = terminal.write_error() == EPIPE;
    if (!closed)
        terminal.error(
            world_error("answer-not-written",
                        fmt::format("the answer could not be written: {}", std::strerror(terminal.write_error())),
                        "make room, or give the output another place"));
    return code == kYes || (!closed && code != kInterrupted && code != kWrongUse) ? static_cast<int>(kWorldFailed)
                                                                                  : code;
}

int run_words(const std::vector<std::string>& words, Terminal& terminal) {
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
    return terminal.write_error() != 0 ? code_without_answer(code, terminal) : code;
}

}  // namespace

int run(const std::vector<std::string>& words) {
    const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
    Terminal terminal(colour_asked_for(words), json);
    try {
        return run_words(words, terminal);
    } catch (const std::bad_alloc&) {
        // What was being made is gone by now: there is room for a sentence.
        const Error error = world_error("out-of-memory", "there is not enough memory for what was asked",
                                        "ask for less at once, or raise the limit (ulimit -v)");
        terminal.error(error);
        return exit_code_of(error.kind);
    }
}

}  // namespace lf::cli
