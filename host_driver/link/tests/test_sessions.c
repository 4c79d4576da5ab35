// SPDX-License-Identifier: Apache-2.0
// The board's rules, frame by frame, with frames from the past that a channel may bring. And sentences of the host.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "host_driver/link/tests/judge.h"

static struct judge judge;
static struct judge_model model;

static int set_up(void **state) {
    (void)state;
    memset(&judge, 0, sizeof judge);
    memset(&model, 0, sizeof model);
    judge_use_model(&judge, &model);
    return 0;
}

static struct tern_link_frame ask(const struct tern_link_frame *request) {
    uint8_t bytes[TERN_LINK_MAX_FRAME_BYTES], answer_bytes[TERN_LINK_MAX_FRAME_BYTES];
    struct tern_link_frame answer;
    const size_t size = tern_link_board_take(&model.board, bytes, tern_link_encode(request, bytes), answer_bytes);
    assert_true(tern_link_decode(answer_bytes, size, &answer));
    assert_int_equal(answer.kind, request->kind | TERN_LINK_ANSWER);
    assert_int_equal(answer.sequence, request->sequence);
    return answer;
}

static uint32_t offer(void) {
    const struct tern_link_frame hello = {.kind = TERN_LINK_HELLO};
    return ask(&hello).session;
}

static uint32_t open_as(uint32_t session, uint32_t host) {
    const struct tern_link_frame open = {.kind = TERN_LINK_OPEN, .session = session, .sequence = host};
    return ask(&open).status;
}

static uint32_t open_session(uint32_t session) {
    return open_as(session, 77);
}

static struct tern_link_frame write_one(uint32_t session, uint32_t sequence, uint32_t address) {
    const struct tern_link_frame write = {.kind = TERN_LINK_REGISTER_WRITE,
                                          .session = session,
                                          .sequence = sequence,
                                          .payload_bytes = 4,
                                          .length = 4,
                                          .address = address,
                                          .payload = {1}};
    return ask(&write);
}

static void offer_stays_until_it_is_taken(void **state) {
    (void)state;
    const uint32_t first = offer();
    assert_int_equal(offer(), first);
    assert_int_equal(open_session(first + 1), TERN_LINK_ENDED);
    assert_int_equal(open_session(first), TERN_STATUS_OK);
    assert_int_not_equal(offer(), first);
    assert_int_equal(write_one(first, 0, JUDGE_REGISTER_BASE).status, TERN_STATUS_OK); // HELLO ends nothing
}

static void repeated_open_does_not_begin_again(void **state) {
    (void)state;
    const uint32_t session = offer();
    assert_int_equal(open_session(session), TERN_STATUS_OK);
    assert_int_equal(write_one(session, 0, JUDGE_REGISTER_BASE).expected, 1);
    (void)offer();
    assert_int_equal(open_session(session), TERN_STATUS_OK);
    assert_int_equal(write_one(session, 0, JUDGE_REGISTER_BASE).expected, 1);
    assert_int_equal(judge.registers[0], 1);
}

static void one_host_has_a_session(void **state) {
    (void)state;
    const uint32_t session = offer();
    assert_int_equal(offer(), session); // to another host
    assert_int_equal(open_as(session, 1), TERN_STATUS_OK);
    assert_int_equal(open_as(session, 2), TERN_LINK_ENDED);
    assert_int_equal(write_one(session, 0, JUDGE_REGISTER_BASE).expected, 1);
    assert_int_equal(open_as(session, 1), TERN_STATUS_OK);
    assert_int_equal(open_as(offer(), 2), TERN_STATUS_OK);
    assert_int_equal(write_one(session, 1, JUDGE_REGISTER_BASE).status, TERN_LINK_ENDED);
}

static void ended_session_has_no_effect(void **state) {
    (void)state;
    const uint32_t old = offer();
    assert_int_equal(open_session(old), TERN_STATUS_OK);
    const uint32_t session = offer();
    assert_int_equal(open_session(session), TERN_STATUS_OK);
    assert_int_equal(write_one(old, 0, JUDGE_REGISTER_BASE).status, TERN_LINK_ENDED);
    assert_int_equal(open_session(old), TERN_LINK_ENDED);
    assert_int_equal(judge.registers[0], 0);
    tern_link_board_reset(&model.board);
    assert_int_equal(write_one(session, 0, JUDGE_REGISTER_BASE).status, TERN_LINK_ENDED);
    assert_int_equal(judge.registers[0], 0);
}

