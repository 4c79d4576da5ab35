# SPDX-License-Identifier: Apache-2.0
# Options of every target: warnings, exact float32, include root, sanitizers. Functions that find libraries and tests.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(tern_options INTERFACE)
target_include_directories(tern_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(tern_options INTERFACE TERN_LANES=${TERN_LANES}u TERN_VECTORS=${TERN_VECTORS}u TERN_WAYS=${TERN_WAYS}u)
# The compiler must not fuse or reorder float32 operations: their sequence is part of the contract.
target_compile_options(tern_options INTERFACE -ffp-contract=off -fno-fast-math)
if(TERN_SANITIZE)
  target_compile_options(tern_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tern_options INTERFACE -fsanitize=address,undefined)
endif()

add_library(tern_warnings INTERFACE)
target_compile_options(tern_warnings INTERFACE -Wall -Wextra -Wshadow -Wvla $<$<CONFIG:Debug>:-Werror>
  $<$<COMPILE_LANGUAGE:C>:-Werror=implicit-function-declaration>)

# tern_leave_out(WHAT NEEDS): this build has no WHAT. One line at the end of cmake's output names all of them.
function(tern_leave_out what needs)
  set_property(GLOBAL APPEND PROPERTY TERN_LEFT_OUT "${what} (needs ${needs})")
endfunction()

# tern_skip_test(NAME NEEDS [WHAT]): a skipped test that names the missing tool, without which there is no WHAT.
function(tern_skip_test name needs)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: needs ${needs}")
  set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: needs" LABELS fast)
  list(APPEND ARGN tests)
  list(GET ARGN 0 what)
  tern_leave_out("${what}" "${needs}")
endfunction()

# tern_library(NAME DIRECTORY...): a static library of all .c files directly in the directories.
function(tern_library name)
  set(sources)
  foreach(directory ${ARGN})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${directory}/*.c)
    list(APPEND sources ${found})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC tern_options PRIVATE tern_warnings)
endfunction()

# tern_c_tests(LAYER DIRECTORY LIBRARY...): each test_<unit>.c is one cmocka program and one test <layer>.<unit>;
# test_slow_<unit>.c carries the label slow. Further .c files of the directory are helpers linked into each.
function(tern_c_tests layer directory)
  pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
  if(NOT CMOCKA_FOUND)
    if(NOT TEST ${layer}.all)
      tern_skip_test(${layer}.all libcmocka-dev)
    endif()
    return()
  endif()
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${directory}/test_*.c)
  file(GLOB helpers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${directory}/*.c)
  if(tests)
    list(REMOVE_ITEM helpers ${tests})
  endif()
  foreach(source ${tests})
    get_filename_component(unit ${source} NAME_WE)
    string(REGEX REPLACE "^test_(slow_)?" "" unit_name ${unit})
    add_executable(${layer}.${unit_name} ${source} ${helpers})
    target_link_libraries(${layer}.${unit_name} PRIVATE ${ARGN} PkgConfig::CMOCKA tern_warnings m)
    target_compile_definitions(${layer}.${unit_name} PRIVATE TERN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    tern_check_test_sources(${layer}.${unit_name} ${layer})
    add_test(NAME ${layer}.${unit_name} COMMAND ${layer}.${unit_name})
    tern_label(${layer}.${unit_name} ${unit})
  endforeach()
endfunction()

# tern_script_tests(LAYER DIRECTORY): each test_<unit>.sh is one test <layer>.<unit>. Its arguments are the paths of tern
# and make_checkpoint, which also tells tools/faults to build both. Exit code 77 means skipped. python3 is that of
# build/venv (tools/install), which has NumPy and safetensors.
function(tern_script_tests layer directory)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${directory}/test_*.sh)
  foreach(script ${scripts})
    get_filename_component(unit ${script} NAME_WE)
    string(REGEX REPLACE "^test_(slow_)?" "" unit_name ${unit})
    add_test(NAME ${layer}.${unit_name} COMMAND bash ${script} $<TARGET_FILE:tern> $<TARGET_FILE:make_checkpoint>)
    set_tests_properties(${layer}.${unit_name} PROPERTIES SKIP_RETURN_CODE 77
      ENVIRONMENT "TERN_SOURCE_DIR=${CMAKE_SOURCE_DIR};TERN_BINARY_DIR=${CMAKE_BINARY_DIR}"
      ENVIRONMENT_MODIFICATION "PATH=path_list_prepend:${CMAKE_SOURCE_DIR}/build/venv/bin")
    tern_label(${layer}.${unit_name} ${unit})
  endforeach()
endfunction()

# Slow tests have a COST, so that ctest -j begins with them and no core waits for one at the end.
function(tern_label test file_name)
  if(file_name MATCHES "^test_slow_")
    set_tests_properties(${test} PROPERTIES LABELS slow COST 20)
  else()
    set_tests_properties(${test} PROPERTIES LABELS fast)
  endif()
endfunction()
