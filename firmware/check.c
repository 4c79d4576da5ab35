// SPDX-License-Identifier: Apache-2.0
#include "firmware/check.h"

TERN_RARE enum tern_status tern_check_any_buffer(struct tern_context *context, uint32_t word, uint64_t address,
                                                 uint64_t bytes, uint32_t align) {
    const bool fits = bytes <= context->window_bytes &&
                      address - context->window_base <= context->window_bytes - bytes && (address & (align - 1)) == 0;
    return fits ? TERN_STATUS_OK : tern_refuse(context, TERN_STATUS_BAD_ADDRESS, word);
}
