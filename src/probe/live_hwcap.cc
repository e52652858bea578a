// SPDX-License-Identifier: MIT
#include "probe/live_hwcap.h"

#include <fmt/format.h>
#include <sys/auxv.h>

namespace lf::probe {

std::optional<std::string> ask_hwcap() {
#ifdef __aarch64__
    constexpr unsigned long kHwcap3 = 29;  // AT_HWCAP3, which the C library's headers name since 2.41
    return fmt::format("AT_HWCAP {:016x}\nAT_HWCAP2 {:016x}\nAT_HWCAP3 {:016x}\n", ::getauxval(AT_HWCAP),
                       ::getauxval(AT_HWCAP2), ::getauxval(kHwcap3));
#else
    return std::nullopt;
#endif
}

}  // namespace lf::probe
