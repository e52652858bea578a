// SPDX-License-Identifier: MIT
#include "lint/knowledge.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "check/expectation.h"
#include "facts/codec.h"
#include "flake/outline.h"
#include "flake/overlay_file.h"
#include "lint/flag_list.h"
#include "lint/overlay_shape.h"
#include "lint/package.h"
#include "nixsyntax/query.h"
#include "plan/codec.h"

namespace lf::lint {
namespace {

// What people call the official flake, whatever flake.nix is like.
constexpr std::string_view kUsualName = "llama-cpp";
constexpr std::string_view kFactsFolder = "/llama-fleet/facts";
constexpr std::string_view kPlanFolder = "/llama-fleet/plan";
// Attributes made of attributes: nobody stacks more.
constexpr int kMaxRounds = 5;

/// Programs that have a use for a GPU of their own; where one of them is, CUDA for all is not for llama.cpp's sake.
constexpr std::array<std::string_view, 16> kGpuPrograms{
    "blender", "comfyui", "cudatoolkit", "ffmpeg",     "hashcat", "immich", "jellyfin",    "obs-studio",
    "ollama",  "opencv",  "pytorch",     "tensorflow", "torch",   "vllm",   "whisper-cpp", "stable-diffusion"};

bool is_official_url(std::string_view url) {
    return url.find("ggml-org/llama.cpp") != std::string_view::npos ||
           url.find("ggerganov/llama.cpp") != std::string_view::npos;
}

void learn_inputs(flake::Sources& sources, Knowledge& known) {
    known.llama_inputs.insert(std::string(kUsualName));
    const Tree* tree = sources.tree_or_null("flake.nix");
    if (tree == nullptr) return;
    const NodeId root = nixsyntax::result_of(*tree, tree->root());
    for (const std::string& name : flake::input_names(*tree, root)) {
        const auto constant = [&](const std::string& what) {
            const NodeId value = nixsyntax::find_value(*tree, root, fmt::format("inputs.{}{}", name, what));
            return value == kNone ? std::nullopt : nixsyntax::constant_string(*tree, value);
        };
        const auto url = constant(".url");
        const auto repo = constant(".repo");
        if ((url && is_official_url(*url)) || repo == "llama.cpp") known.llama_inputs.insert(name);
    }
}

/// Is this item of a list the official overlay?
bool is_official_overlay(const Tree& tree, NodeId item, const Knowledge& known) {
    const auto names = loose_name(tree, item);
    const bool overlay = names.size() >= 2 && (names.back() == "overlay" || names[names.size() - 2] == "overlays");
    return overlay && std::ranges::any_of(names, [&](const auto& name) { return known.llama_inputs.contains(name); });
}

void learn_lists(const Tree& tree, Knowledge& known) {
    for (NodeId id = 0; id < tree.size(); ++id) {
        if (!tree.is(id, Kind::list)) continue;
        for (const NodeId item : tree.children(id))
            if (is_official_overlay(tree, item, known)) known.official_overlay = true;
    }
}

/// `final: prev: { llama-cpp… = …; }`
void learn_overlay(const Tree& tree, Knowledge& known) {
    for (NodeId id = 0; id < tree.size(); ++id) {
        const auto overlay = overlay_at(tree, id);
        if (!overlay) continue;
        for (const NodeId set : overlay->sets)
            for (const NodeId entry : nixsyntax::entries(tree, set)) {
                const auto names = tree.is(entry, Kind::binding)
                                       ? nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, entry))
                                       : std::nullopt;
                if (names && names->size() == 1 && names->front().starts_with("llama-cpp"))
                    known.overlay_attributes.insert(names->front());
            }
    }
    known.plain_tuned = known.overlay_attributes.contains("llama-cpp");
}

void learn_words(std::string_view text, Knowledge& known) {
    const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
    const bool llama = has("llama-cpp") || has("llamaPackages");
    known.fitted = known.fitted || has("llama-fleet.lib.overlay");
    known.mentions_unfree = known.mentions_unfree || has("allowUnfree");
    known.write_execute_allowed = known.write_execute_allowed || has("MemoryDenyWriteExecute");
    known.global_packages_said = known.global_packages_said || has("useGlobalPkgs");
    known.concerns_llama = known.concerns_llama || llama;
    // flake-utils, nix-systems, lib.systems.flakeExposed and the like: all of them.
    for (const char* word : {"x86_64", "eachDefault", "ystems.flakeExposed", "nix-systems", "forAllSystems"})
        known.x86_named = known.x86_named || has(word);
    for (const char* word : {"aarch64-", "riscv64-", "powerpc64le-"})
        known.other_cpu_named = known.other_cpu_named || has(word);
    for (const char* name : {"llama-cpp-rocm", "llama-cpp-vulkan"})
        if (has(name)) known.names_used.insert(name);
    known.other_gpu_users = known.other_gpu_users || names_gpu_program(text);
}

