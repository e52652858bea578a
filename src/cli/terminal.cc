// SPDX-License-Identifier: MIT
#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "cli/render_error.h"

namespace lf::cli {
namespace {

constexpr std::array<std::string_view, 6> kCodes{"31", "32", "33", "36", "1", "2"};

bool wants_colour(std::string_view when) {
    if (when == "always") return true;
    const char* no_colour = std::getenv("NO_COLOR");
    return when != "never" && (no_colour == nullptr || *no_colour == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace

Terminal::Terminal(std::string_view when, bool json_errors) : colour_(wants_colour(when)), json_errors_(json_errors) {}

void Terminal::answer(std::string_view text) {
    end_progress();
    errno = 0;
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (!written && write_error_ == 0) write_error_ = errno != 0 ? errno : EIO;
}

void Terminal::talk(std::string_view text) {
    end_progress();
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void Terminal::error(const lf::Error& error) { talk(json_errors_ ? error_json(error) : error_text(error)); }

void Terminal::progress(std::string_view text) {
    if (::isatty(STDERR_FILENO) != 1) return;
    const std::string line = "\r" + std::string(text) + "\x1b[K";
    std::fwrite(line.data(), 1, line.size(), stderr);
    progress_shown_ = true;
}

void Terminal::end_progress() {
    if (progress_shown_) std::fputs("\r\x1b[K", stderr);
    progress_shown_ = false;
}

std::string Terminal::paint(Colour colour, std::string_view text) const {
    if (!colour_) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(colour)], text);
}

std::string Terminal::paint_diff(std::string_view diff) const {
    // A patch is for git as it is; on a terminal, what a file holds must not move the cursor.
    if (::isatty(STDOUT_FILENO) != 1 && !colour_) return std::string(diff);
    std::string out;
    for (const std::string_view raw : split(diff, '\n')) {
        const std::string line = ::isatty(STDOUT_FILENO) == 1 ? printable(raw) : std::string(raw);
        if (line.starts_with("diff ") || line.starts_with("+++") || line.starts_with("---"))
            out += paint(Colour::bold, line);
        else if (line.starts_with("@@")) out += paint(Colour::cyan, line);
        else if (line.starts_with('+')) out += paint(Colour::green, line);
        else if (line.starts_with('-')) out += paint(Colour::red, line);
        else out += line;
        out += '\n';
    }
    out.pop_back();
    return out;
}

}  // namespace lf::cli
