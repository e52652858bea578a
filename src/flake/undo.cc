// SPDX-License-Identifier: MIT
#include "flake/undo.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "flake/meaning.h"
#include "flake/outline.h"
#include "flake/record.h"
#include "flake/relocate.h"
#include "flake/sources.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

bool is_data(const std::string& path) { return path.starts_with("llama-fleet/"); }

class Undo {
  public:
    Undo(const UndoRequest& request, const FileSource& files) : request_(request), sources_(files) {}
    Result<FitResult> run(const Record& record);

  private:
    Done take_out(const RecordedFile& file);
    Done take_out_edits(const RecordedFile& file);
    Done put_back(const RecordedFile& file, const std::string& now);
    Done search(const RecordedFile& file, const std::string& now);
    void take_away(const RecordedFile& file);
    void bring_back(const RecordedFile& file);
    void missing(const RecordedFile& file);
    void still_named();
    void still_used(const std::set<std::string>& inputs);
    std::set<std::string> inputs();
    void doubtful(const std::string& path, const RecordedEdit& edit, std::uint32_t line, std::string_view why);
    void doubtful(const std::string& path, const RecordedEdit& edit, const std::string& now, const Place& place);
    void by_hand(const std::string& path, std::uint32_t line, std::string text, std::string why);
    void note(std::string text);

    const UndoRequest& request_;
    Sources sources_;
    std::set<std::string> seen_;  ///< files of ours that were dealt with
    std::set<std::string> gone_;  ///< files of ours that go
    std::map<std::string, std::uint32_t> modes_;
    FitResult result_;
};

void Undo::note(std::string text) {
    if (std::find(result_.notes.begin(), result_.notes.end(), text) == result_.notes.end())
        result_.notes.push_back(std::move(text));
}

void Undo::by_hand(const std::string& path, std::uint32_t line, std::string text, std::string why) {
    result_.instructions.push_back({path, line, std::move(text), std::move(why)});
}

Error damaged(const std::string& path) {
    Error error = world_error("edits-damaged", fmt::format("what it says about {} cannot be true", printable(path)),
                              "nothing was changed; bring the record back with git, or the files");
    error.where.file = kRecordFile;
    return error;
}

Done Undo::put_back(const RecordedFile& file, const std::string& now) {
    nixsyntax::EditSet edits;
    for (const RecordedEdit& edit : file.edits) {
        const std::size_t end = edit.offset + edit.inserted.size();
        if (end > now.size() || std::string_view(now).substr(edit.offset, edit.inserted.size()) != edit.inserted)
            return fail(damaged(file.path));
        edits.replace({edit.offset, static_cast<std::uint32_t>(end)}, edit.removed);
    }
    LF_TRY(sources_.edit(file.path, edits));
    if (sha256_hex(sources_.text(file.path).value_or("")) != file.before) return fail(damaged(file.path));
    return {};
}

std::uint32_t line_of(std::string_view text, std::size_t offset) { return at_offset({}, {}, text, offset).where.line; }

void Undo::doubtful(const std::string& path, const RecordedEdit& edit, const std::string& now, const Place& place) {
    if (place.none)
        return doubtful(path, edit, std::min(edit.line, line_of(now, now.size())), "the text around it was edited");
    doubtful(path, edit, line_of(now, place.offset), "it stands there more than once");
}

void Undo::doubtful(const std::string& path, const RecordedEdit& edit, std::uint32_t line, std::string_view why) {
    if (request_.force) return note(fmt::format("{}:{}: an edit of fit stays in: {}", printable(path), line, why));
    const std::string_view ours = trim(edit.inserted);
    const std::string_view theirs = trim(edit.removed);
    if (theirs.empty())
        return by_hand(path, line, std::string(ours), fmt::format("take this out, which fit put in; {}", why));
    by_hand(path, line, std::string(theirs),
            ours.empty() ? fmt::format("put this back, which fit took out; {}", why)
                         : fmt::format("put this back in the place of `{}`; {}", ours, why));
}

/// What makes one expression or formal of what stands on its two sides.
bool is_joint(nixsyntax::TokenKind kind) {
    using nixsyntax::TokenKind;
    return (kind >= TokenKind::assign && kind <= TokenKind::pipe_from) || kind == TokenKind::question ||
           kind == TokenKind::at || kind == TokenKind::colon || kind == TokenKind::dot || kind == TokenKind::kw_or;
}