bool concerns(const Tree& tree) {
    return tree.text().find("llama-cpp") != std::string_view::npos ||
           tree.text().find("llamaPackages") != std::string_view::npos;
}

bool is_empty_list(const Tree& tree, NodeId id) { return tree.is(id, Kind::list) && tree.children(id).empty(); }

/// home.packages with llama-cpp in them, in a module that registers no overlay.
bool takes_from_home(const Tree& tree, NodeId binding, const std::vector<std::string>& path) {
    if (!flake::ends_with(path, {"home", "packages"})) return false;
    const NodeId module = nixsyntax::enclosing(tree, binding, Kind::lambda);
    const std::string_view around = module == kNone ? tree.text() : tree.text(module);
    return tree.text(binding).find("llama-cpp") != std::string_view::npos &&
           around.find("overlays") == std::string_view::npos;
}

/// Which options are set: services.llama-cpp, nixpkgs.overlays.
void learn_settings(const Tree& tree, Knowledge& known) {
    const auto concerned = tree.text().find("llama-cpp") != std::string_view::npos ||
                           tree.text().find("llama-fleet") != std::string_view::npos ||
                           tree.text().find("overlays") != std::string_view::npos;
    for (NodeId id = 0; concerned && id < tree.size(); ++id) {
        if (!tree.is(id, Kind::binding)) continue;
        const auto path = flake::full_path(tree, id);
        const bool overlays =
            flake::ends_with(path, {"nixpkgs", "overlays"}) && !is_empty_list(tree, nixsyntax::binding_value(tree, id));
        known.overlays_set = known.overlays_set || overlays;
        // Our modules bring the overlay along.
        const auto programs = std::ranges::find(path, "programs");
        known.fitted = known.fitted || (path.end() - programs >= 2 && *(programs + 1) == "llama-fleet");
        known.home_takes_llama = known.home_takes_llama || takes_from_home(tree, id, path);
        const auto service = std::ranges::find(path, "services");
        if (path.end() - service < 2 || *(service + 1) != "llama-cpp") continue;
        const bool declared = std::find(path.begin(), service, "options") != service;
        (declared ? known.own_service : known.service_used) = true;
    }
}

/// The package that an attribute of an overlay is made of; nullopt = the text does not tell.
std::optional<Source> source_of(const Tree& tree, NodeId value, const std::vector<Package>& packages,
                                const Knowledge& known) {
    const NodeId id = nixsyntax::follow(tree, value);
    const auto begin = [&](const Package& package) { return tree.span(package.chain).begin; };
    const auto from = std::ranges::lower_bound(packages, tree.span(id).begin, {}, begin);  // they are in this order
    for (auto it = from; it != packages.end() && begin(*it) == tree.span(id).begin; ++it)
        if (it->chain == id) return it->source;
    if (const auto names = loose_name(tree, id); !names.empty()) return package_source(names, known);
    // `tuned final.llama-cpp-cpu`
    const auto parts = nixsyntax::call_parts(tree, id);
    return parts.size() < 2 ? std::nullopt : package_source(loose_name(tree, parts.back()), known);
}

/// Which attributes of overlays are the official package. Returns whether anything new was learnt.
bool learn_sources(const Tree& tree, Knowledge& known) {
    const std::size_t before = known.official_attributes.size();
    const auto packages = find_packages(tree, known);
    for (const Package& package : packages)
        known.official_overridden = known.official_overridden ||
                                    (package.source == Source::official && package.names.size() == 2 &&
                                     package.names.back() == "llama-cpp" && package.names.front() != "llamaPackages");
    for (NodeId id = 0; id < tree.size(); ++id) {
        const auto overlay = overlay_at(tree, id);
        if (!overlay) continue;
        for (const NodeId set : overlay->sets)
            for (const NodeId entry : nixsyntax::entries(tree, set)) {
                if (!tree.is(entry, Kind::binding)) continue;
                const auto names = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, entry));
                if (!names || names->size() != 1 || !known.overlay_attributes.contains(names->front())) continue;
                if (source_of(tree, nixsyntax::binding_value(tree, entry), packages, known) == Source::official)
                    known.official_attributes.insert(names->front());
            }
    }
    return known.official_attributes.size() != before;
}

