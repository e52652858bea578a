// SPDX-License-Identifier: MIT
/// \file
/// \brief For tests: a folder of their own that is gone afterwards, also after a failure.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace lf::probe {

class ScratchFolder {
  public:
    ScratchFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "llama-fleet-test-XXXXXX").string();
        path_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
    }
    ~ScratchFolder() {
        std::error_code error;
        if (!path_.empty()) std::filesystem::remove_all(path_, error);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::string& path() const { return path_; }
    /// `file` is relative to the folder.
    void write(const std::string& file, std::string_view text) const {
        const std::filesystem::path whole = std::filesystem::path(path_) / file;
        std::filesystem::create_directories(whole.parent_path());
        std::ofstream(whole, std::ios::binary) << text;
    }
    void link(const std::string& file, const std::string& target) const {
        const std::filesystem::path whole = std::filesystem::path(path_) / file;
        std::filesystem::create_directories(whole.parent_path());
        std::filesystem::create_symlink(target, whole);
    }

  private:
    std::string path_;
};

}  // namespace lf::probe
