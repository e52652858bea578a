// SPDX-License-Identifier: MIT
#include "flake/overlay_file.h"

#include <fmt/format.h>

#include "base/text.h"

namespace lf::embedded {
extern const std::string_view overlay_nix;
}  // namespace lf::embedded

namespace lf::flake {
namespace {

constexpr std::string_view kBy = "# Written by llama-fleet ";
constexpr std::string_view kHash = "; sha256 of what follows: ";

std::string without_carriage_returns(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
    return out;
}

}  // namespace

std::string overlay_file_text() {
    const std::string_view body = embedded::overlay_nix;
    return fmt::format("{}{}{}{}\n{}", kBy, LLAMA_FLEET_VERSION, kHash, sha256_hex(body), body);
}

OverlayFile judge_overlay_file(std::string_view text) {
    const std::string plain = without_carriage_returns(text);
    const std::string_view view = plain;
    const std::size_t end = view.find('\n');
    if (!view.starts_with(kBy) || end == std::string_view::npos) return OverlayFile::foreign;
    const std::string_view head = view.substr(0, end);
    const std::size_t at = head.find(kHash);
    if (at == std::string_view::npos) return OverlayFile::foreign;
    const std::string_view said = head.substr(at + kHash.size());
    const std::string_view body = view.substr(end + 1);
    const std::string ours = sha256_hex(embedded::overlay_nix);
    if (sha256_hex(body) == ours) return OverlayFile::current;
    if (sha256_hex(body) == said) return OverlayFile::older;
    return said == ours ? OverlayFile::edited : OverlayFile::edited_outdated;
}

}  // namespace lf::flake
