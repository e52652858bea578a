// SPDX-License-Identifier: MIT
#include "probe/hypervisor.h"

#include <algorithm>

#include "base/text.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

struct Sign {
    std::string_view file;
    std::string_view begins;  ///< what stands at its beginning; "" = that it is there is enough
    std::string_view name;
};

// systemd's src/basic/virt.c and util-linux' lscpu-virt.c look at the same places.
constexpr Sign kSigns[] = {
    {"/sys/hypervisor/type", "xen", "Xen"},
    {"/proc/device-tree/hypervisor/compatible", "linux,kvm", "KVM"},
    {"/proc/device-tree/hypervisor/compatible", "xen,", "Xen"},
    {"/proc/device-tree/hypervisor/compatible", "vmware,", "VMware"},
    {"/proc/device-tree/hypervisor/compatible", "qcom,", "Gunyah"},
    {"/proc/device-tree/model", "IBM pSeries (emulated by qemu)", "KVM"},
    {"/proc/device-tree/ibm,partition-name", "", "pHyp"},
    {"/sys/class/dmi/id/product_name", "Virtual Machine", "Microsoft"},
    {"/sys/class/dmi/id/product_name", "HVM domU", "Xen"},
    {"/sys/class/dmi/id/product_name", "vServer", "KVM"},  // Hetzner's; their own machines have the board's names
};

struct FirmwareSign {
    std::string_view begins;
    std::string_view name;
};

// What firmware calls itself, in whichever field; the order is systemd's. Not in here: "Oracle Corporation" and
// "Alibaba Cloud", which are on real machines too.
constexpr std::string_view kFirmwareFiles[] = {"/sys/class/dmi/id/product_name", "/sys/class/dmi/id/sys_vendor",
                                               "/sys/class/dmi/id/bios_vendor"};
constexpr FirmwareSign kFirmwareSigns[] = {{"KVM", "KVM"},
                                           {"OpenStack", "KVM"},
                                           {"KubeVirt", "KVM"},
                                           {"Google Compute Engine", "KVM"},
                                           {"QEMU", "QEMU"},
                                           {"VMware", "VMware"},
                                           {"VMW", "VMware"},
                                           {"innotek GmbH", "Oracle"},
                                           {"VirtualBox", "Oracle"},
                                           {"Xen", "Xen"},
                                           {"Bochs", "Bochs"},
                                           {"Parallels", "Parallels"},
                                           {"BHYVE", "bhyve"},
                                           {"Hyper-V", "Microsoft"},
                                           {"Apple Virtualization", "Apple"}};

std::optional<std::string> by_sign(const FileSource& files) {
    for (const Sign& sign : kSigns) {
        if (sign.begins.empty() && files.exists(std::string(sign.file))) return std::string(sign.name);
        const auto text = files.read(std::string(sign.file));
        if (text && !sign.begins.empty() && text->starts_with(sign.begins)) return std::string(sign.name);
    }
    return std::nullopt;
}

constexpr std::string_view kAmazon = "Amazon EC2";
constexpr std::string_view kAmazonMetal = ".metal";

std::optional<std::string> by_firmware(const FileSource& files) {
    for (const std::string_view file : kFirmwareFiles) {
        const auto text = files.read(std::string(file));
        for (const FirmwareSign& sign : kFirmwareSigns)
            if (text && text->starts_with(sign.begins)) return std::string(sign.name);
    }
    return std::nullopt;
}

/// Amazon's machines are virtual unless their type ends in ".metal" ("c7g.16xlarge", "c7g.metal").
std::optional<std::string> on_amazon(const FileSource& files) {
    const auto vendor = read_text(files, "/sys/class/dmi/id/sys_vendor");
    const auto product = read_text(files, "/sys/class/dmi/id/product_name");
    if (!vendor || !vendor->starts_with(kAmazon) || !product) return std::nullopt;
    if (product->find(kAmazonMetal) != std::string::npos) return std::nullopt;
    return "KVM";
}

/// s390: "VM00 Control Program: z/VM    6.1.0" of the innermost hypervisor comes first; without any, the partition's.
std::optional<std::string> by_sysinfo(const FileSource& files) {
    const auto text = files.read("/proc/sysinfo");
    if (!text) return std::nullopt;
    bool partition = false;
    for (const std::string_view line : lines(*text)) {
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        partition = partition || line.starts_with("LPAR Number");
        if (!line.starts_with("VM00 Control Program")) continue;
        std::string name;
        for (const std::string_view word : split(line.substr(colon + 1), ' ')) {
            if (word.empty()) continue;
            if (!name.empty()) name += ' ';
            name += word;
        }
        return label(name);
    }
    if (partition) return "PR/SM";
    return std::nullopt;
}

struct PciSign {
    std::string_view ids;  ///< vendor and device as /proc/bus/pci/devices writes them
    std::string_view name;
};
// VirtualBox' graphics and guest service, VMware's old graphics, Xen's platform device: no real machine has them.
constexpr PciSign kPciSigns[] = {{"80eebeef", "Oracle"},
                                 {"80eecafe", "Oracle"},
                                 {"15ad0710", "VMware"},
                                 {"15ad0405", "VMware"},
                                 {"58530001", "Xen"}};

std::optional<std::string> by_pci(const FileSource& files) {
    const auto text = files.read("/proc/bus/pci/devices");
    if (!text) return std::nullopt;
    for (const std::string_view line : lines(*text)) {
        const std::vector<std::string_view> columns = split(line, '\t');
        if (columns.size() < 2) continue;
        for (const PciSign& sign : kPciSigns)
            if (columns[1] == sign.ids) return std::string(sign.name);
    }
    return std::nullopt;
}

}  // namespace

std::string kept_dmi_name(std::string_view path, std::string_view text) {
    for (const Sign& sign : kSigns)
        if (sign.file == path && text.starts_with(sign.begins)) return std::string(sign.begins);
    for (const FirmwareSign& sign : kFirmwareSigns)
        if (text.starts_with(sign.begins)) return std::string(sign.begins);
    for (const std::string_view word : {kAmazon, kAmazonMetal})
        if (text.find(word) != std::string_view::npos) return std::string(word);
    return {};
}

void read_hypervisor(const FileSource& files, facts::Cpu& cpu) {
    if (cpu.hypervisor && *cpu.hypervisor != "unknown") return;
    for (const auto look : {by_sysinfo, by_sign, by_firmware, on_amazon, by_pci})
        if (auto name = look(files)) {
            cpu.hypervisor = std::move(name);
            return;
        }
}

}  // namespace lf::probe
