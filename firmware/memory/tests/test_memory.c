// SPDX-License-Identifier: Apache-2.0
// The start of memory on a board that has a fault: no window, narrow, split and crossed windows, or a wrong size. Or
// data and address lines that do not work, or units that do not answer.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "firmware/memory/memory.h"
#include "firmware/memory/tests/memory_model.h"

static struct memory_model model;
static struct tern_memory_report report;

static void open_board(uint32_t board) {
    memory_model_open(&model, board);
    memset(&report, 0, sizeof report);
}

static void set_window(uint32_t lane, uint32_t bitslip, uint32_t window) {
    memset(model.window[lane], 0, sizeof model.window[lane]);
    model.window[lane][bitslip] = window;
}

// Two lanes whose windows are known.
static void open_levelled(void) {
    open_board(TERN_SYSTEM_BOARD_ECPIX5);
    set_window(0, 1, 0x3c);
    set_window(1, 2, 0x70);
}

static void start(uint32_t state) {
    const bool is_ready = tern_memory_start(memory_model_port(&model), &report);
    assert_null(model.broken);
    assert_int_equal(report.state, state);
    assert_int_equal(is_ready, state == TERN_MEMORY_READY);
    assert_int_equal(report.magic, TERN_MEMORY_REPORT_MAGIC);
    assert_int_equal(model.state, TERN_FIELD_PUT(SYSTEM_MEMORY_STATE_STATE, state) |
                                      TERN_FIELD_PUT(SYSTEM_MEMORY_STATE_LANE, report.lane));
}

// The controller gives the commands again, whatever was found.
static void start_and_end(uint32_t state) {
    start(state);
    assert_int_equal(model.control, TERN_CONTROLLER_CONTROL_HARDWARE);
    assert_int_equal(model.init_done, 1);
    assert_int_equal(model.init_error, state != TERN_MEMORY_READY);
    assert_int_equal(model.select, 0);
}

static void expect_choice(uint32_t lane, uint32_t bitslip, uint32_t delay, uint32_t width) {
    assert_int_equal(report.bitslip[lane], bitslip);
    assert_int_equal(report.delay[lane], delay);
    assert_int_equal(report.width[lane], width);
    assert_int_equal(model.bitslip[lane], bitslip);
    assert_int_equal(model.delay[lane], delay);
}

static void memory_without_levelling_is_ready(void **state) {
    (void)state;
    open_board(TERN_SYSTEM_BOARD_ULX3S);
    start_and_end(TERN_MEMORY_READY);
    assert_int_equal(model.modes, 2);
    assert_int_equal(report.lanes, 2);
    assert_int_equal(report.bitslips, 0);
    assert_int_equal(report.size, MODEL_WINDOW);
    assert_int_equal(report.tested, MODEL_WINDOW);
}

static void each_lane_gets_the_middle_of_its_window(void **state) {
    (void)state;
    open_levelled();
    start_and_end(TERN_MEMORY_READY);
    assert_int_equal(model.modes, 4);
    expect_choice(0, 1, 3, 4);
    expect_choice(1, 2, 5, 3);
    assert_int_equal(report.window[0][1], 0x3c);
    assert_int_equal(report.window[1][2], 0x70);
    assert_int_equal(report.window[1][1], 0);
}

static void single_delay_is_found(void **state) {
    (void)state;
    open_levelled();
    set_window(1, 3, 0x80);
    start_and_end(TERN_MEMORY_READY);
    expect_choice(1, 3, 7, 1);
}

// 6, 7, 0, 1, 2 are no window of five delays.
static void windows_do_not_wrap_around(void **state) {
    (void)state;
    open_levelled();
    set_window(0, 0, 0xc7);
    start_and_end(TERN_MEMORY_READY);
    expect_choice(0, 0, 1, 3);
}

static void widest_window_of_all_bitslips_is_taken(void **state) {
    (void)state;
    open_levelled();
    model.window[0][0] = 0xd8; // two and two
    model.window[0][3] = 0x7e;
    start_and_end(TERN_MEMORY_READY);
    expect_choice(0, 3, 3, 6);
}

static void lane_without_window_is_named(void **state) {
    (void)state;
    for (uint32_t lane = 0; lane < MODEL_LANES; lane++) {
        open_levelled();
        set_window(lane, 0, 0);
        start_and_end(TERN_MEMORY_NO_WINDOW);
        assert_int_equal(report.lane, lane);
        assert_int_equal(report.width[lane], 0);
        assert_int_not_equal(report.width[lane ^ 1], 0);
    }
}

