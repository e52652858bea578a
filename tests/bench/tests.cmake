# SPDX-License-Identifier: MIT
# sid_packages.py: the two scripts with a pretended apt. shim.py: src/bench/backend_shim.c with a pretended ggml.
add_script_test(bench.sid_packages ${Python3_EXECUTABLE} bench/sid_packages.py)
add_library(shim_library SHARED bench/shim_library.c)
add_executable(shim_program bench/shim_program.c)
target_link_libraries(shim_program PRIVATE shim_library)
foreach(target shim_library shim_program) # a sanitizer wants to be the first that is preloaded
  target_compile_options(${target} PRIVATE -fno-sanitize=all)
  target_link_options(${target} PRIVATE -fno-sanitize=all)
endforeach()
add_script_test(bench.shim ${Python3_EXECUTABLE} bench/shim.py $<TARGET_FILE:backend_shim> $<TARGET_FILE:shim_program>)
# The others run Debian sid's real llama.cpp on this machine: real_bench.py the verb itself, variants.py each of its CPU
# variants and backends alone and programs that are no llama-bench, models.py the models that we write, model_speed.py
# their speed.
add_executable(one_run bench/one_run.cc)
add_executable(model_tool bench/model_tool.cc)
foreach(tool one_run model_tool)
  target_link_libraries(${tool} PRIVATE lf_bench lf_warnings)
endforeach()
add_script_test(bench.real ${Python3_EXECUTABLE} bench/real_bench.py)
add_script_test(bench.variants ${Python3_EXECUTABLE} bench/variants.py $<TARGET_FILE:one_run>)
foreach(test models model_speed)
  add_script_test(bench.${test} ${Python3_EXECUTABLE} bench/${test}.py $<TARGET_FILE:model_tool>)
endforeach()
set_tests_properties(bench.real bench.variants bench.model_speed PROPERTIES RUN_SERIAL ON)