/// Has the owner made our text a part of something longer? Of `a, b ? c`, taking `, b` out would leave `a ? c`.
bool has_grown(const Tree& tree, const RecordedEdit& edit, std::uint32_t begin, std::uint32_t end) {
    const auto tokens = tree.tokens();
    const auto behind = std::find_if(tokens.begin(), tokens.end(), [&](const nixsyntax::Token& token) {
        return token.begin >= end && !nixsyntax::is_trivia(token.kind);
    });
    const std::size_t next = edit.below.find_first_not_of(" \t\r\n");
    if (behind != tokens.end() && is_joint(behind->kind) &&
        (next == std::string::npos || edit.below[next] != tree.text()[behind->begin]))
        return true;
    const auto before = std::find_if(std::make_reverse_iterator(behind), tokens.rend(), [&](const auto& token) {
        return token.begin < begin && !nixsyntax::is_trivia(token.kind);
    });
    const std::size_t last = edit.above.find_last_not_of(" \t\r\n");
    return before != tokens.rend() && is_joint(before->kind) &&
           (last == std::string::npos || edit.above[last] != tree.text()[before.base()->begin - 1]);
}

/// The owner has edited the file: each of our edits by itself.
Done Undo::search(const RecordedFile& file, const std::string& now) {
    LF_ASSIGN(const Tree* tree, sources_.tree(file.path));
    std::vector<Place> places = find_again(now, file.edits);
    nixsyntax::EditSet edits;
    for (std::size_t i = 0; i < file.edits.size(); ++i) {
        const RecordedEdit& edit = file.edits[i];
        const auto end = static_cast<std::uint32_t>(places[i].offset + edit.inserted.size());
        switch (places[i].where) {
            case Where::unclear: doubtful(file.path, edit, now, places[i]); break;
            case Where::gone:
                note(fmt::format("{}: you have taken this out already: {}", printable(file.path),
                                 printable(trim(edit.inserted.empty() ? edit.removed : edit.inserted))));
                break;
            case Where::found:
                if (has_grown(*tree, edit, places[i].offset, end))
                    doubtful(file.path, edit, line_of(now, places[i].offset),
                             "it has become a part of something longer");
                else edits.replace({places[i].offset, end}, edit.removed);
        }
    }
    auto result = nixsyntax::apply_proven(now, edits, file.path);
    if (result) return sources_.edit(file.path, edits);
    // What the owner wrote around an edit may need it.
    const Error& cause = result.error().causes.empty() ? result.error() : result.error().causes.front();
    by_hand(file.path, cause.where.line, {},
            fmt::format("without the edits of fit this file would not parse ({}); take them out by hand",
                        printable(cause.message)));
    return {};
}

/// Where has the file gone? Perhaps our edits went with it.
void Undo::missing(const RecordedFile& file) {
    for (const std::string& other : sources_.all_nix_files()) {
        if (other == file.path) continue;
        const auto text = sources_.text(other);
        if (!text) continue;
        const std::vector<Place> places = find_again(*text, file.edits);
        for (std::size_t i = 0; i < places.size(); ++i)
            if (places[i].where == Where::found && !request_.force)
                return doubtful(other, file.edits[i], *text, places[i]);
    }
    note(fmt::format("{} is gone, and the edits of fit with it", printable(file.path)));
}

Done Undo::take_out_edits(const RecordedFile& file) {
    const auto now = sources_.text(file.path);
    if (!now) {
        missing(file);
        return {};
    }
    const std::string hash = sha256_hex(*now);
    if (hash == file.after) return put_back(file, *now);
    if (hash == file.before) return {};
    if (file.path.ends_with(".nix")) return search(file, *now);
    note(fmt::format("{}: edited by you, so it stays as it is", printable(file.path)));
    return {};
}

/// A file that fit made.
void Undo::take_away(const RecordedFile& file) {
    const auto now = sources_.text(file.path);
    if (!now || !seen_.insert(file.path).second) return;
    if (sha256_hex(*now) != file.after && !request_.force)
        return note(fmt::format("{}: edited by you, so it stays (--force deletes it)", printable(file.path)));
    gone_.insert(file.path);
    sources_.write(file.path, std::nullopt);
}

/// A file that fit deleted, or put another one in the place of.
void Undo::bring_back(const RecordedFile& file) {
    const auto now = sources_.text(file.path);
    const std::string hash = now ? sha256_hex(*now) : "";
    if (hash == file.before) return;
    if (hash == file.after || request_.force) {
        sources_.write(file.path, file.text);
        modes_[file.path] = file.mode;
        return;
    }
    if (is_data(file.path)) return note(fmt::format("{}: edited by you, so it stays as it is", printable(file.path)));
    by_hand(file.path, 1, file.text,
            file.deed == Deed::deleted ? "fit deleted this file, and another stands in its place now"
                                       : "fit put a file in the place of this one, and it was edited since");
}

Done Undo::take_out(const RecordedFile& file) {
    switch (file.deed) {
        case Deed::edited: return take_out_edits(file);
        case Deed::made: take_away(file); break;
        case Deed::replaced:
        case Deed::deleted: bring_back(file); break;
    }
    return {};
}

