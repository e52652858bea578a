// SPDX-License-Identifier: MIT
// What a capture must hold is exactly what the probe asks for. So we let the probe run on a source that writes down
// every question, and copy the answers: a part of the probe that reads a new file cannot be forgotten here.
#include "probe/capture.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>

#include "base/text.h"
#include "facts/codec.h"
#include "probe/blanked_source.h"
#include "probe/capture_source.h"
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
        else note_error(path, text.error());
        return text;
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        auto names = files_.list(path);
        if (!names) {
            note_error(path, names.error());
            return names;
        }
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
    mutable std::map<std::string, std::string> errors_;  ///< what is there and could not be read: the reason
    mutable std::set<std::string> folders_;              ///< listed themselves
    mutable std::set<std::string> listed_;               ///< known by name; folders, unless read as something else

  private:
    void note_error(const std::string& path, const Error& error) const {
        if (error.id != "file-blanked" && files_.exists(path)) errors_[path] = error.message;
    }
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
    std::optional<std::string> answer(Question question) const override {
        auto text = source_.answer(question);
        if (text) answers_[question] = *text;
        return text;
    }
    std::vector<std::string> notes() const override { return source_.notes(); }

    mutable std::map<Question, std::string> answers_;

  private:
    const MachineSource& source_;
    RecordingFiles files_;
};

// What whoever opens the folder reads first.
constexpr std::string_view kReadMe =
    R"(This folder is a machine, captured by `llama-fleet probe --capture`: text files, copies of those parts of /proc,
/sys and /etc from which llama-fleet tells what a machine is. `llama-fleet probe --root THIS-FOLDER` gives
the same facts anywhere.

Left out, or replaced by zeros, "host" and "user": serial numbers, UUIDs, MAC addresses, machine ids, names of users
and hosts in free text and paths, access tokens, names of control groups. Of /etc/os-release and nix.conf only the
lines stand here that facts hold, of the firmware's table only the memory modules' sizes, types and speeds.

Look at it before you send it to anybody; this shows every file:

    find . -type f -exec head -n 5 {} +

LLAMA-FLEET   this text
cpuid/        the answers of the CPUID instruction, one file for all CPUs or one for each
answers/      what no file tells: free space for builds, what libraries of GPUs say
index         links ("link PATH TARGET") and what could not be read ("error PATH REASON")
notes         what could not be found out when it was captured
proc/ sys/ …  copies of files; a folder stands where only the name was looked at
)";

Done write_under(const std::string& folder, const std::string& path, std::string_view text) {
    const std::string whole = folder + path;
    LF_TRY(make_directories(fs::path(whole).parent_path().string()));
    return write_file_atomically(whole, text);
}

/// Links are kept as text, so that nothing in the folder leads out of it. Drivers are links in the folder, as in older
/// captures: only the last part of such a link means anything.
Done write_links(const RecordingFiles& files, const std::string& folder) {
    std::string index;
    for (const auto& [path, target] : files.links_) {
        if (!path.ends_with("/driver")) {
            index += fmt::format("link\t{}\t{}\n", printable(path), printable(target));
            continue;
        }
        const std::string whole = folder + path;
        LF_TRY(make_directories(fs::path(whole).parent_path().string()));
        std::error_code error;
        fs::create_symlink(fs::path("drivers") / fs::path(target).filename(), whole, error);
        if (error)
            return fail(world_error("file-unwritable", fmt::format("cannot link {}: {}", whole, error.message())));
    }
    for (const auto& [path, reason] : files.errors_)
        if (!files.texts_.contains(path) && !files.folders_.contains(path))
            index += fmt::format("error\t{}\t{}\n", printable(path), printable(reason));
    return index.empty() ? Done{} : write_under(folder, "/index", index);
}

Done write_files(const RecordingFiles& files, const std::string& folder) {
    for (const auto& [path, text] : files.texts_) LF_TRY(write_under(folder, path, text));
    LF_TRY(write_links(files, folder));
    for (const std::string& path : files.folders_) LF_TRY(make_directories(folder + path));
    for (const std::string& path : files.listed_)
        if (!files.texts_.contains(path) && !files.links_.contains(path) && !files.errors_.contains(path))
            LF_TRY(make_directories(folder + path));
    return {};
}

CpuDump dump_of(const MachineSource& source, int cpu) {
    CpuDump dump;
    for (const WantedLeaf& wanted : wanted_leaves())
        if (const auto answer = source.cpuid(cpu, wanted.leaf, wanted.subleaf))
            dump.leaves[{wanted.leaf, wanted.subleaf}] = *answer;
    dump.xcr0 = source.xcr0(cpu);
    return dump;
}

/// One file for all CPUs and their numbers if they answer the same otherwise, else one each.
Done write_dumps(const MachineSource& source, const std::string& folder) {
    std::map<int, CpuDump> dumps;
    for (const int cpu : source.cpuid_cpus()) dumps.emplace(cpu, dump_of(source, cpu));
    if (dumps.empty()) return {};
    const CpuDump first = without_cpu_number(dumps.begin()->second);
    bool equal = true;
    std::string numbers;
    for (const auto& [cpu, dump] : dumps) {
        equal = equal && without_cpu_number(dump) == first;
        if (const auto number = cpu_number(dump)) numbers += fmt::format("{} {:x}\n", cpu, *number);
    }
    if (equal && !numbers.empty()) LF_TRY(write_under(folder, "/cpuid/numbers", numbers));
    if (equal) return write_under(folder, "/cpuid/all.cpuid", format_cpu_dump(first));
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

namespace {

/// The whole point of a capture. If it is not so, a part of the probe asked for something that is not recorded here.
Done same_facts(const facts::Machine& facts, const std::string& folder) {
    LF_ASSIGN(const auto captured, CapturedMachine::open(folder));
    LF_ASSIGN(const facts::Machine again, probe(*captured, facts.host));
    if (facts::to_json(again) == facts::to_json(facts)) return {};
    Error error = world_error("capture-differs", "the capture does not give the facts of the machine",
                              "compare: llama-fleet probe, and llama-fleet probe --root with that folder");
    error.where.file = folder;
    return fail(std::move(error));
}

}  // namespace

Done capture(const MachineSource& source, const std::string& folder) {
    LF_TRY(empty_folder(folder));
    const BlankedMachine blanked(source);
    const RecordingMachine recording(blanked);
    LF_ASSIGN(const facts::Machine facts, probe(recording, "captured"));
    LF_TRY(write_files(recording.files(), folder));
    LF_TRY(write_under(folder, "/proc/sys/kernel/arch", source.architecture() + "\n"));
    LF_TRY(write_dumps(source, folder));
    for (const auto& [question, text] : recording.answers_)
        LF_TRY(write_under(folder, fmt::format("/answers/{}", name_of(question)), text));
    if (const std::vector<std::string> notes = blanked.notes(); !notes.empty())
        LF_TRY(write_under(folder, "/notes", join(notes, "\n") + "\n"));
    LF_TRY(write_pci_ids(source, folder));
    LF_TRY(write_under(folder, "/LLAMA-FLEET", kReadMe));
    return same_facts(facts, folder);
}

}  // namespace lf::probe
