// SPDX-License-Identifier: MIT
/// \file
/// \brief What capture.sh wrote on another machine, as the files of that machine.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace lf::fleet {

/// More than any machine's stream has; the rest is not read.
inline constexpr std::size_t kMaxStreamBytes = std::size_t{8} << 20;

/// Files in memory. Folders are there because something in them is.
class StreamedFiles final : public FileSource {
  public:
    Result<std::string> read(const std::string& path) const override;
    Result<std::vector<std::string>> list(const std::string& path) const override;
    Result<std::string> read_link(const std::string& path) const override;
    bool exists(const std::string& path) const override;

    void add_file(const std::string& path, std::string text);
    void add_link(const std::string& path, std::string target);
    void add_name(const std::string& path);
    /// A file that is there and may not be read.
    void add_denied(const std::string& path);

  private:
    std::map<std::string, std::string> texts_, links_;
    std::set<std::string> denied_;
    std::map<std::string, std::set<std::string>> folders_;
};

/// The stream is hostile: paths are absolute and without "..", sizes and counts are bounded, what comes before its
/// first line (a login's talk) is skipped. Errors: "stream-missing" (no first line), "stream-cut-off" (no end),
/// "stream-form" (a line that capture.sh does not write), "stream-too-large".
Result<std::unique_ptr<StreamedFiles>> parse_stream(std::string_view text);

}  // namespace lf::fleet
