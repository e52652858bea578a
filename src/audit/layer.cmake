# SPDX-License-Identifier: MIT
# Files are looked into side by side.
find_package(Threads REQUIRED)
target_link_libraries(lf_audit PUBLIC Threads::Threads)
