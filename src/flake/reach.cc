// SPDX-License-Identifier: MIT
#include "flake/reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>

#include "base/text.h"

namespace lf::flake {
namespace {

constexpr std::size_t kMaxFilesOfHost = 4000;
// Names stand for names; nobody's modules have more.
constexpr std::size_t kMaxStarts = 20000;

bool below_home_manager(const Tree& tree, NodeId node) {
    for (NodeId at = nixsyntax::enclosing(tree, node, Kind::binding); at != kNone;
         at = tree.parent(at) == kNone ? kNone : nixsyntax::enclosing(tree, tree.parent(at), Kind::binding)) {
        const NodeId first = tree.child(nixsyntax::binding_path(tree, at), 0);
        if (nixsyntax::attr_name(tree, first) == "home-manager") return true;
    }
    return false;
}

bool could_name_a_file(const Tree& tree, NodeId node) {
    const Kind kind = tree.kind(node);
    return kind == Kind::path || kind == Kind::string ||
           (kind == Kind::binary && tree.op(node) == nixsyntax::TokenKind::plus);
}

/// How a place of the text names a file.
enum class Use : std::uint8_t {
    data,      ///< perhaps only bytes
    perhaps,   ///< a module, under a condition
    required,  ///< a module in any case
};

/// `import ./x`, `callPackage ./x { }` and `lib.optional c ./x`: what the call makes of its argument.
Use use_in_call(const Tree& tree, NodeId call, NodeId argument, Use so_far) {
    const auto parts = nixsyntax::call_parts(tree, call);
    if (parts.front() == argument) return so_far;
    const std::string_view text = tree.text(parts.front());
    const std::string_view name = text.substr(text.rfind('.') + 1);
    if (name == "import" || name == "callPackage") return parts.size() > 1 && parts[1] == argument ? so_far : Use::data;
    return name == "optional" || name == "optionals" ? std::min(so_far, Use::perhaps) : Use::data;
}

bool imports_modules(const Tree& tree, NodeId binding) {
    const auto path = full_path(tree, binding);
    if (path.empty()) return false;
    if (path.back() == "imports" || path.back() == "sharedModules") return true;
    return path.size() >= 3 && path[path.size() - 2] == "users" && path[path.size() - 3] == "home-manager";
}

bool is_import(const Tree& tree, NodeId call, NodeId argument) {
    return tree.is(call, Kind::apply) && tree.child(call, 0) != argument &&
           use_in_call(tree, call, argument, Use::required) == Use::required;
}

/// Is a path that stands in this node a value like any other, whatever becomes of it?
bool makes_data(const Tree& tree, NodeId id) {
    const Kind kind = tree.kind(id);
    if (kind == Kind::binary) return tree.op(id) != nixsyntax::TokenKind::concat;
    return kind == Kind::select || kind == Kind::interpolation || kind == Kind::formal || kind == Kind::inherit;
}

/// `whole` is what the text below `start` is used as.
Use use_of(const Tree& tree, NodeId node, NodeId start, Use whole) {
    Use use = Use::required;
    bool imported = false;  // then Nix reads it wherever it stands, if it needs the value
    for (NodeId at = node; at != start; at = tree.parent(at)) {
        const NodeId up = tree.parent(at);
        if (up == kNone) return imported ? Use::perhaps : Use::data;
        const Kind kind = tree.kind(up);
        imported = imported || is_import(tree, up, at);
        Use here = use;
        if (kind == Kind::apply) here = use_in_call(tree, up, at, use);
        else if (kind == Kind::conditional) here = tree.child(up, 0) == at ? Use::data : Use::perhaps;
        else if (kind == Kind::binding) return imports_modules(tree, up) ? use : imported ? Use::perhaps : Use::data;
        else if (makes_data(tree, up)) here = Use::data;
        use = std::min(use, here);
        if (use == Use::data) return imported ? Use::perhaps : Use::data;
    }
    const Use found = std::min(use, whole);
    return found == Use::data && imported ? Use::perhaps : found;
}

/// A module that is not there: its path. Nothing is said where the text asks itself what there is, or where the path
/// leads out of the repository.
std::optional<std::string> missing_module(Sources& sources, const Tree& tree, NodeId node, const std::string& text) {
    if (text.starts_with('/') && tree.text(node).find("self") == std::string_view::npos) return std::nullopt;
    if (tree.text().find("pathExists") != std::string_view::npos) return std::nullopt;
    auto path = normal_path(text.starts_with('/') ? text : folder_of(tree.file()) + "/" + text);
    if (path && sources.leads_out(*path)) return path;
    if (!path || (sources.exists(*path) && !sources.is_folder(*path))) return std::nullopt;
    return sources.is_folder(*path) ? (path->empty() ? "" : *path + "/") + "default.nix" : *path;
}

/// git-crypt's own mark: the owner's clone has the text.
bool is_encrypted(const std::optional<std::string>& text) {
    constexpr std::string_view kMark{"\0GITCRYPT\0", 10};
    return text && text->starts_with(kMark);
}

/// Looks for files below one expression, and below what the names in it stand for.
class Scanner {
  public:
    /// With `attributes`, those of sets are followed too, as Values does: for what makes a host, not for its modules.
    Scanner(Sources& sources, Values& values, bool attributes)
        : sources_(sources), values_(values), attributes_(attributes) {}

