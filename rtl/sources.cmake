# SPDX-License-Identifier: Apache-2.0
# The Verilog of each unit: TERN_RTL_<FOLDER>. What a unit needs beside its own folder is for the user to add. A folder of
# TERN_RTL_DIR takes the place of the folder of that name (docs/own-unit.md). TERN_OWN_UNITS lists these.
set(TERN_RTL_DIR "" CACHE PATH "your own RTL: TERN_RTL_DIR/UNIT/*.v in place of rtl/UNIT/*.v; empty: none")
set(folders attention board bus core dma float link matmul memory soc vector)
set(TERN_OWN_UNITS)
foreach(folder ${folders})
  string(TOUPPER ${folder} name)
  set(TERN_RTL_${name}_DIR ${CMAKE_CURRENT_LIST_DIR}/${folder})
  if(TERN_RTL_DIR AND IS_DIRECTORY "${TERN_RTL_DIR}/${folder}")
    list(APPEND TERN_OWN_UNITS ${folder})
    set(TERN_RTL_${name}_DIR ${TERN_RTL_DIR}/${folder})
  endif()
  file(GLOB TERN_RTL_${name} CONFIGURE_DEPENDS ${TERN_RTL_${name}_DIR}/*.v)
endforeach()
if(TERN_RTL_DIR AND NOT TERN_OWN_UNITS)
  message(FATAL_ERROR "TERN_RTL_DIR=${TERN_RTL_DIR} has none of the folders ${folders}")
endif()

# Files of the matmul unit that others use too: those of one's own unit come first.
foreach(shared cells/tern_trit_add cells/tern_stage_enable matmul/tern_round matmul/tern_crc32c matmul/tern_matmul_axi)
  get_filename_component(file ${shared}.v NAME)
  if(NOT EXISTS ${TERN_RTL_MATMUL_DIR}/${file})
    list(APPEND TERN_RTL_MATMUL ${CMAKE_CURRENT_LIST_DIR}/${shared}.v)
  endif()
endforeach()
set(TERN_RTL_CRC32C ${CMAKE_CURRENT_LIST_DIR}/matmul/tern_crc32c.v) # matmul unit and link
set(TERN_RTL_STAGE_ENABLE ${CMAKE_CURRENT_LIST_DIR}/cells/tern_stage_enable.v) # matmul and vector units have it inside
set(TERN_RTL_CORE ${CMAKE_CURRENT_LIST_DIR}/core/picorv32.vlt ${TERN_RTL_CORE} ${TERN_PICORV32_V})
set(TERN_RTL_CLOCK_GATE ${CMAKE_CURRENT_LIST_DIR}/soc/tern_clock_gate.v) # core and vector unit have gates inside

# tern_rtl_stages_that_move(VARIABLE FILE...): the files, with ECP5's tern_stage_enable in place of the portable one.
function(tern_rtl_stages_that_move variable)
  string(REPLACE cells/tern_stage_enable cells/ecp5/tern_stage_enable files "${ARGN}")
  set(${variable} ${files} PARENT_SCOPE)
endfunction()
set(TERN_RTL_INCLUDE ${CMAKE_CURRENT_LIST_DIR}/../spec/generated)
