// SPDX-License-Identifier: MIT
/// \file
/// \brief For tests: a machine made of a few lines of hex and a few files in memory.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "probe/source.h"

namespace lf::probe {

class MemoryFiles final : public FileSource {
  public:
    std::map<std::string, std::string> texts;
    std::map<std::string, std::string> links;

    Result<std::string> read(const std::string& path) const override {
        const auto found = texts.find(path);
        if (found == texts.end()) return fail(world_error("file-missing", "cannot read: No such file or directory"));
        return found->second;
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        std::set<std::string> names;
        for (const auto* all : {&texts, &links})
            for (const auto& [name, value] : *all)
                if (name.starts_with(path + "/"))
                    names.insert(name.substr(path.size() + 1, name.find('/', path.size() + 1) - path.size() - 1));
        if (names.empty()) return fail(world_error("file-unreadable", "cannot list: No such file or directory"));
        return std::vector<std::string>(names.begin(), names.end());
    }
    Result<std::string> read_link(const std::string& path) const override {
        const auto found = links.find(path);
        if (found == links.end()) return fail(world_error("file-unreadable", "not a link"));
        return found->second;
    }
    bool exists(const std::string& path) const override {
        return texts.contains(path) || links.contains(path) || list(path).has_value();
    }
};

class FakeMachine final : public MachineSource {
  public:
    std::string machine = "x86_64";
    std::map<int, CpuDump> dumps;
    MemoryFiles memory;
    std::optional<std::string> ids;
    std::map<Question, std::string> answers;
    mutable std::set<Question> asked;

    FakeMachine() = default;
    /// One CPU, in the text form of cpuid.h.
    explicit FakeMachine(std::string_view dump) { add(0, dump); }
    void add(int cpu, std::string_view dump) { dumps[cpu] = parse_cpu_dump(dump, "fake").value(); }

    std::string architecture() const override { return machine; }
    std::vector<int> cpuid_cpus() const override {
        std::vector<int> out;
        for (const auto& [cpu, dump] : dumps) out.push_back(cpu);
        return out;
    }
    std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override {
        const auto found = dumps.find(cpu);
        return found == dumps.end() ? std::nullopt : found->second.find(leaf, subleaf);
    }
    std::optional<std::uint64_t> xcr0(int cpu) const override {
        const auto found = dumps.find(cpu);
        return found == dumps.end() ? std::nullopt : found->second.xcr0;
    }
    const FileSource& files() const override { return memory; }
    std::optional<std::string> pci_ids() const override { return ids; }
    std::optional<std::string> answer(Question question) const override {
        asked.insert(question);
        const auto found = answers.find(question);
        return found == answers.end() ? std::nullopt : std::optional(found->second);
    }
};

}  // namespace lf::probe
