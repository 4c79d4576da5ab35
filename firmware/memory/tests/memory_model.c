// SPDX-License-Identifier: Apache-2.0
#include "firmware/memory/tests/memory_model.h"

#include <string.h>

#include "firmware/memory/boards.h"

#define ACCESS_CYCLES 6u
#define LEAST_COMMAND_CYCLES 12u // between two commands of memory
#define WRITE_DATA 4u            // index of a register of a phase, as the next ones
#define READ_DATA (WRITE_DATA + MODEL_WORDS)
#define COMMAND(name) TERN_CONTROLLER_COMMAND_##name

void memory_model_open(struct memory_model *model, uint32_t board) {
    memset(model, 0, sizeof *model);
    model->board = board;
    model->has_controller = true;
    model->memory_bytes = MODEL_WINDOW;
    model->control = TERN_CONTROLLER_CONTROL_HARDWARE;
    model->row_is_open = true; // an earlier program left it so
    memset(model->window, 0xff, sizeof model->window);
}

struct tern_port *memory_model_port(struct memory_model *model) {
    return (struct tern_port *)(void *)model;
}

static struct memory_model *model_of(struct tern_port *port) {
    return (struct memory_model *)(void *)port;
}

static void expect(struct memory_model *model, bool holds, const char *rule) {
    if (!holds && !model->broken) {
        model->broken = rule;
    }
}

// ---- PHY

static bool is_right(const struct memory_model *model, uint32_t lane) {
    return model->window[lane][model->bitslip[lane]] >> model->delay[lane] & 1 && !(model->select >> lane & 1);
}

static void select_lanes(struct memory_model *model, uint32_t lanes) {
    for (uint32_t lane = 0; lane < MODEL_LANES; lane++) {
        if (model->select >> lane & 1 && !(lanes >> lane & 1)) {
            model->delay[lane] = model->wanted_delay[lane];
        }
    }
    model->select = lanes;
}

static void change_lanes(struct memory_model *model, uint32_t offset) {
    for (uint32_t bit = 0; bit < MODEL_LANES; bit++) {
        const uint32_t lane = model->crosses_lanes ? bit ^ 1 : bit;
        if (!(model->select >> bit & 1)) {
            continue;
        }
        switch (offset) {
        case TERN_CONTROLLER_RDLY_DQ_RST: model->wanted_delay[lane] = 0; break;
        case TERN_CONTROLLER_RDLY_DQ_INC: model->wanted_delay[lane] = (model->wanted_delay[lane] + 1) % 8; break;
        case TERN_CONTROLLER_RDLY_DQ_BITSLIP_RST: model->bitslip[lane] = 0; break;
        default: model->bitslip[lane] = (model->bitslip[lane] + 1) % MODEL_BITSLIPS; break;
        }
    }
}

// ---- commands

static uint32_t data_words(const struct memory_model *model) {
    return model->board == TERN_SYSTEM_BOARD_ECPIX5 ? 2 : 1;
}

// The highest word of a phase has the lowest number.
static uint32_t *data_word(struct memory_model *model, uint32_t phase, uint32_t first, uint32_t word) {
    return &model->phase[phase][first + data_words(model) - 1 - word];
}

static void write_burst(struct memory_model *model) {
    for (uint32_t i = 0; i < MODEL_PHASES * data_words(model); i++) {
        memcpy(model->memory + 4 * i, data_word(model, i / data_words(model), WRITE_DATA, i % data_words(model)), 4);
    }
}

static void read_burst(struct memory_model *model) {
    for (uint32_t i = 0; i < MODEL_PHASES * data_words(model); i++) {
        uint32_t word;
        memcpy(&word, model->memory + 4 * i, 4);
        for (uint32_t byte = 0; byte < 4; byte++) {
            word ^= is_right(model, byte % MODEL_LANES) ? 0 : 0x81u << 8 * byte;
        }
        *data_word(model, i / data_words(model), READ_DATA, i % data_words(model)) = word;
    }
    for (uint32_t lane = 0; lane < MODEL_LANES; lane++) {
        model->seen |= (model->burst[lane][model->bitslip[lane]] >> model->delay[lane] & 1) << lane;
    }
}

