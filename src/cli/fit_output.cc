// SPDX-License-Identifier: MIT
#include "cli/fit_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/wrap.h"
#include "plan/explain.h"

namespace lf::cli {
namespace {

using flake::FileChange;

std::string count_of(std::size_t count, std::string_view one) {
    return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

/// One line for a file that is new or gone: its text says nothing that the owner wrote.
std::string one_line(const FileChange& change) {
    if (!change.before)
        return fmt::format("  new      {} ({})\n", change.path, count_of(lines(*change.after).size(), "line"));
    if (!change.after)
        return fmt::format("  deleted  {} ({})\n", change.path, count_of(lines(*change.before).size(), "line"));
    return fmt::format("  changed  {}\n", change.path);
}

bool is_data(const FileChange& change) { return change.path.starts_with("llama-fleet/"); }

std::string changes_text(const FitOutput& output, const Terminal& terminal) {
    std::string listed;
    std::string diffs;
    for (const FileChange& change : output.fit.changes) {
        const bool whole = output.whole_diff || (change.before && change.after && !is_data(change));
        if (whole) diffs += unified_diff(change.path, change.before, change.after);
        else listed += one_line(change);
    }
    std::string out = terminal.paint_diff(diffs);
    if (!out.empty() && !listed.empty()) out += '\n';
    return out + listed;
}

std::string instruction_text(const flake::Instruction& instruction) {
    const std::string line = instruction.line != 0 ? fmt::format(":{}", instruction.line) : "";
    std::string out =
        wrapped("", fmt::format("{}{}: {}", printable(instruction.file), line, printable(instruction.why)), 2);
    out += indent(printable(instruction.text, true), "    ");
    if (!out.ends_with('\n')) out += '\n';
    return out;
}

/// The spans of one change, as offsets, lines and columns (bytes, from 1) of the file before it.
Json spans_of(const FileChange& change, const std::vector<nixsyntax::Edit>& edits) {
    Json out = Json::array();
    for (const nixsyntax::Edit& edit : edits) {
        const Where where = at_offset({}, {}, *change.before, edit.span.begin).where;
        out.push_back({{"offset", edit.span.begin},
                       {"length", edit.span.size()},
                       {"line", where.line},
                       {"column", where.column},
                       {"inserted", edit.text}});
    }
    return out;
}

std::string proof_text(const FitOutput& output) {
    std::string out = output.proof.empty() ? "" : "\n";
    for (const check::HostProof& proof : output.proof)
        out += wrapped(
            "",
            fmt::format("{}: {}: {}", proof.holds ? "proved" : "wrong", printable(proof.host), printable(proof.text)),
            2);
    return out;
}

std::string ending(const FitOutput& output) {
    const auto& fit = output.fit;
    if (!proof_holds(output)) return "not written: the edit would do more or less than it should; please report it\n";
    if (!fit.instructions.empty())
        return output.written && !fit.changes.empty()
                   ? "not done: the text above needs your hand; our own files are written\n"
                   : "not done: the text above needs your hand\n";
    if (fit.changes.empty()) return fmt::format("{}\n", output.nothing);
    const std::string files = count_of(fit.changes.size(), "file");
    return output.written ? fmt::format("written: {}\n", files)
                          : fmt::format("not written: {} would change; --write writes them\n", files);
}

}  // namespace

bool proof_holds(const FitOutput& output) {
    return std::all_of(output.proof.begin(), output.proof.end(), [](const check::HostProof& it) { return it.holds; });
}

std::string fit_text(const FitOutput& output, const Terminal& terminal) {
    std::string out;
    for (const std::string& line : output.changed) out += wrapped("", printable(line), 2);
    if (!output.changed.empty() && !output.fit.changes.empty()) out += '\n';
    for (const std::string& host : output.hosts)
        if (const auto plan = output.plans.find(host); plan != output.plans.end() && !output.update)
            out += plan::summary_text(output.facts.at(host), plan->second) + "\n";
    out += changes_text(output, terminal);
    if (!output.fit.instructions.empty()) out += "\nFor your hand:\n";
    for (const flake::Instruction& instruction : output.fit.instructions) out += instruction_text(instruction);
    if (!output.fit.notes.empty()) out += '\n';
    for (const std::string& note : output.fit.notes) out += wrapped("note: ", printable(note), 2);
    return out + proof_text(output) + "\n" + ending(output);
}

std::string fit_json(const FitOutput& output) {
    Json changes = Json::array();
    for (const FileChange& change : output.fit.changes) {
        const auto edits = output.fit.edits.find(change.path);
        changes.push_back({{"path", change.path},
                           {"kind", !change.before  ? "new"
                                    : !change.after ? "deleted"
                                                    : "changed"},
                           {"edits", edits == output.fit.edits.end() ? Json() : spans_of(change, edits->second)},
                           {"diff", unified_diff(change.path, change.before, change.after)}});
    }
    Json instructions = Json::array();
    for (const flake::Instruction& instruction : output.fit.instructions)
        instructions.push_back({{"file", instruction.file},
                                {"line", instruction.line},
                                {"text", instruction.text},
                                {"why", instruction.why}});
    Json hosts = Json::object();
    for (const auto& [host, plan] : output.plans)
        hosts[host] = {{"package", plan.build.package}, {"strategy", plan.build.strategy}};
    Json out{{"schema", "llama-fleet/fit"},
             {"version", 1},
             {"root", output.root},
             {"written", output.written},
             {"hosts", std::move(hosts)},
             {"changes", std::move(changes)},
             {"instructions", std::move(instructions)},
             {"new_files", output.fit.new_files},
             {"notes", output.fit.notes}};
    for (const check::HostProof& proof : output.proof)
        out["proof"].push_back({{"host", proof.host}, {"holds", proof.holds}, {"text", proof.text}});
    if (output.update) out["changed"] = output.changed;
    return write_json(out);
}

std::string recovery_text(const flake::RecoverResult& recovered) {
    switch (recovered.outcome) {
        case flake::RecoverOutcome::nothing: return {};
        case flake::RecoverOutcome::rolled_back:
            return fmt::format("fit: an earlier run was killed; {} as before it\n",
                               count_of(recovered.files.size(), "file"));
        case flake::RecoverOutcome::finished:
            return fmt::format("fit: an earlier run was killed; its {} now written\n",
                               count_of(recovered.files.size(), "file"));
    }
    return {};
}

std::string git_add_text(const std::string& root, const std::vector<std::string>& paths) {
    std::string out = fmt::format(
        "fit: a flake sees only files that git knows. Tell it of the new ones (or use --git-add):\n"
        "  git -C {} add --",
        shell_word(root));
    for (const std::string& path : paths) out += " \\\n    " + shell_word(path);
    return out + "\n";
}

}  // namespace lf::cli
