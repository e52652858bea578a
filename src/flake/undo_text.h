// SPDX-License-Identifier: MIT
/// \file
/// \brief The bytes that undo changes, and the text that it asks for. Internal to undo.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flake/record.h"
#include "flake/relocate.h"
#include "nixsyntax/edit.h"
#include "nixsyntax/tree.h"

namespace lf::flake {

/// What takes one of our edits out of `text`, where it was found with other white space. Of the two gaps around it the
/// one stays that the owner's text has of itself; nothing before `from` or from `to` on is touched.
nixsyntax::Edit formatted_edit(std::string_view text, const RecordedEdit& edit, const Place& place, std::uint32_t from,
                               std::uint32_t to);

/// The same for an edit of white space alone (Where::blank): a line that fit has broken becomes one again. nullopt: it
/// stays as it is.
std::optional<nixsyntax::Edit> blank_edit(std::string_view text, const RecordedEdit& edit, const Place& place);

/// Has the owner made our text a part of something longer? Of `a, b ? c`, taking `, b` out would leave `a ? c`.
bool has_grown(const nixsyntax::Tree& tree, const RecordedEdit& edit, const Place& place);

/// Do the strings that stand there, blanks included, stand in our text? White space in a string is no matter of taste.
bool same_strings(const nixsyntax::Tree& tree, const RecordedEdit& edit, const Place& place);

/// Is each token that no edit touches still one, and the same? Else two words have become one, or one a comment.
bool keeps_tokens(const nixsyntax::Tree& before, std::span<const nixsyntax::Edit> edits, std::string_view after);

/// Uses, in the text that stays, of names that a text defines which the edits take out: nodes of `before`.
std::vector<nixsyntax::NodeId> left_without_definition(const nixsyntax::Tree& before,
                                                       std::span<const nixsyntax::Edit> edits,
                                                       const nixsyntax::Tree& after);

/// What was put in or taken out at an edit, as a text to paste: its lines begin where the first one does.
std::string to_paste(const RecordedEdit& edit, std::string_view text);

/// The line, from 1, of an offset.
std::uint32_t line_of(std::string_view text, std::size_t offset);

/// Where a text that was changed stood, or stands: its first line may be left.
std::uint32_t likely_line(const RecordedEdit& edit, const std::string& now);

}  // namespace lf::flake
