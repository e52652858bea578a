// SPDX-License-Identifier: MIT
#include "flake/relocate.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "flake/squeezed.h"

namespace lf::flake {
namespace {

// Bytes that must agree around a place, blanks apart: about two words. Twice as much text of our own is known by
// itself.
constexpr std::size_t kEnough = 16;
constexpr std::size_t kKnownByItself = 2 * kEnough;
constexpr std::size_t kAnchor = 8;
// A text that stands more often than that in one file is no text to find a place by.
constexpr std::size_t kMostPlaces = 2000;
constexpr std::size_t kMostEdits = 1000;

std::size_t weight(std::string_view text) {
    return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_blank));
}

/// Bytes that agree at the end of both, blanks apart.
std::size_t agree_before(std::string_view text, std::string_view context) {
    std::size_t out = 0;
    for (std::size_t i = 1; i <= std::min(text.size(), context.size()); ++i) {
        if (text[text.size() - i] != context[context.size() - i]) break;
        out += is_blank(text[text.size() - i]) ? 0 : 1;
    }
    return out;
}

std::size_t agree_behind(std::string_view text, std::string_view context) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < std::min(text.size(), context.size()) && text[i] == context[i]; ++i)
        out += is_blank(text[i]) ? 0 : 1;
    return out;
}

/// `llama-cpp` is not what stands in `llama-cpp-vulkan`.
bool cuts_a_name(std::string_view text, std::size_t begin, std::size_t end, const RecordedEdit& edit) {
    const bool left = begin > 0 && begin < end && in_name(text[begin - 1]) && in_name(text[begin]);
    const bool right = end < text.size() && begin < end && in_name(text[end - 1]) && in_name(text[end]);
    const bool was_left = !edit.above.empty() && in_name(edit.above.back());
    const bool was_right = !edit.below.empty() && in_name(edit.below.front());
    return (left && !was_left) || (right && !was_right);
}

bool is_space(char c) { return c == ' ' || c == '\t'; }

/// Four blanks of ours are not the last four of eight: then the file was indented anew.
bool cuts_an_indentation(std::string_view text, std::size_t begin, std::size_t end, const RecordedEdit& edit) {
    if (begin == end) return false;
    const bool left = begin > 0 && is_space(text[begin - 1]) && is_space(text[begin]);
    const bool right = end < text.size() && is_space(text[end - 1]) && is_space(text[end]);
    const bool was_left = !edit.above.empty() && is_space(edit.above.back());
    const bool was_right = !edit.below.empty() && is_space(edit.below.front());
    return (left && !was_left) || (right && !was_right);
}

struct Candidate {
    std::size_t offset = 0;
    std::size_t weight = 0;
    bool whole = false;  ///< everything recorded around it agrees
    int near = 0;        ///< on so many sides the nearest line with something on it agrees
    bool only = false;   ///< the text stands nowhere else
};

/// From the last line that has something on it.
std::string_view last_line(std::string_view context) {
    const std::size_t last = context.find_last_not_of(" \t\r\n");
    const std::size_t newline = last == std::string_view::npos ? last : context.rfind('\n', last);
    return newline == std::string_view::npos ? context : context.substr(newline + 1);
}

/// To the end of the first line that has something on it.
std::string_view first_line(std::string_view context) {
    const std::size_t first = context.find_first_not_of(" \t\r\n");
    return context.substr(0, first == std::string_view::npos ? first : context.find('\n', first));
}

void add_places(std::string_view text, std::string_view word, std::size_t shift, std::vector<std::size_t>& out) {
    if (word.empty()) return;
    for (std::size_t at = text.find(word); at != std::string_view::npos && out.size() <= kMostPlaces;
         at = text.find(word, at + 1))
        out.push_back(at + shift);
}

std::string_view tail(std::string_view context) {
    std::size_t begin = context.size();
    for (std::size_t found = 0; begin > 0 && found < kAnchor;) found += is_blank(context[--begin]) ? 0 : 1;
    return context.substr(begin);
}

std::string_view head(std::string_view context) {
    std::size_t end = 0;
    for (std::size_t found = 0; end < context.size() && found < kAnchor;) found += is_blank(context[end++]) ? 0 : 1;
    return context.substr(0, end);
}

