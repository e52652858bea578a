// SPDX-License-Identifier: MIT
/// \file
/// \brief The ways to run llama.cpp that a choice is made from.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lf::bench {

/// One way to run llama.cpp. Everything left empty is llama.cpp's own default.
struct Arm {
    std::string build;                       ///< name of an installed build; "" = the only one
    std::optional<std::string> cpu_variant;  ///< "zen4"; none = ggml's dispatch at run time
    std::string device;                      ///< "Vulkan0", "none" (the CPU alone); "" = llama.cpp's choice
    int threads = 0;                         ///< 0 = llama.cpp's choice
    int ubatch = 0;                          ///< 0 = llama.cpp's default, 512
    std::string flash_attention;             ///< "on", "off"; "" = llama.cpp's default, "auto"
    bool operator==(const Arm&) const = default;
};
/// For people: "zen4, 4 threads, flash attention on"; the default is "default (run-time dispatch)".
std::string describe(const Arm& arm);

/// What the arms are made from.
struct Machine {
    std::vector<std::string> builds;        ///< the first is the default's; empty = one without a name
    std::vector<std::string> cpu_variants;  ///< those that this CPU can run; empty: the build has no variants
    std::vector<std::string> devices;       ///< other than the CPU: "CUDA0", "Vulkan0"
    int cores = 1;                          ///< physical, that this process may use
    int logical_cpus = 1;                   ///< the same, hardware threads
    int own_threads = 0;                    ///< that llama.cpp takes by itself; 0 = one a core
    std::string default_device = "";  ///< of the default where there are no devices: "none" keeps BLAS and others out
};

/// The default first, then build × (CPU variants, devices), all with llama.cpp's own parameters.
std::vector<Arm> first_arms(const Machine& machine);

/// Numbers of threads worth a try: half the cores, one core less, the cores, all hardware threads. Ascending, each
/// once.
std::vector<int> thread_counts(int cores, int logical_cpus);

/// Micro-batch sizes worth a try for a prompt of that length. One of at least the prompt is the same as any other.
std::vector<int> ubatch_sizes(int prompt_tokens);

/// `base` with other threads, flash attention and ubatch, one parameter changed in each: without `base` itself.
std::vector<Arm> neighbours(const Arm& base, const Machine& machine, int prompt_tokens);

}  // namespace lf::bench
