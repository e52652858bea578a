// SPDX-License-Identifier: MIT
/// \file
/// \brief May this user use a device file? The seam between the checks and the machine's permissions.
#pragma once

#include <cstdint>
#include <string>

namespace lf::hostcheck {

enum class Access : std::uint8_t { granted, denied, missing, cannot_tell };

class DeviceAccess {
  public:
    virtual ~DeviceAccess() = default;
    /// For reading and writing, which a GPU's driver needs. Opens nothing.
    virtual Access of(const std::string& path) const = 0;
};

/// This machine, as the user who runs the program. access(2).
class LiveAccess final : public DeviceAccess {
  public:
    Access of(const std::string& path) const override;
};

/// A captured machine: a capture has no device files.
class UnknownAccess final : public DeviceAccess {
  public:
    Access of(const std::string& /*path*/) const override { return Access::cannot_tell; }
};

}  // namespace lf::hostcheck
