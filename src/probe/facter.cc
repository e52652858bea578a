// SPDX-License-Identifier: MIT
// The report is turned into the files that it was made from (nixos-facter's hwinfo reads /proc/cpuinfo and
// /sys/bus/pci), so that everything else about the machine comes from the same code as for a live one.
#include "probe/facter.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "probe/pci_ids.h"
#include "probe/probe.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxText = std::size_t{16} << 20;
constexpr int kMaxSockets = 64;
constexpr std::size_t kMaxCards = 256;
constexpr std::uint64_t kMaxCount = 4096;  // CPUs of one socket
constexpr std::uint64_t kBusPci = 4;       // hwinfo's bus_pci (src/hd/hd.h)

/// Files by path; folders are where files are.
class ReportedFiles final : public FileSource {
  public:
    Result<std::string> read(const std::string& path) const override {
        const auto found = texts.find(path);
        if (found == texts.end()) return fail(world_error("file-missing", "not told by facter.json"));
        return found->second;
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        std::set<std::string> names;
        for (const auto* all : {&texts, &links})
            for (auto it = all->lower_bound(path + "/"); it != all->end() && it->first.starts_with(path + "/"); ++it)
                names.insert(it->first.substr(path.size() + 1, it->first.find('/', path.size() + 1) - path.size() - 1));
        if (names.empty()) return fail(world_error("file-missing", "not told by facter.json"));
        return std::vector<std::string>(names.begin(), names.end());
    }
    Result<std::string> read_link(const std::string& path) const override {
        const auto found = links.find(path);
        if (found == links.end()) return fail(world_error("file-missing", "not told by facter.json"));
        return found->second;
    }
    bool exists(const std::string& path) const override {
        return texts.contains(path) || links.contains(path) || list(path).has_value();
    }
    std::map<std::string, std::string> texts, links;
};

class ReportedMachine final : public MachineSource {
  public:
    std::string architecture() const override { return machine; }
    std::vector<int> cpuid_cpus() const override { return {}; }
    std::optional<Registers> cpuid(int, std::uint32_t, std::uint32_t) const override { return std::nullopt; }
    std::optional<std::uint64_t> xcr0(int) const override { return std::nullopt; }
    const FileSource& files() const override { return reported; }
    std::optional<std::string> pci_ids() const override { return read_pci_ids(RootedFiles("/")); }

    std::string machine;
    ReportedFiles reported;
};

const Json& field(const Json& object, const char* key) {
    static const Json kNull;
    if (!object.is_object()) return kNull;
    const auto found = object.find(key);
    return found == object.end() ? kNull : *found;
}

std::string text_of(const Json& object, const char* key) {
    const Json& value = field(object, key);
    return value.is_string() ? label(value.get_ref<const std::string&>()) : "";
}

std::optional<std::uint64_t> number_of(const Json& object, const char* key, std::uint64_t most) {
    const Json& value = field(object, key);
    if (!value.is_number_unsigned()) return std::nullopt;
    const auto number = value.get<std::uint64_t>();
    return number > most ? std::nullopt : std::optional(number);
}

std::string cpuinfo_line(std::string_view key, std::string_view value) {
    return value.empty() ? "" : fmt::format("{} : {}\n", key, value);
}

std::string flags_of(const Json& cpu) {
    std::vector<std::string> words;
    const Json& features = field(cpu, "features");
    if (!features.is_array()) return {};
    for (const Json& feature : features)
        if (feature.is_string() && is_plain_word(feature.get_ref<const std::string&>()) && words.size() < 1024)
            words.push_back(feature.get<std::string>());
    return join(words, " ");
}

/// The blocks of /proc/cpuinfo for one socket. `siblings` are its logical CPUs, `cores` its cores.
std::string socket_text(const Json& cpu, bool x86, int socket, int& next) {
    std::string same =
        cpuinfo_line("vendor_id", text_of(cpu, "vendor_name")) + cpuinfo_line("model name", text_of(cpu, "model_name"));
    for (const auto& [key, name] : {std::pair{"family", "cpu family"}, {"model", "model"}, {"stepping", "stepping"}})
        if (const auto number = number_of(cpu, key, 0xffff); number && x86)
            same += fmt::format("{} : {}\n", name, *number);
    same += cpuinfo_line(x86 ? "flags" : "Features", flags_of(cpu));
    const std::uint64_t threads = std::max<std::uint64_t>(number_of(cpu, "siblings", kMaxCount).value_or(1), 1);
    const std::uint64_t cores = number_of(cpu, "cores", kMaxCount).value_or(0);
    std::string out;
    for (std::uint64_t i = 0; i < threads; ++i) {
        out += fmt::format("processor : {}\n{}", next++, same);
        if (cores > 0) out += fmt::format("physical id : {}\ncore id : {}\n", socket, i % cores);
        out += '\n';
        if (out.size() > kMaxText) break;
    }
    return out;
}

