// SPDX-License-Identifier: MIT
#include "lint/flag_list.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "check/expectation.h"
#include "nixsyntax/query.h"
#include "plan/cpu_options.h"

namespace lf::lint {
namespace {

using nixsyntax::TokenKind;

// A list may be named by a list that is named by a list; a person follows fewer steps than this.
constexpr int kMaxDepth = 24;
// `b = a ++ a; c = b ++ b; …` doubles at each step.
constexpr int kMaxLists = 2000;

std::string last_word(const Tree& tree, NodeId function) {
    const auto name = nixsyntax::dotted_name(tree, function);
    return name && !name->empty() ? name->back() : std::string();
}

/// "-DNAME:TYPE=VALUE" → name and value.
std::optional<Flag> flag_of_text(std::string_view text, NodeId node) {
    if (!text.starts_with("-D")) return std::nullopt;
    text.remove_prefix(2);
    const std::size_t equals = text.find('=');
    const std::size_t end = std::min(equals, text.find(':'));
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    Flag flag{std::string(text.substr(0, end)), std::nullopt, node};
    if (equals != std::string_view::npos) flag.value = std::string(text.substr(equals + 1));
    return flag;
}

/// What a value of Nix becomes behind cmakeBool, cmakeFeature or an interpolation.
std::optional<std::string> value_text(const Tree& tree, NodeId id) {
    if (auto constant = nixsyntax::constant_string(tree, nixsyntax::follow(tree, id))) return constant;
    const std::string_view word = tree.text(nixsyntax::strip_parens(tree, id));
    if (word == "true") return "TRUE";
    if (word == "false") return "FALSE";
    return std::nullopt;
}

class Reader {
  public:
    Reader(const Tree& tree, FlagList& out) : tree_(tree), out_(out) {}

    void list(NodeId id, bool conditional, int depth) {
        id = nixsyntax::result_of(tree_, id);
        if (depth > kMaxDepth || ++looked_at_ > kMaxLists) return not_understood();
        switch (tree_.kind(id)) {
            case Kind::list: return literal(id, conditional, depth);
            case Kind::binary: return binary(id, conditional, depth);
            case Kind::conditional:
                list(tree_.child(id, 1), true, depth + 1);
                return list(tree_.child(id, 2), true, depth + 1);
            case Kind::identifier: return name(id, conditional, depth);
            case Kind::select: return select(id);
            case Kind::apply: return call(id, conditional, depth);
            default: return not_understood();
        }
    }

  private:
    void not_understood() { out_.whole = false; }

    void literal(NodeId id, bool conditional, int depth) {
        if (!conditional) out_.literal = id;
        for (const NodeId each : tree_.children(id)) item(each, conditional, depth);
    }

    void binary(NodeId id, bool conditional, int depth) {
        if (tree_.op(id) != TokenKind::concat) return not_understood();
        list(tree_.child(id, 0), conditional, depth + 1);
        list(tree_.child(id, 1), conditional, depth + 1);
    }

    void name(NodeId id, bool conditional, int depth) {
        const NodeId value = nixsyntax::follow(tree_, id);
        if (value == id) return not_understood();
        list(value, conditional, depth + 1);
    }

    /// `old.cmakeFlags`, `old.cmakeFlags or [ ]`, `prev.llama-cpp.cmakeFlags`: what was there before.
    void select(NodeId id) {
        const auto path = nixsyntax::attr_path(tree_, tree_.child(id, 1));
        if (path && !path->empty() && path->back() == "cmakeFlags") out_.keeps_old = true;
        else not_understood();
    }

    void call(NodeId id, bool conditional, int depth) {
        const auto parts = nixsyntax::call_parts(tree_, id);
        const std::string function = last_word(tree_, parts.front());
        if (function == "filter" && parts.size() == 3) {
            filter(id, parts[1]);
            return list(parts[2], conditional, depth + 1);
        }
        if ((function == "subtractLists" || function == "remove") && parts.size() == 3) {
            Filter taken{id, {}, {}};
            strings_below(parts[1], taken.constants);
            out_.filters.push_back(std::move(taken));
            return list(parts[2], conditional, depth + 1);
        }
        if (function == "optionals" && parts.size() == 3) return list(parts[2], true, depth + 1);
        if (function == "optional" && parts.size() == 3) return item(parts[2], true, depth);
        if ((function == "concatLists" || function == "flatten" || function == "unique") && parts.size() == 2)
            return nested(parts[1], conditional, depth);
        if (function == "map" && parts.size() == 3) return mapped(parts[1], parts[2], conditional);
        if (function == "mapAttrsToList" && parts.size() == 3) return from_set(parts[1], parts[2], conditional);
        not_understood();
    }

    void nested(NodeId id, bool conditional, int depth) {
        id = nixsyntax::result_of(tree_, id);
        if (!tree_.is(id, Kind::list)) return list(id, conditional, depth + 1);
        for (const NodeId each : tree_.children(id)) {
            const NodeId inner = nixsyntax::strip_parens(tree_, each);
            if (tree_.is(inner, Kind::string)) item(each, conditional, depth);
            else list(each, conditional, depth + 1);
        }
    }

