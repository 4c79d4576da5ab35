# SPDX-License-Identifier: Apache-2.0
# Programs that know which sources they were built from: host_driver/system/sources.

# Made of its own objects, so that it is built before all that it describes.
add_executable(make_sources tools/make_sources/make_sources.c tools/make_sources/git.c cmodel/error.c
  host_driver/system/sources/source_list.c host_driver/system/hash.c host_driver/system/path.c)
target_link_libraries(make_sources PRIVATE tern_options tern_warnings)

# Apart from tern_host, since benches have it too. One bench is a library.
add_library(tern_source_check STATIC host_driver/system/sources/sources.c host_driver/system/sources/source_list.c
  host_driver/system/hash.c host_driver/system/path.c)
target_link_libraries(tern_source_check PUBLIC tern_cmodel PRIVATE tern_warnings)
add_library(tern_name_sources OBJECT tools/make_sources/name_sources.c)
target_link_libraries(tern_name_sources PRIVATE tern_options tern_warnings)
set_target_properties(tern_source_check tern_name_sources PROPERTIES POSITION_INDEPENDENT_CODE ON)

# tern_source_group(TARGET GROUP PATH...): files and folders of the target's sources, from the top of the tree or absolute.
# Folders count with all below them.
function(tern_source_group target group)
  set(paths)
  foreach(path ${ARGN})
    cmake_path(IS_PREFIX CMAKE_SOURCE_DIR "${path}" is_inside)
    if(is_inside AND NOT path MATCHES "/site-packages/")
      file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${path})
    endif()
    list(APPEND paths ${path})
  endforeach()
  list(REMOVE_DUPLICATES paths)
  set_property(TARGET ${target} APPEND PROPERTY TERN_SOURCES --group ${group} ${paths})
endfunction()

# tern_sources(TARGET [NAME name] [NO_COMMIT]): links struct tern_sources `name`, default tern_sources, of the target's groups
# into it. It is new in the target when all else of the target has been built. With NO_COMMIT a new commit does not link
# the target again.
function(tern_sources target)
  cmake_parse_arguments(SOURCES "NO_COMMIT" "NAME" "" ${ARGN})
  if(NOT SOURCES_NAME)
    set(SOURCES_NAME tern_sources)
  endif()
  set(tree ${CMAKE_SOURCE_DIR})
  if(SOURCES_NO_COMMIT)
    set(tree --no-commit ${tree})
  endif()
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${target}_sources.c)
  add_custom_command(OUTPUT ${file}
    COMMAND make_sources ${file} ${SOURCES_NAME} ${CMAKE_BINARY_DIR} ${tree} "$<TARGET_PROPERTY:${target},TERN_SOURCES>"
    DEPENDS make_sources DEPFILE ${file}.d VERBATIM COMMAND_EXPAND_LISTS COMMENT "sources of ${target}")
  target_sources(${target} PRIVATE ${file})
endfunction()

# tern_check_sources(TARGET [NO_COMMIT]): the program names its sources when it begins, and fails when the tree has others.
function(tern_check_sources target)
  target_link_libraries(${target} PRIVATE tern_name_sources tern_source_check)
  tern_sources(${target} ${ARGN})
endfunction()

set(TERN_LAYERS_cmodel spec cmodel)
set(TERN_LAYERS_fw ${TERN_LAYERS_cmodel} firmware)
set(TERN_LAYERS_driver ${TERN_LAYERS_fw} host_driver)
set(TERN_LAYERS_soc ${TERN_LAYERS_driver} rtl sim)

# tern_check_test_sources(TARGET LAYER): the same for a test. Its sources are its own files, those of the layer and those of the
# layers below.
function(tern_check_test_sources target layer)
  get_target_property(files ${target} SOURCES)
  list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
  string(REGEX REPLACE "[.].*" "" layer ${layer})
  tern_source_group(${target} test ${TERN_LAYERS_${layer}} ${files})
  tern_check_sources(${target} NO_COMMIT)
endfunction()
