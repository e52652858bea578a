// SPDX-License-Identifier: MIT
#include "flake/pin.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "plan/builds.h"
#include "plan/codec.h"

namespace lf::flake {
namespace {

constexpr std::size_t kHashDigits = 40;
constexpr std::size_t kLongestName = 200;

Error bad_revision(std::string_view text, std::string_view why, std::string hint) {
    return usage_error("fit-pin", fmt::format("--pin: '{}' {}", printable(text), why), std::move(hint));
}

bool all_of(std::string_view text, std::string_view allowed) {
    return text.find_first_not_of(allowed) == std::string_view::npos;
}

/// What git allows in the name of a branch (git check-ref-format), without what would mean something in a URL or in
/// Nix.
bool is_ref_name(std::string_view text) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-+";
    if (text.empty() || text.size() > kLongestName || !all_of(text, kAllowed)) return false;
    if (text.front() == '-' || text.ends_with(".lock") || text.ends_with('.')) return false;
    for (const std::string_view part : split(text, '/'))
        if (part.empty() || part.starts_with('.')) return false;
    return text.find("..") == std::string_view::npos;
}

/// git's own fetcher takes a bare name for a branch.
std::string full_ref(const Revision& revision) {
    return revision.kind == RevisionKind::build ? "refs/tags/" + revision.text : revision.text;
}

Repinned edit_of(std::string_view url, std::string_view part, std::string text, std::string before) {
    const auto begin = static_cast<std::uint32_t>(part.data() - url.data());
    return {{begin, begin + static_cast<std::uint32_t>(part.size())}, std::move(text), std::move(before)};
}

struct Query {
    std::string_view base;  ///< before the '?'
    std::string_view all;   ///< behind it
    std::string_view rev;   ///< "rev=…", or empty
    std::string_view ref;
};

Query query_of(std::string_view url) {
    Query out;
    const std::size_t mark = std::min(url.find('?'), url.size());
    out.base = url.substr(0, mark);
    out.all = mark == url.size() ? url.substr(mark) : url.substr(mark + 1);
    if (out.all.empty()) return out;
    for (const std::string_view part : split(out.all, '&')) {
        if (part.starts_with("rev=")) out.rev = part;
        if (part.starts_with("ref=")) out.ref = part;
    }
    return out;
}

/// github:, gitlab:, sourcehut:
std::optional<Repinned> repinned_forge(std::string_view url, const Revision& revision) {
    const Query query = query_of(url);
    auto parts = split(query.base, '/');
    if (parts.size() > 3) {  // github:o/r/feature/x: all of the rest is the branch
        parts[2] = query.base.substr(static_cast<std::size_t>(parts[2].data() - query.base.data()));
        parts.resize(3);
    }
    const std::string_view named = !query.rev.empty() ? query.rev : query.ref;
    const std::string key = revision.kind == RevisionKind::hash ? "rev=" : "ref=";
    if (!query.rev.empty() && !query.ref.empty()) return std::nullopt;  // Nix refuses both
    if (!named.empty()) return edit_of(url, named, key + revision.text, std::string(named.substr(4)));
    if (parts.size() < 2 || parts[1].empty()) return std::nullopt;
    // Not every Nix takes more parts of the path for a branch with slashes.
    if (revision.text.find('/') != std::string::npos) {
        const std::size_t end = query.base.size();
        const std::size_t begin = parts.size() == 3 ? end - parts[2].size() - 1 : end;
        const bool more = !query.all.empty();  // behind the '?', which goes with the rest
        return edit_of(url, url.substr(begin, more ? end + 1 - begin : url.size() - begin),
                       fmt::format("?ref={}{}", revision.text, more ? "&" : ""),
                       std::string(parts.size() == 3 ? parts[2] : std::string_view()));
    }
    if (parts.size() == 3) return edit_of(url, parts[2], revision.text, std::string(parts[2]));
    return edit_of(url, query.base.substr(query.base.size()), "/" + revision.text, "");
}

/// "rev=…" goes, "ref=…" becomes `wanted`; what stands between them stays.
Repinned without_rev(std::string_view url, const Query& query, const std::string& wanted, std::string before) {
    const std::string_view first = query.ref.data() < query.rev.data() ? query.ref : query.rev;
    const std::string_view last = query.ref.data() < query.rev.data() ? query.rev : query.ref;
    const auto size = static_cast<std::size_t>(last.data() + last.size() - first.data());
    const std::string_view whole(first.data(), size);
    std::vector<std::string> kept;
    for (const std::string_view part : split(whole, '&'))
        if (part.data() != query.rev.data()) kept.emplace_back(part.data() == query.ref.data() ? wanted : part);
    return edit_of(url, whole, join(kept, "&"), std::move(before));
}

/// git+https: and its like: `rev` is a hash, `ref` a branch or refs/tags/….
std::optional<Repinned> repinned_git(std::string_view url, const Revision& revision) {
    const Query query = query_of(url);
    const bool hash = revision.kind == RevisionKind::hash;
    const std::string wanted = hash ? "rev=" + revision.text : "ref=" + full_ref(revision);
    const std::string_view there = hash ? query.rev : query.ref;
    const std::string_view other = hash ? query.ref : query.rev;
    std::string before(!query.rev.empty() ? query.rev.substr(4) : query.ref.empty() ? "" : query.ref.substr(4));
    // A hash is found from the branch beside it, and a name must not stand beside another's hash.
    if (!hash && !there.empty() && !other.empty()) return without_rev(url, query, wanted, std::move(before));
    if (!there.empty()) return edit_of(url, there, wanted, std::move(before));
    if (!hash && !other.empty()) return edit_of(url, other, wanted, std::move(before));
    const std::string lead = url.find('?') == std::string_view::npos ? "?" : query.all.empty() ? "" : "&";
    return edit_of(url, url.substr(url.size()), lead + wanted, std::move(before));
}

std::optional<Repinned> repinned_archive(std::string_view url, const Revision& revision) {
    constexpr std::string_view kArchive = "/archive/";
    const std::size_t at = url.find(kArchive);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = url.substr(at + kArchive.size());
    for (const std::string_view ending : {".tar.gz", ".zip"}) {
        const std::size_t end = rest.find(ending);
        if (end == std::string_view::npos) continue;
        const std::string_view old = rest.substr(0, end);
        std::string before(old);
        for (const std::string_view prefix : {"refs/tags/", "refs/heads/"})
            if (old.starts_with(prefix)) before = old.substr(prefix.size());
        const std::string text = revision.kind == RevisionKind::name ? revision.text : full_ref(revision);
        return edit_of(url, old, text, std::move(before));
    }
    return std::nullopt;
}

std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t kMost = 8;
    if (names.size() <= kMost) return join(names, ", ");
    const std::vector<std::string> first(names.begin(), names.begin() + kMost);
    return fmt::format("{} and {} more", join(first, ", "), names.size() - kMost);
}

