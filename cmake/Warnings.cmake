# SPDX-License-Identifier: MIT
# lf_warnings: what every target of ours is compiled with. Strict for developers, quiet for packagers.
add_library(lf_warnings INTERFACE)
target_compile_options(lf_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wnon-virtual-dtor -Wimplicit-fallthrough)
if(LLAMA_FLEET_DEVELOPER)
  target_compile_options(lf_warnings INTERFACE -Werror)
endif()
if(LLAMA_FLEET_SANITIZE)
  add_compile_options(-fsanitize=${LLAMA_FLEET_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LLAMA_FLEET_SANITIZE})
endif()
