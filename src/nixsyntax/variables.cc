// SPDX-License-Identifier: MIT
#include "nixsyntax/variables.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "nixsyntax/query.h"

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

bool is_use(const Tree& tree, NodeId id) {
    if (tree.is(id, Kind::identifier)) return true;
    const NodeId parent = tree.parent(id);
    return tree.is(parent, Kind::inherit) && !tree.has(parent, kHasSource);
}

}  // namespace

bool is_global(std::string_view name) {
    return !name.empty() && name.find(' ') == std::string_view::npos &&
           kGlobals.find(fmt::format(" {} ", name)) != std::string_view::npos;
}

std::vector<NodeId> undefined_variables(const Tree& tree) {
    std::vector<NodeId> out;
    for (NodeId id = 0; id < tree.size(); ++id) {
        if (!is_use(tree, id) || resolve(tree, id).scope != Scope::none) continue;
        const bool written = tree.is(id, Kind::identifier) || tree.is(id, Kind::name);
        if (!is_global(written ? std::string(tree.text(id)) : attr_name(tree, id).value_or(""))) out.push_back(id);
    }
    std::sort(out.begin(), out.end(),
              [&](NodeId a, NodeId b) { return tree.node(a).first_token < tree.node(b).first_token; });
    return out;
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
