// SPDX-License-Identifier: Apache-2.0
#include "firmware/dispatch.h"

#include "firmware/check.h"
#include "firmware/operation.h"

enum tern_status tern_prepare_nop(struct tern_context *context, const struct tern_command_nop *command) {
    (void)context;
    (void)command;
    return TERN_STATUS_OK;
}

enum tern_status tern_compute_nop(struct tern_context *context, const struct tern_command_nop *command) {
    (void)context;
    (void)command;
    return TERN_STATUS_OK;
}

#define PREPARE(name, member, detail)                                                                                  \
    case TERN_OPCODE_##name: return tern_prepare_##member(context, &command->member);

enum tern_status tern_prepare(struct tern_context *context, const union tern_command *command) {
    switch (command->header.opcode) {
        TERN_OPCODE_LIST(PREPARE)
    default: return tern_refuse(context, TERN_STATUS_BAD_OPCODE, command->header.opcode);
    }
}

#define COMPUTE(name, member, detail)                                                                                  \
    case TERN_OPCODE_##name: return tern_compute_##member(context, &command->member);

static enum tern_status compute(struct tern_context *context, const union tern_command *command) {
    switch (command->header.opcode) {
        TERN_OPCODE_LIST(COMPUTE)
    default: return TERN_STATUS_BAD_OPCODE;
    }
}

void tern_job_compute(struct tern_context *context, struct tern_job *job) {
    context->detail = 0;
    job->status = compute(context, job->command);
    job->detail = context->detail;
}

void tern_job_fail(struct tern_context *context, struct tern_job *job) {
    job->detail = tern_unit_detail(context, job->unit);
    if (job->unit == TERN_ATTENTION_BASE) {
        job->detail = tern_dot_detail(&job->command->dot, job->status, job->detail);
    }
}
