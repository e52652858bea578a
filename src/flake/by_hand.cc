// SPDX-License-Identifier: MIT
// What the owner pastes where the text cannot be edited with certainty: a module of its own file, which works in any
// flake, and the one line that makes it part of the host.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "flake/by_hand.h"

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

void explain_by_hand(Work& work, const Outline& outline, const std::string& host, const std::string& why) {
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
    std::string element = path_literal(place.file, file);
    std::string must = given ? "" : ", whose specialArgs must have inputs";
    if (known && !given && outline.argument == "inputs" && place.file == outline.outputs.tree->file()) {
        element += "\n{ _module.args = { inherit inputs; }; }";
        must.clear();
    }
    work.instructions.push_back(
        {file, 0, host_module_text(work, host, file, by_flake ? InputsAs::flake : InputsAs::argument),
         fmt::format("a new file, of which git has to know: a module for {}{} ({})", printable(host), must, because)});
    work.instructions.push_back(
        {place.file, place.line, std::move(element),
         fmt::format("makes that file a module of {}: add it to the host's modules", printable(host))});
}

void explain_foreign_pkgs(Work& work, const Outline& outline, const std::string& host, Ref at) {
    if (work.done_by_hand.contains(host)) return;
    explain_input(work);
    const std::string inputs = work.input == "llama-cpp" && outline.argument == "inputs"
                                   ? "inherit inputs;"
                                   : fmt::format("inputs.llama-cpp = {}{};",
                                                 outline.argument.empty() ? "" : outline.argument + ".", work.input);
    work.by_hand(*at.tree, at.id,
                 fmt::format("(import {} {{\n  {}\n  plan = {};\n}})", path_literal(at.tree->file(), work.overlay),
                             inputs, path_literal(at.tree->file(), fmt::format("llama-fleet/plan/{}.json", host))),
                 fmt::format("{} is given its pkgs, so that nixpkgs.overlays is ignored: the overlay belongs in the "
                             "overlays of that pkgs",
                             printable(host)));
    work.by_hand(*at.tree, at.id, fmt::format("environment.systemPackages = [ pkgs.{} ];", work.package(host)),
                 fmt::format("the package, in a module of {}", printable(host)));
}

}  // namespace lf::flake
