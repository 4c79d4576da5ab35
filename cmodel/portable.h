// SPDX-License-Identifier: Apache-2.0
// Functions with a second, faster implementation in cmodel/fast. On the host the fast one has the function's name. The
// portable one has that name with a suffix. Tests compare both bit for bit. The soft core has the portable one alone,
// under the function's name.
#ifndef TERN_CMODEL_PORTABLE_H
#define TERN_CMODEL_PORTABLE_H

#if defined(__riscv)
#define TERN_PORTABLE(name) name
#else
#define TERN_PORTABLE(name) name##_portable
#endif

#endif
