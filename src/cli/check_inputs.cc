// SPDX-License-Identifier: MIT
#include "cli/check_inputs.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "nixsyntax/query.h"
#include "nixsyntax/tree.h"

namespace lf::cli {
namespace {
namespace fs = std::filesystem;

Result<nixsyntax::Tree> read_flake(const std::string& root) {
    const std::string file = root + "/flake.nix";
    LF_ASSIGN(std::string text, read_file(file));
    return nixsyntax::parse(std::move(text), file);
}

/// Names under `inputs` as they stand in flake.nix. An input that only a formal of `outputs` names is one too.
std::set<std::string> input_names(const nixsyntax::Tree& tree) {
    std::set<std::string> names;
    for (const nixsyntax::Found& found : nixsyntax::find_bindings(tree, tree.root(), "inputs")) {
        if (found.match == nixsyntax::Match::deeper) {
            const auto path = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, found.entry));
            if (path && path->size() > 1) names.insert((*path)[1]);
        }
        if (found.value == nixsyntax::kNone) continue;
        for (const nixsyntax::NodeId entry : nixsyntax::entries(tree, nixsyntax::strip_parens(tree, found.value))) {
            if (!tree.is(entry, nixsyntax::Kind::binding) || found.match != nixsyntax::Match::exact) continue;
            const auto path = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, entry));
            if (path && !path->empty()) names.insert(path->front());
        }
    }
    const nixsyntax::NodeId outputs = nixsyntax::find_value(tree, tree.root(), "outputs");
    if (outputs == nixsyntax::kNone) return names;
    const nixsyntax::Lambda lambda = nixsyntax::lambda_parts(tree, outputs);
    if (lambda.formals == nixsyntax::kNone) return names;
    for (const nixsyntax::NodeId formal : tree.children(lambda.formals))
        if (tree.is(formal, nixsyntax::Kind::formal)) names.insert(std::string(tree.text(tree.child(formal, 0))));
    return names;
}

/// An input of an input that does not follow one of the owner's: a stand-in has no lock file, so that Nix would look it
/// up in the network.
void add_inner_stand_ins(const fs::path& folder, const std::string& name, const nixsyntax::Tree& flake,
                         check::CheckRequest& request) {
    const auto stand_in = read_flake((folder / name).string());
    if (!stand_in) return;
    std::error_code error;
    for (const std::string& inner : input_names(*stand_in)) {
        const std::string follows = fmt::format("inputs.{}.inputs.{}.follows", name, inner);
        const bool owned = !nixsyntax::find_bindings(flake, flake.root(), follows).empty();
        if (owned || inner == "self" || !fs::exists(folder / inner / "flake.nix", error)) continue;
        request.overrides.push_back({fmt::format("{}/{}", name, inner), (folder / inner).string()});
    }
}

Done add_stand_ins(const std::string& folder, const std::string& root, check::CheckRequest& request) {
    std::error_code error;
    const fs::path absolute = fs::absolute(folder);
    if (!fs::is_directory(absolute, error))
        return fail(
            usage_error("stand-ins-missing", fmt::format("no folder of stand-in inputs: {}", printable(folder))));
    LF_ASSIGN(const nixsyntax::Tree flake, read_flake(root));
    for (const std::string& name : input_names(flake)) {
        if (!fs::exists(absolute / name / "flake.nix", error)) continue;
        request.overrides.push_back({name, (absolute / name).string()});
        add_inner_stand_ins(absolute, name, flake, request);
    }
    request.stand_ins = true;
    return {};
}

}  // namespace

Result<check::CheckRequest> check_request(const std::string& root, const Arguments& arguments) {
    check::CheckRequest request;
    request.flake = root;
    LF_ASSIGN(const int seconds, arguments.number("--time-limit", 300, 1, 86'400));
    request.time_limit = std::chrono::seconds(seconds);
    if (const auto folder = arguments.value("--stand-ins")) LF_TRY(add_stand_ins(*folder, root, request));
    LF_ASSIGN(const auto overrides, arguments.pairs("--override-input"));
    for (const auto& [input, flake] : overrides) {
        std::error_code error;
        const bool folder = fs::is_directory(flake, error);
        request.overrides.push_back({input, folder ? fs::absolute(flake).string() : flake});
    }
    return request;
}

}  // namespace lf::cli
