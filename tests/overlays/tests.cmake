# SPDX-License-Identifier: MIT
add_script_test(overlays.evaluated ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/evaluated.py)
set_tests_properties(overlays.evaluated PROPERTIES LABELS "nix")
