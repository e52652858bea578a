# SPDX-License-Identifier: MIT
# Second opinions on what an instruction is: xed.py Intel XED's (../shared/data), gas.py GNU as and objdump of Debian
# sid, objdump.py the machine's objdump over whole libraries.
add_executable(decode_tool x86/decode_tool.cc)
target_link_libraries(decode_tool PRIVATE lf_x86 lf_elf lf_warnings)
foreach(test xed gas objdump)
  add_script_test(x86.${test} ${Python3_EXECUTABLE} x86/${test}.py $<TARGET_FILE:decode_tool>)
endforeach()
