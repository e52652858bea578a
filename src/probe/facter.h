// SPDX-License-Identifier: MIT
/// \file
/// \brief Facts from the report of nixos-facter (facter.json), which many NixOS fleets keep in their repository.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "facts/machine.h"

namespace lf::probe {

/// Reads "system", "virtualisation", "hardware".cpu (one entry a socket: flags of /proc/cpuinfo, family, model, cores),
/// .memory and, in every list of "hardware", devices of PCI's base classes 3 (display) and 0x12 (AMD's Instinct cards;
/// hwinfo has no class of its own for these), of report versions 1 and 2, and nothing else: serial numbers and disks
/// stay unread. What a report does not tell (caches, kinds of cores, XCR0, driver versions, the environment)
/// is nullopt, and a note says so. cpu.source is "facter". The report is hostile; unknown fields are passed over.
/// Errors: those of base/json.h, "facter-form" (no report of nixos-facter), "host-name".
Result<facts::Machine> probe_facter(std::string_view json, const std::string& file, const std::string& host);

}  // namespace lf::probe
