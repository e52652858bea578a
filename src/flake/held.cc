// SPDX-License-Identifier: MIT
#include "flake/held.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "flake/remover.h"
#include "plan/builds.h"

namespace lf::flake {
namespace {

constexpr std::size_t kLongest = 160;
constexpr std::size_t kMostComments = 5;

std::string shortened(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (!blank || (!out.empty() && out.back() != ' ')) out += blank ? ' ' : c;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    if (out.size() > kLongest) {
        std::size_t end = kLongest;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
        out = out.substr(0, end) + " …";
    }
    return printable(out);
}

/// What names the revision, the surest first.
constexpr std::array<std::string_view, 3> kRevisions{"tag", "rev", "version"};

/// "b9724" of `version = "9724"`: how --pin says it.
std::string as_pin(std::string_view attribute, const std::string& text) {
    const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    if (attribute == "version") return number ? "b" + text : plan::build_number(text) ? text : std::string();
    return text;
}

class Teller {
  public:
    Teller(Work& work, const Tree& tree, NodeId node) : work_(work), tree_(tree), node_(node) {}

    void run() {
        walk(tree_, node_, [&](NodeId node) {
            if (tree_.is(node, Kind::binding)) look_at(node);
            return true;
        });
        version();
        for (const NodeId binding : patches_)
            work_.note(fmt::format("{}: the package of the plan is built without these patches: {}", place(binding),
                                   shortened(tree_.text(nixsyntax::binding_value(tree_, binding)))));
        note_retired(work_, tree_, node_);
    }

  private:
    std::string place(NodeId node) const {
        return fmt::format("{}:{}", tree_.file(), work_.sources.original_line(tree_.file(), tree_.span(node).begin));
    }
    void look_at(NodeId binding) {
        const auto names = nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, binding));
        if (!names) return;
        const std::string& name = names->back();
        if (name == "patches") patches_.push_back(binding);
        if (name == "src") source_ = binding;
        const auto text = nixsyntax::constant_string(tree_, nixsyntax::binding_value(tree_, binding));
        const auto* rank = std::find(kRevisions.begin(), kRevisions.end(), name);
        if (!text || rank == kRevisions.end() || as_pin(name, *text).empty() || rank >= rank_) return;
        rank_ = rank;
        revision_ = binding;
        pin_ = as_pin(name, *text);
    }
    void version() {
        if (revision_ == kNone) {
            if (source_ != kNone)
                work_.note(fmt::format("{}: the package of the plan is built from the input {}, not from this: {}",
                                       place(source_), work_.input,
                                       shortened(tree_.text(nixsyntax::binding_value(tree_, source_)))));
            return;
        }
        const std::string flake = work_.sources.text("flake.nix").value_or("");
        if (work_.request.pin == pin_ || flake.find("llama.cpp/" + pin_) != std::string::npos) return;
        work_.note(fmt::format("{}: llama.cpp was held at {} here, and is not any more; --pin {} holds it there",
                               place(revision_), printable(pin_), printable(pin_)));
    }

    Work& work_;
    const Tree& tree_;
    NodeId node_;
    std::vector<NodeId> patches_;
    NodeId source_ = kNone;
    NodeId revision_ = kNone;
    const std::string_view* rank_ = kRevisions.end();
    std::string pin_;
};

/// Comments on lines that follow each other are one.
void note_comments(Work& work, const Tree& tree) {
    struct Comment {
        std::uint32_t line = 0;
        std::string text;
    };
    std::vector<Comment> all;
    std::uint32_t end = 0;
    const auto tokens = tree.tokens();
    for (std::uint32_t i = 0; i + 1 < tokens.size(); ++i) {
        if (tokens[i].kind != nixsyntax::TokenKind::line_comment &&
            tokens[i].kind != nixsyntax::TokenKind::block_comment)
            continue;
        const nixsyntax::Span span = tree.token_span(i);
        const bool goes_on = !all.empty() && trim(tree.text(nixsyntax::Span{end, span.begin})).empty();
        if (goes_on) all.back().text += " " + std::string(tree.text(span));
        else all.push_back({work.sources.original_line(tree.file(), span.begin), std::string(tree.text(span))});
        end = span.end;
    }
    for (std::size_t i = 0; i < all.size() && i < kMostComments; ++i)
        work.note(fmt::format("{}:{}: this comment goes with the file: {}", tree.file(), all[i].line,
                              shortened(all[i].text)));
    if (all.size() > kMostComments)
        work.note(fmt::format("{}: so do {} more comments", tree.file(), all.size() - kMostComments));
}

/// Files that nothing would name any more, patches most of all.
void note_orphans(Work& work, const Tree& tree) {
    for (NodeId id = 0; id < tree.size(); ++id) {
        const auto text = tree.is(id, Kind::path) ? text_of(tree, id) : std::nullopt;
        const auto path =
            text && !text->starts_with('/') ? normal_path(folder_of(tree.file()) + "/" + *text) : std::nullopt;
        if (!path || path->ends_with(".nix") || !work.sources.exists(*path) || work.sources.is_folder(*path)) continue;
        const std::string name = path->substr(path->rfind('/') + 1);
        const auto& files = work.sources.all_nix_files();
        if (std::none_of(files.begin(), files.end(), [&](const std::string& file) {
                return file != tree.file() && work.sources.text(file).value_or("").find(name) != std::string::npos;
            }))
            work.note(fmt::format("{}: stays, but nothing names it any more", *path));
    }
}

}  // namespace

void note_held(Work& work, const Tree& tree, NodeId node) { Teller(work, tree, node).run(); }

void note_held_by_file(Work& work, const Tree& tree) {
    note_held(work, tree, tree.root());
    note_orphans(work, tree);
    note_comments(work, tree);
}

}  // namespace lf::flake
