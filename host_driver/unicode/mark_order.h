// SPDX-License-Identifier: Apache-2.0
// Sorts long runs of combining marks in linear time. utf8proc sorts by neighbour swaps, which take 20 s for 400 KB of
// marks. It takes no time for a sorted run.
#ifndef TERN_HOST_DRIVER_UNICODE_MARK_ORDER_H
#define TERN_HOST_DRIVER_UNICODE_MARK_ORDER_H

#include <stdbool.h>
#include <stddef.h>

// text: valid UTF-8. *ordered: NULL without a long run, else a copy of the same length, free(). In it each long run is
// sorted by combining class, equal classes in their old order. Returns false without memory.
bool tern_order_long_mark_runs(const char *text, size_t len_bytes, char **ordered);

#endif
