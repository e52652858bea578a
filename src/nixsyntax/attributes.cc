// SPDX-License-Identifier: MIT
#include "nixsyntax/attributes.h"

#include <algorithm>
#include <array>
#include <forward_list>
#include <string_view>
#include <utility>

#include "nixsyntax/query.h"

namespace lf::nixsyntax {
namespace {

// The contributions that have a static name, sorted by it (those of one name in the order of the text). Names that are
// not written as they are read are kept in `storage`.
class Named {
  public:
    using Entry = std::pair<std::string_view, Contribution>;
    Named(const Tree& tree, std::span<const Contribution> contributions) : tree_(tree) {
        entries_.reserve(contributions.size());
        for (const Contribution& contribution : contributions) {
            if (const auto name = read(name_of(tree, contribution))) entries_.emplace_back(*name, contribution);
            else dynamic_.push_back(contribution);
        }
        const auto less = [](const Entry& a, const Entry& b) { return a.first < b.first; };
        if (!std::is_sorted(entries_.begin(), entries_.end(), less))
            std::stable_sort(entries_.begin(), entries_.end(), less);
    }
    const std::vector<Entry>& entries() const { return entries_; }
    const std::vector<Contribution>& dynamic() const { return dynamic_; }
    /// One after the last entry that has the name of entry `first`.
    std::size_t group_end(std::size_t first) const {
        std::size_t end = first + 1;
        while (end < entries_.size() && entries_[end].first == entries_[first].first) ++end;
        return end;
    }
    std::vector<Contribution> group(std::size_t first, std::size_t end) const {
        std::vector<Contribution> out;
        out.reserve(end - first);
        for (; first < end; ++first) out.push_back(entries_[first].second);
        return out;
    }

  private:
    std::optional<std::string_view> read(NodeId id) {
        const std::string_view text = tree_.text(id);
        if (tree_.is(id, Kind::name)) return text;
        if (tree_.is(id, Kind::string) && text.find_first_of("\\$\r") == std::string_view::npos)
            return text.substr(1, text.size() - 2);
        std::optional<std::string> name = attr_name(tree_, id);
        if (!name) return std::nullopt;
        return storage_.emplace_front(std::move(*name));
    }

    const Tree& tree_;
    std::forward_list<std::string> storage_;
    std::vector<Entry> entries_;
    std::vector<Contribution> dynamic_;
};

// Contributions that all come from one set literal were found to be fine when that was closed.
bool checked_before(const std::vector<Contribution>& contributions) {
    const NodeId origin = contributions.front().origin;
    return origin != kNone && std::all_of(contributions.begin(), contributions.end(),
                                          [&](const Contribution& c) { return c.origin == origin; });
}

std::optional<Duplicate> clash(const Tree& tree, std::string_view name,
                               const std::vector<Contribution>& contributions) {
    const auto other = std::find_if(contributions.begin(), contributions.end(),
                                    [&](const Contribution& c) { return !is_set(tree, c); });
    if (other == contributions.end()) return std::nullopt;
    const auto partner = other == contributions.begin() ? other + 1 : contributions.begin();
    Duplicate out{std::string(name), name_of(tree, *other), name_of(tree, *partner)};
    if (tree.node(out.first).first_token > tree.node(out.second).first_token) std::swap(out.first, out.second);
    return out;
}

// The common case, without memory of its own: a few names, all written plainly, no two of them equal.
class SmallSet {
  public:
    explicit SmallSet(const Tree& tree) : tree_(tree) {}
    bool has_plain_distinct_names(NodeId set) {
        for (const NodeId entry : entries(tree_, set)) {
            if (tree_.is(entry, Kind::binding)) {
                if (!add(tree_.child(binding_path(tree_, entry), 0))) return false;
                continue;
            }
            for (const NodeId name : inherit_names(tree_, entry))
                if (!add(name)) return false;
        }
        return true;
    }

