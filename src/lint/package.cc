// SPDX-License-Identifier: MIT
#include "lint/package.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

using nixsyntax::Scope;
using nixsyntax::Span;
using nixsyntax::TokenKind;

// Names are defined by names; a person follows fewer steps than this.
constexpr int kMaxSteps = 24;

/// `x.override { … }` and `x.overrideAttrs (…)`.
struct Link {
    NodeId apply = kNone;
    NodeId select = kNone;
    bool attrs = false;
};

std::optional<Link> link_of(const Tree& tree, NodeId id) {
    if (!tree.is(id, Kind::apply) || tree.children(id).size() != 2) return std::nullopt;
    const NodeId select = nixsyntax::strip_parens(tree, tree.child(id, 0));
    if (!tree.is(select, Kind::select) || tree.children(select).size() != 2) return std::nullopt;
    const NodeId last = tree.last_child(tree.child(select, 1));
    const auto name = nixsyntax::attr_name(tree, last);
    if (name == "override") return Link{id, select, false};
    if (name == "overrideAttrs") return Link{id, select, true};
    return std::nullopt;
}

/// What a link is applied to: from the first byte of the select to before its last name.
Span base_span(const Tree& tree, NodeId select) {
    const NodeId path = tree.child(select, 1);
    const auto names = tree.children(path);
    if (names.size() == 1) return tree.span(tree.child(select, 0));
    return {tree.span(select).begin, tree.span(names[names.size() - 2]).end};
}

/// The binding whose value an expression is, parentheses and lambdas looked through; kNone = it stands elsewhere.
NodeId binding_around(const Tree& tree, NodeId id, bool through_lambdas) {
    NodeId up = tree.parent(id);
    while (tree.is(up, Kind::parens) || (through_lambdas && tree.is(up, Kind::lambda))) up = tree.parent(up);
    return tree.is(up, Kind::binding) ? up : kNone;
}

class Finder {
  public:
    Finder(const Tree& tree, const Knowledge& knowledge) : tree_(tree), knowledge_(knowledge) {}

    std::vector<Package> all() {
        std::set<NodeId> inner;
        std::vector<Link> links;
        for (NodeId id = 0; id < tree_.size(); ++id)
            if (const auto link = link_of(tree_, id)) links.push_back(*link);
        for (const Link& link : links)
            if (const auto below = below_of(link)) inner.insert(below->apply);
        std::vector<Package> out;
        for (const Link& link : links) {
            if (inner.contains(link.apply)) continue;
            if (auto package = read(link)) out.push_back(std::move(*package));
        }
        std::ranges::sort(out, [&](const Package& a, const Package& b) {
            return tree_.span(a.chain).begin < tree_.span(b.chain).begin;
        });
        return out;
    }

  private:
    /// The link that this one is applied to, if it is.
    std::optional<Link> below_of(const Link& link) const {
        if (tree_.children(tree_.child(link.select, 1)).size() != 1) return std::nullopt;
        return link_of(tree_, nixsyntax::follow(tree_, tree_.child(link.select, 0)));
    }

