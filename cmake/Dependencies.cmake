# Everything borrowed, in one place. All from Debian 12 but the googleapis protos (a pinned wheel in .tools).
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(Catch2 2 REQUIRED)
find_package(PkgConfig REQUIRED)
foreach(
  pkg
  libpqxx
  hiredis
  rdkafka
  spdlog
  libargon2
  icu-uc
  icu-i18n
  re2
  pugixml
)
  string(MAKE_C_IDENTIFIER ${pkg} id)
  pkg_check_modules(${id} REQUIRED IMPORTED_TARGET GLOBAL ${pkg})
endforeach()
find_package(OpenSSL REQUIRED)
# Debian's gRPC names this target; whether its package makes it depends on what was configured before.
if(NOT TARGET re2::re2)
  add_library(re2::re2 ALIAS PkgConfig::re2)
endif()
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(nlohmann_json REQUIRED)

file(GLOB CARILLON_GOOGLEAPIS LIST_DIRECTORIES true ${CARILLON_TOOLS}/venv/lib/python3*/site-packages)
if(NOT EXISTS "${CARILLON_GOOGLEAPIS}/google/api/annotations.proto")
  message(FATAL_ERROR "the pinned tools are missing: run ./carillon build, which installs them first")
endif()