    /// `map (name: "-DGGML_${name}=ON") [ "AVX" "AVX2" ]`, `map (name: lib.cmakeBool "GGML_${name}" true) [ … ]`
    void mapped(NodeId function, NodeId names, bool conditional) {
        const NodeId list = nixsyntax::result_of(tree_, nixsyntax::follow(tree_, names));
        const auto lambda = nixsyntax::lambda_parts(tree_, nixsyntax::follow(tree_, function));
        if (lambda.body == kNone || !tree_.is(list, Kind::list)) return not_understood();
        const NodeId body = nixsyntax::result_of(tree_, lambda.body);
        const auto call = rendering(body);
        for (const NodeId each : tree_.children(list)) {
            const auto word = nixsyntax::constant_string(tree_, nixsyntax::strip_parens(tree_, each));
            const auto text = word ? with_word(call ? call->name : body, *word) : std::nullopt;
            auto flag = !text  ? std::nullopt
                        : call ? std::optional(Flag{*text, value_text(tree_, call->value), each})
                               : flag_of_text(*text, each);
            if (flag) add(std::move(*flag), conditional, false);
            else not_understood();
        }
    }

    /// The text of a string with one interpolation, or of a name, where the word is put in.
    std::optional<std::string> with_word(NodeId string, const std::string& word) const {
        string = nixsyntax::strip_parens(tree_, string);
        if (tree_.is(string, Kind::identifier)) return word;
        if (!tree_.is(string, Kind::string) || tree_.children(string).size() != 1) return std::nullopt;
        const auto span = tree_.span(string);
        const auto hole = tree_.span(tree_.child(string, 0));
        return std::string(tree_.text({span.begin + 1, hole.begin})) + word +
               std::string(tree_.text({hole.end, span.end - 1}));
    }

    /// `lib.mapAttrsToList lib.cmakeBool { GGML_AVX2 = true; }`, also `(name: value: lib.cmakeBool name value)`
    void from_set(NodeId function, NodeId set, bool conditional) {
        const NodeId literal = nixsyntax::result_of(tree_, nixsyntax::follow(tree_, set));
        if (!renders(function) || !tree_.is(literal, Kind::set)) return not_understood();
        for (const NodeId entry : nixsyntax::entries(tree_, literal)) {
            const auto path = tree_.is(entry, Kind::binding)
                                  ? nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, entry))
                                  : std::nullopt;
            if (!path || path->size() != 1) {
                not_understood();
                continue;
            }
            add({path->front(), value_text(tree_, nixsyntax::binding_value(tree_, entry)), entry}, conditional, true);
        }
    }

    /// Is this cmakeBool or cmakeFeature, or a function that hands both its arguments on to one of them?
    bool renders(NodeId function) const {
        const std::string word = last_word(tree_, function);
        if (word == "cmakeBool" || word == "cmakeFeature") return true;
        const auto outer = nixsyntax::lambda_parts(tree_, nixsyntax::follow(tree_, function));
        const auto inner = nixsyntax::lambda_parts(tree_, outer.body);
        const auto call = inner.body == kNone ? std::nullopt : rendering(nixsyntax::result_of(tree_, inner.body));
        return call && outer.argument != kNone && inner.argument != kNone &&
               tree_.text(call->name) == tree_.text(outer.argument) &&
               tree_.text(call->value) == tree_.text(inner.argument);
    }

    void item(NodeId id, bool conditional, int depth) {
        const NodeId inner = nixsyntax::strip_parens(tree_, id);
        if (const auto text = nixsyntax::constant_string(tree_, inner)) {
            if (auto flag = flag_of_text(*text, id)) add(std::move(*flag), conditional, true);
            return;
        }
        if (tree_.is(inner, Kind::string)) {  // with interpolations: the name may still be plain
            auto flag = flag_of_text(constant_start(tree_, inner), id);
            if (!flag) return not_understood();
            flag->value = interpolated_value(inner);
            return add(std::move(*flag), conditional, true);
        }
        if (tree_.is(inner, Kind::identifier) && nixsyntax::follow(tree_, inner) != inner && depth < kMaxDepth)
            return item(nixsyntax::follow(tree_, inner), conditional, depth + 1);
        rendered(id, inner, conditional);
    }

    std::optional<std::string> interpolated_value(NodeId string) const {
        if (tree_.children(string).size() != 1) return std::nullopt;
        const auto span = tree_.span(string);
        const auto hole = tree_.span(tree_.child(string, 0));
        const auto word = value_text(tree_, tree_.child(tree_.child(string, 0), 0));
        const auto flag = word ? flag_of_text(std::string(tree_.text({span.begin + 1, hole.begin})) + *word +
                                                  std::string(tree_.text({hole.end, span.end - 1})),
                                              string)
                               : std::nullopt;
        return flag ? flag->value : std::nullopt;
    }

