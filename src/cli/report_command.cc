// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/finish.h"
#include "cli/verbs.h"
#include "report/gather.h"
#include "report/render.h"
#include "report/words.h"

namespace lf::cli {
namespace {

std::string json_of(const report::FleetReport& fleet) { return report::to_json(fleet); }

struct Format {
    std::string_view name;
    std::string_view ending;  ///< of --output, that asks for it
    std::string (*render)(const report::FleetReport&);
};
constexpr std::array kFormats{
    Format{"text", ".txt", report::render_text},
    Format{"html", ".html", report::render_html},
    Format{"markdown", ".md", report::render_markdown},
    Format{"json", ".json", json_of},
};

std::string names_of_formats() {
    std::vector<std::string> names(kFormats.size());
    std::transform(kFormats.begin(), kFormats.end(), names.begin(),
                   [](const Format& format) { return std::string(format.name); });
    return join(names, ", ");
}

/// By --format or --json; nullptr = neither is given.
Result<const Format*> format_asked(const Arguments& arguments) {
    std::string wanted = arguments.value("--format").value_or("");
    if (arguments.has("--json") && !wanted.empty() && wanted != "json")
        return fail(
            usage_error("report-format", fmt::format("--json and --format {} exclude each other", printable(wanted))));
    if (arguments.has("--json")) wanted = "json";
    if (wanted.empty()) return nullptr;
    std::vector<std::string> names;
    for (const Format& format : kFormats) {
        if (wanted == format.name) return &format;
        names.emplace_back(format.name);
    }
    const auto near = did_you_mean(wanted, names);
    return fail(usage_error(
        "report-format", fmt::format("unknown format '{}'", printable(wanted)),
        near ? fmt::format("did you mean '{}'?", *near) : fmt::format("the formats are: {}", names_of_formats())));
}

/// By the ending of --output, in capitals or not; a name without an ending is text.
Result<const Format*> format_of(const Arguments& arguments) {
    LF_ASSIGN(const Format* asked, format_asked(arguments));
    if (asked != nullptr) return asked;
    std::string ending = std::filesystem::path(arguments.value("--output").value_or("")).extension().string();
    for (char& c : ending)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (ending.empty()) return &kFormats.front();
    for (const Format& format : kFormats)
        if (ending == format.ending) return &format;
    return fail(
        usage_error("report-format", fmt::format("no format is known for files that end with '{}'", printable(ending)),
                    fmt::format("--format says which it is to be: {}; the endings are .txt, .html, .md and .json",
                                names_of_formats())));
}

Result<int> report_verb(const Arguments& arguments, Terminal& terminal) {
    LF_ASSIGN(const Format* format, format_of(arguments));
    const std::string root = arguments.positional().empty() ? "." : arguments.positional()[0];
    std::optional<report::CheckText> check;
    std::optional<Error> no_check;
    if (const auto file = arguments.value("--check")) {
        if (auto text = read_file(*file)) check = {*file, std::move(*text)};
        else no_check = std::move(text.error());
    }
    std::vector<report::CheckText> audits;
    std::vector<Error> unread;
    for (const std::string& file : arguments.values("--audit")) {
        if (auto text = read_file(file)) audits.push_back({file, std::move(*text)});
        else unread.push_back(std::move(text.error()));
    }
    std::error_code ignored;
    if (!std::filesystem::is_directory(root, ignored)) {
        Error error = usage_error(
            "no-fleet", std::filesystem::exists(root, ignored) ? "this is not a folder" : "there is no such folder",
            "give the folder of your flake, the one that llama-fleet/facts lies in");
        error.where.file = root;
        return fail(std::move(error));
    }
    auto fleet = report::gather(RootedFiles(root), check, arguments.values("--host"), audits);
    if (!fleet) {
        if (fleet.error().id == "no-fleet") fleet.error().where.file = root;
        return fail(std::move(fleet.error()));
    }
    if (no_check) fleet->problems.push_back(std::move(*no_check));
    for (Error& error : unread) fleet->problems.push_back(std::move(error));
    const std::string text = format->render(*fleet);
    if (const auto output = arguments.value("--output"); output && *output != "-") {
        LF_TRY(write_file_atomically(*output, text));
        terminal.talk(fmt::format("written: {} ({}, {} KB)\n", printable(*output),
                                  report::counted(static_cast<int>(fleet->hosts.size()), "host"),
                                  (text.size() + 999) / 1000));
    } else {
        terminal.answer(text);
    }
    const int problems = report::counts_of(*fleet).problems;
    if (problems == 0) return kYes;
    terminal.talk(fmt::format("{} could not be read; the report says which\n", report::counted(problems, "file")));
    return kWorldFailed;
}

}  // namespace

int run_report(const Arguments& arguments, Terminal& terminal) {
    return finish(report_verb(arguments, terminal), terminal);
}

}  // namespace lf::cli