/// Where `standing` (what the edit put there, or what was there before it) can be.
std::vector<Candidate> candidates(std::string_view text, const RecordedEdit& edit, std::string_view standing) {
    std::vector<std::size_t> offsets;
    add_places(text, standing, 0, offsets);
    if (standing.empty()) {
        const std::string_view above = tail(edit.above);
        add_places(text, above, above.size(), offsets);
        add_places(text, head(edit.below), 0, offsets);
    }
    std::sort(offsets.begin(), offsets.end());
    offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
    std::vector<Candidate> out;
    if (offsets.size() > kMostPlaces) return out;
    for (const std::size_t offset : offsets) {
        const std::size_t end = offset + standing.size();
        if (cuts_a_name(text, offset, end, edit) || cuts_an_indentation(text, offset, end, edit)) continue;
        const std::string_view above = text.substr(0, offset);
        const std::string_view below = text.substr(end);
        const bool whole = above.ends_with(edit.above) && below.starts_with(edit.below);
        const int near =
            (above.ends_with(last_line(edit.above)) ? 1 : 0) + (below.starts_with(first_line(edit.below)) ? 1 : 0);
        out.push_back({offset, agree_before(above, edit.above) + agree_behind(below, edit.below), whole, near, false});
    }
    if (out.size() == 1) out.front().only = true;
    return out;
}

/// Could it be the place, if there is no better one?
bool is_good(const Candidate& candidate, const RecordedEdit& edit) {
    if (candidate.whole || weight(edit.inserted) >= kKnownByItself) return true;
    if (candidate.near >= (candidate.only ? 1 : 2) && weight(edit.inserted) >= kAnchor) return true;
    return candidate.weight >= std::min(kEnough, weight(edit.above) + weight(edit.below));
}

bool alike(const RecordedEdit& a, const RecordedEdit& b) { return a.inserted == b.inserted && a.removed == b.removed; }

class Search {
  public:
    Search(std::string_view text, std::span<const RecordedEdit> edits) : edits_(edits), places_(edits.size()) {
        for (const RecordedEdit& edit : edits) open_.push_back(candidates(text, edit, edit.inserted));
    }
    std::vector<Place> run() {
        while (claim_best() || claim_alike()) {
        }
        for (std::size_t i = 0; i < edits_.size(); ++i)
            if (places_[i].where != Where::found && !open_[i].empty()) doubt(i);
        return std::move(places_);
    }

  private:
    void doubt(std::size_t i) {
        const Candidate& likeliest = best(i);
        places_[i].offset = static_cast<std::uint32_t>(likeliest.offset);
        places_[i].doubt = is_good(likeliest, edits_[i]) ? Doubt::several : Doubt::around;
    }

    const Candidate& best(std::size_t i) const {
        return *std::max_element(open_[i].begin(), open_[i].end(), [](const Candidate& a, const Candidate& b) {
            return std::pair(a.whole, a.weight) < std::pair(b.whole, b.weight);
        });
    }

    /// The one candidate that is beyond doubt.
    std::optional<Candidate> certain(std::size_t i) const {
        if (open_[i].empty()) return std::nullopt;
        const Candidate& first = best(i);
        std::size_t second = 0;
        std::size_t wholes = 0;
        for (const Candidate& other : open_[i]) {
            if (other.offset != first.offset) second = std::max(second, other.weight + 1);
            wholes += other.whole ? 1U : 0U;
        }
        if (first.whole && wholes == 1) return first;
        if (wholes > 1 || !is_good(first, edits_[i])) return std::nullopt;
        return second == 0 || first.weight >= 2 * second ? std::optional(first) : std::nullopt;
    }

    void claim(std::size_t i, std::size_t offset) {
        const std::size_t end = offset + edits_[i].inserted.size();
        places_[i].where = Where::found;
        places_[i].offset = static_cast<std::uint32_t>(offset);
        places_[i].end = static_cast<std::uint32_t>(end);
        for (std::size_t other = 0; other < edits_.size(); ++other)
            std::erase_if(open_[other], [&](const Candidate& it) {
                const std::size_t its_end = it.offset + edits_[other].inserted.size();
                return it.offset == offset || (it.offset < end && offset < its_end);
            });
        open_[i].clear();
    }

    /// The surest one first, so that it cannot be taken for another's.
    bool claim_best() {
        std::optional<std::size_t> which;
        Candidate found;
        for (std::size_t i = 0; i < edits_.size(); ++i) {
            if (places_[i].where == Where::found) continue;
            const auto one = certain(i);
            if (!one || (which && std::pair(one->whole, one->weight) <= std::pair(found.whole, found.weight))) continue;
            which = i;
            found = *one;
        }
        if (which) claim(*which, found.offset);
        return which.has_value();
    }

    /// As many places as edits of this text: each of them is one of ours.
    bool claim_alike() {
        for (std::size_t i = 0; i < edits_.size(); ++i) {
            if (places_[i].where == Where::found || open_[i].empty()) continue;
            std::vector<std::size_t> group;
            for (std::size_t j = 0; j < edits_.size(); ++j)
                if (places_[j].where != Where::found && alike(edits_[i], edits_[j])) group.push_back(j);
            std::vector<std::size_t> offsets;
            for (const Candidate& it : open_[i])
                if (is_good(it, edits_[i])) offsets.push_back(it.offset);
            if (group.size() < 2 || offsets.size() != group.size() || offsets.size() != open_[i].size()) continue;
            for (std::size_t n = 0; n < group.size(); ++n) claim(group[n], offsets[n]);
            return true;
        }
        return false;
    }

