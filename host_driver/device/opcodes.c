// SPDX-License-Identifier: Apache-2.0
#include "host_driver/device/opcodes.h"

#include "host_driver/device/device.h"

// By opcode: the name, and the noun for the detail of its completions.
static const struct {
    const char *name, *noun;
} opcodes[TERN_OPCODE_COUNT] = {
#define OPCODE_ROW(name, member, noun) [TERN_OPCODE_##name] = {#name, noun},
    TERN_OPCODE_LIST(OPCODE_ROW)};

const char *tern_opcode_name(uint32_t opcode) {
    return opcode < TERN_OPCODE_COUNT ? opcodes[opcode].name : "unknown operation";
}

#define NOUN_CASE(name, meaning, noun)                                                                                 \
    case TERN_STATUS_##name: return noun;

static const char *noun_of_status(enum tern_status status) {
    switch (status) { TERN_STATUS_LIST(NOUN_CASE) }
    return "";
}

const char *tern_detail_noun(const struct tern_completion *completion) {
    const char *noun = noun_of_status((enum tern_status)completion->status);
    return *noun ? noun : completion->opcode < TERN_OPCODE_COUNT ? opcodes[completion->opcode].noun : "detail";
}
