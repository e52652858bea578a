// SPDX-License-Identifier: MIT
// fit --pin: the revision of the llama.cpp input, wherever and however it is written. Only the bytes that name the
// revision change; where none is named it goes where its neighbours would have it.
#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "flake/pin.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

using nixsyntax::Found;
using nixsyntax::Match;

/// What one attribute of the input is bound to.
struct Field {
    NodeId entry = kNone;
    NodeId value = kNone;
    std::size_t part = 0;  ///< which part of the entry's path names it: the last
};

class Pinner {
  public:
    Pinner(Work& work, const Outline& outline, Revision revision)
        : work_(work), outline_(outline), tree_(*outline.tree), revision_(std::move(revision)) {}
    Done run();

  private:
    std::optional<Field> field(const char* name) const;
    bool set_value(const Field& field, const std::string& text, const char* name);
    bool pin_url(const Field& url);
    bool pin_fields(const Field& type);
    void add_field(const Field& beside, const std::string& name, const std::string& text);
    Done by_hand(NodeId at, std::string why);
    std::optional<Field> beside_url() const;

    Work& work_;
    const Outline& outline_;
    const Tree& tree_;
    Revision revision_;
    std::string before_;
    nixsyntax::EditSet edits_;
};

std::optional<Field> Pinner::field(const char* name) const {
    const std::array<std::string, 3> path{"inputs", work_.input, name};
    for (const Found& found : nixsyntax::find_bindings(tree_, outline_.root, path)) {
        if (found.match != Match::exact || !tree_.is(found.entry, Kind::binding)) continue;
        const auto names = tree_.children(nixsyntax::binding_path(tree_, found.entry));
        return Field{found.entry, nixsyntax::strip_parens(tree_, found.value), names.size() - 1};
    }
    return std::nullopt;
}

/// Nothing is pinned then, and nothing is said to be.
Done Pinner::by_hand(NodeId at, std::string why) {
    const bool slashes = revision_.text.find('/') != std::string::npos;
    work_.by_hand(tree_, at, fmt::format("\"github:ggml-org/llama.cpp{}{}\"", slashes ? "?ref=" : "/", revision_.text),
                  std::move(why));
    return {};
}

std::optional<Field> Pinner::beside_url() const {
    const auto rev = field("rev");
    return rev ? rev : field("ref");
}

/// Where the bytes of a constant string stand, if they stand there as they are.
std::optional<nixsyntax::Span> plain_text(const Tree& tree, NodeId value) {
    const auto constant = nixsyntax::constant_string(tree, value);
    if (!constant) return std::nullopt;
    nixsyntax::Span span = tree.span(value);
    if (tree.is(value, Kind::string)) span = {span.begin + 1, span.end - 1};
    if (tree.is(value, Kind::indented_string)) span = {span.begin + 2, span.end - 2};
    return tree.text(span) == *constant ? std::optional(span) : std::nullopt;
}

bool Pinner::pin_url(const Field& url) {
    const auto span = plain_text(tree_, url.value);
    const auto change = span ? repinned(tree_.text(*span), revision_) : std::nullopt;
    if (!change) return false;
    before_ = change->before;
    const std::string_view old = tree_.text(*span).substr(change->span.begin, change->span.size());
    if (old != change->text)
        edits_.replace({span->begin + change->span.begin, span->begin + change->span.end}, change->text);
    return true;
}

/// The name may change with the value: `rev` is for hashes, `ref` for the rest.
bool Pinner::set_value(const Field& field, const std::string& text, const char* name) {
    const auto span = plain_text(tree_, field.value);
    if (!span) return false;
    before_ = tree_.text(*span);
    if (before_ != text) edits_.replace(*span, text);
    const NodeId attribute = tree_.child(nixsyntax::binding_path(tree_, field.entry), field.part);
    if (tree_.text(attribute) != name) edits_.replace(tree_.span(attribute), name);
    return true;
}

