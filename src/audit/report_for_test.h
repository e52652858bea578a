// SPDX-License-Identifier: MIT
/// \file
/// \brief A report with something in every field, for the tests of what writes it. Included by *_test.cc only.
#pragma once

#include <utility>

#include "audit/builds_for_test.h"

namespace lf::audit::test {

inline FileAudit gpu_library() {
    FileAudit out = file("lib/libggml-cuda.so", program({{"ggml_backend_init"}}, {{Root::Kind::ggml_init, 0}}));
    out.ggml_variant = "cuda";
    out.ggml_init = true;
    out.build_id = "0011aabb";
    out.needed = {"libcudart.so.12", "libc.so.6"};
    out.gpu = {{{gpucode::Kind::cuda_machine, "sm_86", 145, 2000, 2000, ""},
                {gpucode::Kind::cuda_ptx, "compute_75", 145, 1000, 4000, "lz4"}},
               145,
               4096,
               {"2 entries of unknown kind 0x40 (812 bytes)"}};
    return out;
}

inline FileAudit foreign() {
    FileAudit out;
    out.path = "lib/libfoo.so";
    out.machine = "aarch64";
    out.kind = "shared library";
    out.why_not = "aarch64 code is not examined by this version";
    out.size = 512;
    return out;
}

inline FileAudit unreadable() {
    FileAudit out;
    out.path = "lib/secret.so";
    out.error = world_error("file-unreadable", "cannot be read: permission denied", "run as its owner");
    out.error->where.file = "/srv/lib/secret.so";
    out.why_not = out.error->message;
    return out;
}

inline Report filled() {
    Report report;
    FileAudit zen4 = backend("zen4", {"AVX512F_512"}, {"AVX512F_512", "AVX2", "LZCNT"});
    zen4.levels = {Level::baseline, Level::init, Level::use};
    zen4.program.undecodable = 1;
    zen4.program.first_undecodable = 0x1100;
    zen4.program.notes = {"one note"};
    report.builds.push_back(build({std::move(zen4), gpu_library(), foreign(), unreadable()}));
    report.builds[0].notes = {"lib/loop: a link that leads outside"};
    HostVerdict verdict;
    verdict.host = "boron";
    verdict.outcome = Outcome::crashes;
    verdict.why = "libggml-cpu-zen4.so would crash when ggml initialises it";
    Fault fault{0x1048, isa("AVX512F_512"), 1, {"avx512f"}, false, false, Reach::yes, {1}, {}};
    Fault doubtful{0x1090, isa("LZCNT"),        2, {"abm"}, true, false, Reach::guarded_unproved,
                   {1, 2}, {{"", true, 0x1010}}};
    FileVerdict zen4_verdict;
    zen4_verdict.outcome = Outcome::crashes;
    zen4_verdict.why = "would crash when ggml initialises it";
    zen4_verdict.decided_by = Stage::init;
    zen4_verdict.score = 0;
    zen4_verdict.stages = {
        {Stage::load, Outcome::runs, {}, 0, "", "", ""},
        {Stage::score, Outcome::runs, {}, 0, "", "", ""},
        {Stage::init, Outcome::crashes, fault, 1, "one sentence", "62 f1 75 48 fe c2", "vpaddd zmm0, zmm1, zmm2"},
        {Stage::use, Outcome::cannot_tell, doubtful, 2, "another sentence", "f3 0f bd c7", ""}};
    FileVerdict gpu{1, Outcome::runs, "", {}, {}, true};
    gpu.uncalled = {24, 3, {"avx512dq", "avx512f"}};
    verdict.files = {std::move(zen4_verdict), std::move(gpu)};
    verdict.unused = {{"avx512", "the host has AVX-512; the kernels of libggml-cpu.so stop at AVX2"}};
    verdict.cards = {{"0000:01:00.0 GA107M (8.6)", "cuda", gpucode::Fit::runs, true, "sm_86", "runs sm_86"},
                     {"0000:02:00.0 unknown", "", gpucode::Fit::no, false, "", "what it is is not known"}};
    verdict.idle_gpu_bytes = 1000;
    verdict.notes = {"libc.so.6 is needed and was not looked at"};
    report.hosts.push_back({"boron", 0, std::move(verdict)});
    report.problems = {usage_error("audit-host", "no such host: neon", "see llama-fleet hosts")};
    return report;
}

}  // namespace lf::audit::test
