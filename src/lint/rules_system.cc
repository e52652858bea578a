// SPDX-License-Identifier: MIT
// What is set for the whole machine, or for its services, because of one package.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "flake/layout.h"
#include "lint/fixes.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"
#include "nixsyntax/style.h"

namespace lf::lint {
namespace {

bool ends_with(const std::vector<std::string>& path, const std::vector<std::string>& tail) {
    return flake::ends_with(path, tail);
}

/// Calls `visit(binding, full path)` for every binding whose value is no set (those below it are visited).
template <class Visit>
void each_setting(const Tree& tree, const Visit& visit) {
    for (NodeId id = 0; id < tree.size(); ++id) {
        if (!tree.is(id, Kind::binding)) continue;
        const auto path = flake::full_path(tree, id);
        if (!path.empty()) visit(id, path);
    }
}

bool names_llama(std::string_view text) { return text.find("llama-cpp") != std::string_view::npos; }

/// All names that lead to a binding, also through `x = lib.mkDefault { … }`.
std::vector<std::string> path_through_priorities(const Tree& tree, NodeId binding) {
    constexpr std::array<std::string_view, 5> kPriorities{"mkDefault", "mkForce", "mkIf", "mkOverride", "mkVMOverride"};
    auto path = flake::full_path(tree, binding);
    NodeId at = binding;
    while (at != kNone) {
        NodeId set = tree.parent(at);
        while (tree.is(tree.parent(set), Kind::parens)) set = tree.parent(set);
        NodeId up = tree.parent(set);
        if (!tree.is(set, Kind::set) && !tree.is(set, Kind::parens)) break;
        bool priority = false;
        if (tree.is(up, Kind::apply)) {
            const auto name = nixsyntax::dotted_name(tree, nixsyntax::call_parts(tree, up).front());
            priority = name && std::ranges::find(kPriorities, name->back()) != kPriorities.end();
            if (!priority) break;
            while (tree.is(tree.parent(up), Kind::apply) || tree.is(tree.parent(up), Kind::parens))
                up = tree.parent(up);
            up = tree.parent(up);
        }
        if (!tree.is(up, Kind::binding)) break;
        if (priority) {
            const auto before = flake::full_path(tree, up);
            path.insert(path.begin(), before.begin(), before.end());
        }
        at = up;
    }
    return path;
}

void world_arch(const FileView& view, Sink& sink) {
    if (!view.known.concerns_llama) return;
    each_setting(view.tree, [&](NodeId binding, const std::vector<std::string>& path) {
        if (path.back() != "arch") return;
        const auto whole = path_through_priorities(view.tree, binding);
        const bool platform =
            ends_with(whole, {"hostPlatform", "gcc", "arch"}) || ends_with(whole, {"localSystem", "gcc", "arch"});
        if (!platform) return;
        Finding& finding = sink.at(view.tree, binding,
                                   "every package of this machine is rebuilt for this CPU, nothing comes from a cache, "
                                   "and a builder without it stops");
        finding.remedy = "take it out and tune llama.cpp alone; `llama-fleet fit` does that";
    });
}

void global_gpu(const FileView& view, Sink& sink) {
    // For llama.cpp's sake: beside it, or where nothing else has a use for it.
    if (!view.known.concerns_llama || names_gpu_program(view.tree.text())) return;
    if (!names_llama(view.tree.text()) && view.known.other_gpu_users) return;
    each_setting(view.tree, [&](NodeId binding, const std::vector<std::string>& path) {
        const bool support = ends_with(path, {"nixpkgs", "config", "cudaSupport"}) ||
                             ends_with(path, {"nixpkgs", "config", "rocmSupport"});
        if (!support || constant_bool(view.tree, nixsyntax::binding_value(view.tree, binding)) != true) return;
        Finding& finding =
            sink.at(view.tree, binding,
                    fmt::format("{} for every package: browsers, video players and more are rebuilt, and "
                                "come from no cache",
                                path.back()));
        finding.remedy = path.back() == "cudaSupport"
                             ? "say it to the one package:  llama-cpp.override { cudaSupport = true; }\n"
                               "(useCuda with the official one)"
                             : "say it to the one package:  llama-cpp.override { rocmSupport = true; }\n"
                               "(useRocm with the official one)";
    });
}

/// Does an overlay of this repository put another llama-cpp in the place of what packageOverrides made?
bool overlays_throw_away(const Knowledge& known) {
    return known.official_overlay || known.fitted || !known.overlay_attributes.empty();
}

/// The set in which a value for the option nixpkgs.config stands, as seen from a binding inside of that value: the
/// binding of `nixpkgs.config` or, in `nixpkgs = { … }`, of `config`; kNone = it is written otherwise.
NodeId config_binding(const Tree& tree, NodeId binding) {
    const NodeId up = tree.parent(tree.parent(binding));
    if (!tree.is(up, Kind::binding)) return kNone;
    return ends_with(flake::full_path(tree, up), {"nixpkgs", "config"}) ? up : kNone;
}

/// The option nixpkgs.overlays as it is written beside a binding of nixpkgs.config or of something in there: in full,
/// or in `nixpkgs = { … }`; "" = the binding is written otherwise.
std::string overlays_beside(const Tree& tree, NodeId binding, const std::vector<std::string>& below) {
    const auto path = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, binding));
    const auto is = [&](std::vector<std::string> start) {
        start.insert(start.end(), below.begin(), below.end());
        return path && *path == start;
    };
    return is({"nixpkgs", "config"}) ? "nixpkgs.overlays" : is({"config"}) ? "overlays" : "";
}

