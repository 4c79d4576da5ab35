// SPDX-License-Identifier: Apache-2.0
// utf8proc orders combining marks by neighbour swaps: a text of 400 KB of nothing but marks would take it 20 s. Long
// runs are put in canonical order here first, in linear time; a run in order costs utf8proc nothing.
#ifndef TERN_HOST_DRIVER_UNICODE_MARK_ORDER_H
#define TERN_HOST_DRIVER_UNICODE_MARK_ORDER_H

#include <stdbool.h>
#include <stddef.h>

// The text is valid UTF-8. *ordered is NULL when there is no long run, else a copy of the same length in which each
// long run is sorted by combining class, equal classes as they stood; free(). False when memory is short.
bool tern_order_long_mark_runs(const char *text, size_t len_bytes, char **ordered);

#endif
