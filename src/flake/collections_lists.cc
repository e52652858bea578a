// SPDX-License-Identifier: MIT
// Lists: what hosts are generated from.
#include <algorithm>

#include "flake/collections.h"

namespace lf::flake {

bool Builtins::map(Elements& out, std::size_t function, std::size_t list, bool indexed) {
    Elements all;
    const bool known = values_.elements(argument(list), bound_, all);
    for (Element& element : all) {
        std::vector<Given> given{element.given};
        if (indexed) given.insert(given.begin(), Given{});
        const Ref value = call_with(argument(function), given, element.bound);
        if (!value) return false;
        Given made{value, values_.text_of(value, element.bound)};
        out.push_back({std::move(made), element.at, std::move(element.bound)});
    }
    return known;
}

bool Builtins::attr_names(Elements& out) {
    Members all;
    const bool known = unique_members(argument(1), all);
    std::sort(all.begin(), all.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
    for (const Member& member : all) out.push_back({{{}, member.name}, member.at, bound_});
    return known;
}

bool Builtins::attr_values(Elements& out) {
    Members all;
    const bool known = unique_members(argument(1), all);
    std::sort(all.begin(), all.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
    for (Member& member : all) out.push_back({std::move(member.given), member.at, std::move(member.bound)});
    return known;
}

bool Builtins::map_to_list(Elements& out) {
    Members all;
    const bool known = unique_members(argument(2), all);
    for (Member& member : all) {
        const Ref value = call_with(argument(1), {Given{{}, member.name}, member.given}, member.bound);
        if (!value) return false;
        Given made{value, values_.text_of(value, member.bound)};
        out.push_back({std::move(made), member.at, std::move(member.bound)});
    }
    return known;
}

bool Builtins::filter(Elements& out) {
    Elements all;
    bool known = values_.elements(argument(2), bound_, all);
    for (Element& element : all) {
        Bound bound = element.bound;
        const Ref test = call_with(argument(1), {element.given}, bound);
        const auto keep = test ? values_.truth_of(test, bound) : std::nullopt;
        known = known && keep.has_value();
        if (keep.value_or(false)) out.push_back(std::move(element));
    }
    return known;
}

bool Builtins::concat(Elements& out, std::size_t list, bool mapped) {
    Elements all;
    bool known = mapped ? map(all, 1, list, false) : values_.elements(argument(list), bound_, all);
    for (const Element& element : all)
        known = element.given.value && values_.elements(element.given.value, element.bound, out) && known;
    return known;
}

bool Builtins::optional(Elements& out, bool list) {
    const auto holds = values_.truth_of(argument(1), bound_);
    if (!holds.value_or(false)) return holds.has_value();
    if (list) return values_.elements(argument(2), bound_, out);
    out.push_back({{argument(2), values_.text_of(argument(2), bound_)}, argument(2), bound_});
    return true;
}

bool Builtins::elements(Elements& out) {
    const std::size_t count = parts_.size();
    if (name_ == "attrNames" && count == 2) return attr_names(out);
    if (name_ == "attrValues" && count == 2) return attr_values(out);
    if ((name_ == "unique" || name_ == "naturalSort") && count == 2) return values_.elements(argument(1), bound_, out);
    if (name_ == "concatLists" && count == 2) return concat(out, 1, false);
    if (count != 3) return false;
    if (name_ == "map") return map(out, 1, 2, false);
    if (name_ == "forEach") return map(out, 2, 1, false);
    if (name_ == "imap0" || name_ == "imap1") return map(out, 1, 2, true);
    if (name_ == "mapAttrsToList") return map_to_list(out);
    if (name_ == "filter") return filter(out);
    if (name_ == "concatMap") return concat(out, 2, true);
    if (name_ == "optional" || name_ == "optionals") return optional(out, name_ == "optionals");
    return false;
}

}  // namespace lf::flake
