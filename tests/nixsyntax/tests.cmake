# SPDX-License-Identifier: MIT
# The Nix front end: cases as files, texts made by the grammar, and a second opinion from Nix.
add_executable(nixsyntax_dump ${CMAKE_CURRENT_LIST_DIR}/nixsyntax_dump.cc)
target_link_libraries(nixsyntax_dump PRIVATE lf_nixsyntax lf_warnings)
add_executable(nixsyntax_generate ${CMAKE_CURRENT_LIST_DIR}/nixsyntax_generate.cc
               ${CMAKE_CURRENT_LIST_DIR}/grammar.cc ${CMAKE_CURRENT_LIST_DIR}/grammar_operators.cc
               ${CMAKE_CURRENT_LIST_DIR}/grammar_check.cc)
target_link_libraries(nixsyntax_generate PRIVATE lf_nixsyntax lf_warnings)
add_script_test(nixsyntax.second_opinion ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/second_opinion.py
                $<TARGET_FILE:nixsyntax_dump> $<TARGET_FILE:nixsyntax_generate>)
add_script_test(nixsyntax.grammar $<TARGET_FILE:nixsyntax_generate> --check 20000)
