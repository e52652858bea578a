// SPDX-License-Identifier: MIT
#include "probe/capture_source.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"
#include "probe/cpu_proc.h"
#include "probe/pci_ids.h"
#include "probe/reading.h"
#include "probe/topology.h"

namespace lf::probe {
namespace {

/// A captured folder comes from anywhere: sparse files and endless folders must not keep us busy.
class BoundedFiles final : public FileSource {
  public:
    explicit BoundedFiles(const std::string& root) : files_(root) {}

    Result<std::string> read(const std::string& path) const override {
        LF_TRY(not_spent(path));
        auto text = files_.read(path);
        spent_ += text ? text->size() : 0;
        return text;
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        LF_TRY(not_spent(path));
        auto names = files_.list(path);
        if (names && names->size() > kMaxNames) names->resize(kMaxNames);
        return names;
    }
    Result<std::string> read_link(const std::string& path) const override { return files_.read_link(path); }
    bool exists(const std::string& path) const override { return files_.exists(path); }

  private:
    static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
    static constexpr std::size_t kMaxNames = 1 << 16;

    Done not_spent(const std::string& path) const {
        if (spent_ <= kMaxBytes) return {};
        Error error = world_error("capture-too-large", "more than 64 MiB in this capture");
        error.where.file = path;
        return fail(std::move(error));
    }
    RootedFiles files_;
    mutable std::size_t spent_ = 0;
};

/// Another source, with the links and errors of the capture's index laid over it.
class IndexedFiles final : public FileSource {
  public:
    explicit IndexedFiles(std::unique_ptr<FileSource> files) : files_(std::move(files)) {
        const auto index = files_->read("/index");
        if (!index) return;
        for (const std::string_view line : lines(std::string_view(*index).substr(0, kMaxIndex))) {
            const std::vector<std::string_view> parts = split(line, '\t');
            if (parts.size() != 3 || !parts[1].starts_with('/')) continue;
            if (parts[0] == "link") links_.emplace(parts[1], parts[2]);
            if (parts[0] == "error") errors_.emplace(parts[1], parts[2]);
        }
    }

    Result<std::string> read(const std::string& path) const override {
        LF_TRY(readable(path));
        return files_->read(path);
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        LF_TRY(readable(path));
        return files_->list(path);
    }
    Result<std::string> read_link(const std::string& path) const override {
        const auto link = links_.find(path);
        return link == links_.end() ? files_->read_link(path) : link->second;
    }
    bool exists(const std::string& path) const override {
        return errors_.contains(path) || links_.contains(path) || files_->exists(path);
    }

  private:
    static constexpr std::size_t kMaxIndex = std::size_t{1} << 20;

