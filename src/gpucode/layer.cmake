# SPDX-License-Identifier: MIT
# Compressed bundles: only their heads are unpacked.
if(NOT scope STREQUAL "INTERFACE")
  target_link_libraries(lf_gpucode PRIVATE ${ZSTD_LIBRARY} ZLIB::ZLIB)
endif()
