// SPDX-License-Identifier: MIT
/// \file
/// \brief What of a machine's files names one machine among its equals, and the text without it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lf::probe {

/// The name that a machine gave itself, as far as it can be told from words that stand in files for other reasons:
/// "" for names of one letter or of digits only, and too usual ones ("nixos", "localhost"): they stay in text.
std::string telling_host_name(std::string_view name);

/// `text` without UUIDs, MAC addresses, 32-digit machine ids and the word `host` ("" = none; small and large letters
/// are alike): zeros and "host" stand in their places. Lines that begin with a word for a secret ("Serial", "password",
/// "unique_id", "access-tokens") are left out. Blanking blanked text changes nothing.
std::string blanked_text(std::string_view text, std::string_view host);

/// Paths and sentences: no ids, no `host`, and "/home/user" for every folder of a user.
std::string blanked_paths(std::string_view text, std::string_view host);

/// The content of a file without what names one machine. Of some files only what the probe reads is kept: os-release,
/// nix.conf, the kernel's command line, the version of NVIDIA's driver, what DMI says of hypervisors, s390's sysinfo.
/// `host` is taken out of free text only (the kernel's release, names of systems): no fact changes by what a host is
/// called. nullopt: the whole file names one machine (serial-number, product_uuid), nobody reads it.
std::optional<std::string> blanked_file(std::string_view path, std::string_view text, std::string_view host);

/// Of a nix.conf or a file that one includes: only the lines of settings that facts hold, and includes, these as
/// blanked_paths has them.
std::string blanked_nix_conf(std::string_view text, std::string_view host);

}  // namespace lf::probe
