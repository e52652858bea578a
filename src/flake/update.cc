// SPDX-License-Identifier: MIT
#include "flake/update.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flake/fit_steps.h"
#include "flake/relocate.h"
#include "flake/sources.h"
#include "plan/codec.h"

namespace lf::flake {
namespace {

using nixsyntax::Edit;
using nixsyntax::Span;

/// Equal spans, or such that share a byte.
bool meet(Span a, Span b) { return a == b || (a.begin < b.end && b.begin < a.end); }

/// Where the text that fit put into a file stands now.
std::vector<Span> our_spans(const Record& record, const std::string& path, const std::string& now) {
    const std::string hash = sha256_hex(now);
    std::vector<Span> out;
    for (const Layer& layer : record.layers)
        for (const RecordedFile& file : layer.files) {
            if (file.path != path || file.deed != Deed::edited) continue;
            if (hash == file.after) {
                for (const RecordedEdit& edit : file.edits)
                    out.push_back({edit.offset, edit.offset + static_cast<std::uint32_t>(edit.inserted.size())});
                continue;
            }
            for (const Place& place : find_again(now, file.edits))
                if (place.where == Where::found) out.push_back({place.offset, place.end});
        }
    return out;
}

class Update {
  public:
    Update(const FitRequest& request, const FileSource& files) : request_(request), files_(files) {}
    Result<UpdateResult> run();

  private:
    void plans_there();
    Done choose(const Fitted& before, const Fitted& after);
    Done choose_edits(const FileChange& change, const std::vector<Edit>& wanted, const std::vector<Edit>* anyway);
    bool is_theirs(const FileChange& change, const Edit& edit, const std::vector<Span>& ours);
    void note(std::string text) {
        if (std::find(out_.fit.notes.begin(), out_.fit.notes.end(), text) == out_.fit.notes.end())
            out_.fit.notes.push_back(std::move(text));
    }