static void run_command(struct memory_model *model, uint32_t phase) {
    const uint32_t command = model->phase[phase][0];
    expect(model, !(model->control & TERN_CONTROLLER_CONTROL_HARDWARE), "a command while the controller gives them");
    expect(model, model->control & TERN_CONTROLLER_CONTROL_CKE, "a command without clock");
    expect(model, model->time - model->last_command >= LEAST_COMMAND_CYCLES || model->time_stands,
           "two commands follow each other too fast");
    model->last_command = model->time;
    switch (command & (COMMAND(RAS) | COMMAND(CAS) | COMMAND(WE))) {
    case COMMAND(RAS) | COMMAND(WE): model->row_is_open = false; break;
    case COMMAND(RAS):
        expect(model, !model->row_is_open, "a row is opened twice");
        model->row_is_open = true;
        break;
    case COMMAND(RAS) | COMMAND(CAS) | COMMAND(WE):
        expect(model, !model->row_is_open, "a mode is set with an open row");
        model->modes++;
        break;
    case COMMAND(CAS) | COMMAND(WE):
        expect(model, model->row_is_open && command & COMMAND(WRDATA), "a write without a row or data");
        expect(model, phase == 1, "a write in the wrong phase");
        write_burst(model);
        break;
    case COMMAND(CAS):
        expect(model, model->row_is_open && command & COMMAND(RDDATA), "a read without a row or data");
        expect(model, phase == 0, "a read in the wrong phase");
        read_burst(model);
        break;
    default: break;
    }
}

static void write_phase(struct memory_model *model, uint32_t offset, uint32_t value) {
    const uint32_t registers = 4 + 2 * data_words(model);
    const uint32_t number = (offset - TERN_CONTROLLER_DFII_PI0_COMMAND) / 4;
    if (number / registers < MODEL_PHASES) {
        model->phase[number / registers][number % registers] = value;
        if (number % registers == 1) {
            run_command(model, number / registers);
        }
    }
}

static void write_controller(struct memory_model *model, uint32_t offset, uint32_t value) {
    switch (offset) {
    case TERN_CONTROLLER_INIT_DONE: model->init_done = value; break;
    case TERN_CONTROLLER_INIT_ERROR: model->init_error = value; break;
    case TERN_CONTROLLER_DLY_SEL: select_lanes(model, value); break;
    case TERN_CONTROLLER_RDLY_DQ_RST:
    case TERN_CONTROLLER_RDLY_DQ_INC:
    case TERN_CONTROLLER_RDLY_DQ_BITSLIP_RST:
    case TERN_CONTROLLER_RDLY_DQ_BITSLIP: change_lanes(model, offset); break;
    case TERN_CONTROLLER_BURSTDET_CLR: model->seen = 0; break;
    case TERN_CONTROLLER_DFII_CONTROL:
        expect(model, !model->unit_is_busy, "a unit is busy while memory gets single commands");
        expect(model, !(value & TERN_CONTROLLER_CONTROL_HARDWARE) || !model->row_is_open, "a row is left open");
        model->control = value;
        break;
    default: write_phase(model, offset, value); break;
    }
}

static uint32_t read_controller(const struct memory_model *model, uint32_t offset) {
    const uint32_t registers = 4 + 2 * data_words(model);
    const uint32_t number = (offset - TERN_CONTROLLER_DFII_PI0_COMMAND) / 4;
    if (offset == TERN_CONTROLLER_BURSTDET_SEEN) {
        return model->seen;
    }
    return offset > TERN_CONTROLLER_DFII_CONTROL && number / registers < MODEL_PHASES
               ? model->phase[number / registers][number % registers]
               : 0;
}

// ---- DMA engine

static uint8_t *byte_at(struct memory_model *model, uint32_t offset) {
    offset &= ~model->ignored_address;
    offset |= offset & model->joined_address ? model->joined_address : 0;
    return &model->memory[offset % model->memory_bytes % MODEL_WINDOW];
}

