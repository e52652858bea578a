# SPDX-License-Identifier: MIT
# readelf.py: what src/elf reads, against what binutils' readelf says of the libraries and programs of this machine.
add_executable(elf_dump elf/elf_dump.cc)
target_link_libraries(elf_dump PRIVATE lf_elf lf_warnings)
add_script_test(elf.readelf ${Python3_EXECUTABLE} elf/readelf.py $<TARGET_FILE:elf_dump>)
