# SPDX-License-Identifier: MIT
# The overlay that fit writes into the owner's tree is part of the program.
embed(lf_flake ${CMAKE_SOURCE_DIR}/nix/overlay.nix overlay_nix)
target_compile_definitions(lf_flake PRIVATE LLAMA_FLEET_VERSION="${PROJECT_VERSION}")
