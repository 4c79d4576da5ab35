// SPDX-License-Identifier: Apache-2.0
#ifndef TERN_HOST_DRIVER_SYSTEM_DESCRIPTORS_H
#define TERN_HOST_DRIVER_SYSTEM_DESCRIPTORS_H

#include <stdbool.h>

// The first call of each program. A file that it opens must not become standard input, output or error, whose text
// would then end in that file. Each of descriptors 0 to 2 that is closed becomes one on which reads and writes fail, as
// they did on the closed one. Returns false when that is impossible.
bool tern_descriptors_guard(void);

#endif
