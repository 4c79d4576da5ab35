// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

bool tern_descriptors_guard(void) {
    for (int wanted = STDIN_FILENO; wanted <= STDERR_FILENO; wanted++) {
        if (fcntl(wanted, F_GETFD) >= 0) {
            continue;
        }
        // The lowest free descriptor is `wanted`. The other direction makes each use fail.
        if (open("/dev/null", wanted == STDIN_FILENO ? O_WRONLY : O_RDONLY) != wanted) {
            return false;
        }
    }
    return true;
}
