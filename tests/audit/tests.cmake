# SPDX-License-Identifier: MIT
# sigill.py and programs.py: verdicts beside what happened, under emulated CPUs and on this one.
add_script_test(audit.sigill ${Python3_EXECUTABLE} audit/sigill.py)
add_script_test(audit.programs ${Python3_EXECUTABLE} audit/programs.py)
set_tests_properties(audit.sigill audit.programs PROPERTIES TIMEOUT 3600)
