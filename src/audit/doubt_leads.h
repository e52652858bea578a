// SPDX-License-Identifier: MIT
/// \file
/// \brief Which functions surely come to code beyond the baseline, as far as is known: only above them doubts matter.
///
/// Where each way from a function to such code stands behind a doubtful branch of its own, what is doubtful in its
/// callers changes no verdict, and they need not be looked into. Who only holds an address counts where nothing doubts
/// it (GraphBuilder::doubt_of_address). Calls through IFUNC do not count, as in CodeMap::leads_to_more: what is chosen
/// there the resolver says.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "audit/doubt.h"
#include "audit/guards.h"

namespace lf::audit {

class SureLeads {
  public:
    SureLeads(const CodeMap& map, Guards& guards);
    /// Functions (CodeMap::part_of) with such code in themselves, or where the program stops itself by what the CPU
    /// says.
    std::vector<std::uint32_t> seeds() const;
    /// Functions that call, jump to or hold the address of one, or go on into it.
    std::vector<std::uint32_t> above(std::uint32_t owner) const;
    bool leads(std::uint32_t owner) const { return leads_[owner]; }
    /// Does it surely come to such code, or to a function that leads there, where the ends of the blocks `branches`
    /// are doubtful? Remembered. `search`: as of doubtful_blocks().
    /// `doubts`: for what was handed over so far.
    bool look(std::uint32_t owner, const std::vector<std::uint32_t>& branches, const Doubts& doubts,
              std::int64_t& search);

  private:
    std::vector<std::uint64_t> stops(std::uint32_t owner) const;
    std::vector<std::uint64_t> places(std::uint32_t owner, const Doubts& doubts) const;
    void note_decided(const FunctionGuards& found);
    std::uint64_t leads_to(const Reference& reference, std::uint32_t owner) const;

    const CodeMap& map_;
    Guards& guards_;
    std::vector<bool> leads_;
    /// Owner → branches that some call of it decides by what it hands over.
    std::unordered_map<std::uint32_t, std::vector<std::uint64_t>> decided_;
};

}  // namespace lf::audit
