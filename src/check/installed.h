// SPDX-License-Identifier: MIT
/// \file
/// \brief Packages that a host gets twice by one wish. Used inside check/ only.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace lf::check {

/// Home Manager's useUserPackages shows the packages of a user again as users.users.NAME.packages: these are taken out.
/// `Entry` has `where` and `drv_path`.
template <class Entry>
void erase_home_manager_twins(std::vector<Entry>& entries) {
    constexpr std::string_view kUsers = "users.users.";
    constexpr std::string_view kEnd = ".packages";
    const std::vector<Entry> all = entries;
    std::erase_if(entries, [&](const Entry& one) {
        if (!one.where.starts_with(kUsers) || !one.where.ends_with(kEnd)) return false;
        const std::string user = one.where.substr(kUsers.size(), one.where.size() - kUsers.size() - kEnd.size());
        return std::any_of(all.begin(), all.end(), [&](const Entry& other) {
            return other.drv_path == one.drv_path && other.where == "home-manager.users." + user + ".home.packages";
        });
    });
}

}  // namespace lf::check
