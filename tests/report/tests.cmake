# SPDX-License-Identifier: MIT
# browser.py: the page in Debian's chromium. The fleet in fleet/ was written by made_fleet.small (tests/support).
add_script_test(report.browser ${Python3_EXECUTABLE} report/browser.py)
