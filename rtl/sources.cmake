# SPDX-License-Identifier: Apache-2.0
# The Verilog of each unit: TERN_RTL_<FOLDER>. What a unit needs beside its own folder is for the user to add.
foreach(folder attention bus core dma float matmul soc vector)
  string(TOUPPER ${folder} name)
  file(GLOB TERN_RTL_${name} CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/${folder}/*.v)
endforeach()
list(APPEND TERN_RTL_MATMUL ${CMAKE_CURRENT_LIST_DIR}/cells/tern_trit_add.v)
set(TERN_RTL_CORE ${CMAKE_CURRENT_LIST_DIR}/core/picorv32.vlt ${TERN_RTL_CORE} ${TERN_PICORV32_V})
set(TERN_RTL_CLOCK_GATE ${CMAKE_CURRENT_LIST_DIR}/soc/tern_clock_gate.v) # core and vector unit have gates inside
set(TERN_RTL_INCLUDE ${CMAKE_CURRENT_LIST_DIR}/../spec/generated)
