# SPDX-License-Identifier: MIT
# The decoder library is seen in .cc files only.
if(NOT scope STREQUAL "INTERFACE")
  target_link_libraries(lf_x86 PRIVATE ${ZYDIS_LIBRARY} $<$<BOOL:${ZYCORE_LIBRARY}>:${ZYCORE_LIBRARY}>)
endif()
