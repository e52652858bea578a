// SPDX-License-Identifier: MIT
#include "probe/gpu_overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "probe/gpu_kfd.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::string_view kVariable = "HSA_OVERRIDE_GFX_VERSION";
constexpr std::string_view kFiles[] = {"/etc/environment", "/etc/set-environment"};
constexpr std::string_view kUnits[] = {"/etc/systemd/system", "/run/systemd/system"};
constexpr std::size_t kMaxFiles = 64;
constexpr std::size_t kMaxText = 1 << 20;

/// "11.0.0" of `HSA_OVERRIDE_GFX_VERSION="11.0.0"`, wherever it stands in the text; "" if nowhere.
std::string_view value_in(std::string_view text) {
    const std::size_t found = text.find(kVariable);
    if (found == std::string_view::npos) return "";
    std::string_view rest = text.substr(found + kVariable.size());
    if (!rest.starts_with('=')) return "";
    rest.remove_prefix(1);
    if (rest.starts_with('"') || rest.starts_with('\'')) rest.remove_prefix(1);
    return rest.substr(0, std::min(rest.find_first_not_of("0123456789."), std::min<std::size_t>(rest.size(), 16)));
}

void look_into(const FileSource& files, const std::string& path, std::string& out) {
    const auto text = files.read(path);
    if (!text || text->size() > kMaxText) return;
    if (const std::string_view value = value_in(*text); !value.empty())
        out += fmt::format("{} {} {}\n", kVariable, value, path);
}

/// A unit and what is laid over it (<unit>.d/*.conf).
void look_into_units(const FileSource& files, std::string_view folder, std::string& out) {
    const auto names = files.list(std::string(folder));
    if (!names) return;
    std::size_t looked = 0;
    for (const std::string& name : *names) {
        if (name.find("llama") == std::string::npos || ++looked > kMaxFiles) continue;
        const std::string path = fmt::format("{}/{}", folder, name);
        if (name.ends_with(".service")) look_into(files, path, out);
        if (!name.ends_with(".service.d")) continue;
        const auto more = files.list(path);
        for (std::size_t i = 0; more && i < std::min(more->size(), kMaxFiles); ++i)
            look_into(files, fmt::format("{}/{}", path, (*more)[i]), out);
    }
}

/// "11.0.0" → "gfx1100"
std::optional<std::string> target_of(std::string_view value) {
    const std::vector<std::string_view> parts = split(value, '.');
    if (parts.size() != 3) return std::nullopt;
    const auto major = parse_unsigned(parts[0]);
    const auto minor = parse_unsigned(parts[1]);
    const auto step = parse_unsigned(parts[2]);
    if (!major || !minor || !step || *major > 99 || *minor > 99 || *step > 99) return std::nullopt;
    return gfx_of_target_version(*major * 10000 + *minor * 100 + *step);
}

}  // namespace

std::optional<std::string> find_overrides(const FileSource& files) {
    std::string out;
    if (const char* own = std::getenv(std::string(kVariable).c_str()); own != nullptr)
        out += fmt::format("{} {} environment\n", kVariable, value_in(fmt::format("{}={}", kVariable, own)));
    for (const std::string_view path : kFiles) look_into(files, std::string(path), out);
    for (const std::string_view folder : kUnits) look_into_units(files, folder, out);
    if (out.empty()) return std::nullopt;
    return out;
}

void tell_overrides(std::string_view answer, const std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes) {
    std::size_t told = 0;
    for (const std::string_view line : lines(answer)) {
        const std::vector<std::string_view> words = split(line, ' ');
        if (words.size() < 3 || words[0] != kVariable || ++told > kMaxFiles) continue;
        const auto target = target_of(words[1]);
        for (const facts::Gpu& gpu : gpus)
            if (gpu.vendor == "amd" && gpu.gfx_target && gpu.gfx_target != target)
                notes.push_back(fmt::format(
                    "{}={} ({}) makes ROCm take the card at {} for {}; it is {}: that is planned for", kVariable,
                    label(words[1]), label(words[2]), gpu.address, target.value_or("something else"), *gpu.gfx_target));
    }
}

}  // namespace lf::probe
