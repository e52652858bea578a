// SPDX-License-Identifier: MIT
/// \file
/// \brief Changes of a text by byte span, and the proof that they changed nothing else.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nixsyntax/token.h"

namespace lf::nixsyntax {

/// Bytes `span` of the original become `text`; an empty span is an insertion.
struct Edit {
    Span span;
    std::string text;
    bool operator==(const Edit&) const = default;
};

/// Edits of one text; all offsets are those of the original. Edits may touch but not overlap, and nothing may be
/// inserted strictly inside a replaced span. Insertions at one offset come out in the order in which they were added,
/// and before a replacement that begins there.
class EditSet {
  public:
    void insert(std::uint32_t offset, std::string text) { edits_.push_back({{offset, offset}, std::move(text)}); }
    void replace(Span span, std::string text) { edits_.push_back({span, std::move(text)}); }
    void erase(Span span) { edits_.push_back({span, {}}); }
    /// Adds all edits of another set for the same text.
    void add(const EditSet& other) { edits_.insert(edits_.end(), other.edits_.begin(), other.edits_.end()); }
    bool empty() const { return edits_.empty(); }
    std::size_t size() const { return edits_.size(); }

    /// In the order of the text. Errors: "edit-conflict" (two overlap), "edit-range" (outside the text or begin > end).
    Result<std::vector<Edit>> sorted(std::size_t text_size) const;
    /// The text with all edits done. Errors as sorted().
    Result<std::string> apply(std::string_view original) const;
    /// The edits that make `original` again out of apply(original). Errors as sorted().
    Result<EditSet> inverse(std::string_view original) const;

  private:
    std::vector<Edit> edits_;
};

/// To be called before `result` is written anywhere. Shows that (1) `result` parses, (2) every byte of `original`
/// outside the edited spans is in `result`, in order, and nothing but the edits' texts is new, (3) the inverse makes
/// `original` again. Errors: "edit-broken" (does not parse; the parser's error is its cause), "edit-unproven", and
/// those of sorted().
Done prove(std::string_view original, const EditSet& edits, std::string_view result, const std::string& file);

/// apply() and prove() in one.
Result<std::string> apply_proven(std::string_view original, const EditSet& edits, const std::string& file);

}  // namespace lf::nixsyntax