    /// `lib.cmakeBool "NAME" true`, `lib.cmakeFeature "NAME" "value"`, `lib.cmakeOptionType "bool" "NAME" "ON"`
    struct Rendering {
        NodeId name = kNone;
        NodeId value = kNone;
    };
    std::optional<Rendering> rendering(NodeId call) const {
        const auto parts = nixsyntax::call_parts(tree_, call);
        const std::string function = last_word(tree_, parts.front());
        const std::size_t name_at = function == "cmakeOptionType" ? 2 : 1;
        if ((function != "cmakeBool" && function != "cmakeFeature" && function != "cmakeOptionType") ||
            parts.size() != name_at + 2)
            return std::nullopt;
        return Rendering{parts[name_at], parts[name_at + 1]};
    }

    void rendered(NodeId item, NodeId call, bool conditional) {
        const auto found = rendering(call);
        const auto name =
            found ? nixsyntax::constant_string(tree_, nixsyntax::strip_parens(tree_, found->name)) : std::nullopt;
        if (!name) return not_understood();
        add({*name, value_text(tree_, found->value), item}, conditional, true);
    }

    void filter(NodeId call, NodeId function) {
        Filter filter{call, {}, {}};
        const auto lambda = nixsyntax::lambda_parts(tree_, nixsyntax::follow(tree_, function));
        if (lambda.body == kNone) return not_understood();
        flake::walk(tree_, lambda.body, [&](NodeId node) {
            if (tree_.is(node, Kind::binary) &&
                (tree_.op(node) == TokenKind::equal || tree_.op(node) == TokenKind::not_equal))
                for (const NodeId side : tree_.children(node)) keep_string(side, filter.constants);
            if (tree_.is(node, Kind::apply)) {
                const auto parts = nixsyntax::call_parts(tree_, node);
                const std::string word = last_word(tree_, parts.front());
                if (word == "hasPrefix" && parts.size() == 3) keep_string(parts[1], filter.prefixes);
                if (word == "elem" && parts.size() == 3) strings_below(parts[2], filter.constants);
            }
            return true;
        });
        out_.filters.push_back(std::move(filter));
    }

    void strings_below(NodeId id, std::vector<NodeId>& out) {
        id = nixsyntax::result_of(tree_, nixsyntax::follow(tree_, id));
        if (!tree_.is(id, Kind::list)) return keep_string(id, out);
        for (const NodeId each : tree_.children(id)) keep_string(each, out);
    }

    void keep_string(NodeId id, std::vector<NodeId>& out) {
        id = nixsyntax::strip_parens(tree_, id);
        if (nixsyntax::constant_string(tree_, id)) out.push_back(id);
    }

    void add(Flag flag, bool conditional, bool written_out) {
        flag.conditional = conditional;
        flag.written_out = written_out;
        out_.flags.push_back(std::move(flag));
    }

    const Tree& tree_;
    FlagList& out_;
    int looked_at_ = 0;
};

}  // namespace

const Flag* FlagList::find(std::string_view name) const {
    for (auto it = flags.rbegin(); it != flags.rend(); ++it)
        if (it->name == name) return &*it;
    return nullptr;
}

bool FlagList::on(std::string_view name) const {
    const Flag* flag = find(name);
    return flag != nullptr && flag->value && check::cmake_truth(*flag->value);
}

void read_flag_list(const Tree& tree, NodeId value, FlagList& out) { Reader(tree, out).list(value, false, 0); }

std::vector<NodeId> flags_taken(const Tree& tree, NodeId value) {
    std::vector<NodeId> out;
    flake::walk(tree, value, [&](NodeId node) {
        if (!tree.is(node, Kind::select)) return true;
        const auto path = nixsyntax::attr_path(tree, tree.child(node, 1));
        if (!path || path->empty() || path->back() != "cmakeFlags") return true;
        out.push_back(node);
        return false;
    });
    return out;
}

bool is_x86_option(std::string_view name) {
    const plan::CpuArchitecture* x86 = plan::find_architecture("x86_64");
    return x86 != nullptr && std::ranges::any_of(x86->options, [&](const auto& o) { return o.name == name; });
}

std::vector<const Flag*> x86_flags_on(const FlagList& list) {
    std::vector<const Flag*> out;
    for (const Flag& flag : list.flags)
        if (is_x86_option(flag.name) && flag.value && check::cmake_truth(*flag.value)) out.push_back(&flag);
    return out;
}

std::string constant_start(const Tree& tree, NodeId string) {
    const auto span = tree.span(string);
    const std::uint32_t open = tree.is(string, Kind::indented_string) ? 2 : 1;
    const std::uint32_t end = tree.children(string).empty() ? span.end - open : tree.span(tree.child(string, 0)).begin;
    return std::string(tree.text({span.begin + open, end}));
}

}  // namespace lf::lint
