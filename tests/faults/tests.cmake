# SPDX-License-Identifier: MIT
# What happens to the owner's files when the world fails in the middle of writing them.
add_executable(apply_driver ${CMAKE_CURRENT_LIST_DIR}/apply_driver.cc)
target_link_libraries(apply_driver PRIVATE lf_flake lf_base lf_warnings)
add_script_test(faults.kill_everywhere ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/kill_everywhere.py
                $<TARGET_FILE:apply_driver>)
add_script_test(faults.hostile_disk ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/hostile_disk.py
                $<TARGET_FILE:apply_driver>)