    std::optional<Package> read(const Link& outermost) {
        std::vector<Link> chain{outermost};
        while (chain.size() < static_cast<std::size_t>(kMaxSteps)) {
            const auto below = below_of(chain.back());
            if (!below) break;
            chain.push_back(*below);
        }
        Package package;
        package.tree = &tree_;
        package.chain = outermost.apply;
        if (!find_base(chain.back(), package)) return std::nullopt;
        for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
            const NodeId argument = tree_.child(it->apply, 1);
            if (it->attrs) read_attrs(argument, package);
            else read_arguments(argument, package);
        }
        if (const NodeId binding = binding_around(tree_, outermost.apply, false); binding != kNone)
            package.bound_to = flake::full_path(tree_, binding);
        return package;
    }

    bool find_base(const Link& link, Package& package) {
        package.base = base_span(tree_, link.select);
        const NodeId first = tree_.child(link.select, 0);
        package.names = loose_name(tree_, first);
        if (!package.names.empty()) add_names(tree_, tree_.child(link.select, 1), 1, package.names);
        std::optional<Source> source = package_source(package.names, knowledge_);
        if (!source) source = source_of_callers(first, package);
        if (!source) return false;
        package.source = *source;
        return true;
    }

    /// A helper `pkg: pkg.override { … }`: what it is called with in this file.
    std::optional<Source> source_of_callers(NodeId base, Package& package) {
        const NodeId id = nixsyntax::strip_parens(tree_, base);
        if (!tree_.is(id, Kind::identifier)) return std::nullopt;
        const auto definition = nixsyntax::resolve(tree_, id);
        if (definition.scope != Scope::argument) return std::nullopt;
        const NodeId binding = binding_around(tree_, definition.owner, true);
        if (binding == kNone) return std::nullopt;
        const std::size_t position = argument_position(definition.owner, binding);
        std::optional<Source> source;
        for (const NodeId call : calls_of(binding)) {
            const auto parts = nixsyntax::call_parts(tree_, call);
            if (parts.size() <= position + 1) continue;
            const auto one = source_of_argument(parts[position + 1], package);
            package.mixed = package.mixed || (one && source && *one != *source);
            if (one && !source) source = one;
        }
        return source;
    }

    /// The calls in this file of the function that a binding defines.
    const std::vector<NodeId>& calls_of(NodeId binding) {
        if (!calls_) {
            calls_.emplace();
            for (NodeId call = 0; call < tree_.size(); ++call) {
                if (!tree_.is(call, Kind::apply)) continue;
                NodeId function = call;
                while (tree_.is(function, Kind::apply))
                    function = nixsyntax::strip_parens(tree_, tree_.child(function, 0));
                if (!tree_.is(function, Kind::identifier)) continue;
                const NodeId definer = nixsyntax::resolve(tree_, function).definer;
                if (definer != kNone) (*calls_)[definer].push_back(call);
            }
        }
        return (*calls_)[binding];
    }

    std::optional<Source> source_of_argument(NodeId argument, Package& package) {
        auto names = loose_name(tree_, argument);
        NodeId node = argument;
        if (names.empty()) {
            const auto link = link_of(tree_, nixsyntax::follow(tree_, argument));
            if (!link) return std::nullopt;
            node = link->apply;
            names = loose_name(tree_, tree_.child(link->select, 0));
            if (!names.empty()) add_names(tree_, tree_.child(link->select, 1), 1, names);
        }
        const auto source = package_source(names, knowledge_);
        if (!source) return std::nullopt;
        // What the call itself overrides counts as said there.
        if (node != argument) names.emplace_back(tree_.text(node));
        package.callers.push_back(std::move(names));
        return source;
    }

    std::size_t argument_position(NodeId lambda, NodeId binding) const {
        std::size_t position = 0;
        for (NodeId up = tree_.parent(lambda); up != binding && up != kNone; up = tree_.parent(up))
            if (tree_.is(up, Kind::lambda)) ++position;
        return position;
    }

    void read_arguments(NodeId argument, Package& package) {
        NodeId set = nixsyntax::follow(tree_, argument);
        if (const auto lambda = nixsyntax::lambda_parts(tree_, set); lambda.body != kNone)
            set = nixsyntax::result_of(tree_, lambda.body);
        if (!tree_.is(set, Kind::set)) return;
        package.arguments_set = set;
        for (const NodeId entry : nixsyntax::entries(tree_, set)) {
            if (tree_.is(entry, Kind::inherit))
                for (const NodeId name : nixsyntax::inherit_names(tree_, entry))
                    package.arguments.push_back(
                        {nixsyntax::attr_name(tree_, name).value_or(""), name, name, entry, true});
            if (!tree_.is(entry, Kind::binding)) continue;
            const NodeId path = nixsyntax::binding_path(tree_, entry);
            const auto names = nixsyntax::attr_path(tree_, path);
            if (!names || names->empty()) continue;
            package.arguments.push_back(
                {names->front(), tree_.child(path, 0), nixsyntax::binding_value(tree_, entry), entry});
        }
    }

    void read_attrs(NodeId argument, Package& package) {
        AttrsCall call;
        call.function = argument;
        NodeId at = nixsyntax::follow(tree_, argument);
        std::vector<nixsyntax::Lambda> lambdas;
        for (auto lambda = nixsyntax::lambda_parts(tree_, at); lambda.body != kNone && lambdas.size() < 4;
             lambda = nixsyntax::lambda_parts(tree_, at)) {
            lambdas.push_back(lambda);
            at = nixsyntax::result_of(tree_, lambda.body);
        }
        if (!lambdas.empty()) {  // `old: …`, or `finalAttrs: previousAttrs: …`
            call.parameter = lambdas.back().argument;
            if (call.parameter != kNone) call.old = std::string(tree_.text(call.parameter));
        }
        call.set = set_literal(nixsyntax::result_of(tree_, at));
        if (call.set != kNone) read_set(call.set, call, package);
        package.attrs.push_back(call);
    }

    /// The set, or the set among the operands of `//`.
    NodeId set_literal(NodeId id) const {
        for (int steps = 0; steps < kMaxSteps && tree_.is(id, Kind::binary); ++steps) {
            if (tree_.op(id) != TokenKind::update) return kNone;
            const NodeId left = nixsyntax::strip_parens(tree_, tree_.child(id, 0));
            const NodeId right = nixsyntax::strip_parens(tree_, tree_.child(id, 1));
            id = tree_.is(right, Kind::set) ? right : left;
        }
        return tree_.is(id, Kind::set) ? id : kNone;
    }

    void read_set(NodeId set, AttrsCall& call, Package& package) {
        for (const NodeId entry : nixsyntax::entries(tree_, set)) {
            if (!tree_.is(entry, Kind::binding)) continue;
            const auto names = nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, entry));
            if (!names || names->empty()) continue;
            const NodeId value = nixsyntax::binding_value(tree_, entry);
            if (names->front() == "cmakeFlags") {
                call.flags_value = value;
                read_flag_list(tree_, value, package.flags);
            } else if (names->front() == "env" && names->size() == 2) {
                package.settings.push_back({names->back(), value, entry, true});
            } else {
                package.settings.push_back({names->front(), value, entry, false});
                if (names->front() == "env") read_env(value, package);
            }
        }
    }

    void read_env(NodeId value, Package& package) {
        const NodeId set = set_literal(nixsyntax::result_of(tree_, value));
        if (set == kNone) return;
        for (const NodeId entry : nixsyntax::entries(tree_, set)) {
            if (!tree_.is(entry, Kind::binding)) continue;
            const auto names = nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, entry));
            if (names && names->size() == 1)
                package.settings.push_back({names->front(), nixsyntax::binding_value(tree_, entry), entry, true});
        }
    }

    const Tree& tree_;
    const Knowledge& knowledge_;
    std::optional<std::map<NodeId, std::vector<NodeId>>> calls_;  ///< by binding; made when a helper is met
};

}  // namespace

