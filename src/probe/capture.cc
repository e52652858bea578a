// SPDX-License-Identifier: MIT
// What a capture must hold is exactly what the probe asks for. So we let the probe run on a source that writes down
// every question, and copy the answers: a part of the probe that reads a new file cannot be forgotten here.
#include "probe/capture.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>

#include "base/text.h"
#include "probe/pci.h"
#include "probe/pci_ids.h"
#include "probe/probe.h"

namespace lf::probe {
namespace fs = std::filesystem;
namespace {

class RecordingFiles final : public FileSource {
  public:
    explicit RecordingFiles(const FileSource& files) : files_(files) {}

    Result<std::string> read(const std::string& path) const override {
        auto text = files_.read(path);
        if (text) texts_[path] = *text;
        return text;
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        auto names = files_.list(path);
        if (!names) return names;
        folders_.insert(path);
        for (const std::string& name : *names) listed_.insert(fmt::format("{}/{}", path, name));
        return names;
    }
    Result<std::string> read_link(const std::string& path) const override {
        auto target = files_.read_link(path);
        if (target) links_[path] = *target;
        return target;
    }
    bool exists(const std::string& path) const override {
        const bool there = files_.exists(path);
        if (there) listed_.insert(path);
        return there;
    }

    mutable std::map<std::string, std::string> texts_, links_;
    mutable std::set<std::string> folders_;  ///< listed themselves
    mutable std::set<std::string> listed_;   ///< known by name; folders, unless read as something else

  private:
    const FileSource& files_;
};

class RecordingMachine final : public MachineSource {
  public:
    explicit RecordingMachine(const MachineSource& source) : source_(source), files_(source.files()) {}
    std::string architecture() const override { return source_.architecture(); }
    std::vector<int> cpuid_cpus() const override { return source_.cpuid_cpus(); }
    std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override {
        return source_.cpuid(cpu, leaf, subleaf);
    }
    std::optional<std::uint64_t> xcr0(int cpu) const override { return source_.xcr0(cpu); }
    const RecordingFiles& files() const override { return files_; }
    std::optional<std::string> pci_ids() const override { return source_.pci_ids(); }
    std::vector<std::string> notes() const override { return source_.notes(); }

  private:
    const MachineSource& source_;
    RecordingFiles files_;
};

struct SecretLine {
    std::string_view where;  ///< part of the path
    std::string_view key;    ///< at the start of the line
};

// Lines that name one piece of hardware among its equals. No fact comes from them.
constexpr SecretLine kSecrets[] = {{"/proc/cpuinfo", "Serial"}, {"/sys/class/kfd/", "unique_id"}};

std::string without_secrets(const std::string& path, std::string_view text) {
    std::string out;
    for (const std::string_view line : lines(text)) {
        bool secret = false;
        for (const SecretLine& row : kSecrets) secret |= path.starts_with(row.where) && line.starts_with(row.key);
        if (!secret) out += std::string(line) + "\n";
    }
    return out;
}

Done write_under(const std::string& folder, const std::string& path, std::string_view text) {
    const std::string whole = folder + path;
    LF_TRY(make_directories(fs::path(whole).parent_path().string()));
    return write_file_atomically(whole, text);
}

Done write_links(const RecordingFiles& files, const std::string& folder) {
    for (const auto& [path, target] : files.links_) {
        const std::string whole = folder + path;
        LF_TRY(make_directories(fs::path(whole).parent_path().string()));
        std::error_code error;
        // Only the last part of a driver link means anything, and the rest must not lead out of the capture.
        fs::create_symlink(fs::path("drivers") / fs::path(target).filename(), whole, error);
        if (error)
            return fail(world_error("file-unwritable", fmt::format("cannot link {}: {}", whole, error.message())));
    }
    return {};
}

Done write_files(const RecordingFiles& files, const std::string& folder) {
    for (const auto& [path, text] : files.texts_) LF_TRY(write_under(folder, path, without_secrets(path, text)));
    LF_TRY(write_links(files, folder));
    for (const std::string& path : files.folders_) LF_TRY(make_directories(folder + path));
    for (const std::string& path : files.listed_)
        if (!files.texts_.contains(path) && !files.links_.contains(path)) LF_TRY(make_directories(folder + path));
    return {};
}

CpuDump dump_of(const MachineSource& source, int cpu) {
    CpuDump dump;
    for (const WantedLeaf& wanted : wanted_leaves())
        if (const auto answer = source.cpuid(cpu, wanted.leaf, wanted.subleaf))
            dump.leaves[{wanted.leaf, wanted.subleaf}] = *answer;
    dump.xcr0 = source.xcr0(cpu);
    return without_cpu_number(std::move(dump));
}

/// One file for all CPUs if they all answer the same, else one each.
Done write_dumps(const MachineSource& source, const std::string& folder) {
    std::map<int, CpuDump> dumps;
    for (const int cpu : source.cpuid_cpus()) dumps.emplace(cpu, dump_of(source, cpu));
    if (dumps.empty()) return {};
    bool equal = true;
    for (const auto& [cpu, dump] : dumps) equal = equal && dump == dumps.begin()->second;
    if (equal) return write_under(folder, "/cpuid/all.cpuid", format_cpu_dump(dumps.begin()->second));
    for (const auto& [cpu, dump] : dumps)
        LF_TRY(write_under(folder, fmt::format("/cpuid/{}.cpuid", cpu), format_cpu_dump(dump)));
    return {};
}

/// The lines of pci.ids that name this machine's display devices, so that the names are the same everywhere.
Done write_pci_ids(const MachineSource& source, const std::string& folder) {
    std::vector<std::string> notes;
    std::map<std::uint16_t, std::set<std::uint16_t>> wanted;
    for (const PciDevice& device : display_devices(source.files(), notes)) wanted[device.vendor].insert(device.device);
    if (wanted.empty()) return {};
    const std::string all = source.pci_ids().value_or("");
    std::string out = all.empty() ? "" : "# the lines of pci.ids that this machine needs\n";
    for (const auto& [vendor, devices] : wanted) {
        out += all.empty() ? "" : fmt::format("{:04x}  {}\n", vendor, pci_vendor_name(all, vendor).value_or("?"));
        for (const std::uint16_t device : devices)
            if (const auto name = pci_device_name(all, vendor, device))
                out += fmt::format("\t{:04x}  {}\n", device, *name);
    }
    return write_under(folder, "/usr/share/misc/pci.ids", out);
}

Done empty_folder(const std::string& folder) {
    std::error_code error;
    if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
        Error found = usage_error("capture-exists", "the folder for the capture is not empty", "name a new folder");
        found.where.file = folder;
        return fail(std::move(found));
    }
    return make_directories(folder);
}

}  // namespace

Done capture(const MachineSource& source, const std::string& folder) {
    LF_TRY(empty_folder(folder));
    const RecordingMachine recording(source);
    const auto facts = probe(recording, "captured");
    if (!facts) return fail(facts.error());
    LF_TRY(write_files(recording.files(), folder));
    LF_TRY(write_under(folder, "/proc/sys/kernel/arch", source.architecture() + "\n"));
    LF_TRY(write_dumps(source, folder));
    if (const std::vector<std::string> notes = source.notes(); !notes.empty())
        LF_TRY(write_under(folder, "/notes", join(notes, "\n") + "\n"));
    return write_pci_ids(source, folder);
}

}  // namespace lf::probe
