// SPDX-License-Identifier: MIT
// Step 4 of the guide, done first: the old overlay file and all that refers to it. Such a file redefines llama-cpp and
// nothing else, so nothing else is lost with it; a file that defines more is left, and its owner is told.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "flake/held.h"
#include "flake/overlay_file.h"
#include "flake/remover.h"

namespace lf::flake {
namespace {

enum class Old : std::uint8_t { no, whole, partly };

/// Does the file define variants of llama-cpp as an overlay, and anything else?
Old judge(const Tree& tree) {
    const NodeId set = overlay_set(tree, tree.root(), true);
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
Done remove_references(Work& work, const Tree& tree, const std::string& old) {
    Remover remover(work, tree, old);
    for (NodeId id = 0; id < tree.size(); ++id) {
        const auto text = tree.is(id, Kind::path) ? text_of(tree, id) : std::nullopt;
        if (text && work.sources.nix_file(tree.file(), *text) == old) remover.take_out_use(id);
    }
    return remover.run();
}

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

/// Names that only the old file gives: whoever uses one would be left without it.
void remember_names(Work& work, const std::string& old) {
    const Tree* tree = work.sources.tree_or_null(old);
    if (tree == nullptr) return;
    for (const NodeId entry : nixsyntax::entries(*tree, overlay_set(*tree, tree->root(), true))) {
        const auto names = nixsyntax::attr_path(*tree, nixsyntax::binding_path(*tree, entry));
        if (names && !is_our_name(names->front())) work.lost_names.emplace(names->front(), old);
    }
    note_held_by_file(work, *tree);
}

Done remove_old(Work& work, const std::string& old) {
    {
        LF_ASSIGN(const Outline outline, read_outline(work.sources));
        if (const auto waiting = waiting_hosts(work, outline, Reach(work.sources, outline), old); !waiting.empty()) {
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
        if (const Tree* tree = work.sources.tree_or_null(file)) LF_TRY(remove_references(work, *tree, old));
    if (work.instructions.size() != before) return {};
    // The name of a folder is too common a word to say that default.nix is meant.
    if (base_name(old) != "default.nix")
        for (const std::string& file : mentions) explain_left(work, file, old, name);
    if (work.instructions.size() != before) return {};
    for (const std::string& file : mentions) mention_comments(work, file, old);
    remember_names(work, old);
    work.sources.write(old, std::nullopt);
    return {};
}

}  // namespace

Done clean_up(Work& work) {
    std::vector<std::string> old;
    for (const std::string& file : work.sources.all_nix_files())
        if (is_old_file(work.sources, file, Old::whole)) old.push_back(file);
    for (const std::string& file : old) LF_TRY(remove_old(work, file));
    return {};
}

void check_left(Work& work) {
    for (const std::string& file : work.sources.all_nix_files())
        if (is_old_file(work.sources, file, Old::partly))
            work.note(
                fmt::format("{}: also defines llama-cpp packages; where it is registered behind the overlay of "
                            "llama-fleet, its own win",
                            file));
    if (work.lost_names.empty()) return;
    for (const std::string& file : work.sources.all_nix_files()) {
        const Tree* tree = file == work.overlay ? nullptr : work.sources.tree_or_null(file);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id) {
            const NodeId path = tree->is(id, Kind::name) ? tree->parent(id) : kNone;
            const bool selected = tree->is(path, Kind::attr_path) && tree->is(tree->parent(path), Kind::select);
            if (!selected && !tree->is(id, Kind::identifier)) continue;
            const auto lost = work.lost_names.find(std::string(tree->text(id)));
            if (lost == work.lost_names.end()) continue;
            if (!selected && nixsyntax::resolve(*tree, id).definer != kNone) continue;
            work.by_hand(*tree, id, "llama-cpp",
                         fmt::format("{} was defined by {}, which is superseded: name this host's package instead",
                                     lost->first, lost->second));
        }
    }
}

}  // namespace lf::flake
