// SPDX-License-Identifier: MIT
/// \file
/// \brief What on a machine keeps the variant that was planned for it from working, each with the line that cures it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facts/machine.h"
#include "hostcheck/access.h"
#include "plan/plan.h"
#include "probe/source.h"

namespace lf::hostcheck {

/// Everything that is asked. Nothing is read but through `machine` and `access`.
struct Request {
    const probe::MachineSource& machine;
    const DeviceAccess& access;
    const facts::Machine& now;  ///< probed from `machine` just before, with its environment
    const plan::Plan& plan;
    std::optional<facts::Machine> committed;  ///< the facts that the plan was made of; nullopt = none at hand
};

enum class Weight : std::uint8_t {
    stops,  ///< the program does not start, crashes, or uses the CPU instead of the GPU
    warns,  ///< it may: the owner should know
};

struct Finding {
    std::string id;  ///< stable: the row of checks() that found it, and a heading of doc/host.md
    Weight weight = Weight::stops;
    std::string what;              ///< one sentence, no full stop
    std::vector<std::string> saw;  ///< "/dev/kfd: permission denied"
    std::string cure;              ///< the line to write or to type
    bool operator==(const Finding&) const = default;
};

/// What one check answers.
struct Answer {
    std::vector<Finding> findings;  ///< id and weight are filled in from the check's row
    bool asked = true;              ///< false: it does not concern this plan
    std::string cannot_tell;        ///< why there is no answer; "" = there is one
};

struct Check {
    std::string_view id;
    Weight weight;
    std::string_view title;  ///< what is looked at, for doc/host.md and for what was fine
    Answer (*look)(const Request& request);
};

/// All checks, in the order in which they are made.
std::span<const Check> checks();

struct Unanswered {
    std::string id;
    std::string why;
};

struct Report {
    std::string host;
    std::string package;
    std::vector<Finding> findings;
    std::vector<std::string> fine;  ///< ids of checks that found nothing
    std::vector<Unanswered> unanswered;
};

Report check_host(const Request& request);

/// Is there anything that stops the program?
bool works(const Report& report);

/// For people, 80 columns.
std::string to_text(const Report& report);
/// schema "llama-fleet/host-check", version 1.
std::string to_json(const Report& report);

}  // namespace lf::hostcheck
