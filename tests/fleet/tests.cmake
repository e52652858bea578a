# SPDX-License-Identifier: MIT
add_script_test(fleet.ssh ${Python3_EXECUTABLE} fleet/ssh.py)
add_script_test(fleet.sshd ${Python3_EXECUTABLE} fleet/sshd.py)
