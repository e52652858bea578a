// SPDX-License-Identifier: MIT
#include "flake/remover.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "flake/held.h"
#include "plan/options.h"

namespace lf::flake {

bool is_our_name(std::string_view name) {
    static constexpr std::array<std::string_view, 7> kNames{"llama-cpp",          "llama-cpp-cpu",  "llama-cpp-cuda",
                                                            "llama-cpp-vulkan",   "llama-cpp-rocm", "llama-cpp-multi",
                                                            "llama-cpp-universal"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

NodeId overlay_set(const Tree& tree, NodeId function, bool arguments_before) {
    std::vector<nixsyntax::Lambda> chain;
    for (NodeId at = function;;) {
        const auto lambda = nixsyntax::lambda_parts(tree, at);
        if (lambda.body == kNone) break;
        chain.push_back(lambda);
        at = nixsyntax::result_of(tree, lambda.body);
    }
    if (chain.size() < 2 || (chain.size() > 2 && !arguments_before)) return kNone;
    if (chain.back().formals != kNone || chain[chain.size() - 2].formals != kNone) return kNone;
    const NodeId set = nixsyntax::result_of(tree, chain.back().body);
    return tree.is(set, Kind::set) ? set : kNone;
}

/// The comments inside an item, as lines at its place.
std::string Remover::comments_in(NodeId item) const {
    const std::string line = nixsyntax::file_style(tree_).newline + std::string(nixsyntax::line_indent_of(tree_, item));
    std::string out;
    for (std::uint32_t token = tree_.node(item).first_token; token < tree_.node(item).end_token; ++token) {
        const nixsyntax::TokenKind kind = tree_.tokens()[token].kind;
        if (kind != nixsyntax::TokenKind::line_comment && kind != nixsyntax::TokenKind::block_comment) continue;
        out += out.empty() ? "" : line;
        out += trim(tree_.text(tree_.token_span(token)));
    }
    return out;
}

/// Has it lines of its own, so that a comment can take its place?
bool Remover::has_own_lines(NodeId item) const {
    const std::uint32_t end = tree_.span(item).end;
    const std::string_view behind = trim(tree_.text(nixsyntax::Span{end, nixsyntax::line_end(tree_, end)}));
    return nixsyntax::starts_line(tree_, item) && (behind.empty() || behind.starts_with('#'));
}

Done Remover::run() {
    for (const NodeId item : items_)
        if (!comments_in(item).empty() && !has_own_lines(item)) stuck_.push_back(item);
    if (!stuck_.empty()) {
        for (const NodeId at : stuck_)
            work_.by_hand(tree_, at, std::string(tree_.text(at)),
                          fmt::format("take this out: {} is superseded by the overlay of llama-fleet, but is used here "
                                      "in a way that cannot be undone with certainty",
                                      what_));
        return {};
    }
    nixsyntax::EditSet edits;
    for (const NodeId item : items_) {
        if (std::any_of(items_.begin(), items_.end(),
                        [&](NodeId other) { return other != item && tree_.span(other).contains(tree_.span(item)); }))
            continue;
        note_held(work_, tree_, item);
        const std::uint32_t line = work_.sources.original_line(tree_.file(), tree_.span(item).begin);
        if (const std::string comments = comments_in(item); !comments.empty()) {
            // They are the owner's words: they stay, each on a line of its own.
            edits.replace(tree_.span(item), comments);
            work_.note(fmt::format("{}:{}: the comment there was about what is taken out", tree_.file(), line));
        } else if (remove_item(tree_, item, edits))
            work_.note(fmt::format("{}:{}: the comment there was about what is taken out", tree_.file(), line));
    }
    return work_.sources.edit(tree_.file(), edits);
}

void Remover::remove_use(NodeId use, int steps) {
    constexpr int kMaxSteps = 8;
    if (steps > kMaxSteps) return stuck_.push_back(use);
    NodeId at = use;
    for (NodeId up = tree_.parent(at); up != kNone; up = tree_.parent(at)) {
        const bool call = tree_.is(up, Kind::apply) && stands_for(up, at);
        if (!call && !tree_.is(up, Kind::parens)) break;
        at = up;
    }
    const NodeId up = tree_.parent(at);
    if (tree_.is(up, Kind::list)) return remove_from_list(at);
    if (tree_.is(up, Kind::binding) && tree_.is(tree_.parent(up), Kind::let)) return remove_binding(up, steps);
    if (defines_ours(up)) return void(items_.insert(up));
    stuck_.push_back(at);
}

/// `import ./old.nix`, `import ./old.nix { … }`, `overlay-llama { … }`, `final.callPackage ./old.nix { }`.
bool Remover::stands_for(NodeId apply, NodeId part) const {
    const auto parts = tree_.children(apply);
    if (parts.front() == part) return true;
    const std::string_view function = tree_.text(parts.front());
    const bool calls = function == "import" || function == "callPackage" || function.ends_with(".callPackage");
    return calls && parts.size() > 1 && parts[1] == part;
}

/// `llama-cpp = …;` in an overlay that the file is, or has.
bool Remover::defines_ours(NodeId binding) const {
    if (!tree_.is(binding, Kind::binding)) return false;
    const auto names = nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, binding));
    const NodeId set = tree_.parent(binding);
    if (!names || names->size() != 1 || !is_our_name(names->front()) || tree_.has(set, nixsyntax::kRecursive))
        return false;
    // The set is what the functions around it give, perhaps joined with others.
    NodeId at = set;
    for (NodeId up = tree_.parent(at); up != kNone && !tree_.is(up, Kind::lambda); up = tree_.parent(at)) {
        const bool joined = tree_.is(up, Kind::binary) && tree_.op(up) == nixsyntax::TokenKind::update;
        const bool body = tree_.is(up, Kind::let) && tree_.last_child(up) == at;
        if (!joined && !body && !tree_.is(up, Kind::parens)) return false;
        at = up;
    }
    const NodeId inner = tree_.parent(at);
    const NodeId outer = inner == kNone ? kNone : tree_.parent(inner);
    return outer != kNone && tree_.is(outer, Kind::lambda) && nixsyntax::lambda_parts(tree_, inner).formals == kNone &&
           nixsyntax::lambda_parts(tree_, outer).formals == kNone;
}

void Remover::remove_from_list(NodeId item) {
    const NodeId list = tree_.parent(item);
    std::size_t left = 0;
    items_.insert(item);
    for (const NodeId other : tree_.children(list)) left += items_.contains(other) ? 0 : 1;
    const NodeId binding = tree_.parent(list);
    if (left > 0 || !tree_.is(binding, Kind::binding)) return;
    const auto path = full_path(tree_, binding);
    const bool option = ends_with(path, {"nixpkgs", "overlays"}) || path == std::vector<std::string>{"imports"};
    const bool has_comment =
        tree_.text(list).find('#') != std::string_view::npos || tree_.text(list).find("/*") != std::string_view::npos;
    if (option && !has_comment && nixsyntax::entries(tree_, tree_.parent(binding)).size() > 1) items_.insert(binding);
}

void Remover::remove_binding(NodeId binding, int steps) {
    const auto names = nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, binding));
    if (!names || names->size() != 1) return stuck_.push_back(binding);
    if (!items_.insert(binding).second) return;
    for (NodeId id = 0; id < tree_.size(); ++id) {
        const bool name = tree_.is(id, Kind::identifier) || tree_.is(tree_.parent(id), Kind::inherit);
        if (!name || tree_.text(id) != names->front()) continue;
        if (nixsyntax::resolve(tree_, id).definer != binding) continue;
        if (tree_.is(id, Kind::identifier)) remove_use(id, steps + 1);
        else stuck_.push_back(id);
    }
}