/// Somebody sets `overlays` in this set already: a second time is an error of Nix.
bool sets_overlays(const Tree& tree, NodeId set) {
    return !nixsyntax::find_bindings(tree, set, "nixpkgs.overlays").empty() ||
           !nixsyntax::find_bindings(tree, set, "overlays").empty();
}

std::size_t column_of(const Tree& tree, NodeId node) { return tree.at(Error{}, node).where.column; }

/// The text of an expression with so many blanks less in front of its lines; as it is where a text of several lines is
/// in it, whose blanks may count.
std::string moved_left(const Tree& tree, NodeId node, std::size_t columns) {
    std::string out;
    if (tree.text(node).find("''") != std::string_view::npos) return std::string(tree.text(node));
    for (const std::string_view line : lines(tree.text(node))) {
        const std::size_t blanks = std::min(line.find_first_not_of(" \t"), line.size());
        out += out.empty() ? std::string(line) : '\n' + std::string(line.substr(std::min(blanks, columns)));
    }
    return out;
}

std::optional<Fix> make_it_an_overlay(const Tree& tree, NodeId binding) {
    const NodeId path = nixsyntax::binding_path(tree, binding);
    const NodeId value = nixsyntax::binding_value(tree, binding);
    if (nixsyntax::lambda_parts(tree, value).argument == kNone || tree.is(value, Kind::parens)) return std::nullopt;
    Fix fix{"make it an overlay", {}};
    const std::string final_name = name_not_in(tree, value, "final");
    if (const std::string now = overlays_beside(tree, binding, {"packageOverrides"}); !now.empty()) {
        if (sets_overlays(tree, tree.parent(binding))) return std::nullopt;
        fix.edits.replace(tree.span(path), now);
        fix.edits.insert(tree.span(value).begin, fmt::format("[ ({}: ", final_name));
        fix.edits.insert(tree.span(value).end, ") ]");
        return fix;
    }
    // `nixpkgs.config = { allowUnfree = true; packageOverrides = …; };`: it moves out of that set.
    const NodeId config = config_binding(tree, binding);
    if (config == kNone || sets_overlays(tree, tree.parent(config))) return std::nullopt;
    const std::string option = overlays_beside(tree, config, {});
    if (option.empty()) return std::nullopt;
    const std::string text = moved_left(tree, value, column_of(tree, binding) - column_of(tree, config));
    const std::string overlays = fmt::format("{} = [ ({}: {}) ];", option, final_name, text);
    flake::remove_item(tree, binding, fix.edits);
    flake::insert_behind(tree, config, {"", {{0, overlays}}}, fix.edits);
    return fix;
}

