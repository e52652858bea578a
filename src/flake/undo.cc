// SPDX-License-Identifier: MIT
#include "flake/undo.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "flake/line_ends.h"
#include "flake/meaning.h"
#include "flake/outline.h"
#include "flake/record.h"
#include "flake/relocate.h"
#include "flake/sources.h"
#include "flake/steps.h"
#include "flake/undo_text.h"

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
    Done put_back(const RecordedFile& file, const std::string& now, const std::string& as_fitted);
    Done edit_text(const std::string& path, const std::string& now, const std::string& text,
                   const nixsyntax::EditSet& edits);
    Done search(const RecordedFile& recorded, const std::string& now);
    void search_one(const Tree& tree, const RecordedFile& file, std::span<const Place> places, std::size_t i,
                    nixsyntax::EditSet& edits);
    Result<nixsyntax::EditSet> search_all(const Tree& tree, const RecordedFile& file, std::span<const Place> places);
    bool is_its_own(const std::string& path, const std::string& text, const Place& place) const;
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
    std::vector<RecordedFile> files_of_record_;
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

/// `as_fitted` is `now` with the line ends that it had after the fit.
Done Undo::put_back(const RecordedFile& file, const std::string& now, const std::string& as_fitted) {
    nixsyntax::EditSet edits;
    for (const RecordedEdit& edit : file.edits) {
        const std::size_t end = edit.offset + edit.inserted.size();
        if (end > as_fitted.size() ||
            std::string_view(as_fitted).substr(edit.offset, edit.inserted.size()) != edit.inserted)
            return fail(damaged(file.path));
        edits.replace({edit.offset, static_cast<std::uint32_t>(end)}, edit.removed);
    }
    LF_TRY(edit_text(file.path, now, as_fitted, edits));
    if (!has_hash(sources_.text(file.path).value_or(""), file.before)) return fail(damaged(file.path));
    return {};
}

/// Does edits of `text`, which is `now` but for its line ends, in the file, and looks whether it lacks a name then.
Done Undo::edit_text(const std::string& path, const std::string& now, const std::string& text,
                     const nixsyntax::EditSet& edits) {
    LF_ASSIGN(const std::vector<nixsyntax::Edit> sorted, edits.sorted(text.size()));
    nixsyntax::EditSet placed;
    std::vector<nixsyntax::Edit> done;
    for (const nixsyntax::Edit& edit : sorted) {
        done.push_back(edit);
        if (text != now) {
            done.back().span = {same_place(text, now, edit.span.begin), same_place(text, now, edit.span.end)};
            done.back().text = is_crlf(now) ? with_crlf(edit.text) : with_lf(edit.text);
        }
        placed.replace(done.back().span, done.back().text);
    }
    if (!path.ends_with(".nix")) return sources_.edit(path, placed);
    LF_ASSIGN(const std::string after, nixsyntax::apply_proven(now, placed, path));
    LF_ASSIGN(const Tree without, nixsyntax::parse(after, path));
    LF_ASSIGN(const Tree* tree, sources_.tree(path));
    for (const NodeId use : left_without_definition(*tree, done, without))
        by_hand(path, sources_.original_line(path, tree->span(use).begin), std::string(tree->text(use)),
                "needs what fit put in and what would go: take it out first");
    return sources_.edit(path, placed);
}

void Undo::doubtful(const std::string& path, const RecordedEdit& edit, const std::string& now, const Place& place) {
    const bool nowhere = place.doubt == Doubt::changed;
    const std::uint32_t line = nowhere ? likely_line(edit, now) : line_of(now, place.offset);
    if (place.doubt == Doubt::several) return doubtful(path, edit, line, "it can be in more than one place");
    doubtful(path, edit, line,
             nowhere && !trim(edit.inserted).empty() ? "it was changed since" : "the text around it was edited");
}

void Undo::doubtful(const std::string& path, const RecordedEdit& edit, std::uint32_t line, std::string_view why) {
    if (request_.force) return note(fmt::format("{}:{}: an edit of fit stays in: {}", printable(path), line, why));
    const std::string ours = to_paste(edit, edit.inserted);
    const std::string theirs = to_paste(edit, edit.removed);
    if (theirs.empty()) return by_hand(path, line, ours, fmt::format("take this out, which fit put in; {}", why));
    by_hand(path, line, theirs,
            ours.empty() ? fmt::format("put this back, which fit took out; {}", why)
                         : fmt::format("put this back in the place of `{}`; {}", ours, why));
}

