// SPDX-License-Identifier: MIT
#include "gpucode/bundle_list.h"

#include <fmt/format.h>

#include "gpucode/code_object.h"
#include "gpucode/hip_bundle.h"

namespace lf::gpucode {

namespace {

constexpr std::uint64_t kLongestId = 512, kMostEntries = 4096;  // real ones: 40 and 50

/// The entry at `at`, or what is wrong with it.
std::string read_entry(elf::Bytes head, std::uint64_t at, BundleEntry& entry, bool& cut_off) {
    const auto offset = elf::read_at<std::uint64_t>(head, at), size = elf::read_at<std::uint64_t>(head, at + 8);
    const auto length = elf::read_at<std::uint64_t>(head, at + 16);
    if (length && *length > kLongestId) return fmt::format("has a name of {} bytes", *length);
    const auto id = length ? elf::part(head, at + 24, *length) : std::nullopt;
    if (!id) {
        cut_off = true;
        return "is cut off";
    }
    entry = {*offset, *size, {reinterpret_cast<const char*>(id->data()), id->size()}};
    return {};
}

}  // namespace

BundleList read_bundle_list(elf::Bytes head) {
    BundleList list;
    list.size = kBundleMagic.size() + 8;
    const auto count = elf::read_at<std::uint64_t>(head, kBundleMagic.size());
    if (!count) {
        list.problem = "its header is cut off";
        list.cut_off = true;
        return list;
    }
    for (std::uint64_t index = 0; index < *count; ++index) {
        if (index == kMostEntries) {
            list.problem = fmt::format("it claims {} entries; only {} were read", *count, kMostEntries);
            return list;
        }
        BundleEntry entry;
        if (const std::string bad = read_entry(head, list.size, entry, list.cut_off); !bad.empty()) {
            list.problem = fmt::format("entry {} of {} {}", index + 1, *count, bad);
            return list;
        }
        list.size += 24 + entry.id.size();
        list.entries.push_back(entry);  // NOLINT(performance-inefficient-vector-operation): the count is not trusted
    }
    return list;
}

void add_bundle_entry(std::string_view id, elf::Bytes code, std::uint64_t stored, std::uint64_t unpacked,
                      std::string_view compression, Collector& out) {
    if (const auto target = bundle_target(id)) {
        out.add(target->kind, target->name, stored, unpacked, compression);
        return;
    }
    const auto object = code_object(code);
    if (object && !object->name.empty()) {
        out.add(object->kind, object->name, stored, unpacked, compression);
    } else if (object) {
        out.add_unknown(object->problem, stored);
    } else {
        out.add_unknown(is_host_id(id) ? "code for the CPU" : "a target that is not known, " + shown(id), stored);
    }
}

}  // namespace lf::gpucode
