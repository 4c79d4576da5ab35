// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/side_files.h"

#include <stddef.h>

#include "host_driver/system/write_file.h"

enum tern_status tern_side_files_copy(const char *from_directory, const char *to_directory, struct tern_error *error) {
    static const char *const names[] = {"config.json", "generation_config.json", "tokenizer.json",
                                        "tokenizer_config.json", "chat_template.jinja"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        TERN_TRY(tern_copy_file(from_directory, to_directory, names[i], error));
    }
    return TERN_STATUS_OK;
}