/// One edit of ours in a text that its owner has edited.
void Undo::search_one(const Tree& tree, const RecordedFile& file, std::span<const Place> places, std::size_t i,
                      nixsyntax::EditSet& edits) {
    const RecordedEdit& edit = file.edits[i];
    const Place& place = places[i];
    const std::string now(tree.text());
    switch (place.where) {
        case Where::blank: {
            const auto blank = blank_edit(now, edit, place);
            const auto meets = [&](const Place& other) {
                return other.where == Where::found && blank->span.begin <= other.end && other.offset <= blank->span.end;
            };
            if (blank && std::none_of(places.begin(), places.end(), meets)) edits.replace(blank->span, blank->text);
            return;
        }
        case Where::unclear: return doubtful(file.path, edit, now, place);
        case Where::gone:
            return note(fmt::format("{}: you have taken this out already: {}", printable(file.path),
                                    printable(trim(trim(edit.inserted).empty() ? edit.removed : edit.inserted))));
        case Where::found: break;
    }
    if (has_grown(tree, edit, place))
        return doubtful(file.path, edit, line_of(now, place.offset), "it has become a part of something longer");
    if (!place.formatted) return edits.replace({place.offset, place.end}, edit.removed);
    if (!same_strings(tree, edit, place))
        return doubtful(file.path, edit, line_of(now, place.offset), "it was changed since");
    std::uint32_t from = 0;
    auto to = static_cast<std::uint32_t>(now.size());
    for (const Place& other : places) {
        if (other.where != Where::found || &other == &place) continue;
        if (other.end <= place.offset) from = std::max(from, other.end);
        if (other.offset >= place.end) to = std::min(to, other.offset);
    }
    const nixsyntax::Edit out = formatted_edit(now, edit, place, from, to);
    edits.replace(out.span, out.text);
}

Error broken(const std::string& path) {
    Error error = world_error("edit-broken", "two words of yours, or a word and a comment, would run together");
    error.where.file = path;
    return error;
}

/// The edits of a file that its owner has edited, as far as they are certain, and proved.
Result<nixsyntax::EditSet> Undo::search_all(const Tree& tree, const RecordedFile& file, std::span<const Place> places) {
    nixsyntax::EditSet edits;
    for (std::size_t i = 0; i < file.edits.size(); ++i) search_one(tree, file, places, i, edits);
    LF_ASSIGN(const std::string left, nixsyntax::apply_proven(tree.text(), edits, file.path));
    LF_ASSIGN(const std::vector<nixsyntax::Edit> sorted, edits.sorted(tree.text().size()));
    if (!keeps_tokens(tree, sorted, left)) return fail(broken(file.path));
    return edits;
}

/// The owner has edited the file: each of our edits by itself.
Done Undo::search(const RecordedFile& recorded, const std::string& now) {
    // One kind of line ends, if the file has one kind.
    const bool plain = is_crlf(now) || now.find("\r\n") == std::string::npos;
    const RecordedFile file = plain ? with_lf(recorded) : recorded;
    const std::string text = plain ? with_lf(now) : now;
    LF_ASSIGN(const Tree tree, nixsyntax::parse(text, file.path));
    std::vector<Place> places = find_again(text, file.edits);
    const FitResult told = result_;
    auto edits = search_all(tree, file, places);
    if (!edits) {
        // A line end of ours may be the one that a comment needs.
        for (Place& place : places) place = without_blanks(text, place);
        result_ = told;
        edits = search_all(tree, file, places);
    }
    if (edits) return edit_text(file.path, now, text, *edits);
    // What the owner wrote around an edit may need it.
    const Error& cause = edits.error().causes.empty() ? edits.error() : edits.error().causes.front();
    by_hand(file.path, cause.where.line, {},
            fmt::format("without the edits of fit this file would break ({}); take them out by hand",
                        printable(cause.message)));
    return {};
}

