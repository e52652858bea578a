# SPDX-License-Identifier: MIT
embed(lf_bench ${CMAKE_SOURCE_DIR}/tools/sid-packages sid_packages)
