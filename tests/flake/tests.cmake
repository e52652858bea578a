# SPDX-License-Identifier: MIT
add_script_test(flake.homelab ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/homelab.py)
add_script_test(flake.nix_parses ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/nix_parses.py)
add_script_test(flake.real_flakes ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/real_flakes.py)
add_script_test(flake.evaluated ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/evaluated.py)
add_script_test(flake.repositories ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/repositories.py)
add_script_test(flake.prove ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/prove.py)
