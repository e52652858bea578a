// SPDX-License-Identifier: MIT
#include "hostcheck/access.h"

#include <unistd.h>

#include <cerrno>

namespace lf::hostcheck {

Access LiveAccess::of(const std::string& path) const {
    if (::access(path.c_str(), R_OK | W_OK) == 0) return Access::granted;
    if (errno == ENOENT || errno == ENOTDIR) return Access::missing;
    return errno == EACCES || errno == EPERM || errno == EROFS ? Access::denied : Access::cannot_tell;
}

}  // namespace lf::hostcheck