/// Is this place one of the edits that the record has of that file itself?
bool Undo::is_its_own(const std::string& path, const std::string& text, const Place& place) const {
    return std::any_of(files_of_record_.begin(), files_of_record_.end(), [&](const RecordedFile& file) {
        if (file.path != path || file.deed != Deed::edited) return false;
        const std::vector<Place> own = find_again(text, file.edits);
        return std::any_of(own.begin(), own.end(), [&](const Place& it) {
            return it.where == Where::found && it.offset < place.end && place.offset < it.end;
        });
    });
}

/// Where has the file gone? Perhaps our edits went with it.
void Undo::missing(const RecordedFile& file) {
    for (const std::string& other : sources_.all_nix_files()) {
        const auto text = other == file.path || request_.force ? std::nullopt : sources_.text(other);
        if (!text) continue;
        const std::vector<Place> places = find_again(*text, file.edits);
        for (std::size_t i = 0; i < places.size(); ++i)
            if (places[i].where == Where::found && !is_its_own(other, *text, places[i]))
                return doubtful(other, file.edits[i], line_of(*text, places[i].offset),
                                fmt::format("it stood in {}, which is gone or was moved", printable(file.path)));
    }
    note(fmt::format("{} is gone, and the edits of fit with it", printable(file.path)));
}

Done Undo::take_out_edits(const RecordedFile& file) {
    const auto now = sources_.text(file.path);
    if (!now) {
        missing(file);
        return {};
    }
    for (const std::string& as_fitted : {*now, with_lf(*now), with_crlf(*now)})
        if (sha256_hex(as_fitted) == file.after && has_hash(*now, file.after)) return put_back(file, *now, as_fitted);
    if (has_hash(*now, file.before)) return {};
    if (file.path.ends_with(".nix")) return search(file, *now);
    note(fmt::format("{}: edited by you, so it stays as it is", printable(file.path)));
    return {};
}

/// A file that fit made.
void Undo::take_away(const RecordedFile& file) {
    const auto now = sources_.text(file.path);
    if (!now || !seen_.insert(file.path).second) return;
    if (!has_hash(*now, file.after) && !request_.force)
        return note(fmt::format("{}: edited by you, so it stays (--force deletes it)", printable(file.path)));
    gone_.insert(file.path);
    sources_.write(file.path, std::nullopt);
}

/// A file that fit deleted, or put another one in the place of.
void Undo::bring_back(const RecordedFile& file) {
    const auto now = sources_.text(file.path);
    if (now && has_hash(*now, file.before)) return;
    if (request_.force || (now ? has_hash(*now, file.after) : file.after.empty())) {
        const bool crlf = now && is_crlf(*now) && sha256_hex(*now) != file.after;
        sources_.write(file.path, crlf ? with_crlf(file.text) : file.text);
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
                by_hand(file, sources_.original_line(file, tree->span(node).begin), std::string(tree->text(node)),
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

/// The same for an input that goes. `inputs.llama-cpp` may have stood there before fit, so that is only told.
void Undo::still_used(const std::set<std::string>& gone) {
    for (const std::string& file : sources_.all_nix_files()) {
        const Tree* tree = gone.empty() || seen_.contains(file) ? nullptr : sources_.tree_or_null(file);
        if (tree == nullptr) continue;
        walk(*tree, tree->root(), [&](NodeId node) {
            // Lines are counted from the start, so only where there is something to say.
            const auto line = [&] { return sources_.original_line(file, tree->span(node).begin); };
            if (tree->is(node, Kind::select) && tree->text(tree->child(node, 0)) == "inputs" &&
                gone.contains(nixsyntax::attr_name(*tree, tree->child(tree->child(node, 1), 0)).value_or("")))
                note(fmt::format("{}:{} uses the input that fit added and that goes: {}", printable(file), line(),
                                 printable(tree->text(node))));
            return true;
        });
    }
}

/// Was it fitted by a version that left no record?
bool looks_fitted(Sources& sources) {
    const std::string overlay = overlay_place(sources);
    if (!sources.text(overlay).value_or("").starts_with("# Written by llama-fleet ")) return false;
    const auto& all = sources.all_nix_files();
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& file) { return file != overlay && names_file(sources, file, overlay); });
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
    for (const Layer& layer : record.layers)
        files_of_record_.insert(files_of_record_.end(), layer.files.begin(), layer.files.end());
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
