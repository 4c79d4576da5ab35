// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool tern_cli_number(const char *text, uint64_t least, uint64_t most, uint64_t *value) {
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno || end == text || *end || strchr(text, '-') || number < least || number > most) {
        return false;
    }
    *value = number;
    return true;
}

bool tern_cli_real(const char *text, double least, double most, double *value) {
    char *end = NULL;
    double number = strtod(text, &end);
    if (end == text || *end || !(number >= least && number <= most)) {
        return false;
    }
    *value = number;
    return true;
}