void package_overrides(const FileView& view, Sink& sink) {
    if (!overlays_throw_away(view.known)) return;
    each_setting(view.tree, [&](NodeId binding, const std::vector<std::string>& path) {
        if (path.back() != "packageOverrides") return;
        const NodeId value = nixsyntax::binding_value(view.tree, binding);
        if (!names_llama(view.tree.text(value))) return;
        Finding& finding =
            sink.at(view.tree, nixsyntax::binding_path(view.tree, binding),
                    "overlays run after packageOverrides, and one here puts another llama-cpp in its place");
        finding.fix = make_it_an_overlay(view.tree, binding);
        if (!finding.fix) finding.remedy = "write it as an overlay:  nixpkgs.overlays = [ (final: prev: { … }) ];";
    });
}

/// `pkgs` in the set of specialArgs; kNone = it is not there.
NodeId pkgs_entry(const Tree& tree, NodeId value) {
    NodeId set = nixsyntax::follow(tree, value);
    if (tree.is(set, Kind::binary)) set = nixsyntax::strip_parens(tree, tree.child(set, 1));
    const auto found = nixsyntax::find_bindings(tree, set, "pkgs");
    return found.empty() ? kNone : found.front().entry;
}

/// specialArgs = { … pkgs … } beside overlays: the module nixpkgs never sees this pkgs.
void foreign_pkgs(const FileView& view, Sink& sink) {
    if (!view.known.overlays_set) return;
    if (view.known.overlay_attributes.empty() && !view.known.official_overlay && !view.known.fitted) return;
    each_setting(view.tree, [&](NodeId binding, const std::vector<std::string>& path) {
        NodeId entry = kNone;
        if (path.back() == "specialArgs") entry = pkgs_entry(view.tree, nixsyntax::binding_value(view.tree, binding));
        if (ends_with(path, {"specialArgs", "pkgs"}) &&
            view.tree.text(nixsyntax::binding_path(view.tree, binding)) != "pkgs")
            entry = binding;
        if (entry == kNone) return;
        sink.at(view.tree, entry,
                "with pkgs in specialArgs, NixOS ignores nixpkgs.overlays and nixpkgs.config of this host")
            .remedy = "take pkgs out of specialArgs, or put the overlays into the import of nixpkgs that makes it";
    });
}

constexpr std::string_view kRegisterAtHome =
    "set home-manager.useGlobalPkgs = true; or register the overlay in the home\n"
    "configuration too:  nixpkgs.overlays = [ … ];";

/// The NixOS module of Home Manager, whose useGlobalPkgs is false where nobody says otherwise.
void home_by_default(const FileView& view, Sink& sink) {
    if (view.known.global_packages_said) return;
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::select) || !view.tree.is(view.tree.parent(id), Kind::list)) continue;
        const auto names = loose_name(view.tree, id);
        const bool module =
            names.size() >= 3 && names[names.size() - 2] == "nixosModules" && names[names.size() - 3] == "home-manager";
        if (!module) continue;
        sink.at(view.tree, id,
                "useGlobalPkgs is not set, so Home Manager makes packages of its own: the overlays of the system do "
                "not reach home.packages")
            .remedy = std::string(kRegisterAtHome);
    }
}

/// homeManagerConfiguration { pkgs = nixpkgs.legacyPackages.…; }: packages without any overlay.
void home_of_its_own(const FileView& view, Sink& sink) {
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::apply)) continue;
        const auto parts = nixsyntax::call_parts(view.tree, id);
        const auto name = nixsyntax::dotted_name(view.tree, parts.front());
        if (!name || name->back() != "homeManagerConfiguration" || parts.size() < 2) continue;
        const NodeId set = nixsyntax::follow(view.tree, parts[1]);
        const auto found = nixsyntax::find_bindings(view.tree, set, "pkgs");
        if (found.empty() || found.front().match != nixsyntax::Match::exact) continue;
        const NodeId packages = found.front().entry;
        const NodeId value = found.front().value != kNone  // else `inherit pkgs;`
                                 ? found.front().value
                                 : nixsyntax::resolve(view.tree, found.front().name, "pkgs").value;
        const auto names = value == kNone ? std::vector<std::string>{} : loose_name(view.tree, value);
        if (std::ranges::find(names, "legacyPackages") == names.end()) continue;
        sink.at(view.tree, packages, "these packages have no overlay: those of the system do not reach home.packages")
            .remedy =
            "pkgs = import nixpkgs { system = …; overlays = [ … ]; }; with the same overlay,\n"
            "or nixpkgs.overlays = [ … ]; in the home configuration";
    }
}

