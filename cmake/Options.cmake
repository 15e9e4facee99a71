# Two INTERFACE targets every target of ours links: how it is compiled, and which warnings are errors.
option(CARILLON_ASSERTIONS "keep assert() and libstdc++ checks in optimised builds" OFF)
option(CARILLON_UNITY "compile each room as one unit" OFF)
set(CARILLON_SANITIZE "" CACHE STRING "sanitizers for our own code, e.g. address,undefined")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
# Debug information is kept small: line tables are enough for a stack trace.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
if(NOT CARILLON_ASSERTIONS)
  string(APPEND CMAKE_CXX_FLAGS_RELWITHDEBINFO " -DNDEBUG")
endif()

add_library(carillon_options INTERFACE)
target_compile_features(carillon_options INTERFACE cxx_std_20)
target_include_directories(carillon_options INTERFACE ${CMAKE_SOURCE_DIR}/libs ${CMAKE_SOURCE_DIR}/services)
if(CARILLON_ASSERTIONS)
  target_compile_definitions(carillon_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(CARILLON_SANITIZE)
  target_compile_options(carillon_options INTERFACE -fsanitize=${CARILLON_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(carillon_options INTERFACE -fsanitize=${CARILLON_SANITIZE})
endif()

add_library(carillon_warnings INTERFACE)
target_compile_options(
  carillon_warnings
  INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror
)
