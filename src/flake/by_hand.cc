// SPDX-License-Identifier: MIT
// What the owner pastes where the text cannot be edited with certainty: a module of its own file, which works in any
// flake, and the one line that makes it part of the host.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "flake/by_hand.h"
#include "flake/inputs_view.h"
#include "flake/own_file.h"
#include "flake/reach.h"

namespace lf::flake {

namespace {

/// The head of a module's arguments, where its inputs come from, and how it hands them to the overlay.
struct InputsText {
    InputsAs given;
    std::string_view argument;
    std::string_view whole;
    std::string_view prefix;
};
constexpr InputsText kInputs[] = {
    {InputsAs::argument, "inputs", "inherit inputs;", "inputs."},
    {InputsAs::flake, "flake", "inherit (flake) inputs;", "flake.inputs."},
    {InputsAs::self, "self", "inherit (self) inputs;", "self.inputs."},
};

constexpr std::string_view kBringInputs = "{ _module.args = { inherit inputs; }; }";

/// Where another file of the repository makes the host: `carbon = nixosSystem { … }` or `carbon = lib.nixosSystem …`.
struct Elsewhere {
    std::string file;
    std::uint32_t line = 0;
};

Elsewhere find_elsewhere(Work& work, const std::string& host) {
    for (const std::string& file : work.sources.all_nix_files()) {
        if (work.sources.text(file).value_or("").find("nixosSystem") == std::string::npos) continue;
        const Tree* tree = work.sources.tree_or_null(file);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id) {
            if (!tree->is(id, Kind::binding) || !ends_with(full_path(*tree, id), {host})) continue;
            const NodeId value = nixsyntax::result_of(*tree, nixsyntax::binding_value(*tree, id));
            if (tree->text(nixsyntax::call_parts(*tree, value).front()).ends_with("nixosSystem"))
                return {file, work.sources.original_line(file, tree->span(id).begin)};
        }
    }
    // A folder or file of the host's name, if there is just one.
    std::vector<std::string> files;
    for (const std::string& file : work.sources.all_nix_files())
        for (const char* tail : {"/default.nix", "/configuration.nix", ".nix"})
            if (file.ends_with("/" + host + tail) && !file.starts_with("llama-fleet/")) files.push_back(file);
    return files.size() == 1 ? Elsewhere{files.front(), 0} : Elsewhere{};
}

/// Do the modules of a site get `inputs`?
bool gives_inputs(const Site& site) {
    const Setting given = find_setting({{&site.tree(), site.arguments.id}}, "specialArgs");
    if (given.tree == nullptr)
        return find_setting({{&site.tree(), site.arguments.id}}, "specialArgs.inputs").tree != nullptr;
    const NodeId set = module_set(*given.tree, nixsyntax::follow(*given.tree, given.value));
    return set != kNone && !nixsyntax::find_bindings(*given.tree, set, "inputs").empty();
}

/// An expression as an operand of `++`.
std::string operand_text(const Tree& tree, NodeId id) {
    constexpr std::array kBare{Kind::identifier, Kind::select, Kind::list, Kind::apply};
    const bool bare = std::any_of(kBare.begin(), kBare.end(), [&](Kind kind) { return tree.is(id, kind); });
    return bare ? std::string(tree.text(id)) : fmt::format("({})", tree.text(id));
}

/// What makes pkgs: the value of its binding, or what specialArgs of a call say.
NodeId pkgs_made_at(const Tree& tree, NodeId at) {
    if (tree.is(at, Kind::binding)) return nixsyntax::binding_value(tree, at);
    for (const char* name : {"specialArgs.pkgs", "pkgs"})
        if (const Setting found = find_setting({{&tree, at}}, name); found.tree != nullptr) return found.value;
    return at;
}

/// `carbon = self.nixos-flake.lib.mkLinuxSystem { imports = [ … ]; }`: what is given last is a module.
Paste into_given_module(Work& work, Ref name, const std::string& element) {
    const Tree& tree = *name.tree;
    const NodeId binding = nixsyntax::enclosing(tree, name.id, Kind::binding);
    if (binding == kNone) return {};
    const auto call = nixsyntax::call_parts(tree, nixsyntax::result_of(tree, nixsyntax::binding_value(tree, binding)));
    const NodeId set = call.size() < 2 ? kNone : module_set(tree, nixsyntax::follow(tree, call.back()));
    return set == kNone ? Paste{} : into_list(work, tree, set, {"imports"}, element);
}

/// Where a function makes the host, its call may have no list: a file of the host's own name, which no other host has.
Paste into_own_file(Work& work, const Outline& outline, const Reach& reach, const OutlineHost& host,
                    const std::string& module) {
    if (host.site == kNoSite || !outline.sites[host.site].shared) return {};
    const auto index = static_cast<std::size_t>(&host - outline.hosts.data());
    for (const Reached& reached : reach.files(index)) {
        if (reached.home || !is_named_for(reached.path, host.name) || reach.users(reached.path).size() != 1) continue;
        if (!reach.always(reached.path)) continue;
        const Tree* tree = work.sources.tree_or_null(reached.path);
        const NodeId set = tree == nullptr ? kNone : module_set(*tree, tree->root());
        if (set != kNone) return into_list(work, *tree, set, {"imports"}, path_literal(reached.path, module));
    }
    return {};
}

/// Are the inputs called `inputs` where the function calls nixosSystem?
bool says_inputs(const Outline& outline, const Site& site, const std::string& input) {
    const InputsView view = inputs_view(outline, site, site.arguments, input);
    return view.kind == InputsView::Kind::all && view.name == "inputs";
}

/// `{ _module.args = { inherit inputs; }; }` in the function that makes hosts, once for all of them.
void explain_inputs_of_site(Work& work, const Site& site) {
    Paste paste = into_list(work, site.tree(), site.arguments.id, {"modules"}, std::string(kBringInputs));
    Instruction made{paste.file, paste.line, std::move(paste.text),
                     fmt::format("so that modules get inputs: {}", paste.where)};
    const bool there = std::any_of(work.instructions.begin(), work.instructions.end(), [&](const Instruction& it) {
        return it.file == made.file && it.line == made.line && it.text == made.text;
    });
    if (!there) work.instructions.push_back(std::move(made));
}

void explain_input(Work& work) {
    if (!work.input_text.empty())
        work.instructions.push_back({"flake.nix", work.input_line, std::exchange(work.input_text, {}),
                                     "among the inputs: the official llama.cpp"});
    if (!work.formal.empty())
        work.instructions.push_back({"flake.nix", work.formal_line, std::exchange(work.formal, {}),
                                     "among the arguments of outputs, which names each input that it takes"});
}

}  // namespace

