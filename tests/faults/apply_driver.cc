// SPDX-License-Identifier: MIT
// apply_driver apply ROOT WANTED   makes the files of ROOT those of the folder WANTED, in one transaction
// apply_driver recover ROOT        clears up after a killed one
// Prints "ok …" and ends 0, or "error ID: message" and ends 3. kill_everywhere.py runs it under strace; getppid marks
// where the transaction begins, so that the calls of the program's own start are not counted.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "flake/transaction.h"

namespace fs = std::filesystem;

namespace {

std::map<std::string, std::string> files_once(const fs::path& root) {
    std::map<std::string, std::string> files;
    for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
        if (it->path().filename() == ".git") it.disable_recursion_pending();
        else if (it->is_regular_file())
            files[it->path().lexically_relative(root)] = lf::read_file(it->path().string()).value_or("");
    }
    return files;
}

/// Another driver may be writing at the same time, and take a folder away below the iterator: then it looks again.
std::map<std::string, std::string> files_below(const fs::path& root) {
    for (int tries = 0; tries < 100; ++tries) {
        try {
            return files_once(root);
        } catch (const fs::filesystem_error&) {
            continue;
        }
    }
    return files_once(root);
}

std::optional<std::string> bytes_of(const std::map<std::string, std::string>& files, const std::string& path) {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
}

std::vector<lf::flake::FileChange> changes_between(const fs::path& root, const fs::path& wanted) {
    const auto before = files_below(root);
    const auto after = files_below(wanted);
    std::vector<lf::flake::FileChange> changes;
    for (const auto& [path, bytes] : before) changes.push_back({path, bytes, bytes_of(after, path)});
    for (const auto& [path, bytes] : after)
        if (!before.contains(path)) changes.push_back({path, std::nullopt, bytes});
    return changes;
}

int say(const lf::Error& error) {
    fmt::print("error {}: {} ({})\n", error.id, error.message, error.where.file);
    return 3;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "apply") {
        const auto changes = changes_between(words[1], words[2]);
        ::getppid();
        const auto done = lf::flake::apply_changes(words[1], changes);
        if (!done) return say(done.error());
        fmt::print("ok\n");
        return 0;
    }
    if (words.size() == 2 && words[0] == "recover") {
        ::getppid();
        const auto result = lf::flake::recover(words[1]);
        if (!result) return say(result.error());
        fmt::print("ok {} {}\n", static_cast<int>(result->outcome), result->files.size());
        return 0;
    }
    fmt::print("usage: apply_driver apply ROOT WANTED | recover ROOT\n");
    return 2;
}
