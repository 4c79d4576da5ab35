// SPDX-License-Identifier: Apache-2.0
// A link over a faulty channel to a board, and what memory and registers of that board must hold. A register adds up
// what is written to it, in order: it shows a write that was lost, doubled or late.
#ifndef TERN_HOST_DRIVER_LINK_TESTS_JUDGE_H
#define TERN_HOST_DRIVER_LINK_TESTS_JUDGE_H

#include "cmodel/link/board.h"
#include "host_driver/link/link.h"
#include "host_driver/link/tests/channel.h"

#ifdef __cplusplus
extern "C" {
#endif

#define JUDGE_MEMORY_BASE 0x100000000u
#define JUDGE_MEMORY_BYTES 16384u
#define JUDGE_REGISTERS 16u
#define JUDGE_REGISTER_BASE 0x20000000u
#define JUDGE_TRIES 60u

struct judge {
    struct channel channel;
    struct tern_link *link;
    void (*reset_board)(void *context); // of channel.board_context
    uint8_t memory[JUDGE_MEMORY_BYTES], expected_memory[JUDGE_MEMORY_BYTES];
    uint32_t registers[JUDGE_REGISTERS], expected_registers[JUDGE_REGISTERS];
    uint64_t accesses;
    struct tern_error error; // of a call that failed
    char finding[200];       // the first difference; empty: none
};

// The board's registers and memory, for a board whose bus it is.
bool judge_register_read(void *context, uint32_t address, uint32_t *value);
bool judge_register_write(void *context, uint32_t address, uint32_t value);
bool judge_memory_read(void *context, uint64_t address, void *data, size_t bytes);
bool judge_memory_write(void *context, uint64_t address, const void *data, size_t bytes);

// channel.board, board_context and reset_board are set by the caller.
void judge_begin(struct judge *judge, uint64_t seed, uint32_t faults, bool is_stream);
void judge_end(struct judge *judge);
// Random accesses until the channel has carried so many chunks. Now and then a reset of either side, or a pulled cable.
// False: finding says what is wrong.
bool judge_run(struct judge *judge, uint64_t chunks);

// The parts of it. False for a finding.
bool judge_access(struct judge *judge);
bool judge_everything(struct judge *judge); // reads all and compares
bool judge_pull_cable(struct judge *judge);
bool judge_reset_board(struct judge *judge);
bool judge_reset_host(struct judge *judge);

// The C model of the board with this bus.
struct judge_model {
    struct judge *judge;
    struct tern_link_board board;
    struct tern_link_unstuffer unstuffer;
};
void judge_use_model(struct judge *judge, struct judge_model *model);

#ifdef __cplusplus
}
#endif
#endif
