# SPDX-License-Identifier: MIT
# Rules of the source tree that a compiler does not know.
foreach(rule layers printing sizes words spdx)
  add_script_test(lint.${rule} ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/${rule}.py)
endforeach()