static void nothing_follows_a_failed_write(void **state) {
    (void)state;
    const uint32_t session = offer();
    assert_int_equal(open_session(session), TERN_STATUS_OK);
    assert_int_equal(write_one(session, 0, 0x10).status, TERN_STATUS_BUS_ERROR);
    const struct tern_link_frame next = write_one(session, 1, JUDGE_REGISTER_BASE);
    assert_int_equal(next.status, TERN_STATUS_BUS_ERROR);
    assert_int_equal(next.expected, 1);
    assert_int_equal(judge.registers[0], 0);
}

static void ranges_are_checked(void **state) {
    (void)state;
    const uint32_t session = offer();
    assert_int_equal(open_session(session), TERN_STATUS_OK);
    struct tern_link_frame read = {.kind = TERN_LINK_MEMORY_READ, .session = session, .address = JUDGE_MEMORY_BASE};
    const uint32_t bad[][2] = {{0, 0}, {0, 1025}, {1, 1024}, {1023, 2}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        read.address = JUDGE_MEMORY_BASE + bad[i][0];
        read.length = bad[i][1];
        assert_int_equal(ask(&read).status, TERN_STATUS_BAD_LENGTH);
    }
    read.length = 1;
    assert_int_equal(ask(&read).payload_bytes, 16);
    read.kind = TERN_LINK_REGISTER_READ;
    assert_int_equal(ask(&read).status, TERN_STATUS_BAD_LENGTH);
    struct tern_link_frame write = {.kind = TERN_LINK_MEMORY_WRITE,
                                    .session = session,
                                    .address = JUDGE_MEMORY_BASE,
                                    .length = 17,
                                    .payload_bytes = 16};
    assert_int_equal(ask(&write).status, TERN_STATUS_BAD_LENGTH);
}

static void host_says_what_failed(void **state) {
    (void)state;
    uint32_t value = 7;
    uint8_t byte = 0;
    judge_begin(&judge, 1, 0, false);
    assert_non_null(judge.link);
    assert_int_equal(tern_link_register_read(judge.link, 0x10, &value, &judge.error), TERN_STATUS_BUS_ERROR);
    assert_string_equal(judge.error.message, "board: a read at 0x10: memory answered with an error");
    assert_int_equal(value, 7);
    assert_int_equal(tern_link_memory_write(judge.link, 0x20, &byte, 1, &judge.error), TERN_STATUS_OK);
    assert_int_equal(tern_link_flush(judge.link, &judge.error), TERN_STATUS_BUS_ERROR);
    assert_string_equal(judge.error.message, "board: a write at 0x20: memory answered with an error");
    assert_true(judge_everything(&judge)); // the next session works
    judge_end(&judge);
}

static void addresses_are_checked(void **state) {
    (void)state;
    struct tern_error error;
    struct tern_link_transport transport;
    const char *const udp[] = {"", ":1", "host:", "host:0", "host:65536", "host:x", "host:123456"};
    for (size_t i = 0; i < sizeof udp / sizeof *udp; i++) {
        assert_int_equal(tern_link_udp_open("fpga", udp[i], &error, &transport), TERN_STATUS_BAD_ARGUMENT);
        assert_non_null(strstr(error.message, "is not HOST or HOST:PORT with a port of 1 to 65535"));
    }
    assert_int_equal(tern_link_tty_open("fpga", "", &error, &transport), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_link_tty_open("fpga", "/dev/null:9601", &error, &transport), TERN_STATUS_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "no rate of 9601 baud"));
    assert_int_equal(tern_link_tty_open("fpga", "/no/such:115200", &error, &transport), TERN_STATUS_IO);
    assert_string_equal(error.message, "fpga: cannot open /no/such: No such file or directory");
    assert_int_equal(tern_link_tty_open("fpga", "/dev/null", &error, &transport), TERN_STATUS_IO);
    assert_string_equal(error.message, "fpga: /dev/null is no serial line of that rate");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(offer_stays_until_it_is_taken, set_up),
        cmocka_unit_test_setup(repeated_open_does_not_begin_again, set_up),
        cmocka_unit_test_setup(one_host_has_a_session, set_up),
        cmocka_unit_test_setup(ended_session_has_no_effect, set_up),
        cmocka_unit_test_setup(nothing_follows_a_failed_write, set_up),
        cmocka_unit_test_setup(ranges_are_checked, set_up),
        cmocka_unit_test_setup(host_says_what_failed, set_up),
        cmocka_unit_test_setup(addresses_are_checked, set_up),
    };
    return cmocka_run_group_tests_name("driver.link.sessions", tests, NULL, NULL);
}