std::string host_module_text(const Work& work, const std::string& host, const std::string& file, InputsAs given) {
    const InputsText& text = *std::find_if(std::begin(kInputs), std::end(kInputs),
                                           [&](const InputsText& known) { return known.given == given; });
    const std::string inputs = work.input == "llama-cpp"
                                   ? std::string(text.whole)
                                   : fmt::format("inputs.llama-cpp = {}{};", text.prefix, work.input);
    return fmt::format(
        "{{ {}, pkgs, ... }}:\n"
        "{{\n"
        "  nixpkgs.overlays = [\n"
        "    (import {} {{\n"
        "      {}\n"
        "      plan = ./plan/{}.json;\n"
        "    }})\n"
        "  ];\n"
        "  environment.systemPackages = [ pkgs.{} ];\n"
        "}}",
        text.argument, path_literal(file, work.overlay), inputs, host, work.package(host));
}

std::string package_module(const Work& work, const std::string& host) {
    return fmt::format("({{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.{} ]; }})", work.package(host));
}

void explain_by_hand(Work& work, const Outline& outline, const Reach& reach, const std::string& host,
                     const std::string& why) {
    if (work.done_by_hand.contains(host)) return;
    explain_input(work);
    if (outline.hosts.empty() && explain_in_framework(work, outline, host)) return;
    const auto it = std::find_if(outline.hosts.begin(), outline.hosts.end(),
                                 [&](const OutlineHost& known) { return known.name == host; });
    Elsewhere place{"flake.nix", 0};
    if (it != outline.hosts.end())
        place = {it->at.tree->file(),
                 work.sources.original_line(it->at.tree->file(), it->at.tree->span(it->at.id).begin)};
    else if (const Elsewhere found = find_elsewhere(work, host); !found.file.empty()) place = found;
    const std::string file = fmt::format("llama-fleet/{}.nix", host);
    const std::string because = why.empty() ? fmt::format("hosts are made by {}", outline.framework) : why;
    const FrameworkUse use = find_framework(work.sources, outline);
    const bool by_flake = use.framework != nullptr && use.framework->inputs == InputsAs::flake;
    const bool known = it != outline.hosts.end() && it->site != kNoSite;
    const bool given = by_flake || (known && gives_inputs(outline.sites[it->site]));
    Paste own = known ? into_own_file(work, outline, reach, *it, file) : Paste{};
    std::string element = path_literal(place.file, file);
    std::string must = given ? "" : ", whose specialArgs must have inputs";
    if (known && !given && outline.argument == "inputs" && place.file == outline.outputs.tree->file()) {
        // Where the function cannot say `inherit inputs;`, the call has to.
        if (!own.file.empty() && !says_inputs(outline, outline.sites[it->site], work.input)) own = {};
        if (own.file.empty()) element += fmt::format("\n{}", kBringInputs);
        else explain_inputs_of_site(work, outline.sites[it->site]);
        must.clear();
    }
    work.instructions.push_back(
        {file, 0, host_module_text(work, host, file, by_flake ? InputsAs::flake : InputsAs::argument),
         fmt::format("a new file, of which git has to know: a module for {}{} ({})", printable(host), must, because)});
    Paste paste{place.file, place.line, element, by_flake ? "add it to its imports" : "add it to the host's modules"};
    const Tree* tree = place.line == 0 ? work.sources.tree_or_null(place.file) : nullptr;
    const NodeId call = it != outline.hosts.end() || tree == nullptr ? kNone : nixos_system_arguments(*tree);
    if (call != kNone && place.file != "flake.nix") paste = into_list(work, *tree, call, {"modules"}, element);
    if (!own.file.empty()) paste = std::move(own);
    else if (by_flake && it != outline.hosts.end())
        if (Paste into = into_given_module(work, it->at, element); !into.file.empty()) paste = std::move(into);
    work.instructions.push_back({paste.file, paste.line, std::move(paste.text),
                                 fmt::format("makes that file a module of {}: {}", printable(host), paste.where)});
}