/// hwinfo counts nothing on machines whose /proc/cpuinfo has no "siblings": then the count is not known.
bool is_counted(const Json& cpus) {
    return std::any_of(cpus.begin(), cpus.end(),
                       [](const Json& cpu) { return number_of(cpu, "siblings", kMaxCount).value_or(0) > 0; });
}

void read_cpus(const Json& hardware, bool x86, ReportedFiles& files) {
    const Json& cpus = field(hardware, "cpu");
    if (!cpus.is_array()) return;
    std::string text;
    int socket = 0;
    int next = 0;
    for (const Json& cpu : cpus) {
        if (!cpu.is_object() || socket == kMaxSockets) continue;  // hwinfo leaves null for sockets it did not see
        text += socket_text(cpu, x86, socket++, next);
    }
    if (!text.empty()) files.texts["/proc/cpuinfo"] = std::move(text);
}

/// {"hex": "10de", "value": 4318}; some classes write a bare word, which is no id.
std::optional<std::uint64_t> id_of(const Json& card, const char* key) {
    const Json& id = field(card, key);
    if (const auto value = number_of(id, "value", 0xffff)) return value;
    const auto hex = parse_unsigned(text_of(id, "hex"), 16);
    return hex && *hex <= 0xffff ? std::optional<std::uint64_t>(*hex) : std::nullopt;
}

constexpr std::uint64_t kDisplay = 0x03;      // base classes of PCI, as in src/probe/pci.cc
constexpr std::uint64_t kAccelerator = 0x12;  // AMD's Instinct cards: hwinfo has no class for these

/// One card as the files below /sys/bus/pci/devices. False: it has no ids or no PCI address.
bool read_card(const Json& card, std::uint64_t base, ReportedFiles& files) {
    const std::string address = text_of(card, "sysfs_bus_id");
    const auto vendor = id_of(card, "vendor");
    const auto device = id_of(card, "device");
    if (!vendor || !device || address.find('/') != std::string::npos || address.size() < 12) return false;
    const std::string folder = "/sys/bus/pci/devices/" + address;
    const auto sub = id_of(card, "sub_class").value_or(0);
    files.texts[folder + "/class"] = fmt::format("0x{:02x}{:02x}00\n", base, sub & 0xff);
    files.texts[folder + "/vendor"] = fmt::format("0x{:04x}\n", *vendor);
    files.texts[folder + "/device"] = fmt::format("0x{:04x}\n", *device);
    if (const std::string driver = text_of(card, "driver"); is_plain_word(driver))
        files.links[folder + "/driver"] = "../drivers/" + driver;
    return true;
}

/// Every list of the report is looked through: which one a device is in is hwinfo's choice ("graphics_card", "unknown",
/// "pci"), which class of PCI it has is the device's own.
void read_cards(const Json& hardware, ReportedFiles& files, std::vector<std::string>& notes) {
    files.texts["/sys/bus/pci/devices/none"] = "";  // the folder is there, also without a card
    std::size_t count = 0;
    for (const auto& [list, devices] : hardware.items()) {
        if (!devices.is_array()) continue;
        for (const Json& device : devices) {
            const auto base = id_of(device, "base_class").value_or(list == "graphics_card" ? kDisplay : 0);
            if (base != kDisplay && base != kAccelerator) continue;
            if (list != "graphics_card" && number_of(field(device, "bus_type"), "value", 0xffff) != kBusPci)
                continue;  // only on PCI are these the base classes of PCI
            if (++count > kMaxCards) {
                notes.emplace_back("facter.json lists more graphics cards than are read");
                return;
            }
            if (!read_card(device, base, files))
                notes.push_back(fmt::format("a graphics card of facter.json is left out: no ids or no PCI address ({})",
                                            text_of(device, "model")));
        }
    }
}

