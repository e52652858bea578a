// SPDX-License-Identifier: MIT
#include "lint/file_uses.h"

#include <algorithm>
#include <array>

#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

// Longer ones are no names of files.
constexpr std::size_t kMaxName = 255;

/// Is the text handed to `import`, alone or behind a `+`?
bool is_imported(const flake::Tree& tree, flake::NodeId id) {
    flake::NodeId up = tree.parent(id);
    while (tree.is(up, flake::Kind::parens) || tree.is(up, flake::Kind::binary)) up = tree.parent(up);
    return tree.is(up, flake::Kind::apply) && tree.text(nixsyntax::call_parts(tree, up).front()).ends_with("import");
}

bool elsewhere(const std::set<std::string>& files, const std::string& file) {
    return files.size() > (files.contains(file) ? 1U : 0U);
}

}  // namespace

void FileUses::keep_end(const flake::Tree& tree, flake::NodeId id) {
    const auto holes = tree.children(id);
    const auto span = tree.span(id);
    const std::uint32_t end = span.end - (tree.is(id, flake::Kind::string) ? 1 : 0);
    const std::uint32_t begin =
        holes.empty() ? span.begin + (tree.is(id, flake::Kind::string) ? 1 : 0) : tree.span(holes.back()).end;
    std::string_view text = tree.text({begin, end});
    if (!text.empty() && text.ends_with('/')) text.remove_suffix(1);
    const std::size_t slash = text.rfind('/');
    const bool open = slash == std::string_view::npos && !holes.empty();
    if (slash != std::string_view::npos) text.remove_prefix(slash + 1);
    // "${name}" alone may be anything; only where it is imported is it a path.
    if (text.size() > kMaxName || (text.empty() && !is_imported(tree, id))) return;
    if (open && !text.empty() && !text.ends_with(".nix")) return;
    (open ? open_ends_ : ends_)[std::string(text)].insert(tree.file());
}

void FileUses::look() {
    if (uses_) return;
    uses_.emplace();
    constexpr std::array<std::string_view, 3> kReaders{"readDir", "import-tree", "listFilesRecursive"};
    for (const std::string& from : sources_.all_nix_files()) {
        const flake::Tree* tree = sources_.tree_or_null(from);
        if (tree == nullptr) continue;
        folders_are_read_ = folders_are_read_ || std::ranges::any_of(kReaders, [&](auto word) {
                                return tree->text().find(word) != std::string_view::npos;
                            });
        for (flake::NodeId id = 0; id < tree->size(); ++id) {
            if (tree->is(id, flake::Kind::path) || tree->is(id, flake::Kind::string)) keep_end(*tree, id);
            const auto text = tree->is(id, flake::Kind::path) ? flake::text_of(*tree, id) : std::nullopt;
            const auto file = text ? sources_.nix_file(from, *text) : std::nullopt;
            if (file && *file != from) (*uses_)[*file].push_back({tree, id});
        }
    }
}

const std::vector<FileUse>& FileUses::of(const std::string& file) {
    look();
    return (*uses_)[file];
}

bool FileUses::may_be_named(const std::string& file) {
    look();
    const std::string name = file.substr(file.rfind('/') + 1);
    const auto named = [&](const std::string& word) {
        const auto found = ends_.find(word);
        return found != ends_.end() && elsewhere(found->second, file);
    };
    const std::string folder = flake::folder_of(file);
    const bool by_folder = name == "default.nix" && !folder.empty() && named(folder.substr(folder.rfind('/') + 1));
    return named(name) || by_folder || std::ranges::any_of(open_ends_, [&](const auto& end) {
               return name.ends_with(end.first) && elsewhere(end.second, file);
           });
}

bool FileUses::folders_are_read() {
    look();
    return folders_are_read_;
}

}  // namespace lf::lint
