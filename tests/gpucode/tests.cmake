# SPDX-License-Identifier: MIT
# Real libraries with GPU code. real.py: those of Debian sid and npm, which are 95 to 145 MB to download each (see there
# when it does); made.py: what is small, or made here by the tools of LLVM.
add_executable(gpu_tool gpucode/gpu_tool.cc)
target_link_libraries(gpu_tool PRIVATE lf_gpucode lf_warnings)
add_script_test(gpucode.real ${Python3_EXECUTABLE} gpucode/real.py $<TARGET_FILE:gpu_tool>)
add_script_test(gpucode.made ${Python3_EXECUTABLE} gpucode/made.py $<TARGET_FILE:gpu_tool>)
