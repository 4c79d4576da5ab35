// SPDX-License-Identifier: Apache-2.0
#include "firmware/dispatch.h"

#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/wait.h"

enum tern_status tern_check_nop(struct tern_context *context, const struct tern_command_nop *command) {
    (void)context;
    (void)command;
    return TERN_STATUS_OK;
}

const struct tern_unit *tern_program_nop(struct tern_context *context, const struct tern_command_nop *command) {
    (void)context;
    (void)command;
    return NULL;
}

enum tern_status tern_compute_nop(struct tern_context *context, const struct tern_command_nop *command) {
    (void)context;
    (void)command;
    return TERN_STATUS_OK;
}

#define PREPARE(name, member, detail)                                                                                  \
    case TERN_OPCODE_##name:                                                                                           \
        TERN_TRY(tern_check_##member(context, &command->member));                                                      \
        *unit = tern_program_##member(context, &command->member);                                                      \
        return TERN_STATUS_OK;

static enum tern_status prepare(struct tern_context *context, const union tern_command *command,
                                const struct tern_unit **unit) {
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

void tern_job_prepare(struct tern_context *context, const union tern_command *command, struct tern_job *job) {
    job->command = command;
    job->unit = NULL;
    context->detail = 0;
    job->status = prepare(context, command, &job->unit);
    job->detail = context->detail;
}

void tern_job_start(struct tern_context *context, struct tern_job *job) {
    job->started = tern_time(context);
    if (job->status == TERN_STATUS_OK && job->unit) {
        job->status = tern_unit_start(context, job->unit, TERN_MATMUL_CONTROL_START_MASK);
    }
}

bool tern_job_is_over(struct tern_context *context, const struct tern_job *job) {
    return job->status != TERN_STATUS_OK || !job->unit || !tern_unit_is_busy(context, job->unit);
}

void tern_job_finish(struct tern_context *context, struct tern_job *job) {
    if (job->status == TERN_STATUS_OK) {
        context->detail = 0;
        job->status = job->unit ? tern_unit_finish(context, job->unit) : compute(context, job->command);
        job->detail = job->status == TERN_STATUS_OK ? 0 : context->detail;
        if (job->unit == &tern_attention_unit) {
            job->detail = tern_dot_detail(&job->command->dot, job->status, job->detail);
        }
    }
    job->ended = tern_time(context);
}
