// SPDX-License-Identifier: MIT
/// \file
/// \brief Features of many CPUs → those of all of them, and those of some.
#pragma once

#include <string>
#include <vector>

#include "facts/machine.h"

namespace lf::probe {

class SharedFeatures {
  public:
    void add(const facts::FeatureSet& features);
    /// Fills in features and features_some of `cpu`; a note says if the CPUs differ.
    void store(facts::Cpu& cpu, std::vector<std::string>& notes) const;

  private:
    bool empty_ = true;
    facts::FeatureSet all_;  ///< on every CPU so far
    facts::FeatureSet any_;  ///< on at least one
};

}  // namespace lf::probe
