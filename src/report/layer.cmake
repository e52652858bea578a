# SPDX-License-Identifier: MIT
# The page's style and script are part of the program.
embed(lf_report ${CMAKE_SOURCE_DIR}/src/report/page.css report_css)
embed(lf_report ${CMAKE_SOURCE_DIR}/src/report/page.js report_js)
