# SPDX-License-Identifier: Apache-2.0
# cmake -DIN=HEADER -DOUT=FILE -P: makes an installed header from a header of the tree; it includes <tern/...>.
file(READ ${IN} text)
string(REGEX REPLACE "#include \"[a-z0-9_/]*/([a-z0-9_]+\\.h)\"" "#include <tern/\\1>" text "${text}")
file(WRITE ${OUT} "${text}")