const Argument* Package::argument(std::string_view name) const {
    for (auto it = arguments.rbegin(); it != arguments.rend(); ++it)
        if (it->name == name) return &*it;
    return nullptr;
}

const Setting* Package::setting(std::string_view name) const {
    for (auto it = settings.rbegin(); it != settings.rend(); ++it)
        if (it->name == name) return &*it;
    return nullptr;
}

bool is_fork(const Package& package, const Knowledge& knowledge) {
    const Setting* setting = package.setting("src");
    if (setting == nullptr) return false;
    const Tree& tree = *package.tree;
    const std::string_view text = tree.text(nixsyntax::follow(tree, setting->value));
    const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
    const bool old = std::ranges::any_of(package.attrs, [&](const AttrsCall& call) {
        return !call.old.empty() && has(call.old + ".src");  // patched, or another revision of it
    });
    return !old && !has("ggml-org") && !has("ggerganov") &&
           std::ranges::none_of(loose_name(tree, setting->value),
                                [&](const std::string& name) { return knowledge.llama_inputs.contains(name); });
}

bool native_passes(const Package& package) {
    const Tree& tree = *package.tree;
    const Setting* setting = package.setting("NIX_ENFORCE_NO_NATIVE");
    if (setting == nullptr)  // `preConfigure = "export NIX_ENFORCE_NO_NATIVE=0"`
        return std::ranges::any_of(package.settings, [&](const Setting& one) {
            const std::string_view text = tree.text(one.value);
            return one.name != "env" && (text.find("NIX_ENFORCE_NO_NATIVE=0") != std::string_view::npos ||
                                         text.find("unset NIX_ENFORCE_NO_NATIVE") != std::string_view::npos);
        });
    const std::string_view word = tree.text(nixsyntax::strip_parens(tree, setting->value));
    return word == "false" || word == "0" || word == "\"0\"" || word == "\"\"";
}

bool is_mapped_when_on(std::string_view name) {
    constexpr std::array<std::string_view, 8> kMapped{
        "LLAMA_CANN",   "LLAMA_CUDA", "LLAMA_METAL", "LLAMA_METAL_EMBED_LIBRARY",
        "LLAMA_NATIVE", "LLAMA_RPC",  "LLAMA_SYCL",  "LLAMA_SYCL_F16"};
    return std::ranges::find(kMapped, name) != kMapped.end();
}

const Flag* native_on(const Package& package) {
    for (const char* name : {"GGML_NATIVE", "LLAMA_NATIVE"})
        if (package.flags.on(name)) return package.flags.find(name);
    return nullptr;
}

std::vector<Package> find_packages(const Tree& tree, const Knowledge& knowledge) {
    return Finder(tree, knowledge).all();
}

std::optional<bool> dispatches(const Package& package, const Knowledge& knowledge) {
    if (package.source != Source::nixpkgs) return false;
    if (const Argument* argument = package.argument("cpuArchDynamicDispatch")) {
        const auto value = constant_bool(*package.tree, argument->value);
        if (value) return *value;
    }
    if (!knowledge.nixpkgs_date) return std::nullopt;
    return *knowledge.nixpkgs_date >= kDispatchSince;
}

}  // namespace lf::lint
