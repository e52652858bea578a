// SPDX-License-Identifier: MIT
// Verdicts: which are worse, which count, and the only words for them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "check/check.h"

namespace lf::check {
namespace {

struct LayerText {
    Layer layer;
    std::string_view name;
    std::string_view claim;  ///< what is shown or not
};
constexpr std::array kLayerTexts{
    LayerText{Layer::names, "names", "the flags are options of this llama.cpp"},
    LayerText{Layer::derivation, "derivation", "flags reach the derivation"},
    LayerText{Layer::build, "build", "flags reach the compiler"},
    LayerText{Layer::targets, "targets", "code for the host's GPUs"},
    LayerText{Layer::binary, "binary", "what is inside the finished build"},
};

const LayerText& text_of(Layer layer) { return kLayerTexts[static_cast<std::size_t>(layer)]; }

}  // namespace

bool counts(const LayerReport& report) {
    const bool optional = report.layer == Layer::names || report.layer == Layer::build || report.layer == Layer::binary;
    return !optional || report.verdict != Verdict::cannot_tell;
}

const LayerReport* layer_of(const PackageReport& package, Layer layer) {
    const auto found =
        std::find_if(package.layers.begin(), package.layers.end(), [&](const auto& one) { return one.layer == layer; });
    return found == package.layers.end() ? nullptr : &*found;
}

int badness(Verdict verdict) {
    constexpr std::array kOrder{Verdict::not_planned, Verdict::shown, Verdict::cannot_tell, Verdict::not_shown};
    return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), verdict) - kOrder.begin());
}

Layer decisive_layer(const HostReport& host) {
    Layer decisive = Layer::derivation;
    if (!host.differences.empty()) return decisive;
    int worst = badness(Verdict::shown);
    for (const PackageReport& package : host.packages) {
        if (package.verdict == Verdict::not_planned) continue;
        if (package.layers.empty() && badness(package.verdict) > worst) {
            worst = badness(package.verdict);
            decisive = Layer::derivation;
        }
        for (const LayerReport& layer : package.layers) {
            if (!counts(layer) || badness(layer.verdict) <= worst) continue;
            worst = badness(layer.verdict);
            decisive = layer.layer;
        }
    }
    // Nothing of the packages is in doubt, so it is the facts, which say what the host's GPUs are.
    if (worst == badness(Verdict::shown) && host.verdict == Verdict::cannot_tell && !host.packages.empty())
        return Layer::targets;
    return decisive;
}

std::string_view layer_name(Layer layer) { return text_of(layer).name; }

std::string short_words(Verdict verdict, bool stand_ins) {
    constexpr std::array<std::string_view, 4> kWords{"shown", "not shown", "cannot tell", "not planned for this host"};
    const std::string_view words = kWords[static_cast<std::size_t>(verdict)];
    return fmt::format("{}{}", words, verdict == Verdict::shown && stand_ins ? " (stand-in inputs)" : "");
}

std::string verdict_words(Layer layer, Verdict verdict, bool stand_ins) {
    if (verdict == Verdict::not_planned) return short_words(verdict, stand_ins);
    return fmt::format("{}: {}", text_of(layer).claim, short_words(verdict, stand_ins));
}

Verdict overall(const CheckReport& report) {
    Verdict worst = report.hosts.empty() ? Verdict::cannot_tell : Verdict::shown;
    for (const HostReport& host : report.hosts) {
        if (badness(host.verdict) > badness(worst)) worst = host.verdict;
    }
    return worst;
}

}  // namespace lf::check
