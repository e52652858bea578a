# SPDX-License-Identifier: MIT
add_executable(check_tool ${CMAKE_CURRENT_LIST_DIR}/check_tool.cc)
target_link_libraries(check_tool PRIVATE lf_check lf_warnings)
add_script_test(check.real_nix ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/real_nix.py $<TARGET_FILE:check_tool>)
set_tests_properties(check.real_nix PROPERTIES LABELS "nix")
