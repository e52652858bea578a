// SPDX-License-Identifier: MIT
#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/wrap.h"
#include "cli/exit_code.h"

namespace lf::cli {
namespace {

std::string spelled(const Option& option) {
    switch (option.takes) {
        case Takes::nothing: return std::string(option.name);
        case Takes::optional: return fmt::format("{} [{}]", option.name, option.value);
        default: return fmt::format("{} {}", option.name, option.value);
    }
}

std::string option_lines(std::span<const Option> options) {
    constexpr std::size_t kColumn = 26;
    std::string out;
    for (const Option& option : options) {
        std::string left = "  " + spelled(option);
        left += left.size() + 2 > kColumn ? "\n" + std::string(kColumn, ' ') : std::string(kColumn - left.size(), ' ');
        const std::size_t line = left.find('\n') + 1;  // 0 if there is none
        out += left.substr(0, line) + wrapped(left.substr(line), option.help, kColumn);
    }
    return out;
}

std::string paragraphs(std::string_view text) {
    std::string out;
    for (const std::string_view line : lines(text)) out += wrapped("", line, 0);
    return out;
}

std::string exit_codes() {
    std::string out = "Exit codes\n";
    for (const ExitMeaning& meaning : kExitMeanings)
        out += fmt::format("  {:<4}{}\n", static_cast<int>(meaning.code), meaning.text);
    return out;
}

/// Text with what man(7) would take for a command made harmless.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') out += "\\e";
        else if (c == '-') out += "\\-";
        else out += c;
    }
    if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
    return out;
}

std::string man_options(std::span<const Option> options) {
    std::string out;
    for (const Option& option : options)
        out += fmt::format(".TP\n.B {}\n{}\n", roff(spelled(option)), roff(option.help));
    return out;
}

}  // namespace

std::string overview_text() {
    std::string out = "llama-fleet: the fastest llama.cpp on every machine you own, and proof of it\n\n";
    out += "Usage: llama-fleet COMMAND [ARGUMENTS]\n\n";
    for (const Command& command : commands()) out += fmt::format("  {:<9}{}\n", command.name, command.summary);
    out += "\nllama-fleet COMMAND --help tells more. stdout is the answer, stderr is talk.\n\n";
    return out + exit_codes();
}

std::string command_text(const Command& command) {
    std::string out = wrapped("", fmt::format("llama-fleet {}: {}", command.name, command.summary), 0) + "\n";
    out += fmt::format("Usage: llama-fleet {}{}{} [OPTIONS]\n\n", command.name, command.positional.empty() ? "" : " ",
                       command.positional);
    out += paragraphs(command.description);
    out += "\nOptions\n" + option_lines(command.options) + option_lines(common_options());
    if (!command.examples.empty()) out += "\nExamples\n";
    for (const std::string_view example : command.examples) out += fmt::format("  {}\n", example);
    return out + "\n" + exit_codes();
}

std::string man_page() {
    std::string out =
        ".TH LLAMA\\-FLEET 1\n.SH NAME\nllama\\-fleet \\- the fastest llama.cpp on every machine you own, and "
        "proof of it\n.SH SYNOPSIS\n.B llama\\-fleet\n.I COMMAND\n[ARGUMENTS]\n.SH COMMANDS\n";
    for (const Command& command : commands()) {
        out += fmt::format(".SS {} {}\n{}\n.PP\n", command.name, roff(command.positional), roff(command.summary));
        for (const std::string_view line : lines(command.description))
            out += line.empty() ? std::string(".PP\n") : roff(line) + "\n";
        out += man_options(command.options);
        for (const std::string_view example : command.examples)
            out += fmt::format(".PP\n.EX\n{}\n.EE\n", roff(example));
    }
    out += ".SH COMMON OPTIONS\n" + man_options(common_options()) + ".SH EXIT STATUS\n";
    for (const ExitMeaning& meaning : kExitMeanings)
        out += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(meaning.code), roff(meaning.text));
    return out;
}

}  // namespace lf::cli