    std::vector<Named> run(Ref start, const Bound& bound, Use whole) {
        add(start, whole, std::make_shared<const Bound>(bound));
        for (std::size_t now = 0; now < starts_.size(); ++now) {
            start_ = starts_[now];
            walk(*start_.at.tree, start_.at.id, [&](NodeId node) { return look_at(node); });
        }
        return std::move(out_);
    }

  private:
    struct Start {
        Ref at;
        Use use = Use::data;
        std::shared_ptr<const Bound> bound;
    };

    void add(Ref at, Use use, std::shared_ptr<const Bound> bound) {
        // `mkHost { inherit modules; }`
        if (at && at.tree->is(at.tree->parent(at.id), Kind::inherit)) {
            auto copy = std::make_shared<Bound>(*bound);
            at = values_.value_of(at, *copy);
            bound = std::move(copy);
        }
        if (at && seen_.insert({at, use}).second && starts_.size() < kMaxStarts)
            starts_.push_back({at, use, std::move(bound)});
    }
    Use use(NodeId node) const { return use_of(*start_.at.tree, node, start_.at.id, start_.use); }

    bool look_at(NodeId node) {
        const Tree& tree = *start_.at.tree;
        if (could_name_a_file(tree, node)) return file_at(node);
        if (attributes_ && tree.is(node, Kind::select)) {
            auto bound = std::make_shared<Bound>(*start_.bound);
            const Ref value = values_.value_of({&tree, node}, *bound);
            const bool moved = value != Ref{&tree, node};
            // `config.flake.modules.nixos.carbon = import ./carbon.nix;`
            if (moved && value.tree != &tree && value.id == value.tree->root()) name(node, value.tree->file(), false);
            if (moved) add(value, use(node), std::move(bound));
            // `hosts.carbon.modules` is not all that hosts have.
            if (moved && nixsyntax::dotted_name(tree, node)) return false;
        }
        if (!tree.is(node, Kind::identifier)) return true;
        const auto definition = nixsyntax::resolve(tree, node);
        const auto given = start_.bound->values.find({&tree, definition.definer});
        add(given != start_.bound->values.end() ? given->second : Ref{&tree, definition.value}, use(node),
            start_.bound);
        return true;
    }

    bool file_at(NodeId node) {
        const Tree& tree = *start_.at.tree;
        const auto text = attributes_ ? values_.text_of({&tree, node}, *start_.bound) : text_of(tree, node);
        const bool path = text && (!tree.is(node, Kind::string) || text->starts_with('/'));
        const auto file = path ? sources_.nix_file(tree.file(), *text) : std::nullopt;
        if (file) name(node, *file, false);
        else if (path && use(node) == Use::required)
            if (const auto missing = missing_module(sources_, tree, node, *text)) name(node, *missing, true);
        return !file;
    }

    void name(NodeId node, const std::string& file, bool missing) {
        const Tree& tree = *start_.at.tree;
        const Use as = use(node);
        const Reached reached{file, below_home_manager(tree, node), false};
        out_.push_back({reached, as != Use::data, as == Use::required, missing, tree.file(), tree.span(node).begin});
    }

