// SPDX-License-Identifier: MIT
/// \file
/// \brief The words for what is known of a host, the same on the page, in the text, in Markdown and in the JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace lf::report {

enum class State : unsigned char {
    plain,  ///< neither good nor bad: what a machine is
    good,   ///< shown, faster
    bad,    ///< not shown, slower, cannot run
    open,   ///< not known; `next` says what would tell
};

/// One cell of the matrix. Texts are as they come, unescaped; `next` and `why` stand in the host's story only.
struct Cell {
    State state = State::plain;
    std::string words = {};
    std::string next = {};  ///< the command that would tell; "" = none
    std::string why = {};   ///< said behind the words where there is room
};

Cell machine_cell(const Host& host);
Cell chosen_cell(const Host& host);
Cell checked_cell(const FleetReport& fleet, const Host& host);
Cell audited_cell(const Host& host);
/// What was measured in a few words where there is no number for it; else `words` is empty and `gain_of` has them.
Cell measured_cell(const Host& host);

/// What a search by measurement came to.
enum class Outcome : unsigned char {
    faster,  ///< measured fastest, and told from the default
    kept,    ///< the default itself: it was not beaten
    untold,  ///< another one, which could not be told from the default
};
Outcome outcome_of(const facts::Choice& choice);
/// A sentence that begins with the candidate and says no more than was measured.
std::string choice_words(const facts::Choice& choice);
/// "prompt weight 0.5, generation weight 0.5"
std::string goal_words(const facts::Choice& choice);
/// "llama-server --threads 8", or "" where it needs no arguments.
std::string server_words(const facts::Choice& choice);

/// A measured gain, as bench wrote it.
struct Gain {
    std::string candidate;  ///< whose it is
    std::string what;       ///< "score", "prompt", "pp128"
    facts::Estimate ratio;
    int pairs = 0;         ///< rounds in which both were measured
    std::string verdict;   ///< "faster", "slower", "~"; "" = bench gave none for this part
    std::string baseline;  ///< what it is against
};

/// Those of the choice; without one, of the candidate "plan" or of the only one beside the baseline; else none.
std::vector<Gain> gains_of(const Host& host);
State state_of(const Gain& gain);  ///< by its verdict

/// The comparison of a summary's candidate with the baseline; nullptr if there is none.
const bench::Comparison* comparison_of(const bench::BenchResult& result, const bench::Summary& summary);

/// Label and text: conditions of a measurement, what ran. In the order shown; what could not be read is left out.
struct Line {
    std::string label;
    std::string text;
};
std::vector<Line> measurement_lines(const bench::BenchResult& result);
/// What differs from run to run: "43.2 s in llama-bench, 0.2 s beside it; load before 0.31; seed 7".
std::string effort_words(const bench::BenchResult& result);

/// What bench found that cannot run, and what an audit found.
int finding_count(const Host& host);

/// What is not known of any host, and what would tell; one sentence each.
std::vector<std::string> fleet_notes(const FleetReport& fleet);

struct Counts {
    int hosts = 0;
    int planned = 0;
    int shown = 0;  ///< by check
    int measured = 0;
    int chosen = 0;  ///< by measurement: faster than the default
    int kept = 0;    ///< the default was not beaten
    int untold = 0;  ///< could not be told from the default
    int findings = 0;
    int warnings = 0;
    int problems = 0;  ///< files that could not be read
};
Counts counts_of(const FleetReport& fleet);

/// That it was measured on another CPU than the facts name; "" = it was not, or one of both names none.
std::string foreign_words(const Host& host);
/// Why more is to come from a measurement, and what brings it; "" = nothing is.
std::string unfinished_words(const Host& host);

/// The tests of a result in the order of its summaries, each once.
std::vector<bench::Test> tests_of(const bench::BenchResult& result);
/// "reading a prompt", "writing text": what a test is, for people.
std::string test_words(const bench::Test& test);

/// Six digits are kept of a measured number, everywhere: the page then has no number that the JSON has not.
double kept(double value);
std::string speed_words(double tokens_per_second);  ///< "57.0", "1204"
std::string times_words(double ratio);              ///< "14.1x", "0.98x"

/// Those that left the search at one step for one reason, in the order of the record.
struct SearchGroup {
    std::string_view reason;
    std::vector<const bench::RungEntry*> entries;
};
/// One step as a report shows it: what left. What went on stands in a later step; at the last one of its sort ("CPU
/// variant and device") it is named; a step that nothing left is left out. Every number of every step is for bench
/// --show.
struct SearchStep {
    std::string_view name;
    int samples = 0;  ///< of each; 0 = none, or they differ
    int went_on = 0;
    std::vector<const bench::RungEntry*> left_over;  ///< what went on, at the last step of its sort
    std::vector<SearchGroup> dropped;
};
/// They point into `result`.
std::vector<SearchStep> search_of(const bench::BenchResult& result);
/// "0.76": a candidate's speed as a part of that of the fastest of its step.
std::string part_words(double part);

/// "libggml-cpu.so at 0x1a2b", or the name alone where there is no address.
std::string place_words(const AuditFinding& finding);

/// The error as one line: place, message.
std::string problem_words(const Error& error);

/// "1 host", "3 hosts".
std::string counted(int count, std::string_view one);

/// Build, variant, device and parameters of a candidate, in one line.
std::string candidate_words(const bench::Candidate& candidate);

}  // namespace lf::report