void Pinner::add_field(const Field& beside, const std::string& name, const std::string& text) {
    const NodeId path = nixsyntax::binding_path(tree_, beside.entry);
    const NodeId last = tree_.child(path, beside.part);
    const std::string prefix(tree_.text(nixsyntax::Span{tree_.span(path).begin, tree_.span(last).begin}));
    const std::string line = fmt::format("{}{} = \"{}\";", prefix, name, text);
    const Block block{line, {{0, line}}, true};
    const NodeId set = tree_.parent(beside.entry);
    if (nixsyntax::item_style(tree_, set).one_line) append_item(tree_, set, block, edits_, Gap::none);
    else insert_behind(tree_, beside.entry, block, edits_);
}

/// { type = "github"; owner = …; repo = …; rev = …; }
bool Pinner::pin_fields(const Field& type) {
    const auto kind = nixsyntax::constant_string(tree_, type.value);
    const bool git = kind == "git";
    if (kind != "github" && kind != "gitlab" && kind != "sourcehut" && !git) return false;
    const char* name = revision_.kind == RevisionKind::hash ? "rev" : "ref";
    const std::string text =
        git && revision_.kind == RevisionKind::build ? "refs/tags/" + revision_.text : revision_.text;
    const auto rev = field("rev");
    const auto ref = field("ref");
    // Both: a hash and the branch that it is on. A name must not stand beside another's hash.
    if (rev && ref) {
        const bool hash = revision_.kind == RevisionKind::hash;
        if (!hash && (!plain_text(tree_, rev->value) || !set_value(*ref, text, name))) return false;
        if (hash) return set_value(*rev, text, name);
        before_ = tree_.text(*plain_text(tree_, rev->value));
        remove_item(tree_, rev->entry, edits_);
        return true;
    }
    if (rev || ref) {
        if (git && ref && revision_.kind == RevisionKind::hash) {
            add_field(*ref, "rev", text);
            return true;
        }
        return set_value(rev ? *rev : *ref, text, name);
    }
    const auto repo = field(git ? "url" : "repo");
    add_field(repo ? *repo : type, name, text);
    return true;
}

Done Pinner::run() {
    const auto url = field("url");
    const auto type = field("type");
    const auto follows = field("follows");
    if (follows) return by_hand(follows->entry, "the input follows another flake's, and is pinned there");
    if (const auto hash = field("narHash"))
        return by_hand(hash->entry, "narHash is the hash of what the old revision holds: take it out, too");
    if (type) {
        if (!pin_fields(*type)) return by_hand(type->entry, "what names the revision of this input is no plain text");
    } else if (!url) {
        return work_.instructions.empty() ? by_hand(kNone, "the address of the input does not stand in flake.nix")
                                          : Done();
    } else if (const auto more = beside_url()) {
        return by_hand(more->entry,
                       "Nix refuses rev and ref beside a url: name the revision in the url, take this out");
    } else if (!pin_url(*url)) {
        const std::string text = nixsyntax::constant_string(tree_, url->value).value_or("");
        return by_hand(url->entry,
                       text.find("narHash=") == std::string::npos
                           ? "this address names no revision, or in a way that cannot be edited with certainty"
                           : "narHash is the hash of what the old revision holds, so it has to go with it");
    }
    work_.pinned = Pinned{work_.input, before_};
    for (const nixsyntax::Edit& edit : edits_.sorted(tree_.text().size()).value_or(std::vector<nixsyntax::Edit>()))
        if (!edit.span.empty()) work_.pinned->replaced.emplace_back(tree_.text(edit.span));
    return work_.sources.edit("flake.nix", edits_);
}

/// What is to be pasted is pinned, too.
void pin_text(std::string& text, const std::string& revision) {
    const char* lead = revision.find('/') == std::string::npos ? "/" : "?ref=";
    constexpr std::string_view kUrl = "\"github:ggml-org/llama.cpp\"";
    const std::size_t at = text.find(kUrl);
    if (at != std::string::npos) text.insert(at + kUrl.size() - 1, lead + revision);
}

}  // namespace

Done pin_input(Work& work) {
    if (work.request.pin.empty()) return {};
    LF_ASSIGN(Revision revision, parse_revision(work.request.pin));
    for (Instruction& left : work.instructions) pin_text(left.text, revision.text);
    pin_text(work.input_text, revision.text);
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    return Pinner(work, outline, std::move(revision)).run();
}

}  // namespace lf::flake