    Sources& sources_;
    Values& values_;
    bool attributes_;
    std::set<std::pair<Ref, Use>> seen_;
    std::vector<Start> starts_;
    Start start_;
    std::vector<Named> out_;
};

}  // namespace

Reach::Reach(Sources& sources, const Outline& outline) : sources_(sources), outline_(outline) {
    for (std::size_t host = 0; host < outline.hosts.size(); ++host) {
        const auto named = named_by_host(host);
        files_.push_back(files_of(host, named));
        const auto modules = modules_of(named);
        for (const Reached& reached : files_.back()) {
            users_[reached.path].insert(host);
            if (!modules.contains(reached.path)) perhaps_.insert(reached.path);
        }
    }
}

const std::set<std::size_t>& Reach::users(const std::string& path) const {
    static const std::set<std::size_t> kNobody;
    const auto it = users_.find(path);
    return it == users_.end() ? kNobody : it->second;
}

const std::vector<Named>& Reach::named_in(const std::string& path) {
    const auto [it, fresh] = named_.try_emplace(path);
    const Tree* tree = fresh ? sources_.tree_or_null(path) : nullptr;
    if (tree != nullptr)
        it->second = Scanner(sources_, *outline_.values, false).run({tree, tree->root()}, {}, Use::data);
    return it->second;
}

std::vector<Named> Reach::named_by_host(std::size_t index) {
    const OutlineHost& host = outline_.hosts[index];
    if (host.site == kNoSite) return {};
    const Ref arguments = outline_.sites[host.site].arguments;
    std::vector<Named> out;
    for (const auto& found : nixsyntax::find_bindings(*arguments.tree, arguments.id, "modules")) {
        Bound bound = host.bound;
        Ref start{arguments.tree, found.value};
        if (!start) start = outline_.values->value_of({arguments.tree, found.name}, bound);
        auto named = Scanner(sources_, *outline_.values, true).run(start, bound, Use::required);
        std::move(named.begin(), named.end(), std::back_inserter(out));
    }
    return out;
}

/// The files that make the host and are no modules of it.
std::set<std::string> Reach::own_files(std::size_t index) const {
    std::set<std::string> out{"flake.nix"};
    if (outline_.hosts[index].site != kNoSite) out.insert(outline_.sites[outline_.hosts[index].site].file());
    return out;
}

std::vector<Reached> Reach::files_of(std::size_t index, const std::vector<Named>& by_host) {
    std::vector<Reached> out;
    std::set<std::string> seen = own_files(index);
    const auto add = [&](const std::vector<Named>& all, bool home, bool direct) {
        for (const Named& named : all)
            if (!named.missing && out.size() < kMaxFilesOfHost && seen.insert(named.file.path).second)
                out.push_back({named.file.path, named.file.home || home, direct});
    };
    add(by_host, false, true);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const bool home = out[i].home;
        add(named_in(out[i].path), home, false);
    }
    return out;
}

/// The files that are modules of a host, or are imported by one, in any case.
std::set<std::string> Reach::modules_of(const std::vector<Named>& by_host) {
    std::vector<std::string> todo;
    std::set<std::string> out;
    const auto add = [&](const std::vector<Named>& all) {
        for (const Named& named : all)
            if (named.always && !named.missing && out.size() < kMaxFilesOfHost && out.insert(named.file.path).second)
                todo.push_back(named.file.path);
    };
    add(by_host);
    for (std::size_t i = 0; i < todo.size(); ++i) {
        const std::string path = todo[i];
        add(named_in(path));
    }
    return out;
}

Result<std::vector<Named>> Reach::check(std::size_t index) {
    std::vector<Named> out;
    std::vector<std::string> todo;
    std::set<std::string> seen = own_files(index);
    const auto look_at = [&](const std::vector<Named>& all) -> Done {
        for (const Named& named : all) {
            if (named.missing || (named.module && is_encrypted(sources_.text(named.file.path)))) {
                out.push_back(named);
                continue;
            }
            if (!named.module || todo.size() >= kMaxFilesOfHost || !seen.insert(named.file.path).second) continue;
            if (const auto tree = sources_.tree(named.file.path); !tree) return fail(tree.error());
            todo.push_back(named.file.path);
        }
        return {};
    };
    LF_TRY(look_at(named_by_host(index)));
    for (std::size_t i = 0; i < todo.size(); ++i) {
        const std::string path = todo[i];
        LF_TRY(look_at(named_in(path)));
    }
    return out;
}

}  // namespace lf::flake