    std::span<const RecordedEdit> edits_;
    std::vector<Place> places_;
    std::vector<std::vector<Candidate>> open_;
};

/// How a line begins: enough of it to know it by, also where its end was changed. A single word is itself or another.
std::string_view beginning(std::string_view line) {
    const std::string_view word = trim(line);
    if (word.find(' ') == std::string_view::npos) return word;
    return word.substr(0, std::max(word.size() / 2, std::min(kAnchor, word.size())));
}

/// What is not ours.
std::string without(std::string_view text, const std::vector<Place>& places) {
    std::string out(text);
    for (const Place& place : places)
        if (place.where == Where::found) std::fill(out.begin() + place.offset, out.begin() + place.end, ' ');
    return out;
}

/// No line of what we put in is left, not even its beginning, where `rest` is the text without what was found of ours;
/// or the text is as it was before, on both sides.
bool is_gone(std::string_view text, std::string_view rest, const RecordedEdit& edit) {
    bool any = false;
    for (const std::string_view line : lines(edit.inserted)) {
        const std::string_view word = beginning(line);
        any = any || (weight(word) > 3 && rest.find(word) != std::string_view::npos);
    }
    if (!any && weight(edit.inserted) > 3) return true;
    // All that is recorded above it: the last lines alone may be those of our own text.
    const std::string before = edit.above + edit.removed + std::string(first_line(edit.below));
    return weight(before) >= kEnough && text.find(before) != std::string_view::npos;
}

bool overlaps(const Place& place, const std::vector<Place>& places) {
    return std::any_of(places.begin(), places.end(), [&](const Place& other) {
        return &other != &place && other.where == Where::found &&
               (place.offset == other.offset || (place.offset < other.end && other.offset < place.end));
    });
}

/// A place of the squeezed text in the text itself.
Place widened(Place place, const Squeezed& from) {
    const auto behind = [&](std::uint32_t index) { return index == 0 ? 0 : from.at[index - 1] + 1; };
    const bool empty = place.offset == place.end;
    const std::uint32_t end = behind(place.end);
    place.offset = empty ? behind(place.offset) : from.at[place.offset];
    place.end = end;
    place.formatted = true;
    return place;
}

/// What a formatter has left of the edits that were not found.
void find_formatted(std::string_view text, std::span<const RecordedEdit> edits, std::vector<Place>& places) {
    const Squeezed from = squeezed(text);
    std::vector<RecordedEdit> wanted;
    for (const RecordedEdit& edit : edits) wanted.push_back(squeezed(edit));
    const std::vector<Place> found = Search(from.text, wanted).run();
    for (std::size_t i = 0; i < edits.size(); ++i) {
        if (places[i].where == Where::found) continue;
        const bool nowhere = places[i].doubt == Doubt::changed;
        if (found[i].where == Where::found) {
            const Place place = widened(found[i], from);
            if (!overlaps(place, places)) places[i] = place;
            if (wanted[i].inserted.empty() && wanted[i].removed.empty()) places[i].where = Where::blank;
        } else if (nowhere && found[i].doubt != Doubt::changed) {
            places[i].doubt = found[i].doubt;
            places[i].offset = found[i].offset < from.at.size() ? from.at[found[i].offset] : 0;
        }
    }
}

}  // namespace

std::vector<Place> find_again(std::string_view text, std::span<const RecordedEdit> edits) {
    if (edits.size() > kMostEdits) return std::vector<Place>(edits.size());
    std::vector<Place> out = Search(text, edits).run();
    const auto is_found = [](const Place& place) { return place.where == Where::found; };
    if (std::all_of(out.begin(), out.end(), is_found)) return out;
    find_formatted(text, edits, out);
    const std::string rest = without(text, out);
    for (std::size_t i = 0; i < edits.size(); ++i) {
        if (is_found(out[i])) continue;
        if (weight(edits[i].inserted) + weight(edits[i].removed) == 0) out[i].where = Where::blank;
        else if (out[i].doubt != Doubt::several && is_gone(text, rest, edits[i])) out[i].where = Where::gone;
    }
    return out;
}

Place without_blanks(std::string_view text, Place place) {
    const std::string_view ours = text.substr(place.offset, place.end - place.offset);
    const std::string_view core = trim(ours);
    if (place.where != Where::found || core.empty()) return place;
    place.offset += static_cast<std::uint32_t>(core.data() - ours.data());
    place.end = place.offset + static_cast<std::uint32_t>(core.size());
    place.formatted = true;
    return place;
}

}  // namespace lf::flake
