// SPDX-License-Identifier: Apache-2.0
// Functions with a second, faster text in cmodel/fast. On the host the fast text has the function's name and the
// portable one the name with a suffix; both are there, so that tests compare them bit for bit. The soft core has the
// portable text alone, under the function's name.
#ifndef TERN_CMODEL_PORTABLE_H
#define TERN_CMODEL_PORTABLE_H

#if defined(__riscv)
#define TERN_PORTABLE(name) name
#else
#define TERN_PORTABLE(name) name##_portable
#endif

#endif