static void copy_byte(struct memory_model *model, uint32_t offset, uint8_t *local, bool to_scratch) {
    if (!to_scratch) {
        *byte_at(model, offset) = *local;
        return;
    }
    *local = *byte_at(model, offset) | (uint8_t)(model->stuck_data >> offset % 4 * 8);
    *local ^= is_right(model, offset % MODEL_LANES) ? 0 : 0x81;
}

static void start_dma(struct memory_model *model, uint32_t value) {
    if (value & TERN_DMA_CONTROL_ABORT_MASK) {
        model->dma_is_busy = model->dma_hangs && !model->unit_ends;
        return;
    }
    expect(model, model->control == TERN_CONTROLLER_CONTROL_HARDWARE, "a copy while memory gets single commands");
    model->dma_is_busy = model->dma_hangs;
    const uint32_t offset = model->dma[0], local = model->dma[2], bytes = model->dma[3];
    for (uint32_t i = 0; i < bytes && !model->dma_hangs; i++) {
        copy_byte(model, offset + i, &model->scratch[local + i], value & TERN_DMA_CONTROL_TO_SCRATCH_MASK);
    }
    if (model->writes_whole_beats && value & TERN_DMA_CONTROL_TO_DEVICE_MASK && bytes == 4) {
        *byte_at(model, offset ^ 4) = 0;
    }
}

// ---- the port

static uint32_t read_system(struct memory_model *model, uint32_t offset) {
    switch (offset) {
    case TERN_SYSTEM_REG_HARDWARE: return TERN_FIELD_PUT(SYSTEM_HARDWARE_CONTROLLER, model->has_controller);
    case TERN_SYSTEM_REG_BOARD: return model->board;
    case TERN_SYSTEM_REG_TIME_LO: return model->time;
    case TERN_SYSTEM_REG_WINDOW_BASE_HI: return TERN_DEVICE_MEMORY_BASE >> 32;
    case TERN_SYSTEM_REG_WINDOW_BYTES_LO: return MODEL_WINDOW;
    default: return 0;
    }
}

uint32_t tern_port_read(struct tern_port *port, uint32_t address) {
    struct memory_model *model = model_of(port);
    const uint32_t offset = address & 0xffff;
    model->time += model->time_stands ? 0 : ACCESS_CYCLES;
    switch (address - offset) {
    case TERN_SYSTEM_BASE: return read_system(model, offset);
    case TERN_CONTROLLER_BASE: return read_controller(model, offset);
    case TERN_DMA_BASE: return offset == TERN_DMA_REG_STATUS ? TERN_FIELD_PUT(DMA_STATUS_BUSY, model->dma_is_busy) : 0;
    case TERN_MATMUL_BASE:
        return offset == TERN_MATMUL_REG_STATUS ? TERN_FIELD_PUT(MATMUL_STATUS_BUSY, model->unit_is_busy) : 0;
    default: return 0;
    }
}

void tern_port_write(struct tern_port *port, uint32_t address, uint32_t value) {
    struct memory_model *model = model_of(port);
    const uint32_t offset = address & 0xffff;
    model->time += model->time_stands ? 0 : ACCESS_CYCLES;
    if (address - offset == TERN_CONTROLLER_BASE) {
        write_controller(model, offset, value);
    } else if (address == TERN_SYSTEM_BASE + TERN_SYSTEM_REG_MEMORY_STATE) {
        model->state = value;
    } else if (address == TERN_SYSTEM_BASE + TERN_SYSTEM_REG_SLEEP) {
        model->time += model->time_stands ? 0 : TERN_FIELD_GET(SYSTEM_SLEEP_CYCLES, value);
    } else if (address == TERN_MATMUL_BASE + TERN_MATMUL_REG_CONTROL) {
        model->unit_is_busy = model->unit_is_busy && !model->unit_ends;
    } else if (address == TERN_DMA_BASE + TERN_DMA_REG_CONTROL) {
        start_dma(model, value);
    } else if (address - offset == TERN_DMA_BASE) {
        model->dma[offset / 4 % 8] = value;
    }
}

uint8_t *tern_port_scratch(struct tern_port *port) {
    return model_of(port)->scratch;
}

void *tern_port_view(struct tern_port *port, uint64_t address, uint32_t bytes) {
    (void)port;
    (void)address;
    (void)bytes;
    return NULL;
}
