# A few functions; every folder's CMakeLists.txt is a few lines over them.
#
#   carillon_add_proto(customer)                      proto/carillon/customer/v1/*.proto -> carillon_proto_customer
#   carillon_add_lib(pg SOURCES ... LINKS ... TESTS ... [TEST_LINKS ...] [TEST_NEEDS servers])
#   carillon_add_service(customer DOMAIN ... ADAPTERS ... LINKS ...)
#                                                     carillon_customer_domain (pure), carillon_customer (rooms), carillon-customer
#   carillon_add_tests(customer UNIT ... STORE ... SERVICE ... LINKS ...)
#   carillon_add_script_test(name LABEL command...)
#   carillon_add_folders(a b ...)                     those of the folders that are there

# The services that own data, in the order they build: a package in proto/, a folder in services/ and in each tier of tests/.
set(
  CARILLON_SERVICES
  access
  customer
  telephony
  routing
  ivr
  workorder
  campaign
  qa
  knowledge
  insight
)

# Adds each folder that is there. The glob makes a new one known to the next build.
function(carillon_add_folders)
  file(GLOB present CONFIGURE_DEPENDS */CMakeLists.txt)
  foreach(folder ${ARGN})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt)
      add_subdirectory(${folder})
    endif()
  endforeach()
endfunction()

function(carillon_add_proto name)
  file(GLOB protos CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/carillon/${name}/v1/*.proto)
  carillon_generate(${name} ${CMAKE_SOURCE_DIR}/proto "${protos}")
endfunction()

# Generated code is its own static library: -O1, no sanitizer, no warnings.
function(carillon_generate name root protos)
  set(out ${CMAKE_BINARY_DIR}/gen)
  file(MAKE_DIRECTORY ${out})
  set(sources)
  foreach(proto ${protos})
    file(RELATIVE_PATH rel ${root} ${proto})
    string(REGEX REPLACE "\\.proto$" "" stem ${rel})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND
        protobuf::protoc --cpp_out=${out} -I ${root} -I ${CMAKE_SOURCE_DIR}/proto -I ${CARILLON_GOOGLEAPIS}
        ${proto}
      DEPENDS ${proto}
      COMMENT "protoc ${rel}"
      VERBATIM
    )
    list(APPEND sources ${out}/${stem}.pb.cc)
  endforeach()
  add_library(carillon_proto_${name} STATIC ${sources})
  target_include_directories(carillon_proto_${name} SYSTEM PUBLIC ${out})
  target_compile_features(carillon_proto_${name} PUBLIC cxx_std_20)
  target_compile_options(carillon_proto_${name} PRIVATE -O1 -g0 -w)
  target_link_libraries(carillon_proto_${name} PUBLIC protobuf::libprotobuf)
  if(NOT name STREQUAL "google")
    target_link_libraries(carillon_proto_${name} PUBLIC carillon_proto_google)
    if(NOT name STREQUAL "options")
      target_link_libraries(carillon_proto_${name} PUBLIC carillon_proto_options)
    endif()
    if(NOT name MATCHES "^(type|options)$")
      target_link_libraries(carillon_proto_${name} PUBLIC carillon_proto_type)
    endif()
  endif()
endfunction()

function(carillon_ours target)
  target_link_libraries(${target} PUBLIC carillon_options PRIVATE carillon_warnings)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${CARILLON_UNITY} UNITY_BUILD_BATCH_SIZE 12)
endfunction()

function(carillon_add_lib name)
  cmake_parse_arguments(arg "" "TEST_NEEDS" "SOURCES;LINKS;TESTS;TEST_LINKS" ${ARGN})
  add_library(carillon_${name} STATIC ${arg_SOURCES})
  add_library(carillon::${name} ALIAS carillon_${name})
  carillon_ours(carillon_${name})
  target_link_libraries(carillon_${name} PUBLIC ${arg_LINKS})
  if(arg_TESTS)
    set(tier unit)
    if(arg_TEST_NEEDS)
      set(tier store)
    endif()
    carillon_test_binary(libs_${name} ${tier} "${arg_TESTS}" "carillon::${name};${arg_TEST_LINKS};$<$<STREQUAL:${tier},store>:carillon::testing>")
  endif()
endfunction()

function(carillon_add_service name)
  cmake_parse_arguments(arg "" "" "DOMAIN;ADAPTERS;LINKS;DOMAIN_LINKS" ${ARGN})
  add_library(carillon_${name}_domain STATIC ${arg_DOMAIN})
  carillon_ours(carillon_${name}_domain)
  target_link_libraries(carillon_${name}_domain PUBLIC carillon::base ${arg_DOMAIN_LINKS})
  if(TARGET carillon_proto_${name})
    target_link_libraries(carillon_${name}_domain PUBLIC carillon_proto_${name})
  endif()
  if(arg_ADAPTERS)
    add_library(carillon_${name} STATIC ${arg_ADAPTERS})
    carillon_ours(carillon_${name})
    target_link_libraries(carillon_${name} PUBLIC carillon_${name}_domain ${arg_LINKS})
    add_executable(carillon-${name} main.cpp)
    carillon_ours(carillon-${name})
    # A build knows the last migration it was made with; the service refuses an older schema.
    file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/migrations/*.sql)
    if(migrations)
      list(SORT migrations)
      list(GET migrations -1 last)
      string(REGEX REPLACE ".*/([0-9]+)_.*" "\\1" version ${last})
      target_compile_definitions(carillon-${name} PRIVATE CARILLON_SCHEMA_VERSION="${version}")
    endif()
    target_link_libraries(carillon-${name} PRIVATE carillon_${name})
  endif()
endfunction()

# One binary a tier. `unit` is discovered case by case; the tiers that need servers are one entry each,
# so that a database is made once a binary. A missing server fails the tier, it does not skip it.
function(carillon_test_binary name tier sources links)
  set(target ${name}_${tier}_tests)
  add_executable(${target} ${sources})
  carillon_ours(${target})
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  target_link_libraries(${target} PRIVATE ${links} carillon_test_main)
  add_test(
    NAME ${target}
    COMMAND ${target} --order rand --warn NoAssertions --rng-seed time
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
  )
  set_tests_properties(${target} PROPERTIES LABELS ${tier})
  if(tier STREQUAL unit)
    set_tests_properties(${target} PROPERTIES TIMEOUT 120)
  else()
    set_tests_properties(
      ${target}
      PROPERTIES
        TIMEOUT 300
        FIXTURES_REQUIRED servers
        ENVIRONMENT "CARILLON_SERVERS_ENV=${CMAKE_BINARY_DIR}/servers.env"
    )
    if(tier STREQUAL service)
      set_tests_properties(${target} PROPERTIES RUN_SERIAL ON) # two cores: a whole service at a time
    endif()
  endif()
endfunction()

function(carillon_add_tests name)
  cmake_parse_arguments(arg "" "" "UNIT;STORE;SERVICE;LINKS" ${ARGN})
  if(arg_UNIT)
    carillon_test_binary(${name} unit "${arg_UNIT}" "carillon_${name}_domain;${arg_LINKS}")
  endif()
  if(arg_STORE)
    carillon_test_binary(${name} store "${arg_STORE}" "carillon_${name};carillon::testing;${arg_LINKS}")
  endif()
  if(arg_SERVICE)
    carillon_test_binary(${name} service "${arg_SERVICE}" "carillon_${name};carillon::testing;${arg_LINKS}")
    add_dependencies(${name}_service_tests carillon-${name})
  endif()
endfunction()

function(carillon_add_script_test name label)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 600)
endfunction()
