// SPDX-License-Identifier: MIT
/// \file
/// \brief Pieces of the text for people.
#pragma once

#include <string>
#include <string_view>

#include "audit/render.h"

namespace lf::audit {

inline constexpr std::size_t kLongestInstruction = 15;

/// "1,234,567".
std::string grouped(std::uint64_t number);
/// "512 bytes", "4.1 kB", "1.2 MB", "1.2 GB"; 1 kB = 1000 bytes.
std::string size_words(std::uint64_t bytes);
/// "1 file", "2 files"; `many` where it is not `one` and an s.
std::string counted(std::uint64_t count, std::string_view one, std::string_view many = {});
/// A command that can be pasted: objdump over `length` bytes at `address` of the file that lies at `path`.
std::string objdump_command(const FileAudit& file, std::uint64_t address, std::size_t length, const std::string& path);
/// "  label     text", broken into lines; nothing where the text is "".
std::string row(std::string_view label, const std::string& text);
/// "the CPU variant zen4; tells ggml its score"; "" where the file is none of ggml's.
std::string ggml_words(const FileAudit& file);
/// Lines for the GPU code in a file, one a target; "" where there is none.
std::string gpu_text(const gpucode::GpuCode& gpu);
/// Of places that nothing decodes; "" = there are none.
std::string undecodable_words(const FileAudit& file);
/// A file's name in a line: what cannot be shown as an escape, tabs too.
std::string shown_name(std::string_view name);
/// All files of a build, short: what each uses beyond the baseline, one number for all widths of a set.
std::string files_text(const BuildAudit& build);
/// One file of a build: each set with its first address.
std::string file_text(const BuildAudit& build, const FileAudit& file, RenderOptions options);
/// Where the file lies: to be pasted.
std::string path_of(const BuildAudit& build, const FileAudit& file);

}  // namespace lf::audit
