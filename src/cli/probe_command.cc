// SPDX-License-Identifier: MIT
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/finish.h"
#include "cli/fleet_facts.h"
#include "cli/verbs.h"
#include "facts/codec.h"
#include "plan/explain.h"
#include "plan/planner.h"
#include "probe/capture.h"
#include "probe/capture_source.h"
#include "probe/live_source.h"

namespace lf::cli {
namespace {

Done write_capture(const std::string& from, const std::string& to) {
    if (from.empty()) return probe::capture(probe::LiveMachine(), to);
    LF_ASSIGN(const auto source, probe::CapturedMachine::open(from));
    return probe::capture(*source, to);
}

std::string machine_text(const facts::Machine& machine, const std::string& summary) {
    std::string out = machine.host + ": " + summary + "\n";
    std::string line = "  features:";
    for (const std::string& feature : machine.cpu.features) {
        if (line.size() + 1 + feature.size() > 80) {
            out += line + "\n";
            line = "   ";
        }
        line += " " + feature;
    }
    out += line + "\n";
    for (const std::string& note : machine.notes) out += "  note: " + printable(note) + "\n";
    return out;
}

Result<int> probe_verb(const Arguments& arguments, Terminal& terminal) {
    const std::string root = arguments.value("--root").value_or("");
    LF_ASSIGN(const facts::Machine machine, probe_machine(root, arguments.value("--host").value_or("this-machine")));
    if (const auto folder = arguments.value("--capture")) {
        LF_TRY(write_capture(root, *folder));
        terminal.talk("captured in " + *folder + "\n");
    }
    if (!arguments.has("--text")) {
        terminal.answer(facts::to_json(machine));
        return kYes;
    }
    LF_ASSIGN(const plan::Plan plan, plan::make_plan(machine, {}));
    terminal.answer(machine_text(machine, plan::summarize(machine, plan).machine));
    return kYes;
}

}  // namespace

int run_probe(const Arguments& arguments, Terminal& terminal) {
    return finish(probe_verb(arguments, terminal), terminal);
}

}  // namespace lf::cli
