// SPDX-License-Identifier: MIT
#include "cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "base/text.h"

namespace lf::cli {
namespace {

const Command* find_command(std::string_view name) {
    for (const Command& command : commands())
        if (command.name == name) return &command;
    return nullptr;
}

Error unknown_command(std::string_view word) {
    std::vector<std::string> names;
    for (const Command& command : commands()) names.emplace_back(command.name);
    const auto near = did_you_mean(word, names);
    return usage_error(
        "usage-command", fmt::format("unknown command '{}'", printable(word)),
        near ? fmt::format("did you mean '{}'?", *near) : fmt::format("the commands are: {}", join(names, ", ")));
}

Error unknown_option(const Command& command, std::string_view word) {
    std::vector<std::string> names;
    for (const auto options : {command.options, common_options()})
        for (const Option& option : options) names.emplace_back(option.name);
    const auto near = did_you_mean(word.substr(0, word.find('=')), names);
    return usage_error(
        "usage-option", fmt::format("'{}' has no option '{}'", command.name, printable(word)),
        near ? fmt::format("did you mean '{}'?", *near) : fmt::format("see: llama-fleet {} --help", command.name));
}

using Values = std::map<std::string, std::vector<std::string>, std::less<>>;

void declare(CLI::App& app, const Option& option, Values& values) {
    const std::string name(option.name);
    if (option.takes == Takes::nothing) {
        app.add_flag_callback(name, [&values, name] { values[name]; });
        return;
    }
    const auto keep = [&values, name](const std::vector<std::string>& given) {
        // CLI11 hands an option without its optional value over as one empty word.
        for (const std::string& word : given) values[name].push_back(word);
        values[name];
        return true;
    };
    CLI::Option* declared = app.add_option(name, keep);
    const bool may_be_bare = option.takes == Takes::optional || option.takes == Takes::many_or_none;
    declared->type_size(may_be_bare ? 0 : 1, 1);
    declared->expected(may_be_bare ? 0 : 1, 1);
    declared->allow_extra_args(false);
    if (option.takes == Takes::optional) declared->take_last();
    else declared->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// An empty word is a script's variable that was not set, and never a path, a name or a number: taken for "not given",
/// `--root ""` would look at this machine and call it another.
Done check_empty_words(const Command& command, const std::vector<std::string>& words) {
    constexpr std::string_view kHint = "a variable that is not set? Leave it out, or name something";
    const auto is_option = [&](std::string_view word) {
        const auto named = [&](const Option& option) { return option.takes != Takes::nothing && option.name == word; };
        return std::any_of(command.options.begin(), command.options.end(), named) ||
               std::any_of(common_options().begin(), common_options().end(), named);
    };
    std::string_view before;
    for (const std::string& word : words) {
        const bool bare = word.ends_with('=') && is_option(std::string_view(word).substr(0, word.size() - 1));
        if (bare) before = std::string_view(word).substr(0, word.size() - 1);
        if (bare || (word.empty() && is_option(before)))
            return fail(usage_error("usage-option", fmt::format("{}: an empty value", before), std::string(kHint)));
        if (word.empty())
            return fail(usage_error("usage-argument", fmt::format("'{}' is given an empty argument", command.name),
                                    std::string(kHint)));
        before = word;
    }
    return {};
}

/// Two different values where one is taken: which was meant?
Done check_given_once(const Command& command, const Values& values) {
    for (const Option& option : command.options) {
        const auto given = values.find(option.name);
        if (option.takes != Takes::one || given == values.end()) continue;
        for (const std::string& word : given->second)
            if (word != given->second.front())
                return fail(usage_error("usage-option",
                                        fmt::format("{} is given twice: '{}' and '{}'", option.name,
                                                    printable(given->second.front()), printable(word)),
                                        "leave one out"));
    }
    return {};
}

/// --color, which every command has.
Done check_colour(const Values& values) {
    const auto given = values.find("--color");
    if (given == values.end() || given->second.empty()) return {};
    static constexpr std::array<std::string_view, 3> kWhen{"auto", "always", "never"};
    const std::string& when = given->second.back();
    if (std::find(kWhen.begin(), kWhen.end(), when) != kWhen.end()) return {};
    const std::vector<std::string> names(kWhen.begin(), kWhen.end());
    const auto near = did_you_mean(when, names);
    return fail(usage_error("usage-option", fmt::format("--color: '{}' is no time to colour", printable(when)),
                            near ? fmt::format("did you mean '{}'?", *near) : "it takes auto, always or never"));
}

Done check_positional(const Command& command, const std::vector<std::string>& words) {
    if (words.size() < command.least_positional)
        return fail(usage_error("usage-argument", fmt::format("'{}' needs {}", command.name, command.positional),
                                fmt::format("see: llama-fleet {} --help", command.name)));
    if (words.size() > command.most_positional)
        return fail(usage_error(
            "usage-argument",
            fmt::format("'{}' takes no argument '{}'", command.name, printable(words[command.most_positional])),
            fmt::format("see: llama-fleet {} --help", command.name)));
    return {};
}

Result<Values> parse_options(const Command& command, std::vector<std::string> words, std::vector<std::string>& rest) {
    // What stands behind "--" is no option, whatever it looks like.
    const auto dashes = std::find(words.begin(), words.end(), "--");
    const std::vector<std::string> behind(dashes == words.end() ? dashes : dashes + 1, words.end());
    words.erase(dashes, words.end());
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    Values values;
    for (const auto options : {command.options, common_options()})
        for (const Option& option : options) declare(app, option, values);
    try {
        std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
        app.parse(words);
    } catch (const CLI::ArgumentMismatch& error) {
        const std::string_view what = error.what();
        return fail(usage_error("usage-option",
                                fmt::format("'{}' needs a value", printable(what.substr(0, what.find(':')))),
                                fmt::format("see: llama-fleet {} --help", command.name)));
    } catch (const CLI::ParseError& error) {
        return fail(usage_error("usage-option", printable(error.what()),
                                fmt::format("see: llama-fleet {} --help", command.name)));
    }
    for (const std::string& word : app.remaining()) {
        if (word.size() > 1 && word.starts_with('-')) return fail(unknown_option(command, word));
        rest.push_back(word);
    }
    rest.insert(rest.end(), behind.begin(), behind.end());
    return values;
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view option) const {
    const auto found = values_.find(option);
    if (found == values_.end() || found->second.empty() || found->second.back().empty()) return std::nullopt;
    return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
    const auto found = values_.find(option);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Result<std::map<std::string, std::string>> Arguments::pairs(std::string_view option) const {
    std::map<std::string, std::string> out;
    for (const std::string& word : values(option)) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == word.size())
            return fail(
                usage_error("usage-pair", fmt::format("{}: expected NAME=VALUE, got '{}'", option, printable(word))));
        out[word.substr(0, equals)] = word.substr(equals + 1);
    }
    return out;
}

Result<int> Arguments::number(std::string_view option, int otherwise, int least, int most) const {
    const auto word = value(option);
    if (!word) return otherwise;
    const auto parsed = parse_unsigned(*word);
    if (!parsed || *parsed < static_cast<unsigned long long>(least) || *parsed > static_cast<unsigned long long>(most))
        return fail(usage_error("usage-number", fmt::format("{}: expected a whole number from {} to {}, got '{}'",
                                                            option, least, most, printable(*word))));
    return static_cast<int>(*parsed);
}

Result<Parsed> parse_arguments(const std::vector<std::string>& words) {
    Parsed parsed;
    if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        parsed.help = true;
        if (words.size() > 1 && words[0] == "help") {
            parsed.man = words[1] == "--man";
            if (!parsed.man && (parsed.command = find_command(words[1])) == nullptr)
                return fail(unknown_command(words[1]));
        }
        return parsed;
    }
    if (words[0] == "--version") {
        parsed.version = true;
        return parsed;
    }
    parsed.command = find_command(words[0]);
    if (parsed.command == nullptr) return fail(unknown_command(words[0]));
    std::vector<std::string> rest(words.begin() + 1, words.end());
    const auto end = std::find(rest.begin(), rest.end(), "--");
    if (std::find(rest.begin(), end, "--help") != end || std::find(rest.begin(), end, "-h") != end) {
        parsed.help = true;
        return parsed;
    }
    LF_TRY(check_empty_words(*parsed.command, rest));
    LF_ASSIGN(parsed.arguments.values_, parse_options(*parsed.command, std::move(rest), parsed.arguments.positional_));
    LF_TRY(check_given_once(*parsed.command, parsed.arguments.values_));
    LF_TRY(check_colour(parsed.arguments.values_));
    LF_TRY(check_positional(*parsed.command, parsed.arguments.positional_));
    return parsed;
}

}  // namespace lf::cli
