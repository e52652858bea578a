// SPDX-License-Identifier: MIT
#include "flake/input_address.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "flake/meaning.h"
#include "nixsyntax/query.h"

namespace lf::flake {
namespace {

/// Schemes whose address begins with owner and repository.
constexpr std::array<std::string_view, 3> kForges{"github:", "gitlab:", "sourcehut:"};
/// What stands before them in the paths of some hosts: FlakeHub's /f/, the /repos/ of GitHub's API.
constexpr std::array<std::string_view, 2> kBefore{"f", "repos"};

std::optional<std::string> first_two(std::string_view path) {
    const auto parts = split(path, '/');
    if (parts.size() < 2) return std::nullopt;
    std::string_view repository = parts[1];
    if (repository.ends_with(".git")) repository.remove_suffix(4);
    if (parts[0].empty() || repository.empty()) return std::nullopt;
    return std::string(parts[0]) + "/" + std::string(repository);
}

std::optional<std::string> text_at(const nixsyntax::Tree& tree, nixsyntax::NodeId root, const std::string& input,
                                   const char* attribute) {
    const std::vector<std::string> path{"inputs", input, attribute};
    for (const nixsyntax::Found& found : nixsyntax::find_bindings(tree, root, path))
        if (found.match == nixsyntax::Match::exact && found.value != nixsyntax::kNone)
            return text_of(tree, found.value);
    return std::nullopt;
}

}  // namespace

std::optional<std::string> repository_of(std::string_view address) {
    const std::string small = lower_case(address.substr(0, address.find_first_of("?#")));
    std::string_view text = small;
    for (const std::string_view forge : kForges)
        if (text.starts_with(forge)) return first_two(text.substr(forge.size()));
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos) return std::nullopt;
    const std::string_view host_and_path = text.substr(scheme + 3);
    const std::size_t host = host_and_path.find('/');
    if (host == 0 || host == std::string_view::npos) return std::nullopt;  // file:///…: a path
    std::string_view path = host_and_path.substr(host + 1);
    for (const std::string_view before : kBefore)
        if (path.starts_with(before) && path.substr(before.size()).starts_with('/')) {
            path.remove_prefix(before.size() + 1);
            break;
        }
    return first_two(path);
}

std::optional<std::string> input_repository(const nixsyntax::Tree& tree, nixsyntax::NodeId root,
                                            const std::string& input) {
    if (const auto url = text_at(tree, root, input, "url")) return repository_of(*url);
    const auto owner = text_at(tree, root, input, "owner");
    const auto repository = text_at(tree, root, input, "repo");
    if (!owner || !repository) return std::nullopt;
    return lower_case(*owner + "/" + *repository);
}

}  // namespace lf::flake
