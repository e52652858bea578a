// SPDX-License-Identifier: MIT
// GPUs: targets that miss the card or serve cards that nobody has, backends that exclude each other, BLAS, licences.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "check/unfree.h"
#include "lint/fixes.h"
#include "lint/rule.h"
#include "lint/targets.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

// More entries than this, and nobody has chosen them for a card.
constexpr std::size_t kManyTargets = 3;

bool has(const std::vector<std::string>& names, std::string_view word) {
    return std::ranges::find(names, word) != names.end();
}

// --- how targets are written
// ------------------------------------------------------------------------------------------

/// "8.6" → "86"
std::string without_dot(std::string text) {
    std::erase(text, '.');
    return text;
}

/// "86" → "8.6", "120" → "12.0"; a letter behind stays.
std::string with_dot(const std::string& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    return digits < 2 ? text : text.substr(0, digits - 1) + "." + text.substr(digits - 1);
}

/// "8.6" and "sm_86" → "86", "compute_86" → "86-virtual", each entry of a list.
std::string cmake_spelling(const std::string& list) {
    std::vector<std::string> out;
    for (const std::string_view entry : split(list, ';')) {
        std::string text = without_dot(std::string(entry));
        const bool code = text.starts_with("sm_");
        const bool ptx = text.starts_with("compute_");
        if (code) text = text.substr(3);
        if (ptx) text = text.substr(8) + "-virtual";
        out.push_back(std::move(text));
    }
    return join(out, ";");
}

void capability_in_flags(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const Flag* flag = package.flags.find("CMAKE_CUDA_ARCHITECTURES");
        if (flag == nullptr || !flag->value) continue;
        const std::string right = cmake_spelling(*flag->value);
        if (right == *flag->value) continue;
        Finding& finding =
            sink.at(view.tree, flag->node,
                    fmt::format("CMake wants {} and not {}: nothing would be built for the card", right, *flag->value));
        finding.fix = replace_word(view.tree, flag->node, *flag->value, right, "write " + right);
    }
}

void capability_in_config(const FileView& view, Sink& sink) {
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::binding)) continue;
        const auto names = nixsyntax::attr_path(view.tree, nixsyntax::binding_path(view.tree, id));
        const NodeId list = nixsyntax::result_of(view.tree, nixsyntax::binding_value(view.tree, id));
        if (!names || names->back() != "cudaCapabilities" || !view.tree.is(list, Kind::list)) continue;
        for (const NodeId item : view.tree.children(list)) {
            const auto text = nixsyntax::constant_string(view.tree, item);
            const std::string number = text && text->starts_with("sm_") ? text->substr(3) : text.value_or("");
            if (number.empty() || number.find_first_not_of("0123456789abcdf") != std::string::npos) continue;
            const std::string right = with_dot(number);
            Finding& finding = sink.at(view.tree, item, fmt::format("nixpkgs wants {} and not {}", right, *text));
            finding.fix = replace_node(view.tree, item, nix_string(right), "write " + right);
        }
    }
}

void capability_spelling(const FileView& view, Sink& sink) {
    capability_in_flags(view, sink);
    capability_in_config(view, sink);
}

// --- targets and cards
// ------------------------------------------------------------------------------------------------

/// What the fleet's cards need: "86-real;89-real", "gfx1100"; in the order of the names.
std::set<std::string> needed(const Knowledge& known, bool cuda) {
    std::set<std::string> out;
    for (const auto& [host, machine] : known.machines)
        for (const facts::Gpu& gpu : machine.gpus) {
            if (cuda && gpu.compute_capability) out.insert(without_dot(*gpu.compute_capability) + "-real");
            if (!cuda && gpu.gfx_target) out.insert(*gpu.gfx_target);
        }
    return out;
}

std::string joined(const std::set<std::string>& words) {
    return join(std::vector<std::string>(words.begin(), words.end()), ";");
}

/// A list of targets, by flag or by the package's argument.
struct Targets {
    NodeId node = kNone;
    std::string value;  ///< "86-real;89-real"
    bool cuda = false;
    bool argument = false;
};

/// The value of an argument: a text, or the texts of a list.
std::optional<std::string> text_of_targets(const Tree& tree, NodeId value) {
    value = nixsyntax::strip_parens(tree, value);
    if (!tree.is(value, Kind::list)) return nixsyntax::constant_string(tree, value);
    std::vector<std::string> words;
    for (const NodeId item : tree.children(value)) {
        const auto text = nixsyntax::constant_string(tree, item);
        if (!text) return std::nullopt;
        words.push_back(*text);
    }
    return join(words, ";");
}

std::vector<Targets> targets_of(const Package& package) {
    std::vector<Targets> out;
    for (const auto& [name, cuda] : {std::pair{"CMAKE_CUDA_ARCHITECTURES", true}, {"CMAKE_HIP_ARCHITECTURES", false}})
        if (const Flag* flag = package.flags.find(name); flag != nullptr && flag->value)
            out.push_back({flag->node, *flag->value, cuda, false});
    if (const Argument* argument = package.argument("rocmGpuTargets"); argument != nullptr)
        if (const auto text = text_of_targets(*package.tree, argument->value); text && !text->empty())
            out.push_back({nixsyntax::strip_parens(*package.tree, argument->value), *text, false, true});
    return out;
}

