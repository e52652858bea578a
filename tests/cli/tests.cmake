# SPDX-License-Identifier: MIT
# Every document here, and those of the project that show commands with their output.
file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cli/*.md)
list(APPEND documents ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/doc/fit.md ${CMAKE_SOURCE_DIR}/doc/frameworks.md
     ${CMAKE_SOURCE_DIR}/doc/report.md ${CMAKE_SOURCE_DIR}/doc/audit.md ${CMAKE_SOURCE_DIR}/doc/bench.md)
foreach(document ${documents})
  get_filename_component(name ${document} NAME_WE)
  add_script_test(cli.${name} ${Python3_EXECUTABLE} cli/console.py ${document})
endforeach()
add_script_test(cli.manual ${Python3_EXECUTABLE} cli/manual.py)
add_script_test(cli.syntax ${Python3_EXECUTABLE} cli/syntax.py)
add_script_test(audit.hostile ${Python3_EXECUTABLE} audit/hostile.py)
add_script_test(cli.h200 ${Python3_EXECUTABLE} cli/h200.py)
