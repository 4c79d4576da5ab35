// SPDX-License-Identifier: Apache-2.0
// Runs the operation of a command in three steps. The first may run while the command before is under way. Inline is
// what lies between the end of a run and the start of the next.
#ifndef TERN_FIRMWARE_DISPATCH_H
#define TERN_FIRMWARE_DISPATCH_H

#include <stddef.h>

#include "firmware/unit.h"

struct tern_job {
    const union tern_command *command;
    uint32_t unit; // runs the command; 0: it failed, needs none, or more than one run
    enum tern_status status;
    uint32_t detail;  // of a failure
    uint32_t started; // TIME_LO, for a profile
    uint32_t number;  // of the command
    bool is_beside;   // COMMAND_BESIDE
};

// Checks the command and programs context->unit.
enum tern_status tern_prepare(struct tern_context *context, const union tern_command *command);

// A command that is refused has a status other than OK.
static inline void tern_job_prepare(struct tern_context *context, const union tern_command *command,
                                    struct tern_job *job) {
    context->unit = 0;
    job->command = command;
    job->status = tern_prepare(context, command);
    job->unit = context->unit;
    if (job->status != TERN_STATUS_OK) {
        job->unit = 0;
        job->detail = context->detail;
    }
}

// Starts the job's unit.
static inline void tern_job_start(struct tern_context *context, struct tern_job *job) {
    if (job->unit) {
        enum tern_status status = tern_unit_start(context, job->unit, TERN_MATMUL_CONTROL_START_MASK);
        if (status != TERN_STATUS_OK) {
            job->unit = 0;
            job->status = status;
            job->detail = 0;
        }
    }
}

// Whether the job computes when it is finished.
static inline bool tern_job_computes(const struct tern_job *job) {
    return job->status == TERN_STATUS_OK && !job->unit;
}

// Runs a job that computes.
void tern_job_compute(struct tern_context *context, struct tern_job *job);
// Takes the detail of a failed run.
void tern_job_fail(struct tern_context *context, struct tern_job *job);

// Waits for the unit, or computes. job->status and job->detail are those of the completion.
static inline void tern_job_finish(struct tern_context *context, struct tern_job *job) {
    if (job->unit) {
        enum tern_status status = tern_unit_wait(context, job->unit);
        if (status != TERN_STATUS_OK) {
            job->status = status;
            tern_job_fail(context, job);
        }
    } else if (tern_job_computes(job)) {
        tern_job_compute(context, job);
    }
}

#endif