/// The same list with other entries, in the way that it is written.
std::optional<Fix> with_targets(const Tree& tree, const Targets& targets, const std::string& now) {
    const std::string title = "write " + now;
    if (!targets.argument) return replace_word(tree, targets.node, targets.value, now, title);
    if (!tree.is(targets.node, Kind::list)) return replace_node(tree, targets.node, nix_string(now), title);
    std::string list = "[ ";
    for (const std::string_view entry : split(now, ';')) list += nix_string(std::string(entry)) + " ";
    return replace_node(tree, targets.node, list + "]", title);
}

bool serves_any(const Knowledge& known, const std::string& list, bool cuda) {
    return std::ranges::any_of(known.machines, [&](const auto& entry) {
        return std::ranges::any_of(entry.second.gpus, [&](const facts::Gpu& gpu) {
            return cuda ? gpu.compute_capability && serves_cuda(list, *gpu.compute_capability)
                        : gpu.gfx_target && serves_gfx(list, *gpu.gfx_target);
        });
    });
}

void targets_miss_card(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages)
        for (const Targets& targets : targets_of(package)) {
            const auto cards = needed(view.known, targets.cuda);
            if (cards.empty() || serves_any(view.known, targets.value, targets.cuda)) continue;
            Finding& finding = sink.at(
                view.tree, targets.node,
                fmt::format("{} serves no card of this fleet; its cards need {}", targets.value, joined(cards)));
            finding.fix = with_targets(view.tree, targets, joined(cards));
        }
}

/// Entries that some card of the fleet runs: of those that it could run, the best.
std::vector<std::string> serving(const Knowledge& known, const std::string& list, bool cuda) {
    std::set<std::string_view> used;
    for (const auto& [host, machine] : known.machines)
        for (const facts::Gpu& gpu : machine.gpus) {
            if (cuda && gpu.compute_capability)
                for (const std::string_view entry : best_for_cuda(list, *gpu.compute_capability)) used.insert(entry);
            if (!cuda && gpu.gfx_target)
                for (const std::string_view entry : split(list, ';'))
                    if (serves_gfx(entry, *gpu.gfx_target)) used.insert(entry);
        }
    std::vector<std::string> out;
    for (const std::string_view entry : split(list, ';'))
        if (used.contains(entry)) out.emplace_back(entry);
    return out;
}

void fat_targets(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages)
        for (const Targets& targets : targets_of(package)) {
            const std::size_t count = split(targets.value, ';').size();
            const auto useful = serving(view.known, targets.value, targets.cuda);
            const bool facts = !needed(view.known, targets.cuda).empty();
            if (facts ? useful.empty() || useful.size() == count : count <= kManyTargets) continue;
            Finding& finding = sink.at(
                view.tree, targets.node,
                facts
                    ? fmt::format("{} of {} targets are what the cards of this fleet run; each other one is built and "
                                  "kept for nothing",
                                  useful.size(), count)
                    : fmt::format("code for {} kinds of card: build time and size grow with each", count));
            if (facts) {
                finding.fix = with_targets(view.tree, targets, join(useful, ";"));
            } else {
                finding.remedy = "llama-fleet probe tells what the cards are";
            }
        }
}

constexpr std::string_view kVirtual = "-virtual";

/// Machine code for other cards than those of the facts, which are served by the PTX beside it alone: `75` for 8.6.
void ptx_for_these_cards(const FileView& view, const Package& package, Sink& sink) {
    const Flag* flag = package.flags.find("CMAKE_CUDA_ARCHITECTURES");
    if (flag == nullptr || !flag->value || flag->value->find("-virtual") != std::string::npos) return;
    std::string card;
    for (const auto& [host, machine] : view.known.machines)
        for (const facts::Gpu& gpu : machine.gpus) {
            if (!gpu.compute_capability || !serves_cuda(*flag->value, *gpu.compute_capability)) continue;
            if (!compiled_when_run(*flag->value, *gpu.compute_capability)) return;
            card = *gpu.compute_capability;
        }
    if (card.empty()) return;
    Finding& finding = sink.at(
        view.tree, flag->node,
        fmt::format("{} is only PTX for a card of {}, which the driver compiles when it runs; services.llama-cpp has "
                    "MemoryDenyWriteExecute, under which that can fail",
                    *flag->value, card));
    const std::string real = joined(needed(view.known, true));
    finding.fix = replace_word(view.tree, flag->node, *flag->value, real, "write " + real);
}