std::string standing_words(const plan::OptionAt& at) {
    if (at.standing == plan::OptionStanding::not_yet) return fmt::format("ggml {} has it first", at.option->since);
    if (at.standing == plan::OptionStanding::gone) return std::string(at.option->advice);
    return "no ggml has it";
}

/// Flags of the plans that the build does not know, with the hosts that they are planned for.
void flag_notes(std::uint32_t build, const std::map<std::string, plan::Plan>& plans, std::vector<std::string>& notes) {
    std::map<std::string, std::vector<std::string>> hosts;
    std::map<std::string, std::vector<std::string>> untold;
    for (const auto& [host, plan] : plans)
        for (const auto& [name, value] : plan::expected_flags(plan.build, plan.build.package)) {
            if (plan::is_build_variable(name) || !name.starts_with("GGML_")) continue;
            const auto standing = plan::find_option_of_build(name, build).standing;
            if (standing == plan::OptionStanding::cannot_tell) untold[name].push_back(host);
            else if (standing != plan::OptionStanding::there) hosts[name].push_back(host);
        }
    for (const auto& [name, of] : hosts)
        notes.push_back(fmt::format("b{} has no {}, which is planned for {}: {}", build, name, join(of, ", "),
                                    standing_words(plan::find_option_of_build(name, build))));
    if (untold.empty()) return;
    std::vector<std::string> names;
    names.reserve(untold.size());
    for (const auto& [name, of] : untold) names.push_back(name);
    notes.push_back(fmt::format("whether b{} has these flags of the plans cannot be told: {} ({})", build,
                                listed(names), plan::find_option_of_build(names.front(), build).why));
}

