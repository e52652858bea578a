// SPDX-License-Identifier: MIT
#include "flake/fit.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/codec.h"
#include "flake/fit_steps.h"
#include "flake/framework.h"
#include "flake/overlay_file.h"
#include "flake/record.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

/// The hosts that can be named: those of the flake, or, where a framework hides them, those with a plan.
std::vector<std::string> known_hosts(Sources& sources, const Outline& outline, const FitRequest& request) {
    std::vector<std::string> out;
    for (const OutlineHost& host : outline.hosts) out.push_back(host.name);
    if (out.empty())
        for (const FrameworkHost& host : framework_hosts(sources, outline, find_framework(sources, outline)))
            out.push_back(host.name);
    if (out.empty())
        for (const auto& [name, plan] : request.plans) out.push_back(name);
    return out;
}

Result<std::set<std::string>> chosen_hosts(Sources& sources, const Outline& outline, const FitRequest& request) {
    const auto known = known_hosts(sources, outline, request);
    std::set<std::string> asked = request.only_hosts;
    if (asked.empty())
        for (const auto& [name, plan] : request.plans) asked.insert(name);
    for (const std::string& name : asked) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            const auto meant = did_you_mean(name, known);
            const std::string hint = meant ? fmt::format("did you mean {}?", printable(*meant))
                                           : fmt::format("the hosts are {}", printable(join(known, ", ")));
            return fail(
                usage_error("fit-unknown-host", fmt::format("the flake has no host {}", printable(name)), hint));
        }
        // It becomes part of paths, in Nix text too.
        if (!facts::is_host_name(name))
            return fail(usage_error("fit-host-name", fmt::format("{} cannot be part of a path in Nix", printable(name)),
                                    "llama-fleet fits hosts whose names are letters, digits, '_', '.' and '-'"));
        if (!request.plans.contains(name))
            return fail(
                usage_error("fit-no-plan", fmt::format("there is no plan for {}", printable(name)),
                            fmt::format("make one: llama-fleet probe on {}, then llama-fleet plan", printable(name))));
    }
    return asked;
}

/// The overlay file. An owner's edit is never overwritten; a file of the owner's that stays where ours would be keeps
/// its name.
void write_overlay(Work& work) {
    const auto foreign = [&](const std::string& path) {
        const auto text = work.sources.exists(path) ? work.sources.text(path) : std::nullopt;
        return text && judge_overlay_file(*text) == OverlayFile::foreign;
    };
    if (foreign(work.overlay) && !foreign(second_overlay_name(work.overlay)))
        work.overlay = second_overlay_name(work.overlay);
    const auto old = work.sources.exists(work.overlay) ? work.sources.text(work.overlay) : std::nullopt;
    const OverlayFile state = old ? judge_overlay_file(*old) : OverlayFile::older;
    if (state == OverlayFile::older) return work.sources.write(work.overlay, overlay_file_text());
    if (state == OverlayFile::edited) work.note(fmt::format("{}: edited by you, so it is left as it is", work.overlay));
    if (state == OverlayFile::edited_outdated)
        work.instructions.push_back(
            {work.overlay,
             1,
             {},
             "the file was edited by you, and this version of llama-fleet has a newer one: move yours "
             "away, fit again, and carry your edit over"});
    if (state == OverlayFile::foreign)
        work.instructions.push_back(
            {work.overlay,
             1,
             {},
             "a file of yours stands where the overlay of llama-fleet belongs: rename it, then fit again"});
}

void write_data(Work& work) {
    for (const std::string& host : work.hosts) {
        const auto put = [&](const char* kind, const std::map<std::string, std::string>& from) {
            if (const auto it = from.find(host); it != from.end())
                work.sources.write(fmt::format("llama-fleet/{}/{}.json", kind, host), it->second);
        };
        put("facts", work.request.facts_json);
        put("plan", work.request.plan_json);
    }
}

/// Where a framework makes the hosts, all that can be known is whether somebody imports the overlay already; the module
/// that we propose counts if somebody imports that.
bool imported_by_hand(Work& work, const std::string& host) {
    const std::string plan = fmt::format("plan/{}.json", host);
    const std::string module = fmt::format("llama-fleet/{}.nix", host);
    const auto& files = work.sources.all_nix_files();
    return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
        if (file == work.overlay || work.sources.text(file).value_or("").find(plan) == std::string::npos) return false;
        if (!names_file(work.sources, file, work.overlay)) return false;
        return file != module || std::any_of(files.begin(), files.end(), [&](const std::string& other) {
                   const auto text = work.sources.text(other).value_or("");
                   return text.find(host + ".nix") != std::string::npos && names_file(work.sources, other, module);
               });
    });
}

