// SPDX-License-Identifier: MIT
/// \file
/// \brief One function a verb; each returns an exit code and has printed everything.
#pragma once

namespace lf::cli {

class Arguments;
class Terminal;

int run_probe(const Arguments& arguments, Terminal& terminal);
int run_plan(const Arguments& arguments, Terminal& terminal);
int run_fit(const Arguments& arguments, Terminal& terminal);
int run_audit(const Arguments& arguments, Terminal& terminal);
int run_check(const Arguments& arguments, Terminal& terminal);
int run_bench(const Arguments& arguments, Terminal& terminal);
int run_report(const Arguments& arguments, Terminal& terminal);
int run_syntax(const Arguments& arguments, Terminal& terminal);

}  // namespace lf::cli