void learn_lock(const FileSource& files, Knowledge& known) {
    const auto text = files.read("/flake.lock");
    if (!text) return;
    const auto json = parse_json(*text, "flake.lock");
    if (!json || !json->is_object()) return;
    const Json nodes = json->value("nodes", Json::object());
    const std::string root = json->value("root", Json("root")).is_string() ? json->value("root", "root") : "root";
    const auto node = [&](const Json& name) {
        return name.is_string() && nodes.is_object() && nodes.contains(name.get<std::string>())
                   ? nodes[name.get<std::string>()]
                   : Json::object();
    };
    const Json top = node(Json(root));
    const Json inputs = top.is_object() ? top.value("inputs", Json::object()) : Json::object();
    if (!inputs.is_object() || !inputs.contains("nixpkgs")) return;
    const Json nixpkgs = node(inputs["nixpkgs"]);
    const Json locked = nixpkgs.is_object() ? nixpkgs.value("locked", Json::object()) : Json::object();
    if (!locked.is_object() || !locked.contains("lastModified") || !locked["lastModified"].is_number_unsigned()) return;
    const auto seconds = locked["lastModified"].get<std::uint64_t>();
    if (seconds > 253'402'300'799U) return;  // the year 9999: no date that a lock file can have
    known.nixpkgs_date = fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

void learn_machines(const FileSource& files, Knowledge& known) {
    const auto names = files.list(std::string(kFactsFolder));
    if (!names) return;
    for (const std::string& name : *names) {
        if (!name.ends_with(".json")) continue;
        const auto text = files.read(fmt::format("{}/{}", kFactsFolder, name));
        if (!text) continue;
        if (auto machine = facts::from_json(*text, name))
            known.machines.emplace(name.substr(0, name.size() - 5), std::move(*machine));
    }
}

/// Instruction sets that all plans of x86-64 hosts switch on: what may be written where the text serves every host.
void learn_plans(const FileSource& files, Knowledge& known) {
    const auto names = files.list(std::string(kPlanFolder));
    if (!names) return;
    bool first = true;
    for (const std::string& name : *names) {
        const auto text = name.ends_with(".json") ? files.read(fmt::format("{}/{}", kPlanFolder, name))
                                                  : Result<std::string>(fail({}));
        if (!text) continue;
        const auto plan = plan::from_json(*text, name);
        if (!plan || plan->system != "x86_64-linux") continue;
        plan::Flags on;
        for (const auto& [flag, value] : plan->build.cpu_flags)
            if (is_x86_option(flag) && value == plan::FlagValue(true)) on.emplace(flag, value);
        if (first) known.cpu_flags = on;
        else std::erase_if(known.cpu_flags, [&](const auto& entry) { return !on.contains(entry.first); });
        first = false;
    }
}

}  // namespace

bool names_gpu_program(std::string_view text) {
    return std::ranges::any_of(kGpuPrograms, [&](auto name) { return text.find(name) != std::string_view::npos; });
}

bool official_shadows_here(const Knowledge& known) {
    const bool dispatches = !known.nixpkgs_date || *known.nixpkgs_date >= kDispatchSince;
    return known.official_overlay && dispatches && !known.plain_tuned && !known.official_overridden && !known.fitted;
}

bool is_our_overlay(flake::Sources& sources, const std::string& path) {
    const auto text = sources.text(path);
    return text && flake::judge_overlay_file(*text) != flake::OverlayFile::foreign;
}

Knowledge learn(flake::Sources& sources, const FileSource& files) {
    Knowledge known;
    learn_inputs(sources, known);
    learn_lock(files, known);
    learn_machines(files, known);
    learn_plans(files, known);
    for (const std::string& path : sources.all_nix_files()) {
        if (is_our_overlay(sources, path)) {
            known.fitted = true;
            continue;
        }
        const auto tree = sources.tree(path);
        if (!tree) {
            known.unread.push_back(fmt::format("{}: {}", path, tree.error().message));
            continue;
        }
        learn_words((*tree)->text(), known);
        learn_lists(**tree, known);
        learn_overlay(**tree, known);
        learn_settings(**tree, known);
    }
    // One attribute may be made of another one, in another file.
    for (int round = 0; round < kMaxRounds && known.concerns_llama && !known.fitted; ++round) {
        bool news = false;
        for (const std::string& path : sources.all_nix_files())
            if (const Tree* tree = sources.tree_or_null(path); tree != nullptr && concerns(*tree))
                news = learn_sources(*tree, known) || news;
        if (!news) break;
    }
    return known;
}

}  // namespace lf::lint