/// The file that sets programs.llama-fleet, the option of our modules; "" = none. They look the plans up themselves.
std::string user_of_modules(Sources& sources) {
    for (const std::string& file : sources.all_nix_files()) {
        const auto text = sources.text(file);
        if (!text || text->find("llama-fleet") == std::string::npos) continue;
        const Tree* tree = sources.tree_or_null(file);
        bool found = false;
        if (tree != nullptr)
            walk(*tree, tree->root(), [&](NodeId node) {
                if (tree->is(node, Kind::set))
                    for (const auto& binding : nixsyntax::find_bindings(*tree, node, "programs.llama-fleet"))
                        found = found || binding.match != nixsyntax::Match::opaque;
                return !found;
            });
        if (found) return file;
    }
    return {};
}

/// The fitted host that this one is more modules of; "" = none.
std::string base_of_extended(const Work& work, const Outline& outline, const OutlineHost& host) {
    const OutlineHost* at = &host;
    for (std::size_t steps = 0; steps <= outline.hosts.size() && !at->extends.empty(); ++steps) {
        const auto base = std::find_if(outline.hosts.begin(), outline.hosts.end(),
                                       [&](const OutlineHost& other) { return other.name == at->extends; });
        if (base == outline.hosts.end()) return {};
        at = &*base;
    }
    const bool made = at->extends.empty() && at != &host && at->cannot.empty();
    return made && work.hosts.contains(at->name) ? at->name : std::string();
}

/// A host that is another one with more modules has whatever that one gets.
void settle_extended(Work& work, const Outline& outline) {
    for (const OutlineHost& host : outline.hosts) {
        const std::string base = base_of_extended(work, outline, host);
        if (base.empty()) continue;
        work.done_by_hand.insert(host.name);
        work.note(
            fmt::format("{} is {} with more modules (extendModules): it gets the overlay, the package and the "
                        "plan of {}, whatever its own plan is",
                        printable(host.name), printable(base), printable(base)));
    }
}

Done run_steps(Work& work, const std::string& modules_user) {
    if (!modules_user.empty()) {
        work.note(fmt::format("{} sets programs.llama-fleet, which reads the plans: nothing else is edited",
                              printable(modules_user)));
        write_data(work);
        return pin_input(work);
    }
    LF_TRY(clean_up(work));
    write_overlay(work);
    write_data(work);
    LF_TRY(add_input(work));
    LF_TRY(pin_input(work));
    LF_TRY(carry_inputs(work));
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    for (const std::string& host : work.hosts)
        if (imported_by_hand(work, host)) work.done_by_hand.insert(host);
    settle_extended(work, outline);
    if (outline.hosts.empty()) {
        const Reach reach(work.sources, outline);
        for (const std::string& host : work.hosts) explain_by_hand(work, outline, reach, host, {});
        return {};
    }
    LF_TRY(take_out_superseded(work));
    LF_TRY(register_overlay(work));
    LF_TRY(reach_homes(work));
    LF_TRY(choose_packages(work));
    LF_TRY(find_foreign(work));
    check_left(work);
    return permit_cuda(work);
}

/// An edit around a file that is broken would be a guess. One that is not there is said: clones of public repositories
/// often lack what a machine makes for itself, and nothing is edited that hangs on it.
Done check_modules(Work& work, const Outline& outline) {
    Reach reach(work.sources, outline);
    for (std::size_t host = 0; host < outline.hosts.size(); ++host) {
        if (!work.hosts.contains(outline.hosts[host].name)) continue;
        LF_ASSIGN(const std::vector<Named> unseen, reach.check(host));
        for (const Named& named : unseen)
            work.note(fmt::format(
                "{} is imported at {}:{} {}", printable(named.file.path), printable(named.by),
                work.sources.original_line(named.by, named.offset),
                work.sources.leads_out(named.file.path)
                    ? "through a link that leads out of the repository: what lies behind it is neither read nor edited"
                : named.missing ? "but is not in the repository: Nix refuses the flake until it is there"
                                : "and is encrypted, so it was not looked into"));
    }
    return {};
}

/// Hosts without a plan that are made by the same text as one with a plan: they get the overlay, too.
std::set<std::string> hosts_beside(const Work& work, const Outline& outline) {
    std::set<std::string> out;
    for (const Site& site : outline.sites) {
        const auto is_fitted = [&](std::size_t host) { return work.hosts.contains(outline.hosts[host].name); };
        if (std::none_of(site.hosts.begin(), site.hosts.end(), is_fitted)) continue;
        for (const std::size_t host : site.hosts) {
            const std::string& name = outline.hosts[host].name;
            if (!is_fitted(host) && !work.sources.exists(plan_path(name))) out.insert(name);
        }
    }
    return out;
}

