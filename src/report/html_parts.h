// SPDX-License-Identifier: MIT
/// \file
/// \brief The parts of the page.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "report/html.h"
#include "report/report.h"
#include "report/words.h"

namespace lf::report {

/// A fleet of many equal machines says what is the same for many hosts once: with the first of them.
class SharedBlocks {
  public:
    /// Has an earlier host had this very block? Then it is left out, and `flush` says whose it is,
    /// calling it `word`.
    bool is_known(Markup word, const Html& block, std::size_t number, std::string_view host);
    /// At the end of a host's section: a link for what was left out.
    void flush(Html& html);

  private:
    struct First {
        std::size_t number;
        std::string host;
    };
    std::unordered_map<std::string, First> first_;
    std::map<std::size_t, std::vector<Markup>> said_;
    std::map<std::size_t, std::string> names_;
};

/// Rows of candidates as bars with their intervals, one part of the table a test.
void append_charts(Html& html, const bench::BenchResult& result, const std::string& host);

/// The host × everything table.
void append_matrix(Html& html, const FleetReport& fleet);

/// The state as a class of the style sheet.
Markup class_of(State state);

/// "14.1x (12.6x to 15.8x) faster, 5 pairs"
void append_ratio(Html& html, const facts::Estimate& ratio, int pairs, std::string_view verdict);

/// A host's story: the <section> with everything.
void append_host(Html& html, const FleetReport& fleet, const Host& host, std::size_t number, SharedBlocks& shared);

void append_problems(Html& html, const std::vector<Error>& problems);

}  // namespace lf::report
