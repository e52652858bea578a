// SPDX-License-Identifier: MIT
/// \file
/// \brief How the notes begin which say that GPUs could not be read. Facts of version 1 had no other place for it,
/// those of today say gpus_known for all of them together; whoever shows a plan must know that "no GPU" may mean
/// "nobody could look".
#pragma once

#include <string_view>

namespace lf::facts {

inline constexpr std::string_view kGpusUnread = "GPUs are unknown";                   ///< none could be looked for
inline constexpr std::string_view kOnlyCpuKnown = "only a dump of the CPU is known";  ///< nothing else was given
inline constexpr std::string_view kGpuUnread = "the display device ";                 ///< one is there, and is left out
inline constexpr std::string_view kChipUnread = "which chip the card at ";       ///< one is there, its kind unknown
inline constexpr std::string_view kNvidiaUnread = "/dev/nvidia0 is there, but";  ///< an NVIDIA card, no more is known

}  // namespace lf::facts
