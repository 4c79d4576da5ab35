// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/trace/operations.h"

uint64_t tern_cli_operations(const union tern_command *command) {
    const union tern_command *of = command;
    switch (of->header.opcode & ~TERN_COMMAND_BESIDE) {
    case TERN_OPCODE_MATMUL:
        return (uint64_t)of->matmul.rows * of->matmul.columns * of->matmul.depth_used * of->matmul.vectors;
    case TERN_OPCODE_DOT: return (uint64_t)of->dot.kv_heads * of->dot.vectors * of->dot.head_size * of->dot.positions;
    case TERN_OPCODE_QUANTIZE: return (uint64_t)of->quantize.rows * of->quantize.length;
    case TERN_OPCODE_ADD: return of->add.length;
    case TERN_OPCODE_RMSNORM: return (uint64_t)of->rmsnorm.rows * of->rmsnorm.length;
    case TERN_OPCODE_ROPE: return (uint64_t)of->rope.heads * of->rope.head_size;
    case TERN_OPCODE_SWIGLU: return of->swiglu.length;
    case TERN_OPCODE_COPY: return (uint64_t)of->copy.rows * (of->copy.row_bytes / sizeof(float));
    case TERN_OPCODE_STORE: return (uint64_t)of->store.heads * of->store.rows * of->store.length;
    case TERN_OPCODE_SOFTMAX: return (uint64_t)of->softmax.rows * of->softmax.length;
    case TERN_OPCODE_SCALE: return (uint64_t)of->scale.rows * of->scale.length;
    default: return 0;
    }
}

uint32_t tern_cli_most_operations(enum tern_profile_unit unit, uint32_t hardware) {
    const uint32_t lanes = TERN_FIELD_GET(SYSTEM_HARDWARE_LANES, hardware);
    const uint32_t item_bytes = (lanes < 2 ? lanes : 2) * TERN_BEAT_BYTES; // of the attention unit
    switch (unit) {
    case TERN_PROFILE_MATMUL:
        return lanes * TERN_BEAT_BYTES * TERN_STRIP_ROWS * TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, hardware);
    case TERN_PROFILE_VECTOR: return TERN_FIELD_GET(SYSTEM_HARDWARE_WAYS, hardware);
    case TERN_PROFILE_ATTENTION:
        return TERN_FIELD_GET(SYSTEM_HARDWARE_ATTENTION, hardware)
                   ? TERN_DOT_VECTORS * item_bytes / (TERN_MANTISSA_BITS / 8)
                   : 0;
    default: return 0;
    }
}