void explain_foreign_pkgs(Work& work, const Outline& outline, const std::string& host, Ref at) {
    if (work.done_by_hand.contains(host)) return;
    explain_input(work);
    const std::string inputs = work.input == "llama-cpp" && outline.argument == "inputs"
                                   ? "inherit inputs;"
                                   : fmt::format("inputs.llama-cpp = {}{};",
                                                 outline.argument.empty() ? "" : outline.argument + ".", work.input);
    const std::string overlay =
        fmt::format("(import {} {{\n  {}\n  plan = {};\n}})", path_literal(at.tree->file(), work.overlay), inputs,
                    path_literal(at.tree->file(), plan_path(host)));
    Paste into = into_overlays(work, *at.tree, pkgs_made_at(*at.tree, at.id), overlay);
    if (into.file.empty())
        into = {at.tree->file(), work.sources.original_line(at.tree->file(), at.tree->span(at.id).begin), overlay,
                "add it to the overlays of that pkgs"};
    work.instructions.push_back({into.file, into.line, std::move(into.text),
                                 fmt::format("{} is given its pkgs, so that nixpkgs.overlays is ignored: the overlay "
                                             "belongs where that pkgs is made: {}",
                                             printable(host), into.where)});
    const auto it = std::find_if(outline.hosts.begin(), outline.hosts.end(),
                                 [&](const OutlineHost& known) { return known.name == host && known.site != kNoSite; });
    Paste paste;
    if (it != outline.hosts.end()) {
        const Site& site = outline.sites[it->site];
        paste = into_list(work, site.tree(), site.arguments.id, {"modules"}, package_module(work, host));
    } else {
        paste = {at.tree->file(), work.sources.original_line(at.tree->file(), at.tree->span(at.id).begin),
                 package_module(work, host), "one more module of it"};
    }
    work.instructions.push_back({paste.file, paste.line, std::move(paste.text),
                                 fmt::format("the package of {}: {}", printable(host), paste.where)});
}

void explain_forced_list(Work& work, const Tree& tree, NodeId value, const std::string& package) {
    // `mkForce (mkBefore (tools pkgs))`: the list is what the last of these functions is given.
    constexpr std::array<std::string_view, 5> kAround{"mkForce", "mkOverride", "mkBefore", "mkAfter", "mkIf"};
    NodeId list = value;
    for (bool inside = true; inside;) {
        const auto call = nixsyntax::call_parts(tree, nixsyntax::result_of(tree, list));
        const std::string_view function = tree.text(call.front());
        inside = call.size() > 1 && std::any_of(kAround.begin(), kAround.end(),
                                                [&](std::string_view known) { return function.ends_with(known); });
        if (inside) list = call.back();
    }
    const nixsyntax::Span whole = tree.span(nixsyntax::enclosing(tree, value, Kind::binding));
    const nixsyntax::Span old = tree.span(list);
    const std::string text = fmt::format("{}({} ++ [ pkgs.{} ]){}", tree.text(nixsyntax::Span{whole.begin, old.begin}),
                                         operand_text(tree, nixsyntax::strip_parens(tree, list)), package,
                                         tree.text(nixsyntax::Span{old.end, whole.end}));
    work.by_hand(tree, value, text,
                 "this list is forced and discards what other modules add, so that the package has to stand in it: "
                 "in the place of what is there");
    if (nixsyntax::resolve(tree, list, "pkgs").definer != kNone) return;
    const auto lambda = nixsyntax::lambda_parts(tree, tree.root());
    if (lambda.formals != kNone)
        work.by_hand(tree, lambda.formals, "pkgs", "among the arguments of this module, which has to be given pkgs");
    else work.by_hand(tree, tree.root(), "{ pkgs, ... }:", "before this module, which has to be given pkgs");
}

}  // namespace lf::flake
