# SPDX-License-Identifier: MIT
# sid_packages.py: the two scripts with a pretended apt. real_bench.py: Debian sid's real llama.cpp on this machine.
add_script_test(bench.sid_packages ${Python3_EXECUTABLE} bench/sid_packages.py)
add_script_test(bench.real ${Python3_EXECUTABLE} bench/real_bench.py)
set_tests_properties(bench.real PROPERTIES RUN_SERIAL ON)
