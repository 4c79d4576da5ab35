// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum tern_status refuse(const char *text, const struct tern_cli_axis_rule *rule, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--%s %.100s: up to %d %snumbers from %g to %g%s%s%s",
                          rule->option, text, TERN_CLI_AXIS, rule->is_whole ? "whole " : "", rule->least, rule->most,
                          rule->unit ? ", or with the unit " : "", rule->unit ? rule->unit : "",
                          ", with commas between");
}

// A value that ends at a comma or at the end. *text is moved behind it.
static bool take(const char **text, const struct tern_cli_axis_rule *rule, double *value, bool *has_unit) {
    char *end;
    if (!(**text >= '0' && **text <= '9')) {
        return false;
    }
    *value = strtod(*text, &end);
    *has_unit = rule->unit && strncmp(end, rule->unit, strlen(rule->unit)) == 0;
    end += *has_unit ? strlen(rule->unit) : 0;
    *text = end;
    const bool is_in_range = *has_unit ? *value > 0 && *value <= 1e9 : *value >= rule->least && *value <= rule->most;
    return is_in_range && (*end == ',' || *end == 0) && (!rule->is_whole || *value == floor(*value));
}

enum tern_status tern_cli_axis(const char *text, const struct tern_cli_axis_rule *rule, struct tern_error *error,
                               struct tern_cli_axis *axis) {
    const char *at = text;
    axis->count = 0;
    do {
        at += axis->count > 0;
        if (axis->count == TERN_CLI_AXIS ||
            !take(&at, rule, &axis->values[axis->count], &axis->has_unit[axis->count])) {
            return refuse(text, rule, error);
        }
        axis->count++;
    } while (*at == ',');
    return TERN_STATUS_OK;
}
