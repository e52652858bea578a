// SPDX-License-Identifier: MIT
#include "nixsyntax/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "nixsyntax/query.h"
#include "nixsyntax/scopes.h"

namespace lf::nixsyntax {
namespace {

// Asked of Nix 2.34 itself: each of builtins.attrNames builtins, with and without "__", parsed alone. A blank on both
// sides of each.
constexpr std::string_view kGlobals =
    " "
    "__add __addDrvOutputDependencies __addErrorContext __all __any __appendContext __attrNames __attrValues "
    "__bitAnd __bitOr __bitXor __catAttrs __ceil __compareVersions __concatLists __concatMap __concatStringsSep "
    "__convertHash __curPos __currentSystem __currentTime __deepSeq __div __elem __elemAt __fetchClosure "
    "__fetchurl __filter __filterSource __findFile __flakeRefToString __floor __foldl' __fromJSON __functionArgs "
    "__genList __genericClosure __getAttr __getContext __getEnv __getFlake __groupBy __hasAttr __hasContext "
    "__hashFile __hashString __head __intersectAttrs __isAttrs __isBool __isFloat __isFunction __isInt __isList "
    "__isPath __isString __langVersion __length __lessThan __listToAttrs __mapAttrs __match __mul __nixPath "
    "__nixVersion __outputOf __parseDrvName __parseFlakeRef __partition __path __pathExists __readDir __readFile "
    "__readFileType __replaceStrings __seq __sort __split __splitVersion __storeDir __storePath __stringLength "
    "__sub __substring __tail __toFile __toJSON __toPath __toXML __trace __traceVerbose __tryEval __typeOf "
    "__unsafeDiscardOutputDependency __unsafeDiscardStringContext __unsafeGetAttrPos __warn __zipAttrsWith abort "
    "baseNameOf break builtins derivation derivationStrict dirOf false fetchGit fetchMercurial fetchTarball "
    "fetchTree fromTOML import isNull map null placeholder removeAttrs scopedImport throw toString true ";

// One walk over the tree that knows at every place which names are defined there, so that neither many names nor many
// scopes make many uses slow. resolve() answers the same for one place; the generated texts compare the two.
class Sweep {
  public:
    explicit Sweep(const Tree& tree) : tree_(tree), index_(NameIndex::of(tree)) {}
    std::vector<NodeId> run() {
        work_.push_back({What::visit, tree_.root()});
        while (!work_.empty()) {
            const Step step = work_.back();
            work_.pop_back();
            take(step);
        }
        return std::move(undefined_);
    }

  private:
    enum class What : std::uint8_t { visit, close, open_merged, close_merged, open_with, close_with };
    struct Step {
        What what;
        NodeId node = kNone;
    };

    void take(const Step& step) {
        switch (step.what) {
            case What::visit: visit(step.node); break;
            case What::close: count(step.node, -1); break;
            case What::open_merged: merged_.push_back(step.node); break;
            case What::close_merged: merged_.pop_back(); break;
            case What::open_with: ++with_; break;
            case What::close_with: --with_; break;
        }
    }

    // What comes after the node's own beginning is put on the stack, the last first.
    void visit(NodeId id) {
        switch (tree_.kind(id)) {
            case Kind::identifier: use(id, tree_.text(id)); break;
            case Kind::let:
            case Kind::legacy_let:
            case Kind::set: visit_entries(id); break;
            case Kind::binding: visit_binding(id); break;
            case Kind::inherit:
                if (tree_.has(id, kHasSource)) visit_later(tree_.children(id).first(1));
                break;
            case Kind::lambda:
                count(id, 1);
                work_.push_back({What::close, id});
                visit_later(tree_.children(id));
                break;
            case Kind::with:
                work_.push_back({What::close_with});
                work_.push_back({What::visit, tree_.child(id, 1)});
                work_.push_back({What::open_with});
                work_.push_back({What::visit, tree_.child(id, 0)});
                break;
            default: visit_later(tree_.children(id)); break;
        }
    }

    void visit_later(std::span<const NodeId> children) {
        for (auto child = children.rbegin(); child != children.rend(); ++child) work_.push_back({What::visit, *child});
    }

    void visit_entries(NodeId id) {
        for (const NodeId entry : entries(tree_, id)) {
            if (inherit_source(tree_, entry) != kNone) continue;
            for (const NodeId name : inherit_names(tree_, entry)) use(name, stored_name(name));  // those outside
        }
        const NodeId scope = index_.scope_of(tree_, id);
        if (scope != kNone && index_.is_merged(scope)) {
            merged_.push_back(scope);
            work_.push_back({What::close_merged});
        } else if (scope != kNone) {
            count(id, 1);
            work_.push_back({What::close, id});
        }
        visit_later(tree_.children(id));
    }

