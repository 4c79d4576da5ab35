# SPDX-License-Identifier: Apache-2.0
# What a build takes from the machine, before project(): so that `cmake --preset dev` or an IDE needs no argument.

# Python's programs in build/venv, Verilator's makefiles and others take a blank as the end of a name.
foreach(directory ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  if(directory MATCHES "[ \t]")
    message(FATAL_ERROR "Tern: the path \"${directory}\" has a blank, which Verilator does not take: move the clone")
  endif()
endforeach()

# The compiler that tools/install installs, unless CC, CXX or CMAKE_CXX_COMPILER say another.
if(NOT DEFINED ENV{CC} AND NOT DEFINED ENV{CXX} AND NOT CMAKE_C_COMPILER AND NOT CMAKE_CXX_COMPILER)
  find_program(TERN_CLANG clang-19)
  find_program(TERN_CLANGXX clang++-19)
  if(TERN_CLANG AND TERN_CLANGXX)
    set(CMAKE_C_COMPILER ${TERN_CLANG} CACHE FILEPATH "compiler of C")
    set(CMAKE_CXX_COMPILER ${TERN_CLANGXX} CACHE FILEPATH "compiler of C++")
  endif()
endif()

# The soft core's Verilog, where tools/install puts it. Empty before.
function(tern_find_core)
  file(GLOB core ${CMAKE_SOURCE_DIR}/build/venv/lib/python3*/site-packages/pythondata_cpu_picorv32/verilog/picorv32.v)
  if(core)
    list(GET core 0 core)
  endif()
  set(TERN_PICORV32_V "${core}" CACHE FILEPATH "picorv32.v of the PyPI package pythondata-cpu-picorv32" FORCE)
endfunction()
if(NOT EXISTS "${TERN_PICORV32_V}")
  tern_find_core()
endif()
