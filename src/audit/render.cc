// SPDX-License-Identifier: MIT
#include "audit/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "audit/render_file.h"
#include "audit/words.h"
#include "base/text.h"
#include "base/wrap.h"

namespace lf::audit {
namespace {

/// In a cell of the matrix.
std::string_view short_words(Outcome outcome) {
    switch (outcome) {
        case Outcome::runs: return "ok";
        case Outcome::crashes: return "CRASH";
        case Outcome::wrong: return "wrong";
        case Outcome::cannot_tell: return "?";
        case Outcome::not_loaded: return "-";
    }
    return "?";
}

bool has_init(const FileAudit& file) {
    return std::any_of(file.program.roots.begin(), file.program.roots.end(),
                       [](const Root& root) { return root.kind == Root::Kind::ggml_init; });
}

/// The worst of all files that the host comes to in this stage; "-" where there is none.
std::string_view stage_cell(const BuildAudit& build, const HostVerdict& verdict, Stage stage) {
    std::optional<Outcome> out;
    for (const FileVerdict& file : verdict.files) {
        const bool later = stage == Stage::init || stage == Stage::use;
        if (file.stages.empty() || (later && file.outcome == Outcome::not_loaded)) continue;
        if (stage == Stage::score && !build.files[file.file].ggml_score) continue;
        if (stage == Stage::init && !has_init(build.files[file.file])) continue;
        if (stage == Stage::use && file.uncalled) continue;
        const Outcome one = file.stages[static_cast<std::size_t>(stage)].outcome;
        out = out ? worse(*out, one) : one;
    }
    return out ? short_words(*out) : "-";
}

/// The worst of the cards that the build has code for the maker of.
std::string_view cards_cell(const HostVerdict& verdict) {
    constexpr std::string_view kWords[] = {"-", "ok", "later", "?", "NO"};
    std::size_t worst = 0;
    for (const CardVerdict& card : verdict.cards) {
        if (card.backend.empty()) continue;
        const bool first = card.fit == gpucode::Fit::compiles_first;
        worst = std::max<std::size_t>(worst, !card.known ? 3 : card.fit == gpucode::Fit::no ? 4 : first ? 2 : 1);
    }
    return kWords[worst];
}

/// A file that is named alone is judged as if it were chosen; with the score 0 ggml leaves it.
bool is_taken(const FileVerdict& file) { return file.chosen && file.score != 0; }

/// "zen4", or "-": the variants that ggml takes.
std::string taken_cell(const BuildAudit& build, const HostVerdict& verdict) {
    std::string out;
    for (const FileVerdict& file : verdict.files) {
        const FileAudit& audited = build.files[file.file];
        if (!is_taken(file) || !audited.ggml_variant) continue;
        const std::string name = audited.ggml_variant->empty() ? "libggml-cpu" : *audited.ggml_variant;
        if (out.find(name) == std::string::npos) out += (out.empty() ? "" : " ") + name;
    }
    return out.empty() ? "-" : printable(out);
}

/// Within a cell of the width that the column has.
std::string_view verdict_cell(Outcome outcome) { return outcome == Outcome::wrong ? "wrong" : words_of(outcome); }

constexpr std::size_t kHostWidth = 17;  ///< a longer name has a line of its own, so that the columns stay

std::string matrix_row(const Report& report, const Report::Host& host, std::size_t width) {
    const HostVerdict& verdict = host.verdict;
    const BuildAudit& build = report.builds.at(host.build);
    const std::string name = printable(host.name);
    std::string out =
        name.size() > width ? fmt::format("{}\n{:<{}}", name, "", width) : fmt::format("{:<{}}", name, width);
    out += fmt::format("  {:<11}", verdict_cell(verdict.outcome));
    for (const Stage stage : kStages) out += fmt::format(" {:<5}", stage_cell(build, verdict, stage));
    out += fmt::format(" {:<5}", cards_cell(verdict));
    if (report.builds.size() > 1) out += fmt::format(" {:<5}", fmt::format("[{}]", host.build + 1));
    return out + "  " + taken_cell(build, verdict) + "\n";
}

std::string matrix(const Report& report) {
    std::size_t width = 4;
    for (const Report::Host& host : report.hosts) width = std::max(width, printable(host.name).size());
    width = std::min(width, kHostWidth);
    std::string out = fmt::format("{:<{}}  verdict     load  score init  use   cards {} ggml takes\n", "host", width,
                                  report.builds.size() > 1 ? "build " : "");
    for (const Report::Host& host : report.hosts) out += matrix_row(report, host, width);
    return out + "\n";
}

/// The code that the verdict's `why` tells of, as a command: of the first file that is as bad as all.
std::string proof_text(const BuildAudit& build, const HostVerdict& verdict) {
    const auto speaks = std::find_if(verdict.files.begin(), verdict.files.end(),
                                     [&](const FileVerdict& file) { return file.outcome == verdict.outcome; });
    if (speaks == verdict.files.end()) return "";
    std::uint64_t address = speaks->undecodable.value_or(0);
    std::size_t length = kLongestInstruction;
    if (!speaks->undecodable) {
        if (!speaks->decided_by) return "";
        const StageVerdict& stage = speaks->stages.at(static_cast<std::size_t>(*speaks->decided_by));
        if (!stage.fault) return "";
        address = stage.fault->address;
        length = std::max<std::size_t>((stage.instruction_bytes.size() + 1) / 3, 1);
    }
    const FileAudit& audited = build.files[speaks->file];
    const std::string command = objdump_command(audited, address, length, path_of(build, audited));
    return fmt::format("  {:<10}{}\n", "see", printable(command));
}

std::string taken_text(const BuildAudit& build, const HostVerdict& verdict) {
    std::string out;
    for (const FileVerdict& file : verdict.files)
        if (is_taken(file))
            out += row(out.empty() ? "takes" : "",
                       file.score ? fmt::format("{}, score {}", build.files[file.file].path, *file.score)
                                  : build.files[file.file].path);
    return out;
}

std::string uncalled_words(const FileAudit& file, const Uncalled& uncalled) {
    const auto needing = [&](std::uint64_t count) {
        return fmt::format("{} of {} {} {}", counted(count, "function"), file.path, count == 1 ? "needs" : "need",
                           join(uncalled.lacking, " "));
    };
    if (uncalled.functions == 0)
        return needing(uncalled.doubtful) + ", behind a check of the CPU that was not understood";
    return needing(uncalled.functions) + "; nothing here is known to call them: who does must have asked the CPU";
}

/// Libraries beside llama.cpp's own, the one with most such functions first.
std::string exports_text(const BuildAudit& build, const HostVerdict& verdict) {
    constexpr std::size_t kNamed = 3;
    std::vector<const FileVerdict*> list;
    for (const FileVerdict& file : verdict.files)
        if (file.uncalled) list.push_back(&file);
    std::stable_sort(list.begin(), list.end(), [](const FileVerdict* a, const FileVerdict* b) {
        return a->uncalled->functions > b->uncalled->functions;
    });
    std::string out;
    for (std::size_t i = 0; i < std::min(kNamed, list.size()); ++i)
        out += row(i == 0 ? "exports" : "", uncalled_words(build.files[list[i]->file], *list[i]->uncalled));
    if (list.size() > kNamed)
        out += row("", fmt::format("and {} more such: --json names them", counted(list.size() - kNamed, "file")));
    return out;
}

/// The last part of the path; of a store path without its hash.
std::string build_name(const BuildAudit& build) {
    const std::string& path = build.path;
    return without_store_hash(path.substr(path.find_last_of('/', path.size() - 2) + 1), path);
}

/// Beside the matrix, which has it too, no line for what is as it should be.
std::string cards_text(const HostVerdict& verdict, bool in_fleet) {
    std::string out;
    for (const CardVerdict& card : verdict.cards) {
        const bool usual = card.backend.empty() || (card.known && card.fit == gpucode::Fit::runs);
        if (!in_fleet || !usual) out += row("card", fmt::format("{}: {}", card.card, card.text));
    }
    return out;
}

/// All that is said of a host below its name.
std::string host_body(const BuildAudit& build, const HostVerdict& verdict, bool in_fleet) {
    std::string out = row("because", verdict.why) + proof_text(build, verdict);
    if (!in_fleet) out += taken_text(build, verdict);
    for (const Unused& unused : verdict.unused) out += row("unused", unused.text);
    out += cards_text(verdict, in_fleet) + exports_text(build, verdict);
    for (const std::string& note : verdict.notes) out += row("note", note);
    return out;
}

/// Hosts of which the same is to be said, in the order of the first of each. Of a host in a fleet whose line in the
/// matrix says all there is nothing.
std::string hosts_text(const Report& report) {
    struct Group {
        std::string names, rest, body;
    };
    const bool in_fleet = report.hosts.size() > 1;
    std::vector<Group> groups;
    for (const Report::Host& host : report.hosts) {
        const BuildAudit& build = report.builds.at(host.build);
        const std::string which =
            report.builds.size() > 1 ? fmt::format(", [{}] {}", host.build + 1, build_name(build)) : "";
        Group one{host.name, fmt::format("{}: {}", which, words_of(host.verdict.outcome)),
                  host_body(build, host.verdict, in_fleet)};
        if (in_fleet && one.body.empty()) continue;
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& other) {
            return other.rest == one.rest && other.body == one.body;
        });
        if (same == groups.end()) groups.push_back(std::move(one));
        else same->names += ", " + one.names;
    }
    std::string out;
    for (const Group& group : groups) out += wrapped("", printable(group.names + group.rest)) + group.body;
    return out;
}