/// hwinfo's estimate of what is built in, in bytes: its "phys_mem" resource.
void read_memory(const Json& hardware, facts::Machine& machine) {
    const Json& entries = field(hardware, "memory");
    for (const Json& entry : entries.is_array() ? entries : Json::array())
        if (const Json& resources = field(entry, "resources"); resources.is_array())
            for (const Json& resource : resources)
                if (text_of(resource, "type") == "phys_mem")
                    if (const auto bytes = number_of(resource, "range", std::uint64_t{1} << 60))
                        machine.memory_mib = static_cast<std::int64_t>(*bytes >> 20);
    machine.notes.push_back(machine.memory_mib
                                ? "the memory is what hwinfo takes to be built in; the system has a little less"
                                : "the memory is unknown: facter.json does not tell it");
}

// Of systemd-detect-virt, as nixos-facter writes them: those that are containers, and no machines of their own.
constexpr std::string_view kContainers[] = {"systemd_nspawn", "lxc_libvirt", "lxc", "openvz", "docker",
                                            "podman",         "rkt",         "wsl", "proot",  "pouch",
                                            "container_other"};

void read_virtualisation(const Json& report, facts::Machine& machine) {
    const std::string kind = text_of(report, "virtualisation");
    if (kind.empty()) return;
    const bool container = std::find(std::begin(kContainers), std::end(kContainers), kind) != std::end(kContainers);
    if (container)
        machine.notes.push_back("facter.json was made in a container (" + kind +
                                "): it may not show all of the machine");
    else if (kind != "none") machine.cpu.hypervisor = kind;
}

constexpr std::string_view kWhatToName = "name a report of nixos-facter, or leave --facter out to look at this machine";

Error form_error(const std::string& file, std::string message) {
    Error error = world_error("facter-form", std::move(message), std::string(kWhatToName));
    error.where.file = file;
    return error;
}

/// "x86_64-linux" → "x86_64".
std::string architecture_in(const Json& report) {
    const std::string system = text_of(report, "system");
    const std::string architecture = system.substr(0, system.find('-'));
    return system.ends_with("-linux") && is_plain_word(architecture) ? architecture : "";
}

}  // namespace

Result<facts::Machine> probe_facter(std::string_view json, const std::string& file, const std::string& host) {
    if (json.size() > kMaxText) return fail(form_error(file, "larger than any report"));
    Result<Json> parsed = parse_json(json, file);
    if (!parsed) {
        Error error = std::move(parsed.error());
        error.hint = std::string(kWhatToName);
        return fail(std::move(error));
    }
    const Json report = std::move(*parsed);
    const Json& hardware = field(report, "hardware");
    if (!hardware.is_object()) return fail(form_error(file, "no report of nixos-facter: it has no \"hardware\""));
    ReportedMachine source;
    source.machine = architecture_in(report);
    if (source.machine.empty()) return fail(form_error(file, "its \"system\" is no Linux system"));
    std::vector<std::string> notes;
    if (const auto version = number_of(report, "version", 1000); !version || *version < 1 || *version > 2)
        notes.emplace_back("the version of facter.json is not known here (1 and 2 are)");
    const bool x86 = source.machine == "x86_64" || source.machine == "i686";
    read_cpus(hardware, x86, source.reported);
    read_cards(hardware, source.reported, notes);
    LF_ASSIGN(facts::Machine machine, probe(source, host));
    // What the probe missed in files that a report never has says nothing.
    machine.notes = std::move(notes);
    machine.notes.emplace_back(
        "from facter.json: features are the flags of the CPU that it lists for each socket; caches, kinds of cores, "
        "NUMA nodes, versions of drivers and the environment are not told there");
    machine.environment.reset();
    machine.memory_mib.reset();
    machine.cpu.source = "facter";
    machine.cpu.numa_nodes.reset();
    const Json& cpus = field(hardware, "cpu");
    if (machine.cpu.features.empty()) machine.notes.emplace_back("facter.json lists no features of the CPU");
    if (!cpus.is_array() || !is_counted(cpus)) {
        machine.cpu.cpus.reset();
        machine.cpu.cores.reset();
        machine.notes.emplace_back("how many CPUs there are is unknown: facter.json does not tell it");
    }
    read_memory(hardware, machine);
    read_virtualisation(report, machine);
    return machine;
}

}  // namespace lf::probe