/// Code that the driver compiles when it runs, in a service that may not make memory executable.
void ptx_only(const FileView& view, Sink& sink) {
    if (!view.known.service_used || view.known.write_execute_allowed) return;
    for (const Package& package : view.packages) {
        ptx_for_these_cards(view, package, sink);
        const Flag* flag = package.flags.find("CMAKE_CUDA_ARCHITECTURES");
        if (flag == nullptr || !flag->value || flag->value->empty()) continue;
        const auto entries = split(*flag->value, ';');
        if (!std::ranges::all_of(entries, [](auto entry) { return entry.ends_with(kVirtual); })) continue;
        Finding& finding = sink.at(view.tree, flag->node,
                                   "only PTX, which the driver compiles when it runs; services.llama-cpp has "
                                   "MemoryDenyWriteExecute, under which that can fail");
        // Where the cards are not known, code of the named version for those, and PTX for later ones as before.
        const auto cards = needed(view.known, true);
        std::vector<std::string> both;
        both.reserve(entries.size());
        for (const auto entry : entries) both.emplace_back(entry.substr(0, entry.size() - kVirtual.size()));
        const std::string now = cards.empty() ? join(both, ";") : joined(cards);
        finding.fix = replace_word(view.tree, flag->node, *flag->value, now, "write " + now);
    }
}

// --- backends
// ---------------------------------------------------------------------------------------------------------

void cuda_and_hip(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const auto backends = backends_of(package);
        if (!has(backends, "cuda") || !has(backends, "rocm")) continue;
        if (package.flags.on("GGML_BACKEND_DL") || dispatches(package, view.known).value_or(false)) continue;
        Finding& finding = sink.at(view.tree, package.chain,
                                   "CUDA and ROCm in one build without GGML_BACKEND_DL: one of them is lost silently");
        finding.fix = add_flags(package, {"\"-DGGML_BACKEND_DL=ON\""}, "add GGML_BACKEND_DL");
    }
}

void blas_with_gpu(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const bool called =
            std::ranges::any_of(package.callers, [](const auto& names) { return !backends_of_names(names).empty(); });
        if (backends_of(package).empty() && !called) continue;
        for (const char* name : {"useBlas", "blasSupport", "openblasSupport"}) {
            const Argument* argument = package.argument(name);
            if (argument == nullptr || constant_bool(view.tree, argument->value) != true) continue;
            Finding& finding = sink.at(view.tree, argument->binding,
                                       "BLAS in a build for a GPU: it was seen to make prompts 5 times slower");
            finding.fix = replace_node(view.tree, argument->value, "false", "switch it off");
        }
        const Flag* flag = package.flags.find("GGML_BLAS");
        if (flag == nullptr || !package.flags.on("GGML_BLAS")) continue;
        Finding& finding =
            sink.at(view.tree, flag->node, "BLAS in a build for a GPU: it was seen to make prompts 5 times slower");
        finding.fix = set_flag(view.tree, *flag, false);
    }
}

/// Below `if`, optionals or mkIf: one choice of several, and maybe no host takes it.
bool is_choice(const Tree& tree, NodeId node) {
    constexpr std::array<std::string_view, 4> kChoosers{"mkIf", "optional", "optionalAttrs", "optionals"};
    for (NodeId at = tree.parent(node); at != kNone; at = tree.parent(at)) {
        if (tree.is(at, Kind::conditional)) return true;
        if (!tree.is(at, Kind::apply)) continue;
        const auto name = nixsyntax::dotted_name(tree, nixsyntax::call_parts(tree, at).front());
        if (name && std::ranges::find(kChoosers, name->back()) != kChoosers.end()) return true;
    }
    return false;
}

/// The first place of a file that wants CUDA for certain.
NodeId cuda_use(const FileView& view) {
    for (const Package& package : view.packages)
        if (has(backends_of(package), "cuda") && !is_choice(view.tree, package.chain)) return package.chain;
    for (const Mention& mention : view.mentions)
        if (has(backends_of_names(mention.names), "cuda") && !is_choice(view.tree, mention.node)) return mention.node;
    return kNone;
}

void unfree(const FileView& view, Sink& sink) {
    if (view.known.mentions_unfree || view.known.fitted) return;
    const NodeId use = cuda_use(view);
    if (use == kNone) return;
    // The flake's own package is evaluated by its own nixpkgs, which allows CUDA.
    const bool own = std::ranges::any_of(
        view.mentions, [&](const Mention& mention) { return mention.node == use && has(mention.names, "packages"); });
    if (own) return;
    Finding& finding = sink.at(view.tree, use, "CUDA is unfree and nothing in this repository allows it");
    finding.remedy = "if you agree to its licence:\n" + check::cuda_predicate_setting("");
}

constexpr TextRule kRules[] = {
    {{"capability-spelling", Severity::error, "a compute capability in the other spelling"}, capability_spelling},
    {{"targets-miss-card", Severity::error, "GPU code for cards that this fleet does not have"}, targets_miss_card},
    {{"fat-targets", Severity::warning, "GPU code for more cards than there are"}, fat_targets},
    {{"ptx-only", Severity::warning, "PTX only, under MemoryDenyWriteExecute"}, ptx_only},
    {{"cuda-and-hip", Severity::error, "CUDA and ROCm in one build without GGML_BACKEND_DL"}, cuda_and_hip},
    {{"blas-with-gpu", Severity::warning, "BLAS in a build for a GPU"}, blas_with_gpu},
    {{"unfree-not-allowed", Severity::error, "CUDA, and nothing allows its licence"}, unfree},
};

}  // namespace

std::span<const TextRule> gpu_rules() { return kRules; }

}  // namespace lf::lint
