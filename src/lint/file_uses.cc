// SPDX-License-Identifier: MIT
#include "lint/file_uses.h"

#include <algorithm>
#include <array>

namespace lf::lint {

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

bool FileUses::folders_are_read() {
    look();
    return folders_are_read_;
}

}  // namespace lf::lint