void own_home_packages(const FileView& view, Sink& sink) {
    const bool matters = !view.known.overlay_attributes.empty() || view.known.fitted || view.known.official_overlay;
    if (!matters || !view.known.home_takes_llama) return;
    home_by_default(view, sink);
    home_of_its_own(view, sink);
    each_setting(view.tree, [&](NodeId binding, const std::vector<std::string>& path) {
        if (path.back() != "useGlobalPkgs") return;
        if (constant_bool(view.tree, nixsyntax::binding_value(view.tree, binding)) != false) return;
        Finding& finding = sink.at(view.tree, binding,
                                   "Home Manager makes a set of packages of its own: the overlays of the system do "
                                   "not reach home.packages");
        finding.remedy =
            "set it to true, or register the overlay in the home configuration too:\n"
            "nixpkgs.overlays = [ … ];";
    });
}

/// "16384" → 16384, anything else a string.
std::string setting_value(const std::string& word) {
    const bool number = parse_unsigned(word).has_value() && word.size() < 16 && (word == "0" || word.front() != '0') &&
                        word.find_first_not_of("0123456789") == std::string::npos;
    return number ? word : nix_string(word);
}

/// `[ "--ctx-size" "16384" "--jinja" ]` → `ctx-size = 16384;`, `jinja = true;`; nullopt where an argument is computed,
/// short, written with `=` or there twice.
std::optional<std::vector<std::string>> settings_of(const Tree& tree, NodeId list) {
    if (!tree.is(list, Kind::list)) return std::nullopt;
    std::vector<std::string> words;
    for (const NodeId item : tree.children(list)) {
        auto word = nixsyntax::constant_string(tree, item);
        if (!word || word->empty()) return std::nullopt;
        words.push_back(std::move(*word));
    }
    std::vector<std::string> out;
    std::set<std::string> names;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string name = words[i].starts_with("--") ? words[i].substr(2) : "";
        const bool plain = name.size() > 1 && name.front() >= 'a' && name.front() <= 'z' &&
                           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
        if (!plain || !names.insert(name).second) return std::nullopt;
        const bool negative = i + 1 < words.size() && words[i + 1].size() > 1 && words[i + 1][0] == '-' &&
                              words[i + 1][1] >= '0' && words[i + 1][1] <= '9';
        const bool value = i + 1 < words.size() && (negative || words[i + 1][0] != '-');
        out.push_back(fmt::format("{} = {};", name, value ? setting_value(words[++i]) : "true"));
    }
    return out;
}

/// extraFlags as settings, where each argument is written out and nothing else in the file sets some.
std::optional<Fix> as_settings(const Tree& tree, NodeId binding) {
    const auto settings = settings_of(tree, nixsyntax::binding_value(tree, binding));
    const NodeId name = tree.last_child(nixsyntax::binding_path(tree, binding));
    if (!settings || tree.text(name) != "extraFlags") return std::nullopt;
    bool others = false;
    each_setting(tree, [&](NodeId, const std::vector<std::string>& path) {
        const auto service = std::ranges::find(path, "llama-cpp");
        others = others || (path.end() - service > 1 && *(service + 1) == "settings");
    });
    if (others) return std::nullopt;
    const auto style = nixsyntax::file_style(tree);
    const std::string line = style.newline + std::string(nixsyntax::line_indent_of(tree, binding));
    Fix fix{"write them as settings", {}};
    fix.edits.replace(tree.span(name), "settings");
    fix.edits.replace(tree.span(nixsyntax::binding_value(tree, binding)),
                      settings->empty() ? "{ }"
                                        : fmt::format("{{{0}{1}{2}{0}}}", line, style.indent_unit,
                                                      join(*settings, line + style.indent_unit)));
    return fix;
}

