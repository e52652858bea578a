// SPDX-License-Identifier: MIT
// <offload kind>-<triple>-<target id> (ClangOffloadBundler, "Bundled Code Object Layout"). A triple may have three or
// four parts and be written with or without empty ones, and LLVM 19 doubles the host's: so the target is looked for
// from behind.
#include <algorithm>

#include "base/text.h"
#include "gpucode/code_object.h"
#include "gpucode/hip_bundle.h"

namespace lf::gpucode {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// gfx and a version (new ones come every year), or one of the generic names.
bool looks_like_gfx(std::string_view processor) {
    if (is_gfx_target(processor)) return true;
    if (!processor.starts_with("gfx") || processor.size() < 5 || processor.size() > 24 || !is_digit(processor[3]))
        return false;
    const std::string_view version =
        processor.substr(3, processor.find('-') == processor.npos ? processor.npos : processor.find('-') - 3);
    const bool hex_digits =
        std::all_of(version.begin(), version.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
    return hex_digits && (version.size() + 3 == processor.size() || processor.ends_with("-generic") ||
                          processor.ends_with("-strict"));
}

/// ":sramecc+:xnack-", in any number; each a name with a sign.
bool are_features(std::string_view features) {
    while (!features.empty()) {
        if (features.front() != ':') return false;
        features.remove_prefix(1);
        const std::string_view one = features.substr(0, features.find(':'));
        if (one != "xnack+" && one != "xnack-" && one != "sramecc+" && one != "sramecc-") return false;
        features.remove_prefix(one.size());
    }
    return true;
}

std::optional<BundleTarget> gfx_target(std::string_view id) {
    const std::size_t at = id.rfind("gfx");
    if (at == id.npos || (at > 0 && id[at - 1] != '-')) return std::nullopt;
    const std::string_view name = id.substr(at);
    const std::string_view processor = name.substr(0, name.find(':'));
    if (!looks_like_gfx(processor) || !are_features(name.substr(processor.size()))) return std::nullopt;
    return BundleTarget{Kind::hip_machine, std::string(name)};
}

std::optional<BundleTarget> sm_target(std::string_view id) {
    const std::size_t at = id.rfind("sm_");
    if (at == id.npos || (at > 0 && id[at - 1] != '-')) return std::nullopt;
    std::string_view number = id.substr(at + 3);
    if (number.ends_with('a') || number.ends_with('f')) number.remove_suffix(1);
    if (number.size() < 2 || number.size() > 3 || !std::all_of(number.begin(), number.end(), is_digit))
        return std::nullopt;
    return BundleTarget{Kind::cuda_machine, std::string(id.substr(at))};
}

}  // namespace

bool is_host_id(std::string_view id) { return id == "host" || id.starts_with("host-"); }

std::optional<BundleTarget> bundle_target(std::string_view id) {
    if (id.ends_with("-amdgcnspirv")) return BundleTarget{Kind::hip_machine, "amdgcnspirv"};
    if (auto gfx = gfx_target(id)) return gfx;
    return sm_target(id);
}

}  // namespace lf::gpucode
