# SPDX-License-Identifier: MIT
add_script_test(nix.overlay ${Python3_EXECUTABLE} nix/nix_test.py)
add_script_test(nix.sources ${Python3_EXECUTABLE} nix/sources_test.py)
add_script_test(nix.modules ${Python3_EXECUTABLE} nix/modules_test.py)
add_script_test(nix.cpu_check ${Python3_EXECUTABLE} nix/cpu_check_test.py)
add_script_test(nix.flake ${Python3_EXECUTABLE} nix/flake_test.py)
add_script_test(nix.source_nixpkgs ${Python3_EXECUTABLE} nix/source_nixpkgs.py)
add_script_test(nix.guide ${Python3_EXECUTABLE} nix/guide_test.py)
