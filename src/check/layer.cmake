# SPDX-License-Identifier: MIT
# The questions are Nix files, so that Nix tools can read and check them.
embed(lf_check ${CMAKE_SOURCE_DIR}/src/check/parts.nix check_parts)
embed(lf_check ${CMAKE_SOURCE_DIR}/src/check/question.nix check_question)
embed(lf_check ${CMAKE_SOURCE_DIR}/src/check/survey.nix check_survey)
embed(lf_check ${CMAKE_SOURCE_DIR}/src/check/unfree.nix check_unfree_question)
embed(lf_check ${CMAKE_SOURCE_DIR}/src/check/prove.nix check_prove)