    Done readable(const std::string& path) const {
        const auto error = errors_.find(path);
        if (error == errors_.end()) return {};
        Error out = world_error("file-unreadable", error->second);
        out.where.file = path;
        return fail(std::move(out));
    }
    std::unique_ptr<FileSource> files_;
    std::map<std::string, std::string> links_, errors_;
};

constexpr std::string_view kDumpEnd = ".cpuid";

/// "3.cpuid" → 3; nullopt for any other name.
std::optional<int> cpu_of_dump(std::string_view name) {
    if (!name.ends_with(kDumpEnd)) return std::nullopt;
    const auto number = parse_unsigned(name.substr(0, name.size() - kDumpEnd.size()));
    if (!number || *number >= kMaxCpus) return std::nullopt;
    return static_cast<int>(*number);
}

}  // namespace

CapturedMachine::CapturedMachine(std::unique_ptr<FileSource> files)
    : files_(std::make_unique<IndexedFiles>(std::move(files))) {
    if (const auto text = files_->read("/notes"))
        for (const std::string_view line : lines(std::string_view(*text).substr(0, 1 << 16)))
            if (notes_.size() < 100) notes_.emplace_back(line);
    read_dumps();
    read_numbers();
}

Result<std::unique_ptr<CapturedMachine>> CapturedMachine::open(const std::string& folder) {
    auto files = std::make_unique<BoundedFiles>(folder.empty() ? "." : folder);
    const auto error = [&](std::string id, std::string message) {
        Error made = world_error(std::move(id), std::move(message), "name a folder that probe --capture wrote");
        made.where.file = folder;
        return fail(std::move(made));
    };
    std::error_code ignored;
    if (std::filesystem::is_regular_file(folder, ignored))
        return error("capture-missing", "this is a file, not the folder of a captured machine");
    if (!files->exists("/")) return error("capture-missing", "there is no such folder");
    if (!files->exists("/proc") && !files->exists("/sys") && !files->exists("/cpuid"))
        return error("capture-empty", "not a captured machine: it has neither proc nor sys nor cpuid");
    return std::make_unique<CapturedMachine>(std::move(files));
}

void CapturedMachine::read_dumps() {
    const auto names = files_->list("/cpuid");
    if (!names) return;
    for (const std::string& name : *names) {
        const std::optional<int> cpu = cpu_of_dump(name);
        if (!cpu && name != "all.cpuid") continue;
        const std::string path = "/cpuid/" + name;
        const auto text = files_->read(path);
        auto dump = text ? parse_cpu_dump(*text, path) : fail(text.error());
        // An empty dump says nothing; taken at its word it would be a CPU without any feature.
        if (dump && dump->leaves.empty()) dump = fail(world_error("cpuid-dump", "there is no leaf in it"));
        if (!dump) {
            notes_.push_back("a CPUID dump could not be read: " + reason("cpuid/" + label(name), dump.error()));
            continue;
        }
        if (cpu) dumps_.insert_or_assign(*cpu, std::move(*dump));
        else for_all_ = std::move(*dump);
    }
}

void CapturedMachine::read_numbers() {
    const auto text = files_->read("/cpuid/numbers");
    if (!text || !for_all_) return;
    for (const std::string_view line : lines(*text)) {
        const std::size_t blank = line.find(' ');
        const auto cpu = blank == std::string_view::npos ? std::nullopt : parse_unsigned(line.substr(0, blank));
        const auto number = cpu ? parse_unsigned(trim(line.substr(blank)), 16) : std::nullopt;
        if (number && *cpu < kMaxCpus && *number <= UINT32_MAX)
            numbers_.emplace(static_cast<int>(*cpu), static_cast<std::uint32_t>(*number));
    }
}

const CpuDump* CapturedMachine::dump_of(int cpu) const {
    const auto found = dumps_.find(cpu);
    if (found != dumps_.end()) return &found->second;
    return for_all_ ? &*for_all_ : nullptr;
}

std::string CapturedMachine::architecture() const {
    if (const auto text = read_text(*files_, "/proc/sys/kernel/arch"); text && is_plain_word(*text)) return *text;
    const CpuDump* dump = for_all_ ? &*for_all_ : dumps_.empty() ? nullptr : &dumps_.begin()->second;
    if (dump != nullptr) {
        const bool long_mode = ((dump->find(0x80000001, 0).value_or(Registers{}).edx >> 29) & 1) != 0;
        return long_mode ? "x86_64" : "i686";
    }
    return architecture_of(files_->read("/proc/cpuinfo").value_or(""));
}

std::vector<int> CapturedMachine::cpuid_cpus() const {
    std::vector<int> out;
    for (const int cpu : online_cpus(*files_))
        if (dump_of(cpu) != nullptr) out.push_back(cpu);
    if (!out.empty()) return out;
    for (const auto& [cpu, dump] : dumps_) out.push_back(cpu);
    if (out.empty() && for_all_) out.push_back(0);
    return out;
}

std::optional<Registers> CapturedMachine::cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const {
    const CpuDump* dump = dump_of(cpu);
    const auto found = dump == nullptr ? std::nullopt : dump->find(leaf, subleaf);
    const auto number = numbers_.find(cpu);
    if (!found || number == numbers_.end() || dump != &*for_all_) return found;
    return with_cpu_number({leaf, subleaf}, *found, number->second);
}

std::optional<std::uint64_t> CapturedMachine::xcr0(int cpu) const {
    const CpuDump* dump = dump_of(cpu);
    return dump == nullptr ? std::nullopt : dump->xcr0;
}

std::optional<std::string> CapturedMachine::answer(Question question) const {
    constexpr std::size_t kMaxAnswer = std::size_t{1} << 20;
    auto text = files_->read(fmt::format("/answers/{}", name_of(question)));
    if (!text || text->size() > kMaxAnswer) return std::nullopt;
    return std::move(*text);
}

std::optional<std::string> CapturedMachine::pci_ids() const {
    if (auto own = read_pci_ids(*files_)) return own;
    return read_pci_ids(RootedFiles("/"));
}

}  // namespace lf::probe
