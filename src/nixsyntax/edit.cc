// SPDX-License-Identifier: MIT
#include "nixsyntax/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "nixsyntax/tree.h"

namespace lf::nixsyntax {
namespace {

Error unproven(const std::string& file, std::string_view why) {
    Error error = world_error("edit-unproven", fmt::format("the edited text is not what the edits say: {}", why),
                              "nothing was written; this is a fault of llama-fleet, please report it");
    error.where.file = file;
    return error;
}

// Walks both texts side by side: what lies between the edits must be equal, what stands at them must be the edits'
// text.
bool only_edits_differ(std::string_view original, const std::vector<Edit>& edits, std::string_view result) {
    std::size_t from = 0;
    std::size_t to = 0;
    const auto same = [&](std::string_view expected) {
        const bool equal = result.substr(std::min(to, result.size()), expected.size()) == expected;
        to += expected.size();
        return equal;
    };
    for (const Edit& edit : edits) {
        if (!same(original.substr(from, edit.span.begin - from)) || !same(edit.text)) return false;
        from = edit.span.end;
    }
    return same(original.substr(from)) && to == result.size();
}

}  // namespace

Result<std::vector<Edit>> EditSet::sorted(std::size_t text_size) const {
    std::vector<Edit> out = edits_;
    // Insertions stand before a replacement that begins at the same offset; else the order of addition counts.
    std::stable_sort(out.begin(), out.end(), [](const Edit& a, const Edit& b) {
        return std::pair(a.span.begin, !a.span.empty()) < std::pair(b.span.begin, !b.span.empty());
    });
    std::uint32_t end = 0;
    for (const Edit& edit : out) {
        if (edit.span.begin > edit.span.end || edit.span.end > text_size)
            return fail(world_error("edit-range", fmt::format("an edit of bytes {} to {} of a text of {} bytes",
                                                              edit.span.begin, edit.span.end, text_size)));
        if (edit.span.begin < end)
            return fail(world_error("edit-conflict", fmt::format("two edits overlap at byte {}", edit.span.begin)));
        end = edit.span.end;
    }
    return out;
}

Result<std::string> EditSet::apply(std::string_view original) const {
    LF_ASSIGN(const std::vector<Edit> edits, sorted(original.size()));
    std::string out;
    std::size_t from = 0;
    for (const Edit& edit : edits) {
        out += original.substr(from, edit.span.begin - from);
        out += edit.text;
        from = edit.span.end;
    }
    out += original.substr(from);
    return out;
}

Result<EditSet> EditSet::inverse(std::string_view original) const {
    LF_ASSIGN(const std::vector<Edit> edits, sorted(original.size()));
    EditSet out;
    std::size_t from = 0;
    std::size_t to = 0;
    for (const Edit& edit : edits) {
        to += edit.span.begin - from;
        const std::size_t end = to + edit.text.size();
        out.replace({static_cast<std::uint32_t>(to), static_cast<std::uint32_t>(end)},
                    std::string(original.substr(edit.span.begin, edit.span.size())));
        to = end;
        from = edit.span.end;
    }
    return out;
}

Done prove(std::string_view original, const EditSet& edits, std::string_view result, const std::string& file) {
    LF_ASSIGN(const std::vector<Edit> sorted, edits.sorted(original.size()));
    if (!only_edits_differ(original, sorted, result)) return fail(unproven(file, "other bytes differ"));
    LF_ASSIGN(const EditSet inverse, edits.inverse(original));
    const Result<std::string> restored = inverse.apply(result);
    if (!restored || *restored != original) return fail(unproven(file, "taking the edits out does not restore it"));
    if (auto tree = parse(std::string(result), file); !tree) {
        Error error = world_error("edit-broken", "the edited file would not parse",
                                  "nothing was written; this is a fault of llama-fleet, please report it");
        error.where.file = file;
        error.causes.push_back(std::move(tree.error()));
        return fail(std::move(error));
    }
    return {};
}

Result<std::string> apply_proven(std::string_view original, const EditSet& edits, const std::string& file) {
    LF_ASSIGN(std::string result, edits.apply(original));
    LF_TRY(prove(original, edits, result, file));
    return result;
}

}  // namespace lf::nixsyntax