namespace {

/// Calls `found(option, word, offset)` for each option in the text that is retired.
template <class Found>
void each_retired(std::string_view text, const Found& found) {
    const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_word(text[end])) ++end;
        std::string_view word = text.substr(at, end - at);
        if (word.starts_with("DLLAMA_") || word.starts_with("DGGML_")) word.remove_prefix(1);
        const plan::Option* option = word.find('_') == std::string_view::npos ? nullptr : plan::find_option(word);
        if (option != nullptr && option->state == plan::OptionState::retired) found(*option, word, at);
        at = std::max(end, at + 1);
    }
}

}  // namespace

bool names_retired(std::string_view text) {
    bool found = false;
    each_retired(text, [&](const plan::Option&, std::string_view, std::size_t) { found = true; });
    return found;
}

void note_retired(Work& work, const Tree& tree, NodeId node) {
    const std::uint32_t begin = tree.span(node).begin;
    each_retired(tree.text(node), [&](const plan::Option& option, std::string_view word, std::size_t at) {
        const std::uint32_t offset = begin + static_cast<std::uint32_t>(at);
        work.note(fmt::format("{}:{}: {} is no option of llama.cpp any more: {}", tree.file(),
                              work.sources.original_line(tree.file(), offset), word, option.advice));
    });
}

std::vector<std::string> waiting_hosts(const Work& work, const Outline& outline, const Reach& reach,
                                       const std::string& file) {
    const auto uses = [&](std::size_t host) {
        const std::size_t site = outline.hosts[host].site;
        if (site == kNoSite || reach.users(file).contains(host)) return true;
        const auto has_llama = [](std::string_view text) { return text.find("llama-cpp") != std::string_view::npos; };
        const auto& files = reach.files(host);
        const Site& made = outline.sites[site];
        return has_llama(made.tree().text(made.arguments.id)) ||
               std::any_of(files.begin(), files.end(),
                           [&](const Reached& r) { return has_llama(work.sources.text(r.path).value_or("")); });
    };
    std::vector<std::string> out;
    for (std::size_t host = 0; host < outline.hosts.size(); ++host) {
        const bool fitted = work.hosts.contains(outline.hosts[host].name) || reach.users(work.overlay).contains(host);
        if (!fitted && uses(host)) out.push_back(printable(outline.hosts[host].name));
    }
    return out;
}

}  // namespace lf::flake