  private:
    bool add(NodeId id) {
        if (!tree_.is(id, Kind::name) || count_ == names_.size()) return false;
        const std::string_view name = tree_.text(id);
        // A name whose bit is new is new itself; else all are compared.
        const std::size_t sum = name.size() * 7 + std::size_t{static_cast<unsigned char>(name.front())} * 5 +
                                static_cast<unsigned char>(name.back());
        const std::uint64_t bit = std::uint64_t{1} << (sum % 64);
        if ((seen_ & bit) != 0 && std::find(names_.begin(), names_.begin() + count_, name) != names_.begin() + count_)
            return false;
        seen_ |= bit;
        names_[count_++] = name;
        return true;
    }

    const Tree& tree_;
    std::array<std::string_view, 32> names_;
    std::size_t count_ = 0;
    std::uint64_t seen_ = 0;
};

}  // namespace

NodeId name_of(const Tree& tree, const Contribution& contribution) {
    const NodeId entry = contribution.entry;
    if (tree.is(entry, Kind::inherit)) return tree.child(entry, contribution.part);
    return tree.child(binding_path(tree, entry), contribution.part);
}

NodeId value_of(const Tree& tree, const Contribution& contribution) {
    const NodeId entry = contribution.entry;
    if (tree.is(entry, Kind::inherit)) return kNone;
    const bool last = contribution.part + 1 == tree.children(binding_path(tree, entry)).size();
    return last ? binding_value(tree, entry) : kNone;
}

bool is_set(const Tree& tree, const Contribution& contribution) {
    if (tree.is(contribution.entry, Kind::inherit)) return false;
    const NodeId value = value_of(tree, contribution);
    return value == kNone || tree.is(strip_parens(tree, value), Kind::set);
}

std::vector<Contribution> contributions_of(const Tree& tree, NodeId set, NodeId origin) {
    std::vector<Contribution> out;
    out.reserve(entries(tree, set).size());
    for (const NodeId entry : entries(tree, set)) {
        if (tree.is(entry, Kind::binding)) {
            out.push_back({entry, 0, origin});
            continue;
        }
        const auto count = static_cast<std::uint32_t>(tree.children(entry).size());
        for (std::uint32_t i = tree.has(entry, kHasSource) ? 1 : 0; i < count; ++i) out.push_back({entry, i, origin});
    }
    return out;
}

std::vector<Contribution> contributions_below(const Tree& tree, std::span<const Contribution> contributions) {
    std::vector<Contribution> out;
    for (const Contribution& contribution : contributions) {
        const NodeId value = value_of(tree, contribution);
        if (value == kNone) {
            out.push_back({contribution.entry, contribution.part + 1, contribution.origin});
            continue;
        }
        const NodeId set = strip_parens(tree, value);
        const std::vector<Contribution> inner = contributions_of(tree, set, set);
        out.insert(out.end(), inner.begin(), inner.end());
    }
    return out;
}

Merged merge(const Tree& tree, std::span<const Contribution> contributions) {
    const Named named(tree, contributions);
    Merged out;
    out.dynamic = named.dynamic();
    for (std::size_t first = 0; first < named.entries().size(); first = named.group_end(first))
        out.attributes.push_back(
            {std::string(named.entries()[first].first), named.group(first, named.group_end(first))});
    return out;
}

std::optional<Duplicate> find_duplicate(const Tree& tree, NodeId set) {
    if (SmallSet(tree).has_plain_distinct_names(set)) return std::nullopt;
    std::vector<std::vector<Contribution>> work{contributions_of(tree, set)};
    while (!work.empty()) {
        const std::vector<Contribution> contributions = std::move(work.back());
        work.pop_back();
        if (contributions.size() < 2) continue;
        const Named named(tree, contributions);
        for (std::size_t first = 0, end = 0; first < named.entries().size(); first = end) {
            end = named.group_end(first);
            if (end == first + 1) continue;
            const std::vector<Contribution> group = named.group(first, end);
            if (checked_before(group)) continue;
            if (auto duplicate = clash(tree, named.entries()[first].first, group)) return duplicate;
            work.push_back(contributions_below(tree, group));
        }
    }
    return std::nullopt;
}

}  // namespace lf::nixsyntax
