// SPDX-License-Identifier: MIT
/// \file
/// \brief The hypervisor, where CPUID does not name it.
#pragma once

#include <string>
#include <string_view>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// Names cpu.hypervisor if it is not known yet, or known as "unknown" only: from /sys/hypervisor, the firmware's tables
/// (vendor and product; never a serial number), the device tree, the sysinfo of s390, and the PCI devices that only
/// hypervisors have. Names: "KVM", "Xen", "VMware", "Oracle" (VirtualBox), "Microsoft" (Hyper-V), "PR/SM",
/// "z/VM 6.1.0", "pHyp", "QEMU", "Parallels", "bhyve", "Bochs", "Apple". Nothing found: bare metal, or a hypervisor
/// that hides itself.
void read_hypervisor(const FileSource& files, facts::Cpu& cpu);

/// Of a name in /sys/class/dmi/id, which people may write: the word that tells of a hypervisor; "" if there is none.
std::string kept_dmi_name(std::string_view path, std::string_view text);

}  // namespace lf::probe
