# SPDX-License-Identifier: MIT
embed(lf_bench ${CMAKE_SOURCE_DIR}/tools/sid-packages sid_packages)

# For the same kind of machine as the program itself, and for any C library: see the file.
add_library(backend_shim MODULE ${CMAKE_SOURCE_DIR}/src/bench/backend_shim.c)
target_compile_options(backend_shim PRIVATE -Os -ffreestanding -fno-stack-protector -fno-sanitize=all -fno-lto)
target_link_options(backend_shim PRIVATE -nostdlib -fno-sanitize=all -fno-lto -s LINKER:--build-id=none
                    LINKER:-z,noseparate-code LINKER:-z,lazy)
set_target_properties(backend_shim PROPERTIES SKIP_BUILD_RPATH ON)
embed_built(lf_bench backend_shim backend_shim)