    void visit_binding(NodeId id) {
        const auto& below = index_.below(id);
        for (std::size_t i = 0; i < below.size(); ++i) work_.push_back({What::close_merged});
        work_.push_back({What::visit, binding_value(tree_, id)});
        const auto names = tree_.children(binding_path(tree_, id));
        auto scope = below.rbegin();
        for (std::size_t part = names.size(); part-- > 0;) {
            if (scope != below.rend() && scope->part == part) work_.push_back({What::open_merged, (scope++)->set});
            work_.push_back({What::visit, names[part]});
        }
    }

    // The names that a lambda, let, legacy_let or rec set defines are defined once more, or once less.
    void count(NodeId owner, int change) {
        if (!tree_.is(owner, Kind::lambda)) {
            for (const NodeId entry : entries(tree_, owner)) {
                if (tree_.is(entry, Kind::binding)) count_name(tree_.child(binding_path(tree_, entry), 0), change);
                for (const NodeId name : inherit_names(tree_, entry)) count_name(name, change);
            }
            return;
        }
        const Lambda lambda = lambda_parts(tree_, owner);
        if (lambda.argument != kNone) count_name(lambda.argument, change);
        if (lambda.formals == kNone) return;
        for (const NodeId formal : tree_.children(lambda.formals)) count_name(tree_.child(formal, 0), change);
    }

    void count_name(NodeId id, int change) {
        if (tree_.is(id, Kind::name)) defined_[tree_.text(id)] += change;
        else if (const std::string_view name = stored_name(id); !name.empty()) defined_[name] += change;
    }

    // A name's text; "" if it is dynamic (or empty, which no identifier is).
    std::string_view stored_name(NodeId id) {
        if (tree_.is(id, Kind::name)) return tree_.text(id);
        const std::optional<std::string> name = attr_name(tree_, id);
        return name ? std::string_view(*storage_.insert(*name).first) : std::string_view();
    }

    void use(NodeId id, std::string_view name) {
        if (with_ > 0) return;
        if (const auto found = defined_.find(name); found != defined_.end() && found->second > 0) return;
        if (std::any_of(merged_.begin(), merged_.end(),
                        [&](NodeId scope) { return index_.find(tree_, scope, name).definer != kNone; }))
            return;
        if (!is_global(name)) undefined_.push_back(id);
    }

    const Tree& tree_;
    NameIndex& index_;
    std::vector<Step> work_;
    std::unordered_map<std::string_view, int> defined_;  // how many scopes around this place define it
    std::unordered_set<std::string> storage_;
    std::vector<NodeId> merged_;  // the merged recursive sets around this place
    int with_ = 0;
    std::vector<NodeId> undefined_;
};

std::vector<NodeId> in_order(const Tree& tree, std::vector<NodeId> ids) {
    std::sort(ids.begin(), ids.end(),
              [&](NodeId a, NodeId b) { return tree.node(a).first_token < tree.node(b).first_token; });
    return ids;
}

}  // namespace

bool is_global(std::string_view name) {
    return !name.empty() && name.find(' ') == std::string_view::npos &&
           kGlobals.find(fmt::format(" {} ", name)) != std::string_view::npos;
}

std::vector<NodeId> undefined_variables(const Tree& tree) { return in_order(tree, Sweep(tree).run()); }

std::vector<NodeId> unresolved_variables(const Tree& tree) {
    std::vector<NodeId> out;
    for (NodeId id = 0; id < tree.size(); ++id) {
        const NodeId parent = tree.parent(id);
        const bool inherited = tree.is(parent, Kind::inherit) && !tree.has(parent, kHasSource);
        if (!inherited && !tree.is(id, Kind::identifier)) continue;
        const std::string name = inherited ? attr_name(tree, id).value_or("") : std::string(tree.text(id));
        if (resolve(tree, id).scope == Scope::none && !is_global(name)) out.push_back(id);
    }
    return in_order(tree, std::move(out));
}

Done check_variables(const Tree& tree) {
    const std::vector<NodeId> undefined = undefined_variables(tree);
    if (undefined.empty()) return {};
    return fail(tree.at(
        world_error("nix-undefined", fmt::format("undefined variable '{}'", printable(tree.text(undefined.front()))),
                    "nothing around it defines it, and no 'with' may"),
        undefined.front()));
}

}  // namespace lf::nixsyntax
