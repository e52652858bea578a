// SPDX-License-Identifier: MIT
/// \file
/// \brief Audited files and programs made by hand, for the tests of this layer. Included by *_test.cc only.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "audit/audit.h"
#include "audit/words.h"
#include "plan/machines_for_test.h"

namespace lf::audit::test {

/// The number of a set by its name.
inline x86::IsaId isa(std::string_view name) {
    const x86::IsaId found = x86::find_isa_set(name);
    EXPECT_NE(found, x86::kUnknownIsa) << name;
    return found;
}

/// A function of 64 bytes at `start` that uses `sets` once each, 8 bytes apart, and calls the functions `calls`. Its
/// node has its own number.
struct MadeFunction {
    std::string_view name;
    std::vector<std::string_view> sets = {};
    std::vector<std::uint32_t> calls = {};
    std::vector<Guard> guards = {};  ///< of all its calls
};

inline Program program(const std::vector<MadeFunction>& functions,
                       const std::vector<std::pair<Root::Kind, std::uint32_t>>& roots) {
    Program out;
    out.guard_sets.push_back({});
    std::uint64_t start = 0x1000;
    for (const MadeFunction& one : functions) {
        FunctionUse function;
        function.range = {start, start + 64, elf::RangeSource::eh_frame, one.name};
        function.instructions = 16;
        Node node;
        node.start = start;
        node.end = start + 64;
        node.function = static_cast<std::uint32_t>(out.functions.size());
        node.entry = true;
        std::uint64_t at = start;
        for (const std::string_view set : one.sets) {
            const IsaUse use{isa(set), 1, at += 8};
            node.uses.push_back(use);
            function.uses.push_back(use);
            out.uses.push_back(use);
        }
        std::uint32_t guards = 0;
        if (!one.guards.empty()) {
            guards = static_cast<std::uint32_t>(out.guard_sets.size());
            out.guard_sets.push_back(one.guards);
        }
        for (const std::uint32_t to : one.calls) node.edges.push_back({to, EdgeKind::call, guards});
        out.functions.push_back(std::move(function));
        out.nodes.push_back(std::move(node));
        out.instructions += 16;
        out.bytes.eh_frame += 64;
        start += 64;
    }
    for (const auto& [kind, node] : roots) out.roots.push_back({kind, node, std::string(functions[node].name)});
    out.bytes.total = out.bytes.eh_frame;
    return out;
}

inline FileAudit file(std::string path, Program program) {
    FileAudit out;
    out.path = std::move(path);
    out.machine = "x86-64";
    out.kind = "shared library";
    out.examined = true;
    out.program = std::move(program);
    out.levels.assign(out.program.functions.size(), Level::use);
    out.size = 4096;
    return out;
}

/// A ggml library as GGML_BACKEND_DL makes it: score is plain, init calls `init_sets`, a kernel uses `kernel_sets`.
inline FileAudit backend(const std::string& variant, std::vector<std::string_view> init_sets,
                         std::vector<std::string_view> kernel_sets, bool score = true) {
    const std::string name = variant.empty() ? "libggml-cpu.so" : "libggml-cpu-" + variant + ".so";
    std::vector<std::pair<Root::Kind, std::uint32_t>> roots = {{Root::Kind::ggml_init, 1}, {Root::Kind::exported, 2}};
    if (score) roots.emplace_back(Root::Kind::ggml_score, 0);
    FileAudit out = file(name, program({{"ggml_backend_score"},
                                        {"ggml_backend_init", std::move(init_sets)},
                                        {"ggml_vec_dot_q4_0_q8_0", std::move(kernel_sets)}},
                                       roots));
    out.ggml_variant = variant;
    out.ggml_score = score;
    out.ggml_init = true;
    out.ggml_cpu = true;
    out.ggml_kernels = GgmlKernels::by_symbols;
    out.soname = name;
    return out;
}

inline BuildAudit build(std::vector<FileAudit> files) {
    BuildAudit out;
    out.folder = true;
    out.path = "/nix/store/00000000000000000000000000000000-llama-cpp-9680";
    out.files = std::move(files);
    for (const FileAudit& one : out.files) out.bytes += one.size;
    return out;
}

}  // namespace lf::audit::test
