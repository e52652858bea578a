// SPDX-License-Identifier: MIT
#include "flake/spans.h"

#include <algorithm>
#include <string>

namespace lf::flake {
namespace {

using nixsyntax::Edit;
using nixsyntax::Span;

/// A stretch of the text as it is now: bytes of the first text, or bytes that an edit brought.
struct Piece {
    bool original = false;
    Span span;  ///< of the first text
    std::string text;
    std::uint32_t size() const { return original ? span.size() : static_cast<std::uint32_t>(text.size()); }
};

Piece part_of(const Piece& piece, std::uint32_t from, std::uint32_t to) {
    if (piece.original) return {true, {piece.span.begin + from, piece.span.begin + to}, {}};
    return {false, {}, piece.text.substr(from, to - from)};
}

/// Moves the bytes up to `end` of the text that `pieces` are to `out`; nullptr = drops them.
class Cutter {
  public:
    explicit Cutter(const std::vector<Piece>& pieces) : pieces_(pieces) {}
    void move(std::uint32_t end, std::vector<Piece>* out) {
        while (at_ < end && piece_ < pieces_.size()) {
            const Piece& piece = pieces_[piece_];
            const std::uint32_t to = std::min(piece.size(), inside_ + (end - at_));
            if (out != nullptr && to > inside_) out->push_back(part_of(piece, inside_, to));
            at_ += to - inside_;
            inside_ = to;
            if (inside_ < piece.size()) continue;
            ++piece_;
            inside_ = 0;
        }
    }

  private:
    const std::vector<Piece>& pieces_;
    std::size_t piece_ = 0;
    std::uint32_t inside_ = 0;  ///< so many bytes of the piece are done
    std::uint32_t at_ = 0;
};

std::vector<Piece> after(const std::vector<Piece>& pieces, const std::vector<Edit>& edits) {
    std::vector<Piece> out;
    Cutter cutter(pieces);
    for (const Edit& edit : edits) {
        cutter.move(edit.span.begin, &out);
        cutter.move(edit.span.end, nullptr);
        if (!edit.text.empty()) out.push_back({false, {}, edit.text});
    }
    cutter.move(UINT32_MAX, &out);
    return out;
}

}  // namespace

std::vector<Edit> combined(std::string_view before, std::span<const std::vector<Edit>> sets) {
    const auto size = static_cast<std::uint32_t>(before.size());
    std::vector<Piece> pieces{{true, {0, size}, {}}};
    for (const std::vector<Edit>& edits : sets) pieces = after(pieces, edits);
    pieces.push_back({true, {size, size}, {}});
    std::vector<Edit> out;
    Edit gap;  // what stands between two stretches of the first text
    for (const Piece& piece : pieces) {
        if (!piece.original) {
            gap.text += piece.text;
            continue;
        }
        gap.span.end = piece.span.begin;
        if (!gap.span.empty() || !gap.text.empty()) out.push_back(std::move(gap));
        gap = {{piece.span.end, piece.span.end}, {}};
    }
    return out;
}

}  // namespace lf::flake