    const FitRequest& request_;
    const FileSource& files_;
    Record record_;
    FitRequest old_;  ///< by the plans that stand in the repository
    FitRequest new_;
    std::vector<std::string> pinned_;  ///< the bytes that name the revision that is moved
    UpdateResult out_;
};

/// Only hosts with a plan in the repository are fitted.
void Update::plans_there() {
    new_ = request_;  // the old one pins nothing
    old_.root = request_.root;
    for (const auto& [host, plan] : request_.plans) {
        const std::string path = plan_path(host);
        const auto text = files_.exists("/" + path) ? files_.read("/" + path) : fail(world_error("file-missing", ""));
        const auto there = text ? plan::from_json(*text, path) : fail(text.error());
        if (!there) {
            note(text ? fmt::format("{}: {} cannot be read, so it is left alone; fit --host {} writes it anew",
                                    printable(host), printable(path), shell_word(host))
                      : fmt::format("{}: not fitted yet, so it is left alone: fit --host {}", printable(host),
                                    shell_word(host)));
            for (auto* map : {&new_.facts_json, &new_.plan_json}) map->erase(host);
            new_.plans.erase(host);
            new_.only_hosts.erase(host);
            continue;
        }
        old_.plans[host] = *there;
        old_.plan_json[host] = *text;
        if (const std::string difference = plan_difference(*there, plan); !difference.empty())
            out_.changed.push_back(fmt::format("{}: {}", host, difference));
    }
    for (const auto& [host, plan] : new_.plans) new_.only_hosts.insert(host);
    old_.only_hosts = new_.only_hosts;
}

/// A package name that fit did not write, or that the owner has changed since.
bool Update::is_theirs(const FileChange& change, const Edit& edit, const std::vector<Span>& ours) {
    const std::string old = change.before->substr(edit.span.begin, edit.span.size());
    if (edit.span.empty() || std::find(pinned_.begin(), pinned_.end(), old) != pinned_.end()) return false;
    return std::none_of(ours.begin(), ours.end(), [&](Span span) { return span.contains(edit.span); }) &&
           old.find('\n') == std::string::npos;
}

Done Update::choose_edits(const FileChange& change, const std::vector<Edit>& wanted, const std::vector<Edit>* anyway) {
    const std::vector<Span> ours = our_spans(record_, change.path, *change.before);
    nixsyntax::EditSet edits;
    std::vector<Edit> kept;
    for (const Edit& edit : wanted) {
        const std::uint32_t line = at_offset({}, {}, *change.before, edit.span.begin).where.line;
        const std::string place = fmt::format("{}:{}", printable(change.path), line);
        const bool in_both = anyway != nullptr && std::any_of(anyway->begin(), anyway->end(), [&](const Edit& other) {
                                 return meet(other.span, edit.span);
                             });
        const auto shown = [&](std::string_view text) { return printable(lines(trim(text)).front()); };
        if (in_both && edit.span.empty()) {
            note(fmt::format("{}: not put in again, because you have taken it out: {}", place, shown(edit.text)));
        } else if (in_both || is_theirs(change, edit, ours)) {
            note(fmt::format("{}: left as you wrote it: {}", place,
                             shown(change.before->substr(edit.span.begin, edit.span.size()))));
        } else {
            edits.replace(edit.span, edit.text);
            kept.push_back(edit);
        }
    }
    if (kept.empty()) return {};
    LF_ASSIGN(std::string text, nixsyntax::apply_proven(*change.before, edits, change.path));
    out_.fit.changes.push_back({change.path, change.before, std::move(text)});
    out_.fit.edits[change.path] = std::move(kept);
    return {};
}

Done Update::choose(const Fitted& before, const Fitted& after) {
    const auto same = [&](const FileChange& change) {
        return std::any_of(before.result.changes.begin(), before.result.changes.end(),
                           [&](const FileChange& it) { return it.path == change.path && it.after == change.after; });
    };
    for (const FileChange& change : after.result.changes) {
        const auto edits = after.result.edits.find(change.path);
        const auto anyway = before.result.edits.find(change.path);
        if (edits != after.result.edits.end()) {
            LF_TRY(
                choose_edits(change, edits->second, anyway == before.result.edits.end() ? nullptr : &anyway->second));
            continue;
        }
        const bool overlay = change.path == after.overlay;
        if (same(change) && !(overlay && change.before))
            note(change.after ? fmt::format("{}: not made again, because you have deleted it", printable(change.path))
                              : fmt::format("{}: stays; plain fit would delete it", printable(change.path)));
        else out_.fit.changes.push_back(change);
    }
    for (const Instruction& left : after.result.instructions) {
        const auto& known = before.result.instructions;
        if (std::none_of(known.begin(), known.end(), [&](const Instruction& it) {
                return it.file == left.file && it.line == left.line && it.why == left.why;
            }))
            out_.fit.instructions.push_back(left);
    }
    return {};
}

Result<UpdateResult> Update::run() {
    LF_ASSIGN(record_, read_record(files_));
    if (record_.layers.empty()) {
        Error error = owner_error("update-not-fitted", "no record says what fit has done in this flake",
                                  "run fit without --update: it fits the flake, and writes the record down");
        error.where.file = kRecordFile;
        return fail(std::move(error));
    }
    plans_there();
    if (new_.plans.empty()) return std::move(out_);
    LF_ASSIGN(const Fitted before, all_edits(old_, files_));
    LF_ASSIGN(const Fitted after, all_edits(new_, files_));
    if (after.result.pinned) pinned_ = after.result.pinned->replaced;
    out_.fit.pinned = after.result.pinned;
    out_.fit.superseded = after.result.superseded;
    LF_TRY(choose(before, after));
    for (const std::string& text : after.result.notes) note(text);
    keep_ours(out_.fit, after.overlay);
    LF_TRY(write_down(out_.fit, std::move(record_), files_));
    return std::move(out_);
}

struct Line {
    std::string_view name;
    std::string before, after;
};

std::string words(const std::optional<std::string>& text) { return text.value_or("none"); }
std::string words(bool value) { return value ? "on" : "off"; }

}  // namespace

std::string plan_difference(const plan::Plan& before, const plan::Plan& after) {
    const plan::Build& a = before.build;
    const plan::Build& b = after.build;
    const auto short_name = [](const std::string& package) {
        constexpr std::string_view kPrefix = "llama-cpp-";
        return package.starts_with(kPrefix) ? package.substr(kPrefix.size()) : package;
    };
    const std::array<Line, 10> table{{{"", short_name(a.package), short_name(b.package)},
                                      {"strategy ", a.strategy, b.strategy},
                                      {"source ", a.source, b.source},
                                      {"BLAS ", words(a.blas), words(b.blas)},
                                      {"OpenMP ", words(a.openmp), words(b.openmp)},
                                      {"CPU ", words(a.cpu_variant), words(b.cpu_variant)},
                                      {"CUDA ", words(a.cuda_architectures), words(b.cuda_architectures)},
                                      {"CUDA set ", words(a.cuda_packages), words(b.cuda_packages)},
                                      {"ROCm ", words(a.rocm_targets), words(b.rocm_targets)},
                                      {"back ends ", join(a.multi, "+"), join(b.multi, "+")}}};
    std::vector<std::string> parts;
    for (const Line& line : table)
        if (line.before != line.after) parts.push_back(fmt::format("{}{} → {}", line.name, line.before, line.after));
    const auto on = [](const plan::Build& build) {
        std::set<std::string> out;
        for (const auto& [name, value] : plan::expected_flags(build, build.package))
            if (value != plan::FlagValue(false)) out.insert(plan::render_flag(name, value));
        return out;
    };
    const auto count_missing = [](const std::set<std::string>& of, const std::set<std::string>& in) {
        return std::count_if(of.begin(), of.end(), [&](const std::string& flag) { return !in.contains(flag); });
    };
    const std::set<std::string> old_flags = on(a);
    const std::set<std::string> new_flags = on(b);
    const auto more = count_missing(new_flags, old_flags);
    const auto less = count_missing(old_flags, new_flags);
    if (more > 0) parts.push_back(fmt::format("+{} flag{}", more, more == 1 ? "" : "s"));
    if (less > 0) parts.push_back(fmt::format("-{} flag{}", less, less == 1 ? "" : "s"));
    if (parts.empty() && !(a == b)) parts.emplace_back("its details");
    return join(parts, ", ");
}

Result<UpdateResult> update(const FitRequest& request) { return update(request, RootedFiles(request.root)); }

Result<UpdateResult> update(const FitRequest& request, const FileSource& files) { return Update(request, files).run(); }

}  // namespace lf::flake
