// SPDX-License-Identifier: MIT
/// \file
/// \brief Functions of nixpkgs' lib and builtins that make sets and lists: only the files of Values include this.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "flake/values_deeper.h"

namespace lf::flake {

using Members = std::vector<Member>;
using Elements = std::vector<Element>;

/// One call of such a function, with its arguments.
class Builtins {
  public:
    Builtins(Values& values, Ref call, const Bound& bound) : values_(values), bound_(bound), call_(call) {
        parts_ = full_call(call);
        name_ = values_.function_name(parts_.front(), bound_);
    }
    bool members(Members& out);
    bool elements(Elements& out);

  private:
    /// The function and its arguments; `forHosts = genAttrs [ … ]` counts as those that it was given.
    std::vector<Ref> full_call(Ref call) {
        std::vector<Ref> out;
        const auto own = nixsyntax::call_parts(*call.tree, call.id);
        const Ref front{call.tree, own.front()};
        const Ref value = values_.value_of(front, bound_);
        if (value.tree->is(value.id, Kind::apply))
            for (const NodeId part : nixsyntax::call_parts(*value.tree, value.id)) out.push_back({value.tree, part});
        if (out.empty()) out.push_back(front);
        for (std::size_t i = 1; i < own.size(); ++i) out.push_back({call.tree, own[i]});
        return out;
    }
    const Ref& argument(std::size_t n) const { return parts_[n]; }
    bool unique_members(const Ref& set, Members& out);
    std::string text_of_given(const Given& given, const Bound& bound) {
        return given.text ? *given.text : values_.text_of(given.value, bound).value_or("");
    }
    Ref call_with(const Ref& function, const std::vector<Given>& all, Bound& bound) {
        Ref now = function;
        for (const Given& given : all) now = now ? values_.apply(now, given, bound) : Ref{};
        return now;
    }
    Member generated(std::string name, Ref at, Ref value, Bound bound) {
        Member out{std::move(name), at, {value, {}}, std::move(bound), true, {}};
        if (!value) out.cannot = "the function that makes it does not stand in the repository";
        return out;
    }

    bool gen_attrs(Members& out);
    bool map_attrs(Members& out);
    bool map_attrs_named(Members& out);
    bool list_to_attrs(Members& out);
    bool read_dir(Members& out);
    bool filter_attrs(Members& out);
    bool remove_attrs(Members& out);
    bool both(Members& out);
    bool merge_list(Members& out);
    bool fold(Members& out);
    bool pair(Ref value, Bound bound, Ref at, Members& out);
    bool operands(Ref value, const Bound& bound, Members& out);

    bool map(Elements& out, std::size_t function, std::size_t list, bool indexed);
    bool attr_names(Elements& out);
    bool attr_values(Elements& out);
    bool map_to_list(Elements& out);
    bool filter(Elements& out);
    bool concat(Elements& out, std::size_t list, bool mapped);
    bool optional(Elements& out, bool list);

    Values& values_;
    Bound bound_;
    Ref call_;
    std::vector<Ref> parts_;
    std::string name_;
};

}  // namespace lf::flake
