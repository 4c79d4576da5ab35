// SPDX-License-Identifier: Apache-2.0
// The firmware as words for boot memory, from BOOT_BASE on. It has no words in a build without
// riscv64-unknown-elf-gcc.
#ifndef TERN_FIRMWARE_IMAGE_H
#define TERN_FIRMWARE_IMAGE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const uint32_t tern_firmware_image[];
extern const uint32_t tern_firmware_image_words; // 0: see the message below
// "rtl: needs riscv64-unknown-elf-gcc", NULL when there is an image.
extern const char *const tern_firmware_image_missing;

#ifdef __cplusplus
}
#endif
#endif
