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
add_library(
  quickjs
  STATIC
  ${quickjs}/quickjs.c
  ${quickjs}/libregexp.c
  ${quickjs}/libunicode.c
  ${quickjs}/dtoa.c
)
target_include_directories(quickjs SYSTEM PUBLIC ${quickjs})
target_compile_definitions(quickjs PRIVATE _GNU_SOURCE)
target_compile_options(quickjs PRIVATE -w -O2 -g0 -std=gnu11)
target_link_libraries(quickjs PUBLIC m Threads::Threads)