void unfitted_hosts(Work& work, const Outline& outline) {
    const std::set<std::string> beside = hosts_beside(work, outline);
    for (const std::string& host : beside)
        work.note(
            fmt::format("{}: no plan, but made by the same text as others, so it gets the overlay too: whatever "
                        "it has of llama.cpp evaluates again when it is fitted",
                        printable(host)));
    if (!work.request.only_hosts.empty()) return;
    for (const OutlineHost& host : outline.hosts)
        if (!work.request.plans.contains(host.name) && !beside.contains(host.name) &&
            base_of_extended(work, outline, host).empty())
            work.note(facts::is_host_name(host.name)
                          ? fmt::format("{}: no plan, so it is left as it is", printable(host.name))
                          : fmt::format("{}: cannot be fitted, and is left as it is: its name becomes a part of paths, "
                                        "so it would have to be of letters, digits, '_', '.' and '-'",
                                        printable(host.name)));
}

}  // namespace

void keep_ours(FitResult& result, const std::string& overlay) {
    if (result.instructions.empty()) return;
    std::erase_if(result.changes, [&](const FileChange& change) {
        const bool ours = change.path == overlay || change.path.starts_with("llama-fleet/");
        if (!ours) result.edits.erase(change.path);
        return !ours;
    });
}

Done write_down(FitResult& result, Record record, const FileSource& files) {
    if (result.changes.empty()) return {};
    Layer layer;
    for (const FileChange& change : result.changes) {
        const auto edits = result.edits.find(change.path);
        RecordedFile file = recorded(change, edits == result.edits.end() ? nullptr : &edits->second,
                                     change.before ? files.mode("/" + change.path) : 0);
        // What an earlier fit made is ours, and goes whole.
        if (file.deed == Deed::replaced && made_by_fit(record, change.path))
            file = recorded({change.path, std::nullopt, change.after}, nullptr, 0);
        layer.files.push_back(std::move(file));
    }
    record.layers.push_back(std::move(layer));
    const std::string path(kRecordFile);
    FileChange change{path, std::nullopt, record_json(record)};
    if (files.exists("/" + path)) {
        LF_ASSIGN(change.before, files.read("/" + path));
    }
    result.changes.push_back(std::move(change));
    std::sort(result.changes.begin(), result.changes.end(),
              [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
    for (const FileChange& one : result.changes)
        if (!one.before) result.new_files.push_back(one.path);
    return {};
}

namespace {

/// An old overlay of the owner's, deleted or overwritten by ours.
bool went_for_ours(const FileChange& change) {
    return change.before && (!change.after || (judge_overlay_file(*change.before) == OverlayFile::foreign &&
                                               judge_overlay_file(*change.after) != OverlayFile::foreign));
}

}  // namespace

Result<Fitted> all_edits(const FitRequest& request, const FileSource& files, const std::string& overlay) {
    Sources sources(files);
    Work work{request, sources, {}, {}, "llama-cpp", {}, 0, {}, 0, {}, {}, {}, {}};
    const std::string modules_user = user_of_modules(sources);
    {
        LF_ASSIGN(const Outline outline, read_outline(sources));
        LF_ASSIGN(work.hosts, chosen_hosts(sources, outline, request));
        if (modules_user.empty()) LF_TRY(check_modules(work, outline));
        unfitted_hosts(work, outline);
    }
    work.overlay = overlay.empty() ? overlay_place(sources) : overlay;
    LF_TRY(run_steps(work, modules_user));
    Fitted out;
    out.overlay = work.overlay;
    out.result.changes = sources.changes();
    for (const FileChange& change : out.result.changes)
        if (auto edits = sources.edits_of(change.path)) out.result.edits[change.path] = std::move(*edits);
    out.result.superseded = work.superseded || std::any_of(out.result.changes.begin(), out.result.changes.end(),
                                                           [&](const FileChange& it) { return went_for_ours(it); });
    out.result.instructions = std::move(work.instructions);
    out.result.notes = std::move(work.notes);
    out.result.pinned = std::move(work.pinned);
    return out;
}

Result<FitResult> fit(const FitRequest& request) { return fit(request, RootedFiles(request.root)); }

Result<FitResult> fit(const FitRequest& request, const FileSource& files) {
    LF_ASSIGN(Record record, read_record(files));
    LF_ASSIGN(Fitted fitted, all_edits(request, files));
    // Where the owner has to do something first, a file of the owner's in the overlay's place is there to stay.
    const bool replaces =
        std::any_of(fitted.result.changes.begin(), fitted.result.changes.end(), [&](const FileChange& change) {
            return change.path == fitted.overlay && change.before &&
                   judge_overlay_file(*change.before) == OverlayFile::foreign;
        });
    if (replaces && !fitted.result.instructions.empty()) {
        LF_ASSIGN(fitted, all_edits(request, files, "llama-fleet/llama-cpp.nix"));
    }
    FitResult& result = fitted.result;
    keep_ours(result, fitted.overlay);
    LF_TRY(write_down(result, std::move(record), files));
    return std::move(result);
}

}  // namespace lf::flake
