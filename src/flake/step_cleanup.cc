// SPDX-License-Identifier: MIT
// Step 4 of the guide, done first: the old overlay file and all that refers to it. Such a file redefines llama-cpp and
// nothing else, so nothing else is lost with it; a file that defines more is left, and its owner is told.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "flake/overlay_file.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

/// `final: prev: { … }`, whatever comes before: the set, or kNone.
NodeId overlay_set(const Tree& tree) {
    std::vector<nixsyntax::Lambda> chain;
    for (NodeId at = tree.root();;) {
        const auto lambda = nixsyntax::lambda_parts(tree, at);
        if (lambda.body == kNone) break;
        chain.push_back(lambda);
        at = nixsyntax::result_of(tree, lambda.body);
    }
    if (chain.size() < 2 || chain.back().formals != kNone || chain[chain.size() - 2].formals != kNone) return kNone;
    const NodeId set = nixsyntax::result_of(tree, chain.back().body);
    return tree.is(set, Kind::set) ? set : kNone;
}

enum class Old : std::uint8_t { no, whole, partly };

/// Does the file define variants of llama-cpp as an overlay, and anything else?
Old judge(const Tree& tree) {
    const NodeId set = overlay_set(tree);
    if (set == kNone) return Old::no;
    bool llama = false;
    bool other = false;
    for (const NodeId entry : nixsyntax::entries(tree, set)) {
        const auto names = tree.is(entry, Kind::binding)
                               ? nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, entry))
                               : std::nullopt;
        const bool ours = names && (names->front() == "llama-cpp" || names->front().starts_with("llama-cpp-"));
        (ours ? llama : other) = true;
    }
    if (!llama) return Old::no;
    return other ? Old::partly : Old::whole;
}

bool is_old_file(Sources& sources, const std::string& path, Old want) {
    const auto text = sources.text(path);
    if (!text || text->find("llama-cpp") == std::string::npos) return false;
    if (judge_overlay_file(*text) != OverlayFile::foreign) return false;
    const Tree* tree = sources.tree_or_null(path);
    return tree != nullptr && judge(*tree) == want;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Takes every reference to one file out of another file.
class Remover {
  public:
    Remover(Work& work, const Tree& tree, std::string old) : work_(work), tree_(tree), old_(std::move(old)) {}

    Done run() {
        for (NodeId id = 0; id < tree_.size(); ++id)
            if (tree_.is(id, Kind::path) && names_old(id)) remove_use(id, 0);
        if (!stuck_.empty()) {
            for (const NodeId at : stuck_)
                work_.by_hand(
                    tree_, at, std::string(tree_.text(at)),
                    fmt::format("take this out: {} is superseded by the overlay of llama-fleet, but is used here in "
                                "a way that cannot be undone with certainty",
                                old_));
            return {};
        }
        nixsyntax::EditSet edits;
        // Later items first, so that an emptied list is seen as one.
        std::vector<NodeId> all(items_.begin(), items_.end());
        for (const NodeId item : all) {
            if (std::any_of(all.begin(), all.end(), [&](NodeId other) {
                    return other != item && tree_.span(other).contains(tree_.span(item));
                }))
                continue;
            const std::uint32_t line = work_.sources.original_line(tree_.file(), tree_.span(item).begin);
            if (remove_item(tree_, item, edits))
                work_.note(fmt::format("{}:{}: the comment there was about what is taken out", tree_.file(), line));
        }
        return work_.sources.edit(tree_.file(), edits);
    }

  private:
    bool names_old(NodeId path) {
        const auto text = text_of(tree_, path);
        return text && work_.sources.nix_file(tree_.file(), *text) == old_;
    }

    /// `use` stands for the overlay or for the function that gives it.
    void remove_use(NodeId use, int steps) {
        if (steps > 8) return stuck_.push_back(use);
        NodeId at = use;
        for (NodeId up = tree_.parent(at); up != kNone; up = tree_.parent(at)) {
            const bool call = tree_.is(up, Kind::apply) && stands_for(up, at);
            if (!call && !tree_.is(up, Kind::parens)) break;
            at = up;
        }
        const NodeId up = tree_.parent(at);
        if (tree_.is(up, Kind::list)) return remove_from_list(at);
        if (tree_.is(up, Kind::binding) && tree_.is(tree_.parent(up), Kind::let)) return remove_binding(up, steps);
        stuck_.push_back(at);
    }

    /// `import ./old.nix`, `import ./old.nix { … }`, `overlay-llama { … }`.
    bool stands_for(NodeId apply, NodeId part) const {
        const auto parts = tree_.children(apply);
        if (parts.front() == part) return true;
        return tree_.text(parts.front()) == "import" && parts.size() > 1 && parts[1] == part;
    }

    void remove_from_list(NodeId item) {
        const NodeId list = tree_.parent(item);
        std::size_t left = 0;
        items_.insert(item);
        for (const NodeId other : tree_.children(list)) left += items_.contains(other) ? 0 : 1;
        const NodeId binding = tree_.parent(list);
        if (left > 0 || !tree_.is(binding, Kind::binding)) return;
        const auto path = full_path(tree_, binding);
        const bool option = ends_with(path, {"nixpkgs", "overlays"}) || path == std::vector<std::string>{"imports"};
        const bool has_comment = tree_.text(list).find('#') != std::string_view::npos ||
                                 tree_.text(list).find("/*") != std::string_view::npos;
        if (option && !has_comment && nixsyntax::entries(tree_, tree_.parent(binding)).size() > 1)
            items_.insert(binding);
    }

    void remove_binding(NodeId binding, int steps) {
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

    Work& work_;
    const Tree& tree_;
    std::string old_;
    std::set<NodeId> items_;
    std::vector<NodeId> stuck_;
};

/// Comments that name the file are only mentioned: they are the owner's words.
void mention_comments(Work& work, const std::string& file, const std::string& old) {
    const Tree* tree = work.sources.tree_or_null(file);
    if (tree == nullptr) return;
    const auto tokens = tree->tokens();
    for (std::uint32_t i = 0; i + 1 < tokens.size(); ++i) {
        if (tokens[i].kind != nixsyntax::TokenKind::line_comment &&
            tokens[i].kind != nixsyntax::TokenKind::block_comment)
            continue;
        if (tree->text(tree->token_span(i)).find(base_name(old)) == std::string_view::npos) continue;
        work.note(fmt::format("{}:{}: a comment still names {}", file,
                              work.sources.original_line(file, tokens[i].begin), old));
    }
}

/// Does `text` name the file, whatever stands before and behind: "x/NAME", "${./pkgs}/NAME"?
bool has_name(std::string_view text, std::string_view name) {
    const auto part_of_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    };
    for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        const bool begins = at == 0 || (!part_of_name(text[at - 1]) && text[at - 1] != '.');
        if (begins && (end == text.size() || !part_of_name(text[end]))) return true;
    }
    return false;
}

