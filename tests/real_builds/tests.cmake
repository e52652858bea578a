# SPDX-License-Identifier: MIT
# Nix really builds what nix/overlay.nix says, with this machine's compiler; the results are taken apart and run.
add_script_test(real_builds.packages ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/builds.py)
set_tests_properties(real_builds.packages PROPERTIES LABELS "nix" PROCESSORS 2)
