# SPDX-License-Identifier: MIT
# embed(TARGET FILE SYMBOL): the bytes of FILE as `extern const std::string_view SYMBOL` in namespace
# lf::embedded, compiled into TARGET. Read anew whenever FILE changes.
# embed_built(TARGET BUILT SYMBOL): the same of the file that the target BUILT makes.
function(embed_bytes file symbol out)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],)" "\\1\n" bytes "${bytes}")
  file(CONFIGURE OUTPUT ${out} CONTENT
"// made by cmake/Embed.cmake from ${file}
#include <string_view>
namespace lf::embedded {
static const unsigned char bytes[] = {${bytes} 0};
extern const std::string_view ${symbol};
const std::string_view ${symbol}(reinterpret_cast<const char*>(bytes), sizeof bytes - 1);
}
")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE) # the second half of embed_built, run when BUILT is built
  embed_bytes(${FILE} ${SYMBOL} ${OUT})
  file(TOUCH ${OUT})
  return()
endif()
set(LLAMA_FLEET_EMBED ${CMAKE_CURRENT_LIST_FILE})

function(embed target file symbol)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(out ${CMAKE_BINARY_DIR}/embedded/${symbol}.cc)
  embed_bytes(${file} ${symbol} ${out})
  target_sources(${target} PRIVATE ${out})
endfunction()

function(embed_built target built symbol)
  set(out ${CMAKE_BINARY_DIR}/embedded/${symbol}.cc)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DFILE=$<TARGET_FILE:${built}> -DSYMBOL=${symbol} -DOUT=${out} -P ${LLAMA_FLEET_EMBED}
    DEPENDS ${built} $<TARGET_FILE:${built}> ${LLAMA_FLEET_EMBED} VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
