// SPDX-License-Identifier: MIT
// gpu_tool list FILE: what gpu_code says of a file, as JSON.
// gpu_tool time FILE ROUNDS: seconds that each of so many answers took, the file mapped anew for each.
// gpu_tool pages FILE: how many bytes of the file are in memory after one answer that began with none of them there;
// -1 where the system does not let go of them.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "elf/image.h"
#include "gpucode/gpu_code.h"

namespace {

lf::Result<lf::gpucode::GpuCode> answer(const std::string& path) {
    LF_ASSIGN(const lf::MappedFile file, lf::MappedFile::open(path));
    if (auto bare = lf::gpucode::gpu_code_of_file(file.bytes(), path)) return bare;
    LF_ASSIGN(const lf::elf::Image image, lf::elf::parse(file.bytes(), path));
    return lf::gpucode::gpu_code(image);
}

constexpr const char* kKinds[] = {"sass", "ptx", "hip", "spirv"};

int list(const std::string& path) {
    const auto code = answer(path);
    if (!code) {
        std::fputs((code.error().message + "\n").c_str(), stderr);
        return 1;
    }
    nlohmann::json out = {
        {"containers", code->containers}, {"section_bytes", code->section_bytes}, {"notes", code->notes}};
    out["targets"] = nlohmann::json::array();
    for (const lf::gpucode::Target& target : code->targets) {
        out["targets"].push_back({{"kind", kKinds[static_cast<int>(target.kind)]},
                                  {"name", target.name},
                                  {"entries", target.entries},
                                  {"stored", target.stored_bytes},
                                  {"unpacked", target.unpacked_bytes},
                                  {"compression", target.compression}});
    }
    std::puts(out.dump(1).c_str());
    return 0;
}

int time_it(const std::string& path, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        if (!answer(path)) return 1;
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        std::puts(fmt::format("{:.6f}", took.count()).c_str());
    }
    return 0;
}

/// Bytes of the file that are in memory; -1 if the system does not say.
long long resident(int file, std::size_t size) {
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) return -1;
    const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::vector<unsigned char> pages((size + page - 1) / page);
    long long bytes = -1;
    if (::mincore(mapped, size, pages.data()) == 0) {
        bytes = 0;
        for (const unsigned char one : pages) bytes += (one & 1U) != 0 ? static_cast<long long>(page) : 0;
    }
    ::munmap(mapped, size);
    return bytes;
}

int pages(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const off_t size = ::lseek(file, 0, SEEK_END);
    if (size <= 0) return 1;
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    const long long before = resident(file, static_cast<std::size_t>(size));
    if (!answer(path)) return 1;
    const long long after = resident(file, static_cast<std::size_t>(size));
    std::puts(fmt::format("{}", before == 0 ? after : -1).c_str());
    ::close(file);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 2 && words[0] == "list") return list(words[1]);
    if (words.size() == 3 && words[0] == "time")
        return time_it(words[1], static_cast<int>(lf::parse_unsigned(words[2]).value_or(1)));
    if (words.size() == 2 && words[0] == "pages") return pages(words[1]);
    std::fputs("usage: gpu_tool list FILE | time FILE ROUNDS | pages FILE\n", stderr);
    return 2;
}
