# SPDX-License-Identifier: MIT
add_script_test(plan.formats ${Python3_EXECUTABLE} plan/formats.py)
