# SPDX-License-Identifier: MIT
# embed(TARGET FILE SYMBOL): the bytes of FILE as `extern const std::string_view SYMBOL` in namespace
# lf::embedded, compiled into TARGET. Read anew whenever FILE changes.
function(embed target file symbol)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],0x[0-9a-f][0-9a-f],)" "\\1\n" bytes "${bytes}")
  set(out ${CMAKE_BINARY_DIR}/embedded/${symbol}.cc)
  file(CONFIGURE OUTPUT ${out} CONTENT
"// made by cmake/Embed.cmake from ${file}
#include <string_view>
namespace lf::embedded {
static const unsigned char bytes[] = {${bytes} 0};
extern const std::string_view ${symbol};
const std::string_view ${symbol}(reinterpret_cast<const char*>(bytes), sizeof bytes - 1);
}
")
  target_sources(${target} PRIVATE ${out})
endfunction()
