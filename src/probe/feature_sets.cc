// SPDX-License-Identifier: MIT
#include "probe/feature_sets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace lf::probe {

void SharedFeatures::add(const facts::FeatureSet& features) {
    any_.insert(features.begin(), features.end());
    if (std::exchange(empty_, false)) all_ = features;
    else std::erase_if(all_, [&](const std::string& name) { return !features.contains(name); });
}

void SharedFeatures::store(facts::Cpu& cpu, std::vector<std::string>& notes) const {
    cpu.features = all_;
    cpu.features_some.clear();
    std::set_difference(any_.begin(), any_.end(), all_.begin(), all_.end(),
                        std::inserter(cpu.features_some, cpu.features_some.end()));
    if (cpu.features_some.empty()) return;
    const std::string names = fmt::format("{}", fmt::join(cpu.features_some, ", "));
    notes.push_back("the CPUs of this machine differ, not planned for: " + names.substr(0, 1000));
}

}  // namespace lf::probe
