# SPDX-License-Identifier: MIT
# llama-fleet-probe: base, facts and probe as one static program, of header-only libraries but for the C library. Its
# file is called llama-fleet-probe-<uname -m>, which is what `probe --ssh … --send-binary` looks for beside llama-fleet.
# For another architecture: cmake --preset probe-aarch64 && cmake --build build/probe-aarch64
# (LLAMA_FLEET_PROBE_ONLY: nothing but this). It loads no library of a driver: src/cli/probe_only/no_libraries.cc says why. Neither is part of a usual build; the test probe.static builds both, the
# latter where the cross compiler is there.
set(sources)
foreach(layer base facts probe)
  file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${layer}/*.cc)
  list(APPEND sources ${found})
endforeach()
list(FILTER sources EXCLUDE REGEX "(_test|/sha256|/gpu_ask[a-z_]*)\\.cc$") # sha256.cc alone needs libmd, and the probe needs no hashes
add_executable(llama-fleet-probe ${CMAKE_SOURCE_DIR}/src/cli/probe_only/main.cc
               ${CMAKE_SOURCE_DIR}/src/cli/probe_only/no_libraries.cc ${sources})
target_include_directories(llama-fleet-probe PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(llama-fleet-probe PRIVATE FMT_HEADER_ONLY LLAMA_FLEET_VERSION="${PROJECT_VERSION}")
target_compile_options(llama-fleet-probe PRIVATE -Os -g0 -ffunction-sections -fdata-sections -fno-sanitize=all)
target_link_options(llama-fleet-probe PRIVATE -static -Wl,--gc-sections -s -fno-sanitize=all)
set_target_properties(llama-fleet-probe PROPERTIES OUTPUT_NAME llama-fleet-probe-${CMAKE_SYSTEM_PROCESSOR})
# Headers only. Debian's cross compilers look into /usr/include themselves, and have no packages of the target's.
if(LLAMA_FLEET_PROBE_ONLY AND NOT CMAKE_CROSSCOMPILING)
  find_package(fmt 9 REQUIRED)
  find_package(nlohmann_json 3.11 REQUIRED)
  find_package(tl-expected REQUIRED)
endif()
if(NOT CMAKE_CROSSCOMPILING)
  foreach(library fmt::fmt-header-only tl::expected nlohmann_json::nlohmann_json)
    target_link_libraries(llama-fleet-probe PRIVATE ${library})
  endforeach()
endif()
# `cmake --install` takes it along once it is built, beside llama-fleet, where `--send-binary` looks for it.
include(GNUInstallDirs)
if(LLAMA_FLEET_PROBE_ONLY)
  install(TARGETS llama-fleet-probe)
else()
  install(PROGRAMS $<TARGET_FILE:llama-fleet-probe> DESTINATION ${CMAKE_INSTALL_BINDIR} OPTIONAL)
  set_target_properties(llama-fleet-probe PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