/// `services` at the top of a module, and not below another program's name (`my.services.llama-cpp`).
bool is_system_option(const std::vector<std::string>& path, std::vector<std::string>::const_iterator services) {
    constexpr std::array<std::string_view, 6> kAround{"config", "nixosModules",        "modules",
                                                      "nixos",  "nixosConfigurations", "content"};
    return services == path.begin() || std::any_of(path.begin(), services, [&](const std::string& name) {
               return std::ranges::find(kAround, name) != kAround.end();
           });
}

/// Options that services.llama-cpp had before, or has since, June 2026.
void service_age(const FileView& view, Sink& sink) {
    if (!view.known.nixpkgs_date || view.known.own_service) return;
    const bool with_settings = *view.known.nixpkgs_date >= kServiceSettingsSince;
    each_setting(view.tree, [&](NodeId binding, const std::vector<std::string>& path) {
        const auto service = std::ranges::find(path, "services");
        if (path.end() - service < 3 || *(service + 1) != "llama-cpp" || !is_system_option(path, service)) return;
        // Its name is in this binding, and not in one around it.
        const std::size_t own = view.tree.children(nixsyntax::binding_path(view.tree, binding)).size();
        const auto below = static_cast<std::size_t>(path.end() - service) - 3;
        if (own <= below) return;
        const std::string& option = *(service + 2);
        const bool gone = with_settings && below == 0 && (option == "extraFlags" || option == "modelsPreset");
        const bool not_yet = !with_settings && option == "settings";
        if (!gone && !not_yet) return;
        Finding& finding =
            sink.at(view.tree, binding,
                    fmt::format("services.llama-cpp.{} {} in the nixpkgs of {}: this does not evaluate", option,
                                gone ? "is gone" : "is not there yet", *view.known.nixpkgs_date));
        if (gone) finding.fix = as_settings(view.tree, binding);
        if (finding.fix) return;
        finding.remedy = gone ? "write them as services.llama-cpp.settings.<name> = <value>;"
                              : "write services.llama-cpp.extraFlags = [ … ];";
    });
}

void redundant_gfx_override(const FileView& view, Sink& sink) {
    std::vector<std::string> targets;
    for (const auto& [host, machine] : view.known.machines)
        for (const facts::Gpu& gpu : machine.gpus)
            if (gpu.gfx_target) targets.push_back(*gpu.gfx_target);
    if (targets.empty()) return;
    each_setting(view.tree, [&](NodeId binding, const std::vector<std::string>& path) {
        if (path.back() != "HSA_OVERRIDE_GFX_VERSION") return;
        const auto text = nixsyntax::constant_string(view.tree, nixsyntax::binding_value(view.tree, binding));
        if (!text) return;
        std::string target = "gfx" + *text;
        std::erase(target, '.');
        if (!std::ranges::all_of(targets, [&](const std::string& one) { return one == target; })) return;
        Finding& finding =
            sink.at(view.tree, binding, fmt::format("the card is {} already: this changes nothing", target));
        finding.fix = remove_node(view.tree, binding, "take it out");
    });
}

constexpr TextRule kRules[] = {
    {{"world-arch", Severity::warning, "the whole system rebuilt for a CPU because of one package"}, world_arch},
    {{"global-gpu-support", Severity::warning, "CUDA or ROCm for every package because of one"}, global_gpu},
    {{"package-overrides", Severity::warning, "llama-cpp in packageOverrides, which overlays throw away"},
     package_overrides},
    {{"foreign-pkgs", Severity::error, "pkgs in specialArgs, which makes overlays void"}, foreign_pkgs},
    {{"own-home-packages", Severity::warning, "Home Manager with packages of its own"}, own_home_packages},
    {{"service-option-age", Severity::error, "an option of services.llama-cpp of another age"}, service_age},
    {{"redundant-gfx-override", Severity::note, "HSA_OVERRIDE_GFX_VERSION for a card that is that target"},
     redundant_gfx_override},
};

}  // namespace

std::span<const TextRule> system_rules() { return kRules; }

}  // namespace lf::lint
