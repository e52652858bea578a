# SPDX-License-Identifier: MIT
embed(lf_fleet ${CMAKE_SOURCE_DIR}/src/fleet/capture.sh capture_sh)
find_package(Threads REQUIRED)
target_link_libraries(lf_fleet PUBLIC Threads::Threads)