/// What still names the old file outside comments becomes the owner's work.
void explain_left(Work& work, const std::string& file, const std::string& old, const std::string& name) {
    const std::string why = fmt::format(
        "take this out: {} is superseded by the overlay of llama-fleet, but is named here in a way that "
        "cannot be undone with certainty",
        old);
    const Tree* tree = work.sources.tree_or_null(file);
    if (tree == nullptr) return work.instructions.push_back({file, 0, {}, why});
    walk(*tree, tree->root(), [&](NodeId node) {
        const bool plus = tree->is(node, Kind::binary) && tree->op(node) == nixsyntax::TokenKind::plus;
        if (!plus && !tree->is(node, Kind::path) && !tree->is(node, Kind::string)) return true;
        if (!has_name(tree->text(node), name)) return false;
        const auto text = text_of(*tree, node);
        const bool path = text && (!tree->is(node, Kind::string) || text->starts_with('/'));
        const auto named = path ? work.sources.nix_file(file, *text) : std::nullopt;
        // A sum that tells nothing is looked at part by part: `./x + (if … then … else …)`.
        if (!named && !text && plus) return true;
        if (!named || *named == old) work.by_hand(*tree, node, std::string(tree->text(node)), why);
        return false;
    });
}

/// The hosts that would lose the old file and get nothing for it: they are not fitted now, and were not before.
std::vector<std::string> waiting_hosts(const Work& work, const Outline& outline, const std::string& old) {
    const Reach reach(work.sources, outline);
    const auto uses = [&](std::size_t host) {
        const std::size_t site = outline.hosts[host].site;
        if (site == kNoSite || reach.users(old).contains(host)) return true;
        const auto has_llama = [](std::string_view text) { return text.find("llama-cpp") != std::string_view::npos; };
        const auto& files = reach.files(host);
        return has_llama(outline.sites[site].tree().text(outline.sites[site].arguments.id)) ||
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

Done remove_old(Work& work, const std::string& old) {
    {
        LF_ASSIGN(const Outline outline, read_outline(work.sources));
        if (const auto waiting = waiting_hosts(work, outline, old); !waiting.empty()) {
            work.note(fmt::format("{} is left until all hosts are fitted: {}", old, join(waiting, ", ")));
            return {};
        }
    }
    const std::vector<std::string> all = work.sources.all_nix_files();
    const std::string name = base_name(old) == "default.nix" ? base_name(folder_of(old)) : base_name(old);
    std::vector<std::string> mentions;
    for (const std::string& file : all)
        if (file != old && work.sources.text(file).value_or("").find(name) != std::string::npos)
            mentions.push_back(file);
    const std::size_t before = work.instructions.size();
    for (const std::string& file : mentions)
        if (const Tree* tree = work.sources.tree_or_null(file)) LF_TRY(Remover(work, *tree, old).run());
    if (work.instructions.size() != before) return {};
    // The name of a folder is too common a word to say that default.nix is meant.
    if (base_name(old) != "default.nix")
        for (const std::string& file : mentions) explain_left(work, file, old, name);
    if (work.instructions.size() != before) return {};
    for (const std::string& file : mentions) mention_comments(work, file, old);
    work.sources.write(old, std::nullopt);
    return {};
}

}  // namespace

Done clean_up(Work& work) {
    std::vector<std::string> old;
    for (const std::string& file : work.sources.all_nix_files()) {
        if (is_old_file(work.sources, file, Old::whole)) old.push_back(file);
        else if (is_old_file(work.sources, file, Old::partly))
            work.note(
                fmt::format("{}: also defines llama-cpp packages; where it is registered behind the overlay of "
                            "llama-fleet, its own win",
                            file));
    }
    for (const std::string& file : old) LF_TRY(remove_old(work, file));
    return {};
}

}  // namespace lf::flake
