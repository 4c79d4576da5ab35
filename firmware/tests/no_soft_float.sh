#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# no_soft_float.sh NM FIRMWARE.ELF: none of libgcc's float routines may be linked; the core has instructions for them.
set -u
symbols=$("$1" --defined-only --format=posix "$2") || exit 1
grep -q '^tern_firmware_poll T' <<<"$symbols" || { echo "$2: no tern_firmware_poll; not the firmware"; exit 1; }
soft=$(grep -E '^__([a-z]+(sf|df|tf)[a-z]*[0-9]?|(un)?ord(sf|df)2|mul[sd]c3|div[sd]c3|pow[isd]*f2) ' <<<"$symbols")
if [ -n "$soft" ]; then
    echo "$2 links soft float:"
    echo "$soft"
    exit 1
fi
