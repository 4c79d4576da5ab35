// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>

#include "firmware/image.h"

const uint32_t tern_firmware_image[1] = {0};
const uint32_t tern_firmware_image_words = 0;
const char *const tern_firmware_image_missing = "rtl: needs riscv64-unknown-elf-gcc";
