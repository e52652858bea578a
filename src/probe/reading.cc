// SPDX-License-Identifier: MIT
#include "probe/reading.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace lf::probe {
namespace {
constexpr std::size_t kMaxLabel = 256;
}

std::optional<std::string> read_text(const FileSource& files, const std::string& path) {
    const auto text = files.read(path);
    if (!text) return std::nullopt;
    return std::string(trim(*text));
}

std::optional<std::uint64_t> read_number(const FileSource& files, const std::string& path, int base) {
    const auto text = read_text(files, path);
    if (!text) return std::nullopt;
    return parse_unsigned(*text, base);
}

std::string label(std::string_view text) {
    std::string out = printable(trim(text).substr(0, kMaxLabel));
    while (out.size() > kMaxLabel) {
        std::size_t cut = kMaxLabel;
        while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xc0) == 0x80) --cut;  // not inside a UTF-8 sequence
        out.resize(cut);
    }
    return out;
}

bool is_plain_word(std::string_view text) {
    constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    return !text.empty() && text.size() <= 64 && kFirst.find(text.front()) != std::string_view::npos &&
           text.find_first_not_of(std::string(kFirst) + ".-") == std::string_view::npos;
}

std::string reason(const std::string& path, const Error& error) {
    return fmt::format("{}: {}", path, printable(error.message).substr(0, 200));
}

}  // namespace lf::probe
