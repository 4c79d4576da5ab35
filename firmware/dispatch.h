// SPDX-License-Identifier: Apache-2.0
// Runs the operation of a command in three steps. The first may run while the command before is under way.
#ifndef TERN_FIRMWARE_DISPATCH_H
#define TERN_FIRMWARE_DISPATCH_H

#include "firmware/unit.h"

struct tern_job {
    const union tern_command *command;
    const struct tern_unit *unit; // programmed for the command; NULL: the command needs none, or more than one run
    enum tern_status status;
    uint32_t detail;         // of the completion
    uint32_t started, ended; // TIME_LO
};

// Checks the command and programs its unit. A command that is refused has a status other than OK.
void tern_job_prepare(struct tern_context *context, const union tern_command *command, struct tern_job *job);
// Starts the job's unit.
void tern_job_start(struct tern_context *context, struct tern_job *job);
// Whether tern_job_finish would return at once.
bool tern_job_is_over(struct tern_context *context, const struct tern_job *job);
// Waits for the unit, or computes. job->status and job->detail are those of the completion.
void tern_job_finish(struct tern_context *context, struct tern_job *job);

#endif