/// Somebody may have come to need a file that goes.
void Undo::still_named() {
    for (const std::string& file : sources_.all_nix_files()) {
        const Tree* tree = gone_.contains(file) ? nullptr : sources_.tree_or_null(file);
        if (tree == nullptr) continue;
        walk(*tree, tree->root(), [&](NodeId node) {
            if (!tree->is(node, Kind::path)) return true;
            const auto named = sources_.nix_file(file, text_of(*tree, node).value_or("/"));
            const auto literal = normal_path(folder_of(file) + "/" + text_of(*tree, node).value_or("/"));
            const std::string path = named ? *named : literal.value_or("");
            if (gone_.contains(path) && !request_.force)
                by_hand(file, line_of(tree->text(), tree->span(node).begin), std::string(tree->text(node)),
                        fmt::format("names {}, which fit made and which would go: take it out first", path));
            return true;
        });
    }
}

/// The inputs of the flake as it is now.
std::set<std::string> Undo::inputs() {
    const Tree* tree = sources_.tree_or_null("flake.nix");
    if (tree == nullptr) return {};
    const auto names = input_names(*tree, nixsyntax::strip_parens(*tree, tree->root()));
    return {names.begin(), names.end()};
}

/// The same for an input that goes. Of its name alone in flake.nix nothing could be made; `inputs.llama-cpp` may have
/// stood there before fit, so that is only told.
void Undo::still_used(const std::set<std::string>& gone) {
    for (const std::string& file : sources_.all_nix_files()) {
        const Tree* tree = gone.empty() || seen_.contains(file) ? nullptr : sources_.tree_or_null(file);
        if (tree == nullptr) continue;
        walk(*tree, tree->root(), [&](NodeId node) {
            const std::uint32_t line = line_of(tree->text(), tree->span(node).begin);
            if (tree->is(node, Kind::select) && tree->text(tree->child(node, 0)) == "inputs" &&
                gone.contains(nixsyntax::attr_name(*tree, tree->child(tree->child(node, 1), 0)).value_or("")))
                note(fmt::format("{}:{} uses the input that fit added and that goes: {}", printable(file), line,
                                 printable(tree->text(node))));
            if (file == "flake.nix" && !request_.force && tree->is(node, Kind::identifier) &&
                gone.contains(std::string(tree->text(node))) &&
                nixsyntax::resolve(*tree, node).scope == nixsyntax::Scope::none)
                by_hand(file, line, std::string(tree->text(node)),
                        "needs the input that fit added and that would go: take it out first");
            return true;
        });
    }
}

/// Was it fitted by a version that left no record?
bool looks_fitted(Sources& sources) {
    const std::string overlay = overlay_place(sources);
    if (!sources.text(overlay).value_or("").starts_with("# Written by llama-fleet ")) return false;
    for (const std::string& file : sources.all_nix_files()) {
        const Tree* tree = file == overlay ? nullptr : sources.tree_or_null(file);
        bool found = false;
        if (tree != nullptr)
            walk(*tree, tree->root(), [&](NodeId node) {
                found = found || (tree->is(node, Kind::path) &&
                                  sources.nix_file(file, text_of(*tree, node).value_or("/")) == overlay);
                return !found;
            });
        if (found) return true;
    }
    return false;
}

Error no_record() {
    Error error = owner_error(
        "undo-no-record", "this flake is fitted, but no record says what was changed",
        "an older llama-fleet left none, or the file was deleted. With git: `git log -- flake.nix` shows the commit "
        "that fitted it, `git revert COMMIT` takes it out; or `git checkout COMMIT~ -- .` before anything else "
        "changed");
    error.where.file = kRecordFile;
    return error;
}

Result<FitResult> Undo::run(const Record& record) {
    if (record.layers.empty()) {
        if (looks_fitted(sources_)) return fail(no_record());
        return std::move(result_);
    }
    std::set<std::string> lost = inputs();
    for (auto layer = record.layers.rbegin(); layer != record.layers.rend(); ++layer)
        for (const RecordedFile& file : layer->files) LF_TRY(take_out(file));
    for (const std::string& kept : inputs()) lost.erase(kept);
    still_named();
    still_used(lost);
    sources_.write(std::string(kRecordFile), std::nullopt);
    if (!result_.instructions.empty()) return std::move(result_);
    for (FileChange& change : sources_.changes()) {
        if (!change.before) {
            result_.new_files.push_back(change.path);
            change.mode = modes_[change.path];
        }
        if (auto edits = sources_.edits_of(change.path)) result_.edits[change.path] = std::move(*edits);
        result_.changes.push_back(std::move(change));
    }
    return std::move(result_);
}

}  // namespace

Result<FitResult> undo(const UndoRequest& request) { return undo(request, RootedFiles(request.root)); }

Result<FitResult> undo(const UndoRequest& request, const FileSource& files) {
    LF_ASSIGN(const Record record, read_record(files));
    return Undo(request, files).run(record);
}

}  // namespace lf::flake
