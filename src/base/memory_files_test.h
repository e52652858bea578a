// SPDX-License-Identifier: MIT
/// \file
/// \brief A repository in memory, for tests and fuzzers.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"

namespace lf {

class MemoryFiles final : public FileSource {
  public:
    /// Paths are relative to the root, without a slash in front.
    explicit MemoryFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}
    Result<std::string> read(const std::string& path) const override {
        const auto it = files_.find(path.substr(1));
        if (it == files_.end()) return fail(world_error("file-missing", "cannot read: no such file"));
        return it->second;
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        std::set<std::string> names;
        const std::string prefix = path == "/" ? "" : path.substr(1) + "/";
        for (const auto& [name, text] : files_)
            if (name.starts_with(prefix))
                names.insert(name.substr(prefix.size(), name.find('/', prefix.size()) - prefix.size()));
        if (names.empty()) return fail(world_error("file-unreadable", "cannot list"));
        return std::vector<std::string>(names.begin(), names.end());
    }
    Result<std::string> read_link(const std::string& /*path*/) const override {
        return fail(world_error("file-unreadable", "not a link"));
    }
    bool exists(const std::string& path) const override {
        return files_.contains(path.substr(1)) || list(path).has_value();
    }

  private:
    std::map<std::string, std::string> files_;
};

}  // namespace lf