// The scan moves both delays together and finds both windows. With its own delay each lane then reads wrong data.
static void crossed_lanes_are_no_window(void **state) {
    (void)state;
    open_levelled();
    model.crosses_lanes = true;
    start_and_end(TERN_MEMORY_NO_WINDOW);
}

static void delay_without_burst_is_not_taken(void **state) {
    (void)state;
    open_levelled();
    model.burst[0][1] = 0x0c;
    start_and_end(TERN_MEMORY_READY);
    expect_choice(0, 1, 2, 2);
    expect_choice(1, 2, 5, 3); // a PHY that sees no burst of the lane
    assert_int_equal(report.burst[0][1], 0x0c);
}

static void smaller_memory_is_seen(void **state) {
    (void)state;
    for (uint32_t bytes = MODEL_WINDOW / 2; bytes >= 4096; bytes /= 2) {
        open_board(TERN_SYSTEM_BOARD_ULX3S);
        model.memory_bytes = bytes;
        start_and_end(TERN_MEMORY_WRONG_DATA);
        assert_int_equal(report.size, bytes);
        assert_int_equal(report.tested, MODEL_WINDOW);
    }
}

static void address_lines_are_tested(void **state) {
    (void)state;
    for (uint32_t bit = 2; 1u << bit < MODEL_WINDOW; bit++) {
        open_board(TERN_SYSTEM_BOARD_ULX3S);
        model.ignored_address = 1u << bit;
        start_and_end(TERN_MEMORY_WRONG_DATA);
        open_board(TERN_SYSTEM_BOARD_ULX3S);
        model.joined_address = 1u << bit | (bit == 2 ? 8 : 4);
        start_and_end(TERN_MEMORY_WRONG_DATA);
    }
}

static void data_lines_are_tested(void **state) {
    (void)state;
    for (uint32_t bit = 0; bit < 32; bit++) {
        open_board(TERN_SYSTEM_BOARD_ULX3S);
        model.stuck_data = 1u << bit;
        start_and_end(TERN_MEMORY_WRONG_DATA);
        assert_int_equal(report.expected ^ report.read, 1u << bit);
    }
    open_board(TERN_SYSTEM_BOARD_ULX3S);
    model.writes_whole_beats = true;
    start_and_end(TERN_MEMORY_WRONG_DATA);
}

static void every_wait_ends(void **state) {
    (void)state;
    open_board(TERN_SYSTEM_BOARD_ULX3S);
    model.dma_hangs = true;
    start_and_end(TERN_MEMORY_NO_ANSWER);
    open_levelled();
    model.time_stands = true;
    start_and_end(TERN_MEMORY_READY);
}

static void units_end_before(void **state) {
    (void)state;
    open_levelled();
    model.unit_is_busy = model.unit_ends = true;
    start_and_end(TERN_MEMORY_READY);
    open_levelled();
    model.unit_is_busy = true;
    start(TERN_MEMORY_NO_ANSWER);
    assert_int_equal(model.modes, 0);
}

static void unknown_board_is_said(void **state) {
    (void)state;
    open_board(TERN_SYSTEM_BOARD_NONE);
    start(TERN_MEMORY_NO_BOARD);
    open_board(TERN_SYSTEM_BOARD_NONE);
    model.has_controller = false;
    assert_true(tern_memory_start(memory_model_port(&model), &report));
    assert_int_equal(report.magic, 0);
    assert_int_equal(model.state, TERN_MEMORY_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_without_levelling_is_ready),
        cmocka_unit_test(each_lane_gets_the_middle_of_its_window),
        cmocka_unit_test(single_delay_is_found),
        cmocka_unit_test(windows_do_not_wrap_around),
        cmocka_unit_test(widest_window_of_all_bitslips_is_taken),
        cmocka_unit_test(lane_without_window_is_named),
        cmocka_unit_test(crossed_lanes_are_no_window),
        cmocka_unit_test(delay_without_burst_is_not_taken),
        cmocka_unit_test(smaller_memory_is_seen),
        cmocka_unit_test(address_lines_are_tested),
        cmocka_unit_test(data_lines_are_tested),
        cmocka_unit_test(every_wait_ends),
        cmocka_unit_test(units_end_before),
        cmocka_unit_test(unknown_board_is_said),
    };
    return cmocka_run_group_tests_name("fw.memory", tests, NULL, NULL);
}
