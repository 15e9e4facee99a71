# The ECMAScript engine (ADR 0050): C source of a pinned sdist in .tools/quickjs, fetched when it is not there.
if(NOT EXISTS ${CARILLON_TOOLS}/quickjs/.version)
  execute_process(
    COMMAND ${CMAKE_SOURCE_DIR}/deploy/local/fetch_quickjs.sh ${CARILLON_TOOLS}
    RESULT_VARIABLE quickjs_failed
  )
  if(quickjs_failed)
    message(FATAL_ERROR "the ECMAScript engine could not be fetched: see deploy/local/fetch_quickjs.sh")
  endif()
endif()
set(quickjs ${CARILLON_TOOLS}/quickjs)
# Arithmetic on a big integer never asks whether time is up, so one has 8,192 bits instead of a million.
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/quickjs.c
  COMMAND
    sed "/define JS_BIGINT_MAX_SIZE/s|(1024 [*] 1024)|8192|" ${quickjs}/quickjs.c >
    ${CMAKE_BINARY_DIR}/quickjs.c
  DEPENDS ${quickjs}/quickjs.c
  VERBATIM
)
add_library(
  quickjs
  STATIC
  ${CMAKE_BINARY_DIR}/quickjs.c
  ${quickjs}/libregexp.c
  ${quickjs}/libunicode.c
  ${quickjs}/dtoa.c
)
target_include_directories(quickjs SYSTEM PUBLIC ${quickjs})
target_compile_definitions(quickjs PRIVATE _GNU_SOURCE)
target_compile_options(quickjs PRIVATE -w -O2 -g0 -std=gnu11)
target_link_libraries(quickjs PUBLIC m Threads::Threads)
