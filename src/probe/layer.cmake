# SPDX-License-Identifier: MIT
# Libraries that pretend to be a driver's, for the tests of asking them in a child process; never linked.
if(LLAMA_FLEET_TESTS)
  foreach(fake "nvml libnvidia-ml.so.1" "vulkan libvulkan.so.1")
    string(REPLACE " " ";" fake "${fake}")
    list(GET fake 0 kind)
    list(GET fake 1 file)
    add_library(fake_${kind} MODULE ${CMAKE_SOURCE_DIR}/tests/probe/fake_drivers/${kind}.c)
    set_target_properties(fake_${kind} PROPERTIES PREFIX "" SUFFIX "" OUTPUT_NAME ${file}
      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fake-drivers)
  endforeach()
  set_property(GLOBAL PROPERTY lf_probe_fake_drivers ${CMAKE_BINARY_DIR}/fake-drivers)
endif()
