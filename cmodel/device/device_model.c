// SPDX-License-Identifier: Apache-2.0
#include "cmodel/device/device_model.h"

#include <stdlib.h>
#include <string.h>

#include "cmodel/device/attention.h"
#include "cmodel/device/dma.h"
#include "cmodel/device/matmul.h"
#include "cmodel/device/system.h"
#include "cmodel/device/vector.h"
#include "cmodel/layout.h"

struct tern_device_model {
    struct tern_bus_memory memory;
    uint8_t *scratch;
    struct tern_system_unit system;
    struct tern_dma_unit dma;
    struct tern_matmul_unit matmul;
    struct tern_vector_unit vector;
    struct tern_attention_unit attention;
};

enum tern_status tern_device_model_create(uint64_t memory_base, uint64_t memory_bytes, void *memory,
                                          struct tern_device_model **model) {
    if ((uintptr_t)memory % TERN_SEGMENT_ALIGN != 0 || memory_base % TERN_SEGMENT_ALIGN != 0 || memory_bytes == 0 ||
        memory_bytes > UINT64_MAX - memory_base) {
        return TERN_STATUS_BAD_ARGUMENT;
    }
    struct tern_device_model *created = calloc(1, sizeof *created);
    uint8_t *scratch = aligned_alloc(TERN_SEGMENT_ALIGN, TERN_SCRATCH_BYTES);
    if (!created || !scratch) {
        free(created);
        free(scratch);
        return TERN_STATUS_OUT_OF_MEMORY;
    }
    const struct tern_hardware hardware = {.lanes = TERN_LANES,
                                           .vectors = TERN_MAX_VECTORS,
                                           .ways = TERN_WAYS,
                                           .attention = 1,
                                           .max_groups = TERN_MAX_GROUPS};
    memset(scratch, 0, TERN_SCRATCH_BYTES);
    created->memory = (struct tern_bus_memory){.base = memory_base, .bytes = memory_bytes, .data = memory};
    created->scratch = scratch;
    tern_system_unit_reset(&created->system, &hardware);
    tern_dma_unit_reset(&created->dma, &created->memory, scratch);
    tern_matmul_unit_reset(&created->matmul, &created->memory);
    tern_vector_unit_reset(&created->vector, &created->memory);
    tern_attention_unit_reset(&created->attention, &created->memory);
    *model = created;
    return TERN_STATUS_OK;
}

void tern_device_model_destroy(struct tern_device_model *model) {
    if (model) {
        free(model->scratch);
        free(model);
    }
}

uint32_t tern_device_model_read(struct tern_device_model *model, uint32_t address) {
    if (address % 4 != 0) {
        return 0;
    }
    if (address - TERN_SYSTEM_BASE < TERN_REGISTER_BYTES) {
        tern_system_unit_step(&model->system, address == TERN_SYSTEM_BASE + TERN_SYSTEM_REG_TIME_LO);
        return tern_system_unit_read(&model->system, address - TERN_SYSTEM_BASE);
    }
    if (address - TERN_DMA_BASE < TERN_REGISTER_BYTES) {
        return tern_dma_unit_read(&model->dma, address - TERN_DMA_BASE);
    }
    if (address - TERN_MATMUL_BASE < TERN_REGISTER_BYTES) {
        return tern_matmul_unit_read(&model->matmul, address - TERN_MATMUL_BASE);
    }
    if (address - TERN_VECTOR_BASE < TERN_REGISTER_BYTES) {
        return tern_vector_unit_read(&model->vector, address - TERN_VECTOR_BASE);
    }
    if (address - TERN_ATTENTION_BASE < TERN_REGISTER_BYTES) {
        return tern_attention_unit_read(&model->attention, address - TERN_ATTENTION_BASE);
    }
    if (address - TERN_SCRATCH_BASE < TERN_SCRATCH_BYTES) {
        uint32_t value;
        memcpy(&value, model->scratch + (address - TERN_SCRATCH_BASE), sizeof value);
        return value;
    }
    return 0;
}

void tern_device_model_write(struct tern_device_model *model, uint32_t address, uint32_t value) {
    const struct tern_window window = tern_system_unit_window(&model->system);
    if (address % 4 != 0) {
        return;
    }
    if (address - TERN_SYSTEM_BASE < TERN_REGISTER_BYTES) {
        tern_system_unit_write(&model->system, address - TERN_SYSTEM_BASE, value);
    } else if (address - TERN_DMA_BASE < TERN_REGISTER_BYTES) {
        tern_dma_unit_write(&model->dma, address - TERN_DMA_BASE, value, window);
        tern_dma_unit_step(&model->dma);
    } else if (address - TERN_MATMUL_BASE < TERN_REGISTER_BYTES) {
        tern_matmul_unit_write(&model->matmul, address - TERN_MATMUL_BASE, value, window);
        tern_matmul_unit_step(&model->matmul);
    } else if (address - TERN_VECTOR_BASE < TERN_REGISTER_BYTES) {
        tern_vector_unit_write(&model->vector, address - TERN_VECTOR_BASE, value, window);
        tern_vector_unit_step(&model->vector);
    } else if (address - TERN_ATTENTION_BASE < TERN_REGISTER_BYTES) {
        tern_attention_unit_write(&model->attention, address - TERN_ATTENTION_BASE, value, window);
        tern_attention_unit_step(&model->attention);
    } else if (address - TERN_SCRATCH_BASE < TERN_SCRATCH_BYTES) {
        memcpy(model->scratch + (address - TERN_SCRATCH_BASE), &value, sizeof value);
    }
}

uint8_t *tern_device_model_scratch(struct tern_device_model *model) {
    return model->scratch;
}

void *tern_device_model_view(struct tern_device_model *model, uint64_t address, uint32_t bytes) {
    return tern_dma_unit_view(&model->dma, address, bytes, tern_system_unit_window(&model->system));
}

void tern_device_model_set_engine(struct tern_device_model *model, struct tern_engine *engine) {
    model->matmul.engine = engine;
    model->vector.engine = engine;
    model->attention.engine = engine;
}

void tern_device_model_set_fault(struct tern_device_model *model, const struct tern_device_fault *fault) {
    model->memory.error_base = fault->bus_error_address;
    model->memory.error_bytes = fault->bus_error_bytes;
    model->dma.hangs = fault->dma_hangs;
    model->matmul.hangs = fault->matmul_hangs;
    model->vector.hangs = fault->vector_hangs;
    model->attention.hangs = fault->attention_hangs;
    model->dma.ignores_abort = model->matmul.ignores_abort = fault->abort_fails;
    model->vector.ignores_abort = model->attention.ignores_abort = fault->abort_fails;
}