void change_notes(std::uint32_t from, std::uint32_t to, std::vector<std::string>& notes) {
    const plan::BuildChange change = plan::changes_between(from, to);
    if (!change.added.empty())
        notes.push_back(fmt::format("options that b{} has and b{} has not: {}", to, from, listed(change.added)));
    if (!change.removed.empty())
        notes.push_back(fmt::format("options that b{} has and b{} has not: {}", from, to, listed(change.removed)));
    if (!change.unknown.empty())
        notes.push_back(fmt::format("from b{} to b{}, of {} options it cannot be told whether they come or go: {}",
                                    from, to, change.unknown.size(), listed(change.unknown)));
    else if (change.added.empty() && change.removed.empty())
        notes.push_back(fmt::format("b{} and b{} have the same options", from, to));
}

}  // namespace

Result<Revision> parse_revision(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    constexpr std::size_t kShortestHash = 7;
    if (plan::build_number(text)) return Revision{RevisionKind::build, std::string(text)};
    if (text.size() == kHashDigits && all_of(text, kHex)) {
        std::string hash(text);
        std::transform(hash.begin(), hash.end(), hash.begin(),
                       [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
        return Revision{RevisionKind::hash, std::move(hash)};
    }
    if (text.size() >= kShortestHash && all_of(text, kHex))
        return fail(bad_revision(text, "is a part of a hash", "Nix takes whole ones only: 40 hex digits"));
    if (!is_ref_name(text))
        return fail(bad_revision(text, "is no revision", "a hash of 40 digits, a tag such as b7779, or a branch"));
    return Revision{RevisionKind::name, std::string(text)};
}

std::optional<Repinned> repinned(std::string_view url, const Revision& revision) {
    // The hash is of what the revision of now holds.
    if (url.find("narHash=") != std::string_view::npos) return std::nullopt;
    for (const std::string_view scheme : {"github:", "gitlab:", "sourcehut:"})
        if (url.starts_with(scheme)) return repinned_forge(url, revision);
    for (const std::string_view scheme : {"git+https:", "git+ssh:", "git+http:", "git+git:", "git:"})
        if (url.starts_with(scheme)) return repinned_git(url, revision);
    for (const std::string_view scheme : {"https:", "tarball+https:", "http:"})
        if (url.starts_with(scheme)) return repinned_archive(url, revision);
    return std::nullopt;
}

std::string bare_name(std::string_view ref) {
    for (const std::string_view prefix : {"refs/tags/", "refs/heads/"})
        if (ref.starts_with(prefix)) return std::string(ref.substr(prefix.size()));
    return std::string(ref);
}

std::string unchanged_note(const std::string& input, const std::string& before) {
    return fmt::format("{}: unchanged, {}", input, before.empty() ? "not pinned" : printable(bare_name(before)));
}

std::vector<std::string> pin_notes(const std::string& input, const std::string& named, const Revision& revision,
                                   const std::map<std::string, plan::Plan>& plans) {
    const std::string before = bare_name(named);
    std::vector<std::string> notes;
    notes.push_back(
        fmt::format("{}: {} → {}", input, before.empty() ? "not pinned" : printable(before), revision.text));
    const auto from = plan::build_number(before);
    const auto to = plan::build_number(revision.text);
    if (!to)
        notes.push_back(
            fmt::format("cannot tell which version {} is, so its options are not compared with the plans; "
                        "`llama-fleet check` asks the source itself",
                        revision.text));
    if (to && from) change_notes(*from, *to, notes);
    if (to) flag_notes(*to, plans, notes);
    notes.push_back(fmt::format("run `nix flake lock` then, so that flake.lock holds it{}",
                                revision.kind == RevisionKind::name
                                    ? fmt::format("; `nix flake update {}` when the branch has moved", input)
                                    : std::string()));
    return notes;
}

}  // namespace lf::flake
