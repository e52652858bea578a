// SPDX-License-Identifier: MIT
/// \file
/// \brief What expressions stand for, through functions and through the files of the repository.
///
/// This is no evaluation: names, attributes, `import`, `if`, `//` and calls of functions that the repository defines
/// are followed as far as the text is certain, and a few functions of nixpkgs' lib that make sets of hosts are known.
/// Where anything is not certain the answer is "it stands for itself". Cycles, deep nesting and doubling texts end:
/// there is so much work for one repository and no more.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "flake/meaning.h"
#include "flake/sources.h"

namespace lf::flake {

/// What the arguments of functions are in one call: by the node that defines them (nixsyntax::Definition::definer).
struct Bound {
    std::map<Ref, Ref> values;  ///< the expression given, perhaps in another file; by the formals too: the whole set
    std::map<Ref, std::string> texts;                 ///< its text, where that is constant ("carbon")
    std::map<Ref, std::vector<std::string>> origins;  ///< where it comes from, where no expression says so
};

/// One argument of a call, an element of a list or the value of an attribute: an expression, a text, or both.
struct Given {
    Ref value;
    std::optional<std::string> text;
};

/// An attribute of a set, with what the functions that made the set were given.
struct Member {
    std::string name;
    Ref at;  ///< what names it; for a generated one, what it is generated from
    Given given;
    Bound bound;
    bool generated = false;
    std::string cannot;  ///< why there is no value
};

struct Element {
    Given given;
    Ref at;
    Bound bound;
};

/// A function that was entered on the way to a value.
struct Entered {
    bool file = false;  ///< `import ./x …` itself: the file's own function, not one that it defines
};

/// Where the `config` of a module of flake-parts comes from.
inline const std::vector<std::string> kConfigOfParts{"flake-parts", "config"};

class Values {
  public:
    explicit Values(Sources& sources) : sources_(sources) {}
    /// The lambda whose argument and formals are the inputs.
    void set_outputs(Ref outputs) { outputs_ = outputs; }
    /// The set of a module of flake-parts. What is called its `config` has what such modules define.
    void add_part(Ref set) { parts_.push_back(set); }

    /// The expression that gives the value. `bound` learns what the functions on the way are given. `id` may also be a
    /// name of an inherit.
    Ref value_of(Ref at, Bound& bound);
    /// The text that an expression comes to. A relative path of another file counts from the root: "/hosts".
    std::optional<std::string> text_of(Ref at, const Bound& bound);
    /// True, false, or not certain.
    std::optional<bool> truth_of(Ref at, const Bound& bound);
    /// Where a dotted name comes from: in `{ nixpkgs, ... }: let lib = nixpkgs.lib; in lib.nixosSystem` → inputs,
    /// nixpkgs, lib, nixosSystem. Names that nothing is known of stand for themselves, but for one that is called
    /// `inputs` and is not the flake's. Empty for anything that has no name.
    std::vector<std::string> origin(Ref at, const Bound& bound);
    /// The same for a name as if it stood in the place of `at`.
    std::vector<std::string> origin(Ref at, std::string_view name, const Bound& bound);
    /// The same for an attribute of a set.
    std::vector<std::string> origin_of_attribute(Ref set, const std::string& name, const Bound& bound);
    /// All inputs, or a set that they are joined with.
    bool has_all_inputs(Ref set, const Bound& bound);
    /// The value of an attribute; nothing where it is not there for certain.
    Ref attribute(Ref set, const std::string& name, Bound& bound);
    /// The body of a function that is given this; nothing if it is no function that the repository defines.
    Ref apply(Ref function, const Given& given, Bound& bound);
    /// All attributes of a set; false where there may be more, or other ones.
    bool members(Ref set, const Bound& bound, std::vector<Member>& out);
    /// All elements of a list; false where there may be more, or other ones.
    bool elements(Ref list, const Bound& bound, std::vector<Element>& out);
    /// What a set that is called a module's file or value is: paths are followed to their file.
    Ref module_of(Ref at, Bound& bound);

    /// The functions entered since this was last emptied.
    std::vector<Entered>& entered() { return entered_; }
    /// Formals `{ … }:` that were given all inputs at once, and perhaps more.
    const std::set<Ref>& receivers() const { return receivers_; }
    /// A function was called by itself, or too many were.
    bool gave_up() const { return gave_up_; }
    void hope() { gave_up_ = false; }

  private:
    friend class Builtins;
    enum class There : std::uint8_t { found, absent, unknown };
    struct Attribute {
        There there = There::unknown;
        Ref value;
    };
    class Deeper;

    bool may_work() { return --work_ > 0; }
    Ref step(Ref at, Bound& bound);
    Ref look_up(Ref at, Bound& bound);
    Ref selected(Ref at, Bound& bound);
    Ref called(Ref at, Bound& bound);
    Ref known_call(const std::vector<NodeId>& parts, Ref at, Bound& bound);
    bool is_apply_of_file(Ref function, std::size_t parts, const Bound& bound);
    Ref imported(Ref path, const Bound& bound);
    Attribute find(Ref set, const std::vector<std::string>& path, Bound& bound);
    Attribute find_in_literal(Ref set, const std::vector<std::string>& path, Bound& bound);
    Attribute find_dynamic(Ref set, const std::vector<std::string>& path, Bound& bound);
    Attribute find_in_update(Ref update, const std::vector<std::string>& path, Bound& bound);
    Attribute find_in_extended(Ref call, const std::vector<std::string>& path, Bound& bound);
    Attribute find_in_outputs(const std::vector<std::string>& path, Bound& bound);
    Attribute find_in_parts(const std::vector<std::string>& path, Bound& bound);
    Attribute find_in_systems(Ref call, const std::vector<std::string>& path, Bound& bound);
    bool give(Ref definer, const Given& given, Bound& bound);
    bool same(const Given& now, Ref definer, const Bound& bound);
    bool bind(Ref lambda, const Given& given, Bound& bound);
    bool bind_formals(Ref formals, Ref given, Bound& bound);
    std::optional<std::string> in_file(std::string text, Ref from, Ref to) const;
    static bool is_import(Ref function);
    std::optional<std::string> text_of_other(Ref at, const Bound& bound);
    std::optional<std::string> text_of_call(Ref at, const Bound& bound);
    std::optional<bool> truth_of_call(Ref at, const Bound& bound);
    std::string function_name(Ref function, const Bound& bound);
    Member member_of(Ref binding, const Bound& bound);

    Sources& sources_;
    Ref outputs_;
    std::vector<Ref> parts_;
    int work_ = 400'000;  ///< steps left
    int depth_ = 0;
    int text_depth_ = 0;
    int text_work_ = 0;
    std::set<std::string> files_;  ///< imported ones
    std::vector<Entered> entered_;
    std::set<Ref> receivers_;
    bool gave_up_ = false;
};

}  // namespace lf::flake
