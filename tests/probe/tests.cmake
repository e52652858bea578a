# SPDX-License-Identifier: MIT
# gcc_judge.py: names and features against what GCC itself says, under recorded, made up and emulated CPUs.
add_executable(march_tool probe/march_tool.cc)
target_link_libraries(march_tool PRIVATE lf_probe lf_warnings)
add_script_test(probe.gcc_names ${Python3_EXECUTABLE} probe/gcc_names.py $<TARGET_FILE:march_tool>)
add_script_test(probe.gcc_judge ${Python3_EXECUTABLE} probe/gcc_judge.py $<TARGET_FILE:march_tool>)
add_script_test(probe.gcc_qemu ${Python3_EXECUTABLE} probe/gcc_qemu.py)
# lscpu.py: the trees that util-linux tests lscpu with.
add_script_test(probe.lscpu ${Python3_EXECUTABLE} probe/lscpu.py)
add_script_test(probe.gpu_tables ${Python3_EXECUTABLE} probe/current_pci_ids.py)
set_property(TEST probe.gpu_tables APPEND PROPERTY ENVIRONMENT "PROBE_TEST=$<TARGET_FILE:probe_test>")
add_script_test(probe.process ${Python3_EXECUTABLE} probe/one_process.py)
# static_probe.py builds llama-fleet-probe, for this machine and for aarch64, and runs both.
add_script_test(probe.static ${Python3_EXECUTABLE} probe/static_probe.py ${CMAKE_BINARY_DIR})
set_tests_properties(probe.static PROPERTIES RUN_SERIAL ON TIMEOUT 3600)