/// The same number stands at each host: share_idle_gpu_bytes counted over all of them.
std::string idle_text(const Report& report, std::size_t index) {
    std::uint64_t bytes = 0, hosts = 0;
    for (const Report::Host& host : report.hosts) {
        if (host.build != index) continue;
        bytes = std::max(bytes, host.verdict.idle_gpu_bytes);
        ++hosts;
    }
    if (bytes == 0) return "";
    return row("idle", fmt::format("{} of its GPU code: {} takes it", size_words(bytes),
                                   hosts == 1 ? "no card of this host" : "no card of these hosts"));
}

std::string build_text(const Report& report, std::size_t index) {
    const BuildAudit& build = report.builds[index];
    const std::string number = report.builds.size() > 1 ? fmt::format("[{}] ", index + 1) : "";
    if (build.files.empty()) return wrapped("", printable(fmt::format("{}{}: not looked into", number, build.path)));
    std::uint64_t examined = 0;
    for (const FileAudit& file : build.files) examined += file.examined ? 1 : 0;
    std::string out = wrapped(
        "", printable(fmt::format("{}{}: {}, {}, {} examined", number, build.path, counted(build.files.size(), "file"),
                                  size_words(build.bytes), grouped(examined))));
    for (const std::string& note : build.notes) out += row("note", note);
    return out + idle_text(report, index);
}

std::string problems_text(const std::vector<Error>& problems, bool below_hosts) {
    std::string out = problems.empty() || !below_hosts ? "" : "\n";  // they belong to no host
    for (const Error& error : problems) {
        const std::string file = error.where.file.empty() ? "" : error.where.file + ": ";
        out += row("error", file + error.message);
        for (const std::string_view line : lines(error.hint)) out += row("", std::string(line));
    }
    return out;
}

}  // namespace

std::string render_text(const Report& report, RenderOptions options) {
    std::string out;
    if (report.hosts.size() > 1) out += matrix(report);
    out += hosts_text(report);
    out += problems_text(report.problems, !out.empty() && !out.ends_with("\n\n"));
    for (std::size_t i = 0; i < report.builds.size(); ++i) {
        const BuildAudit& build = report.builds[i];
        out += (out.empty() || out.ends_with("\n\n") ? "" : "\n") + build_text(report, i);
        const bool each = options.functions || build.files.size() == 1;
        if (!each) out += files_text(build);
        else
            for (const FileAudit& file : build.files) out += file_text(build, file, options);
    }
    return out;
}

}  // namespace lf::audit
