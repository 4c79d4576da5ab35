// SPDX-License-Identifier: Apache-2.0
// Read levelling. All lanes are scanned together, each delay at each bitslip: a pattern is written and read by single
// commands. Then each lane gets the middle of its widest window. Delays do not wrap around: the last one and the first
// one may be neighbours in time or not.
#include "firmware/memory/controller.h"

#define PATTERNS 4u
#define READ_CYCLES 64u   // until the data of a read are in the registers
#define PAUSE_CYCLES 16u  // before and after a change of the delay
#define SETTLE_CYCLES 64u // after the pause

#define COMMAND(name) TERN_CONTROLLER_COMMAND_##name

// The next word of a pattern.
static uint32_t draw(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state ^ *state >> 16;
}

// ---- one setting

// A change takes effect when the pause of the lane's strobe ends, which is when it is no longer selected.
static void set_lanes(struct tern_context *context, uint32_t lanes, uint32_t bitslip, uint32_t delay) {
    tern_controller_write(context, TERN_CONTROLLER_DLY_SEL, lanes);
    tern_memory_wait(context, PAUSE_CYCLES);
    tern_controller_write(context, TERN_CONTROLLER_RDLY_DQ_RST, 1);
    tern_controller_write(context, TERN_CONTROLLER_RDLY_DQ_BITSLIP_RST, 1);
    for (uint32_t i = 0; i < delay; i++) {
        tern_controller_write(context, TERN_CONTROLLER_RDLY_DQ_INC, 1);
    }
    for (uint32_t i = 0; i < bitslip; i++) {
        tern_controller_write(context, TERN_CONTROLLER_RDLY_DQ_BITSLIP, 1);
    }
    tern_memory_wait(context, PAUSE_CYCLES);
    tern_controller_write(context, TERN_CONTROLLER_DLY_SEL, 0);
    tern_memory_wait(context, SETTLE_CYCLES);
}

static void write_pattern(struct tern_context *context, const struct tern_memory_board *board, uint32_t seed) {
    for (uint32_t phase = 0; phase < board->phases; phase++) {
        const uint32_t first = TERN_CONTROLLER_DFII_PI0_WRDATA + tern_controller_phase(board, phase);
        for (uint32_t word = 0; word < board->data_words; word++) {
            tern_controller_write(context, first + 4 * word, draw(&seed));
        }
    }
    tern_memory_command(context, 0, COMMAND(CS) | COMMAND(RAS), 0, 0, TERN_MEMORY_COMMAND_CYCLES);
    tern_memory_command(context, tern_controller_phase(board, board->write_phase),
                        COMMAND(CS) | COMMAND(CAS) | COMMAND(WE) | COMMAND(WRDATA), 0, 0, TERN_MEMORY_COMMAND_CYCLES);
}

static void read_pattern(struct tern_context *context, const struct tern_memory_board *board) {
    tern_controller_write(context, TERN_CONTROLLER_BURSTDET_CLR, 1);
    tern_memory_command(context, tern_controller_phase(board, board->read_phase),
                        COMMAND(CS) | COMMAND(CAS) | COMMAND(RDDATA), 0, 0, READ_CYCLES);
    tern_memory_command(context, 0, COMMAND(CS) | COMMAND(RAS) | COMMAND(WE), 0, 0, TERN_MEMORY_COMMAND_CYCLES);
}

// The lanes whose bytes differ. The bytes of the lanes lie beside each other, those of one transfer after another.
static uint32_t wrong_lanes(struct tern_context *context, const struct tern_memory_board *board, uint32_t seed) {
    uint32_t wrong = 0;
    for (uint32_t phase = 0; phase < board->phases; phase++) {
        const uint32_t first =
            TERN_CONTROLLER_DFII_PI0_WRDATA + tern_controller_phase(board, phase) + 4u * board->data_words;
        for (uint32_t word = 0; word < board->data_words; word++) {
            const uint32_t differ = draw(&seed) ^ tern_controller_read(context, first + 4 * word);
            for (uint32_t byte = 0; byte < 4 && byte < board->phase_bytes; byte++) {
                if (differ >> 8 * byte & 0xff) {
                    wrong |= 1u << byte % board->lanes;
                }
            }
        }
    }
    return wrong;
}

// Masks of the lanes that read every pattern right, and of those whose PHY saw every burst.
static uint32_t try_lanes(struct tern_context *context, const struct tern_memory_board *board, uint32_t *bursts) {
    uint32_t right = (1u << board->lanes) - 1;
    *bursts = right;
    for (uint32_t pattern = 1; pattern <= PATTERNS; pattern++) {
        write_pattern(context, board, pattern);
        read_pattern(context, board);
        right &= ~wrong_lanes(context, board, pattern);
        *bursts &= tern_controller_read(context, TERN_CONTROLLER_BURSTDET_SEEN);
    }
    return right;
}

// ---- all settings

static void scan(struct tern_context *context, const struct tern_memory_board *board,
                 struct tern_memory_report *report) {
    for (uint32_t bitslip = 0; bitslip < board->bitslips; bitslip++) {
        for (uint32_t delay = 0; delay < board->delays; delay++) {
            uint32_t bursts;
            set_lanes(context, (1u << board->lanes) - 1, bitslip, delay);
            const uint32_t right = try_lanes(context, board, &bursts);
            for (uint32_t lane = 0; lane < board->lanes; lane++) {
                report->window[lane][bitslip] |= (right >> lane & 1) << delay;
                report->burst[lane][bitslip] |= (bursts >> lane & 1) << delay;
            }
        }
    }
}

// A PHY that saw a burst of the lane at any setting must have seen it. One that saw none cannot see bursts.
static uint32_t window_of(const struct tern_memory_report *report, uint32_t lane, uint32_t bitslip) {
    uint32_t seen = 0;
    for (uint32_t i = 0; i < report->bitslips; i++) {
        seen |= report->burst[lane][i];
    }
    return report->window[lane][bitslip] & (seen ? report->burst[lane][bitslip] : UINT32_MAX);
}

// The middle of the widest window of all bitslips.
static void choose(struct tern_memory_report *report, uint32_t lane) {
    for (uint32_t bitslip = 0; bitslip < report->bitslips; bitslip++) {
        const uint32_t window = window_of(report, lane, bitslip);
        for (uint32_t delay = 0, width = 0; delay < report->delays; delay++) {
            width = window >> delay & 1 ? width + 1 : 0;
            if (width > report->width[lane]) {
                report->width[lane] = width;
                report->bitslip[lane] = bitslip;
                report->delay[lane] = delay - width / 2;
            }
        }
    }
}

uint32_t tern_memory_level(struct tern_context *context, const struct tern_memory_board *board,
                           struct tern_memory_report *report) {
    uint32_t bursts, wrong = 0;
    if (board->delays == 0) {
        return TERN_MEMORY_READY;
    }
    report->bitslips = board->bitslips;
    report->delays = board->delays;
    scan(context, board, report);
    for (uint32_t lane = 0; lane < board->lanes; lane++) {
        choose(report, lane);
        set_lanes(context, 1u << lane, report->bitslip[lane], report->delay[lane]);
        wrong |= (report->width[lane] == 0 ? 1u : 0u) << lane;
    }
    wrong |= ~try_lanes(context, board, &bursts) & ((1u << board->lanes) - 1);
    while (wrong && !(wrong >> report->lane & 1)) {
        report->lane++;
    }
    return wrong ? TERN_MEMORY_NO_WINDOW : TERN_MEMORY_READY;
}
