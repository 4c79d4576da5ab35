// SPDX-License-Identifier: Apache-2.0
// What the operations share: the context of one command, checks of its operands, and tiles moved by DMA.
//
// Scratch memory: the command, the completion, then WORK_BYTES for the operation in hand. Checks return BAD_LENGTH or
// BAD_ADDRESS and leave the word of the command in context->detail. Addresses are 64 bits, sums never wrap.
#ifndef TERN_FIRMWARE_COMMAND_H
#define TERN_FIRMWARE_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "firmware/port.h"

#define TERN_LOCAL_COMMAND 0u
#define TERN_LOCAL_COMPLETION 128u
#define TERN_LOCAL_WORK 256u
#define TERN_WORK_BYTES (TERN_SCRATCH_BYTES - TERN_LOCAL_WORK)

// A slot holds a tile at any address modulo 16.
#define TERN_SLOT_BYTES(tile_bytes) (((tile_bytes) + 15u) / 16u * 16u + 16u)

struct tern_context {
    struct tern_port *port;
    uint8_t *scratch;
    uint64_t window_base, window_bytes;
    uint32_t wait_limit; // cycles
    uint32_t detail;     // of the completion
};

// Word index of a field, which is the detail of an error in it.
#define TERN_WORD(command, field) ((uint32_t)(offsetof(struct tern_command_##command, field) / 4))

static inline uint32_t tern_min_u32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// command.c: checks
enum tern_status tern_check_count(struct tern_context *context, uint32_t word, uint32_t count, uint32_t limit);
// A buffer of `bytes` bytes inside the window, at a multiple of `align`.
enum tern_status tern_check_buffer(struct tern_context *context, uint32_t word, uint64_t address, uint64_t bytes,
                                   uint32_t align);
enum tern_status tern_check_f32(struct tern_context *context, uint32_t word, uint64_t address, uint32_t count);
// `rows` (1..2^18) rows of `row_bytes` (below 2^32) at 4-byte aligned address and stride.
enum tern_status tern_check_rows(struct tern_context *context, uint32_t address_word, uint64_t address,
                                 uint32_t stride_word, uint64_t stride, uint32_t rows, uint32_t row_bytes);

// dma.c
// Device memory to scratch memory: the data starts at slot + address mod 16, which *data points at. bytes: a multiple
// of 4.
enum tern_status tern_dma_read(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes,
                               void **data);
// Scratch memory to device memory, from slot + address mod 16.
enum tern_status tern_dma_write(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t bytes);
// Where in a slot the data of a device address belongs.
static inline void *tern_slot(struct tern_context *context, uint32_t slot, uint64_t address) {
    return context->scratch + slot + ((uint32_t)address & 15u);
}
enum tern_status tern_read_f32(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t count,
                               float **data);
// As tern_read_f32, for a tile that is only read, and read before anything is written: it is where it is.
static inline enum tern_status tern_view_f32(struct tern_context *context, uint64_t address, uint32_t slot,
                                             uint32_t count, float **data) {
    void *view = tern_port_view(context->port, address, 4 * count);
    if (view) {
        *data = view;
        return TERN_STATUS_OK;
    }
    return tern_read_f32(context, address, slot, count, data);
}
// Results of arithmetic: NaNs are made canonical on the host first.
enum tern_status tern_write_f32(struct tern_context *context, uint64_t address, uint32_t slot, uint32_t count);

// Waits for bit 0 of a status register to clear; TIMEOUT after wait_limit cycles without a change of the progress
// register.
enum tern_status tern_wait(struct tern_context *context, uint32_t status_address, uint32_t progress_address);

// ring.c
void tern_context_open(struct tern_context *context, struct tern_port *port);

// command.c: checks and runs one command; context->detail is for the completion.
enum tern_status tern_command_run(struct tern_context *context, const union tern_command *command);

// One function an operation, in the files of the same names.
enum tern_status tern_run_quantize(struct tern_context *context, const struct tern_command_quantize *command);
enum tern_status tern_run_matmul(struct tern_context *context, const struct tern_command_matmul *command);
enum tern_status tern_run_add(struct tern_context *context, const struct tern_command_add *command);
enum tern_status tern_run_rmsnorm(struct tern_context *context, const struct tern_command_rmsnorm *command);
enum tern_status tern_run_rope(struct tern_context *context, const struct tern_command_rope *command);
enum tern_status tern_run_attention(struct tern_context *context, const struct tern_command_attention *command);
enum tern_status tern_run_swiglu(struct tern_context *context, const struct tern_command_swiglu *command);
enum tern_status tern_run_copy(struct tern_context *context, const struct tern_command_copy *command);

#endif
