/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from spec/tern.toml by tools/gen_spec; do not edit. */
#ifndef TERN_SPEC_H
#define TERN_SPEC_H

#ifndef __ASSEMBLER__
#include <stdint.h>
#ifdef __cplusplus
#define TERN_SPEC_STATIC_ASSERT static_assert
#else
#define TERN_SPEC_STATIC_ASSERT _Static_assert
#endif
/* Of a type whose values a caller may not ignore: each function that returns a status. gcc has no such thing. */
#if defined(__clang__)
#define TERN_MUST_CHECK __attribute__((warn_unused_result))
#else
#define TERN_MUST_CHECK
#endif
#endif

#define TERN_SPEC_HASH 0x85581424 /* CRC-32 of spec/tern.toml */

/* version */
#define TERN_INTERFACE_VERSION 2 /* registers, commands and activation image; doctor refuses another */
#define TERN_FORMAT_VERSION 1 /* packed container; readers refuse another */

/* packed format */
#define TERN_GROUP_COLUMNS 16 /* columns of one row that share a scale code */
#define TERN_STRIP_ROWS 5 /* rows of a strip = trits of a byte */
#define TERN_BEAT_BYTES 16 /* one plane of one group of one strip */
#define TERN_CODE_BYTES 3 /* scale codes of one group: 5 rows x 3 base-3 digits */
#define TERN_GROUP_MULTIPLE 4 /* groups a row are rounded up to a multiple of this */
#define TERN_SEGMENT_ALIGN 64 /* bytes; alignment of strips, planes and every device buffer */
#define TERN_STEPS 27 /* entries of a matrix's step table */
#define TERN_MAX_DEPTH 4 /* planes (trits) a weight */
#define TERN_STEP_RATIO_LOG2 32 /* largest over smallest non-zero step is below 2 to this */

/* arithmetic */
#define TERN_MANTISSA_BITS 16 /* signed activation mantissa */
#define TERN_MANTISSA_MAX 32767 /* largest magnitude a quantized activation takes */
#define TERN_MAX_SHIFT 15 /* largest shift of a group above the base exponent of its vector */
#define TERN_GROUP_SUM_BITS 26 /* signed sum of one group over all planes (40*16*32767 < 2^25) */
#define TERN_BIN_BITS 53 /* signed bin at 65536 columns */
#define TERN_SUM_BITS 128 /* signed exact sum of a row before the one rounding */
#define TERN_REDUCTION_PARTS 16 /* partial sums of every float32 reduction */

/* activation image */
#define TERN_ACTIVATION_HEADER_BYTES 64 /* words: base exponent (i32), groups, columns, magic; rest zero */
#define TERN_ACTIVATION_MAGIC 0x31504642 /* 'BFP1', word 3 of the header */
#define TERN_LEAST_BASE_EXPONENT (-178) /* base exponent of the smallest float32 vector */
#define TERN_LARGEST_BASE_EXPONENT 99 /* base exponent of the largest float32 vector */

/* key/value cache */
#define TERN_CACHE_POSITIONS 16 /* positions of one head that a record of the cache holds */
#define TERN_CACHE_EXPONENT (-30) /* exponent of a group with exponent byte 0 */
#define TERN_CACHE_MAX_SHIFT 31 /* largest exponent byte of a group */
#define TERN_HISTORY_POSITIONS 32 /* positions whose values are kept as f32: position p is column p mod this */
#define TERN_SOFTMAX_BASE_EXPONENT (-29) /* base exponent of every image of SOFTMAX: that of a weight of 1 */
#define TERN_DOT_VECTORS 8 /* images that DOT multiplies with each record in one pass over the cache */
#define TERN_DOT_PART_RECORDS 128 /* value records for which DOT holds the weights at once */
#define TERN_DOT_AT_SHIFT 4 /* where DOT failed: a shift of an image; 0..3 are words of its header */
#define TERN_DOT_AT_EXPONENT 5 /* an exponent byte of a record */
#define TERN_DOT_AT_IMAGE 6 /* an access to an image */
#define TERN_DOT_AT_RECORD 7 /* an access to a record */
#define TERN_DOT_AT_OUTPUT 8 /* an access to a result */

/* limits */
#define TERN_MAX_COLUMNS 32768 /* columns of a matrix the unit accepts */
#define TERN_MAX_ROWS 0x40000 /* rows of a matrix one command accepts */
#define TERN_MAX_VECTORS 32 /* activation vectors of one MATMUL */
#define TERN_MAX_LENGTH 0x40000 /* elements of a vector one command accepts */
#define TERN_MAX_POSITIONS 32768 /* positions of a key/value cache */
#define TERN_MAX_HEADS 256 /* query heads */
#define TERN_MAX_HEAD_SIZE 256 /* elements of a head */
#define TERN_STRIDE_LIMIT_LOG2 44 /* strides are below 2 to this: the addresses of all rows stay within 64 bits */

/* command ring */
#define TERN_COMMAND_BYTES 128 /* one command, 32 words */
#define TERN_COMMAND_BESIDE 0x80000000 /* bit of word 0: the command may run beside the last one without this bit, on which it does not depend. Commands with it run one after the other */
#define TERN_COMPLETION_BYTES 16 /* one completion: sequence, status, opcode, detail */
#define TERN_PROFILE_BYTES 32 /* times and counters of one command */
#define TERN_RING_MAX_ENTRIES 1024 /* ring entries are a power of two up to this */

/* core address map (the host sees the same addresses through its AXI4-Lite port) */
#define TERN_BOOT_BASE 0 /* boot memory: firmware text, data and stack; the host writes it while the core is held */
#define TERN_BOOT_BYTES 49152 /* 48 KiB, a multiple of 4 KiB */
#define TERN_SCRATCH_BASE 0x10000000 /* scratch memory, the local side of the DMA engine */
#define TERN_SCRATCH_BYTES 32768 /* 32 KiB, a power of two */
#define TERN_SYSTEM_BASE 0x20000000 /* system registers */
#define TERN_DMA_BASE 0x20010000 /* DMA registers */
#define TERN_CONTROLLER_BASE 0x20020000 /* registers of the memory controller, on hardware with HARDWARE CONTROLLER */
#define TERN_MATMUL_BASE 0x30000000 /* matmul unit registers */
#define TERN_VECTOR_BASE 0x30010000 /* vector unit registers */
#define TERN_ATTENTION_BASE 0x30020000 /* attention unit registers */

/* device memory of the simulated devices */
#define TERN_DEVICE_MEMORY_BASE 0x100000000 /* first byte; above 4 GiB, so that the upper address words are in use */
#define TERN_DEVICE_MEMORY_BYTES 0x40000000 /* 1 GiB unless the user says another size */
#define TERN_DEVICE_MEMORY_PAGE 4096 /* sizes are rounded up to a multiple of this */

/* link between host and board (docs/link.md) */
#define TERN_LINK_MAGIC 19540 /* 'TL', bits 15:0 of a frame's first word */
#define TERN_LINK_VERSION 1 /* bits 23:16; a frame of another version is dropped */
#define TERN_LINK_HEADER_WORDS 6 /* words before the payload; a CRC-32C of all follows it */
#define TERN_LINK_MAX_PAYLOAD 1024 /* bytes; a memory request stays within an aligned range of so many */
#define TERN_LINK_BEAT_BYTES 16 /* memory payloads are whole pieces of so many bytes */
#define TERN_LINK_RECEIVE_BYTES 4096 /* of header and payload that a board can hold */
#define TERN_LINK_ANSWER 128 /* added to the kind of a request: the kind of its answer */
#define TERN_LINK_HELLO 1 /* kind: asks for a session number and the facts of the board */
#define TERN_LINK_OPEN 2 /* kind: begins the session of that number */
#define TERN_LINK_REGISTER_READ 3 /* kind: one word */
#define TERN_LINK_REGISTER_WRITE 4 /* kind: words to rising addresses */
#define TERN_LINK_MEMORY_READ 5 /* kind: bytes of device memory */
#define TERN_LINK_MEMORY_WRITE 6 /* kind: bytes of device memory */
#define TERN_LINK_HELLO_WORDS 5 /* payload of HELLO's answer: receive bytes, memory base and memory bytes, low word first */
#define TERN_LINK_ENDED 255 /* status of an answer: the session of the request is not that of the board */
#define TERN_LINK_UDP_PORT 5005 /* unless the user says another one */
#define TERN_LINK_BAUD 0x2dc6c0 /* of a serial line, unless the user says another rate */
#define TERN_LINK_END 192 /* byte stream: ends a frame (RFC 1055) */
#define TERN_LINK_ESCAPE 219 /* byte stream: the next byte stands for another one */
#define TERN_LINK_ESCAPED_END 220 /* byte stream: stands for LINK_END */
#define TERN_LINK_ESCAPED_ESCAPE 221 /* byte stream: stands for LINK_ESCAPE */

/* firmware */
#define TERN_STACK_GUARD 0x5afe57ac /* the last word the stack may grow to; the firmware stops when it has changed */

/* memory behind a controller (SYSTEM MEMORY_STATE) */
#define TERN_MEMORY_UNKNOWN 0 /* not initialised */
#define TERN_MEMORY_READY 1 /* initialised and tested */
#define TERN_MEMORY_NO_WINDOW 2 /* a lane has no delay at which it reads right data */
#define TERN_MEMORY_WRONG_DATA 3 /* the test of memory read wrong data */
#define TERN_MEMORY_NO_BOARD 4 /* the firmware does not know the memory of this board */
#define TERN_MEMORY_NO_ANSWER 5 /* a unit did not end, or the test of memory got no answer */
#define TERN_MEMORY_REPORT_MAGIC 0x524d4d54 /* 'TMMR', the first word of struct tern_memory_report */
#define TERN_MEMORY_REPORT_LANES 4 /* memory lanes that a report has room for */
#define TERN_MEMORY_REPORT_BITSLIPS 8 /* bitslips of a lane that it has room for */
#define TERN_MEMORY_REPORT_BYTES 352 /* size of a report */

/* memory controller */
#define TERN_CONTROLLER_INIT_DONE 0 /* 1 when the firmware is done; offsets of LiteDRAM's registers from CONTROLLER_BASE */
#define TERN_CONTROLLER_INIT_ERROR 4 /* 1 when memory does not work */
#define TERN_CONTROLLER_DLY_SEL 1024 /* memory lanes whose delay changes, a bit each; the strobe of a lane's reads pauses meanwhile */
#define TERN_CONTROLLER_RDLY_DQ_RST 1028 /* a write sets the delay of reads to 0 */
#define TERN_CONTROLLER_RDLY_DQ_INC 1032 /* a write adds 1 to it */
#define TERN_CONTROLLER_RDLY_DQ_BITSLIP_RST 1036 /* a write sets the bitslip of reads to 0 */
#define TERN_CONTROLLER_RDLY_DQ_BITSLIP 1040 /* a write adds 1 to it */
#define TERN_CONTROLLER_BURSTDET_CLR 1044 /* a write clears BURSTDET_SEEN */
#define TERN_CONTROLLER_BURSTDET_SEEN 1048 /* memory lanes that have seen a burst, a bit each */
#define TERN_CONTROLLER_DFII_CONTROL 2048 /* who gives commands, and the pins of memory that last */
#define TERN_CONTROLLER_DFII_PI0_COMMAND 2052 /* phase 0, the next ones behind it: the pins of a command */
#define TERN_CONTROLLER_DFII_PI0_COMMAND_ISSUE 2056 /* a write gives the command */
#define TERN_CONTROLLER_DFII_PI0_ADDRESS 2060 /* its address */
#define TERN_CONTROLLER_DFII_PI0_BADDRESS 2064 /* its bank */
#define TERN_CONTROLLER_DFII_PI0_WRDATA 2068 /* data to write, the highest 32 bits first; those that were read follow in as many words, then the next phase */
#define TERN_CONTROLLER_CONTROL_HARDWARE 1 /* DFII_CONTROL: the controller gives the commands */
#define TERN_CONTROLLER_CONTROL_CKE 2 /* DFII_CONTROL: the pin CKE */
#define TERN_CONTROLLER_CONTROL_ODT 4 /* DFII_CONTROL: the pin ODT */
#define TERN_CONTROLLER_CONTROL_RESET_N 8 /* DFII_CONTROL: the pin RESET_N */
#define TERN_CONTROLLER_COMMAND_CS 1 /* DFII_PI0_COMMAND: chip select, active high as all of them */
#define TERN_CONTROLLER_COMMAND_WE 2 /* DFII_PI0_COMMAND: write enable */
#define TERN_CONTROLLER_COMMAND_CAS 4 /* DFII_PI0_COMMAND: column address strobe */
#define TERN_CONTROLLER_COMMAND_RAS 8 /* DFII_PI0_COMMAND: row address strobe */
#define TERN_CONTROLLER_COMMAND_WRDATA 16 /* DFII_PI0_COMMAND: data are written */
#define TERN_CONTROLLER_COMMAND_RDDATA 32 /* DFII_PI0_COMMAND: data are read */

/* identity */
#define TERN_SYSTEM_ID 0x4e524554 /* 'TERN' */
#define TERN_MATMUL_ID 0x304d4d54 /* 'TMM0' */
#define TERN_VECTOR_ID 0x30434556 /* 'VEC0' */
#define TERN_ATTENTION_ID 0x30544154 /* 'TAT0' */
#define TERN_CLOCK_HZ 0x5f5e100 /* frequency of hardware that is not built for another */

/* A field of a register's word, by its name below: TERN_FIELD_GET(DMA_STATUS_CODE, word), and put in its place. */
#define TERN_FIELD_GET(field, word) (((word) & TERN_##field##_MASK) >> TERN_##field##_SHIFT)
#define TERN_FIELD_PUT(field, value) ((uint32_t)(value) << TERN_##field##_SHIFT & TERN_##field##_MASK)

/* SYSTEM: mailbox, window, timer; offsets from SYSTEM_BASE */
#define TERN_SYSTEM_REG_ID 0x000 /* ro: SYSTEM_ID */
#define TERN_SYSTEM_REG_INTERFACE 0x004 /* ro: INTERFACE_VERSION */
#define TERN_SYSTEM_REG_SPEC_HASH 0x008 /* ro: CRC-32 of spec/tern.toml the hardware was built from */
#define TERN_SYSTEM_REG_HARDWARE 0x00c /* ro: what the hardware was built with */
#define TERN_SYSTEM_HARDWARE_LANES_MASK 0x000000ffu /* lanes of the matmul unit */
#define TERN_SYSTEM_HARDWARE_LANES_SHIFT 0
#define TERN_SYSTEM_HARDWARE_DEPTH_MASK 0x0000ff00u /* largest depth */
#define TERN_SYSTEM_HARDWARE_DEPTH_SHIFT 8
#define TERN_SYSTEM_HARDWARE_VECTORS_MASK 0x00ff0000u /* activation vectors the matmul unit takes in one stream of the weights */
#define TERN_SYSTEM_HARDWARE_VECTORS_SHIFT 16
#define TERN_SYSTEM_HARDWARE_WAYS_MASK 0x1f000000u /* ways of the vector unit; 0 without one */
#define TERN_SYSTEM_HARDWARE_WAYS_SHIFT 24
#define TERN_SYSTEM_HARDWARE_ATTENTION_MASK 0x20000000u /* there is an attention unit */
#define TERN_SYSTEM_HARDWARE_ATTENTION_SHIFT 29
#define TERN_SYSTEM_HARDWARE_CONTROLLER_MASK 0x40000000u /* there is a memory controller, which the firmware initialises */
#define TERN_SYSTEM_HARDWARE_CONTROLLER_SHIFT 30
#define TERN_SYSTEM_REG_MAX_GROUPS 0x010 /* ro: groups of a row the unit's activation buffer holds */
#define TERN_SYSTEM_REG_CLOCK_HZ 0x014 /* ro: frequency the hardware was built for */
#define TERN_SYSTEM_REG_CONTROL 0x018 /* rw: the core */
#define TERN_SYSTEM_CONTROL_RUN_MASK 0x00000001u /* 1 lets the core run, 0 holds it in reset */
#define TERN_SYSTEM_CONTROL_RUN_SHIFT 0
#define TERN_SYSTEM_REG_STATUS 0x01c /* ro: state of the hardware */
#define TERN_SYSTEM_STATUS_RUNS_MASK 0x00000001u /* the core is not held in reset */
#define TERN_SYSTEM_STATUS_RUNS_SHIFT 0
#define TERN_SYSTEM_STATUS_TRAPPED_MASK 0x00000002u /* the core stopped: illegal instruction, misaligned access, ecall, ebreak */
#define TERN_SYSTEM_STATUS_TRAPPED_SHIFT 1
#define TERN_SYSTEM_STATUS_MEMORY_WAITS_MASK 0x00000004u /* the memory port still ends bursts from before the last reset; requests wait */
#define TERN_SYSTEM_STATUS_MEMORY_WAITS_SHIFT 2
#define TERN_SYSTEM_REG_TIME_LO 0x020 /* ro: cycles since reset; read high, low, high */
#define TERN_SYSTEM_REG_TIME_HI 0x024
#define TERN_SYSTEM_REG_WINDOW_BASE_LO 0x028 /* rw: first byte of device memory that commands may touch */
#define TERN_SYSTEM_REG_WINDOW_BASE_HI 0x02c
#define TERN_SYSTEM_REG_WINDOW_BYTES_LO 0x030 /* rw: length of that window; hardware checks every burst against it */
#define TERN_SYSTEM_REG_WINDOW_BYTES_HI 0x034
#define TERN_SYSTEM_REG_RING_BASE_LO 0x038 /* rw: device address of the ring: commands, then completions */
#define TERN_SYSTEM_REG_RING_BASE_HI 0x03c
#define TERN_SYSTEM_REG_RING_ENTRIES 0x040 /* rw: power of two */
#define TERN_SYSTEM_REG_DOORBELL 0x044 /* rw: commands the host has written, free running */
#define TERN_SYSTEM_REG_COMPLETED 0x048 /* rw: commands the firmware has completed, free running */
#define TERN_SYSTEM_REG_WAIT_LIMIT 0x04c /* rw: cycles a wait of the firmware may last before TIMEOUT */
#define TERN_SYSTEM_REG_SOFTWARE 0x058 /* rw: commands that the firmware computes itself, although there is a unit for them */
#define TERN_SYSTEM_SOFTWARE_VECTOR_MASK 0x00000001u /* those of the vector unit */
#define TERN_SYSTEM_SOFTWARE_VECTOR_SHIFT 0
#define TERN_SYSTEM_SOFTWARE_ATTENTION_MASK 0x00000002u /* DOT */
#define TERN_SYSTEM_SOFTWARE_ATTENTION_SHIFT 1
#define TERN_SYSTEM_REG_SLEEP 0x068 /* wo: the core's next access waits until one of the named events */
#define TERN_SYSTEM_SLEEP_MATMUL_MASK 0x00000001u /* the unit is not busy */
#define TERN_SYSTEM_SLEEP_MATMUL_SHIFT 0
#define TERN_SYSTEM_SLEEP_VECTOR_MASK 0x00000002u /* the unit is not busy */
#define TERN_SYSTEM_SLEEP_VECTOR_SHIFT 1
#define TERN_SYSTEM_SLEEP_ATTENTION_MASK 0x00000004u /* the unit is not busy */
#define TERN_SYSTEM_SLEEP_ATTENTION_SHIFT 2
#define TERN_SYSTEM_SLEEP_DMA_MASK 0x00000008u /* the unit is not busy */
#define TERN_SYSTEM_SLEEP_DMA_SHIFT 3
#define TERN_SYSTEM_SLEEP_DOORBELL_MASK 0x00000010u /* DOORBELL was written after the end of the last sleep */
#define TERN_SYSTEM_SLEEP_DOORBELL_SHIFT 4
#define TERN_SYSTEM_SLEEP_CYCLES_MASK 0xffff0000u /* so many cycles have passed; counts in any case */
#define TERN_SYSTEM_SLEEP_CYCLES_SHIFT 16
#define TERN_SYSTEM_REG_PROFILE_BASE_LO 0x060 /* rw: device address of profiles, one for each ring entry, 64-byte aligned; 0: none are written */
#define TERN_SYSTEM_REG_PROFILE_BASE_HI 0x064
#define TERN_SYSTEM_REG_FIRMWARE_VERSION 0x050 /* rw: written by the firmware: SPEC_HASH it was built from */
#define TERN_SYSTEM_REG_FIRMWARE_STATE 0x054 /* rw: written by the firmware */
#define TERN_SYSTEM_FIRMWARE_STATE_BOOTING 0u
#define TERN_SYSTEM_FIRMWARE_STATE_IDLE 1u
#define TERN_SYSTEM_FIRMWARE_STATE_BUSY 2u
#define TERN_SYSTEM_REG_BOARD 0x05c /* ro: the board that the hardware was built for */
#define TERN_SYSTEM_BOARD_NONE 0u
#define TERN_SYSTEM_BOARD_ULX3S 1u
#define TERN_SYSTEM_BOARD_ECPIX5 2u
#define TERN_SYSTEM_REG_SOURCES 0x06c /* ro: hash of the sources of a bitstream; 0 in a simulation */
#define TERN_SYSTEM_REG_MEMORY_STATE 0x070 /* rw: written by the firmware: memory behind the controller */
#define TERN_SYSTEM_MEMORY_STATE_STATE_MASK 0x000000ffu /* MEMORY_UNKNOWN and so on */
#define TERN_SYSTEM_MEMORY_STATE_STATE_SHIFT 0
#define TERN_SYSTEM_MEMORY_STATE_LANE_MASK 0x0000ff00u /* memory lane that failed */
#define TERN_SYSTEM_MEMORY_STATE_LANE_SHIFT 8
#define TERN_SYSTEM_REG_MEMORY_REPORT 0x074 /* rw: written by the firmware: address of the report in boot memory; 0 without one */

/* DMA: copies between device memory and scratch memory; offsets from DMA_BASE. Address and LOCAL must agree modulo 16; LENGTH is a multiple of 4 */
#define TERN_DMA_REG_ADDRESS_LO 0x000 /* rw: device address */
#define TERN_DMA_REG_ADDRESS_HI 0x004
#define TERN_DMA_REG_LOCAL 0x008 /* rw: byte offset in scratch memory */
#define TERN_DMA_REG_LENGTH 0x00c /* rw: bytes */
#define TERN_DMA_REG_CONTROL 0x010 /* wo: one of */
#define TERN_DMA_CONTROL_TO_SCRATCH_MASK 0x00000001u /* copy from device memory to scratch memory */
#define TERN_DMA_CONTROL_TO_SCRATCH_SHIFT 0
#define TERN_DMA_CONTROL_TO_DEVICE_MASK 0x00000002u /* copy from scratch memory to device memory */
#define TERN_DMA_CONTROL_TO_DEVICE_SHIFT 1
#define TERN_DMA_CONTROL_ABORT_MASK 0x00000004u /* end the copy: what is in flight is drained, then the engine is idle */
#define TERN_DMA_CONTROL_ABORT_SHIFT 2
#define TERN_DMA_REG_STATUS 0x014 /* ro: of the last copy */
#define TERN_DMA_STATUS_BUSY_MASK 0x00000001u /* a copy is under way */
#define TERN_DMA_STATUS_BUSY_SHIFT 0
#define TERN_DMA_STATUS_CODE_MASK 0x0000ff00u /* status code of the last copy */
#define TERN_DMA_STATUS_CODE_SHIFT 8
#define TERN_DMA_REG_CYCLES_LO 0x020 /* ro: cycles busy */
#define TERN_DMA_REG_CYCLES_HI 0x024
#define TERN_DMA_REG_BEATS_LO 0x028 /* ro: beats moved, both directions */
#define TERN_DMA_REG_BEATS_HI 0x02c

/* MATMUL: trit matmul unit; offsets from MATMUL_BASE */
#define TERN_MATMUL_REG_ID 0x000 /* ro: MATMUL_ID */
#define TERN_MATMUL_REG_CONTROL 0x004 /* wo: one of */
#define TERN_MATMUL_CONTROL_START_MASK 0x00000001u /* begin a run */
#define TERN_MATMUL_CONTROL_START_SHIFT 0
#define TERN_MATMUL_CONTROL_ABORT_MASK 0x00000002u /* end the run: what is in flight is drained, then the unit is idle */
#define TERN_MATMUL_CONTROL_ABORT_SHIFT 1
#define TERN_MATMUL_CONTROL_CHECK_MASK 0x00000004u /* begin a run that ends when the activation images are read and checked; it writes nothing */
#define TERN_MATMUL_CONTROL_CHECK_SHIFT 2
#define TERN_MATMUL_REG_STATUS 0x008 /* ro: of the last run */
#define TERN_MATMUL_STATUS_BUSY_MASK 0x00000001u /* a run is under way */
#define TERN_MATMUL_STATUS_BUSY_SHIFT 0
#define TERN_MATMUL_STATUS_CODE_MASK 0x0000ff00u /* status code of the last run */
#define TERN_MATMUL_STATUS_CODE_SHIFT 8
#define TERN_MATMUL_REG_ERROR_DETAIL 0x00c /* ro: of the last run. BAD_STEPS: entry; BAD_ACTIVATION: bits 7:0 word of the header, 4 for a shift, bits 31:8 vector of the run; else the strip in which the error was seen */
#define TERN_MATMUL_REG_WEIGHTS_LO 0x010 /* rw: device address of strip 0, 64-byte aligned */
#define TERN_MATMUL_REG_WEIGHTS_HI 0x014
#define TERN_MATMUL_REG_CRC_LO 0x018 /* rw: device address of the checksum table, u32 [strips][stored depth + 1], 64-byte aligned */
#define TERN_MATMUL_REG_CRC_HI 0x01c
#define TERN_MATMUL_REG_STEPS_LO 0x020 /* rw: device address of f32 [STEPS], 64-byte aligned */
#define TERN_MATMUL_REG_STEPS_HI 0x024
#define TERN_MATMUL_REG_ACTIVATION_LO 0x028 /* rw: device address of the activation image, 64-byte aligned */
#define TERN_MATMUL_REG_ACTIVATION_HI 0x02c
#define TERN_MATMUL_REG_OUTPUT_LO 0x030 /* rw: device address of f32 [rows], 64-byte aligned */
#define TERN_MATMUL_REG_OUTPUT_HI 0x034
#define TERN_MATMUL_REG_ROWS 0x038 /* rw: rows, 1..MAX_ROWS */
#define TERN_MATMUL_REG_COLUMNS 0x03c /* rw: columns, 1..16 x SYSTEM MAX_GROUPS */
#define TERN_MATMUL_REG_DEPTH 0x040 /* rw: planes of a strip */
#define TERN_MATMUL_DEPTH_STORED_MASK 0x0000000fu /* 1..HARDWARE DEPTH */
#define TERN_MATMUL_DEPTH_STORED_SHIFT 0
#define TERN_MATMUL_DEPTH_USED_MASK 0x000000f0u /* 1..STORED */
#define TERN_MATMUL_DEPTH_USED_SHIFT 4
#define TERN_MATMUL_REG_VECTORS 0x044 /* rw: activation vectors of the run, 1..HARDWARE VECTORS */
#define TERN_MATMUL_REG_ACTIVATION_STRIDE_LO 0x048 /* rw: bytes from one vector's image to the next one's, a multiple of 64; not used for one vector */
#define TERN_MATMUL_REG_ACTIVATION_STRIDE_HI 0x04c
#define TERN_MATMUL_REG_OUTPUT_STRIDE_LO 0x050 /* rw: bytes from one vector's output to the next one's, a multiple of 64; not used for one vector */
#define TERN_MATMUL_REG_OUTPUT_STRIDE_HI 0x054
#define TERN_MATMUL_REG_CYCLES_LO 0x100 /* ro: cycles busy, start to done; this and the next counters run since reset */
#define TERN_MATMUL_REG_CYCLES_HI 0x104
#define TERN_MATMUL_REG_TAKEN_LO 0x108 /* ro: weight and code beats the lanes took */
#define TERN_MATMUL_REG_TAKEN_HI 0x10c
#define TERN_MATMUL_REG_STARVED_LO 0x110 /* ro: cycles of the stream in which the lanes were ready and no beat was there */
#define TERN_MATMUL_REG_STARVED_HI 0x114
#define TERN_MATMUL_REG_STALLED_LO 0x118 /* ro: cycles of the stream in which a beat was there and finish or output held the lanes */
#define TERN_MATMUL_REG_STALLED_HI 0x11c
#define TERN_MATMUL_REG_OFFERED_LO 0x120 /* ro: beat slots of the weight stream: cycles from the first weight request to the last weight beat taken = taken + starved + stalled */
#define TERN_MATMUL_REG_OFFERED_HI 0x124

/* VECTOR: vector unit; offsets from VECTOR_BASE. A command has ROWS rows; a row has PARTS parts, which begin LEFT_STRIDE bytes apart and have LENGTH elements each */
#define TERN_VECTOR_REG_ID 0x000 /* ro: VECTOR_ID */
#define TERN_VECTOR_REG_CONTROL 0x004 /* wo: one of */
#define TERN_VECTOR_CONTROL_START_MASK 0x00000001u /* begin a run */
#define TERN_VECTOR_CONTROL_START_SHIFT 0
#define TERN_VECTOR_CONTROL_ABORT_MASK 0x00000002u /* end the run: what is in flight is drained, then the unit is idle */
#define TERN_VECTOR_CONTROL_ABORT_SHIFT 1
#define TERN_VECTOR_REG_STATUS 0x008 /* ro: of the last run */
#define TERN_VECTOR_STATUS_BUSY_MASK 0x00000001u /* a run is under way */
#define TERN_VECTOR_STATUS_BUSY_SHIFT 0
#define TERN_VECTOR_STATUS_CODE_MASK 0x0000ff00u /* status code of the last run */
#define TERN_VECTOR_STATUS_CODE_SHIFT 8
#define TERN_VECTOR_REG_ERROR_ELEMENT 0x00c /* ro: element of NON_FINITE: those of all parts before it are counted */
#define TERN_VECTOR_REG_OPERATION 0x010 /* rw: opcode of a vector command */
#define TERN_VECTOR_REG_ROWS 0x014 /* rw: rows, 1..MAX_HEADS */
#define TERN_VECTOR_REG_PARTS 0x018 /* rw: parts of a row: 2 for ROPE, rows for COPY, rows of a head for STORE, else 1 */
#define TERN_VECTOR_REG_LENGTH 0x01c /* rw: elements of a part; of half a head for ROPE */
#define TERN_VECTOR_REG_LEFT_LO 0x020 /* rw: device address of the first operand */
#define TERN_VECTOR_REG_LEFT_HI 0x024
#define TERN_VECTOR_REG_LEFT_STRIDE_LO 0x028 /* rw: bytes from one part to the next */
#define TERN_VECTOR_REG_LEFT_STRIDE_HI 0x02c
#define TERN_VECTOR_REG_RIGHT_LO 0x030 /* rw: device address of the second operand: right, up, weight, table, totals */
#define TERN_VECTOR_REG_RIGHT_HI 0x034
#define TERN_VECTOR_REG_OUTPUT_LO 0x038 /* rw: device address of the result */
#define TERN_VECTOR_REG_OUTPUT_HI 0x03c
#define TERN_VECTOR_REG_OUTPUT_STRIDE_LO 0x040 /* rw: bytes from one part of f32 to the next, from one image or record to the next */
#define TERN_VECTOR_REG_OUTPUT_STRIDE_HI 0x044
#define TERN_VECTOR_REG_SIDE_LO 0x048 /* rw: device address of a second result: exponent bytes of STORE, totals of SOFTMAX */
#define TERN_VECTOR_REG_SIDE_HI 0x04c
#define TERN_VECTOR_REG_SCALAR_0 0x050 /* rw: f32: epsilon of RMSNORM, scale of SOFTMAX */
#define TERN_VECTOR_REG_SCALAR_1 0x054 /* rw: f32: reciprocal(LENGTH) of RMSNORM */
#define TERN_VECTOR_REG_CYCLES_LO 0x100 /* ro: cycles busy, start to done; this and the next counters run since reset */
#define TERN_VECTOR_REG_CYCLES_HI 0x104
#define TERN_VECTOR_REG_ISSUED_LO 0x108 /* ro: cycles in which an instruction began for a part of a group */
#define TERN_VECTOR_REG_ISSUED_HI 0x10c
#define TERN_VECTOR_REG_STARVED_LO 0x110 /* ro: cycles in which an instruction waited for an operand from memory */
#define TERN_VECTOR_REG_STARVED_HI 0x114
#define TERN_VECTOR_REG_STALLED_LO 0x118 /* ro: cycles in which an instruction waited for room for its result */
#define TERN_VECTOR_REG_STALLED_HI 0x11c

/* ATTENTION: attention unit, which runs DOT; offsets from ATTENTION_BASE. Addresses and strides are multiples of 64 */
#define TERN_ATTENTION_REG_ID 0x000 /* ro: ATTENTION_ID */
#define TERN_ATTENTION_REG_CONTROL 0x004 /* wo: one of */
#define TERN_ATTENTION_CONTROL_START_MASK 0x00000001u /* begin a run */
#define TERN_ATTENTION_CONTROL_START_SHIFT 0
#define TERN_ATTENTION_CONTROL_ABORT_MASK 0x00000002u /* end the run: what is in flight is drained, then the unit is idle */
#define TERN_ATTENTION_CONTROL_ABORT_SHIFT 1
#define TERN_ATTENTION_REG_STATUS 0x008 /* ro: of the last run */
#define TERN_ATTENTION_STATUS_BUSY_MASK 0x00000001u /* a run is under way */
#define TERN_ATTENTION_STATUS_BUSY_SHIFT 0
#define TERN_ATTENTION_STATUS_CODE_MASK 0x0000ff00u /* status code of the last run */
#define TERN_ATTENTION_STATUS_CODE_SHIFT 8
#define TERN_ATTENTION_REG_ERROR 0x00c /* ro: place of the last BAD_ACTIVATION, BUS_ERROR or BAD_ADDRESS of a run; otherwise 0 */
#define TERN_ATTENTION_ERROR_WHAT_MASK 0x000000ffu /* 0..3 word of an image's header, or a constant DOT_AT_* */
#define TERN_ATTENTION_ERROR_WHAT_SHIFT 0
#define TERN_ATTENTION_ERROR_HEAD_MASK 0x0000ff00u /* key/value head of the run; 0 for an output */
#define TERN_ATTENTION_ERROR_HEAD_SHIFT 8
#define TERN_ATTENTION_ERROR_INDEX_MASK 0xffff0000u /* vector of the image, or record; 0 for an output */
#define TERN_ATTENTION_ERROR_INDEX_SHIFT 16
#define TERN_ATTENTION_REG_IMAGES_LO 0x010 /* rw: device address of the image of vector 0 of head 0 */
#define TERN_ATTENTION_REG_IMAGES_HI 0x014
#define TERN_ATTENTION_REG_CACHE_LO 0x018 /* rw: device address of the first record of head 0 */
#define TERN_ATTENTION_REG_CACHE_HI 0x01c
#define TERN_ATTENTION_REG_OUTPUT_LO 0x020 /* rw: device address of the f32 results of vector 0 of head 0 */
#define TERN_ATTENTION_REG_OUTPUT_HI 0x024
#define TERN_ATTENTION_REG_IMAGE_STRIDE_LO 0x028 /* rw: bytes from one image to the next, also from a head's last one to the next head's first */
#define TERN_ATTENTION_REG_IMAGE_STRIDE_HI 0x02c
#define TERN_ATTENTION_REG_HEAD_STRIDE_LO 0x030 /* rw: bytes from one head's first record to the next one's */
#define TERN_ATTENTION_REG_HEAD_STRIDE_HI 0x034
#define TERN_ATTENTION_REG_OUTPUT_STRIDE_LO 0x038 /* rw: bytes from one vector's results to the next one's, also from head to head */
#define TERN_ATTENTION_REG_OUTPUT_STRIDE_HI 0x03c
#define TERN_ATTENTION_REG_KIND 0x040 /* rw: what the records hold: 0 keys, 1 values */
#define TERN_ATTENTION_REG_KV_HEADS 0x044 /* rw: 1..MAX_HEADS */
#define TERN_ATTENTION_REG_VECTORS 0x048 /* rw: images for each head, 1..DOT_VECTORS */
#define TERN_ATTENTION_REG_HEAD_SIZE 0x04c /* rw: elements of a head, 1..MAX_HEAD_SIZE */
#define TERN_ATTENTION_REG_POSITIONS 0x050 /* rw: positions of the cache to read, 1..MAX_POSITIONS */
#define TERN_ATTENTION_REG_CYCLES_LO 0x100 /* ro: cycles busy, start to done; this and the next counters run since reset */
#define TERN_ATTENTION_REG_CYCLES_HI 0x104
#define TERN_ATTENTION_REG_TAKEN_LO 0x108 /* ro: beats of images and records that the unit took */
#define TERN_ATTENTION_REG_TAKEN_HI 0x10c
#define TERN_ATTENTION_REG_STARVED_LO 0x110 /* ro: cycles of the stream in which the unit was ready and no beat was there */
#define TERN_ATTENTION_REG_STARVED_HI 0x114
#define TERN_ATTENTION_REG_STALLED_LO 0x118 /* ro: cycles of the stream in which a beat was there and the unit did not take it */
#define TERN_ATTENTION_REG_STALLED_HI 0x11c
#define TERN_ATTENTION_REG_OFFERED_LO 0x120 /* ro: beat slots of the stream of images and records: cycles from the first request to the last beat taken = taken + starved + stalled */
#define TERN_ATTENTION_REG_OFFERED_HI 0x124

#ifndef __ASSEMBLER__
enum tern_register_access { TERN_ACCESS_RO, TERN_ACCESS_RW, TERN_ACCESS_WO };

/* X(block) for each block of registers, which begins at TERN_<block>_BASE */
#define TERN_BLOCK_LIST(X) \
    X(SYSTEM) \
    X(DMA) \
    X(MATMUL) \
    X(VECTOR) \
    X(ATTENTION) \


/* X(block, name, offset, access, bits that hold something, captured, only with several vectors) for each word */
#define TERN_REGISTER_LIST(X) \
    X(SYSTEM, ID, 0x000, RO, 0xffffffffu, 0, 0) \
    X(SYSTEM, INTERFACE, 0x004, RO, 0xffffffffu, 0, 0) \
    X(SYSTEM, SPEC_HASH, 0x008, RO, 0xffffffffu, 0, 0) \
    X(SYSTEM, HARDWARE, 0x00c, RO, 0x7fffffffu, 0, 0) \
    X(SYSTEM, MAX_GROUPS, 0x010, RO, 0xffffffffu, 0, 0) \
    X(SYSTEM, CLOCK_HZ, 0x014, RO, 0xffffffffu, 0, 0) \
    X(SYSTEM, CONTROL, 0x018, RW, 0x00000001u, 0, 0) \
    X(SYSTEM, STATUS, 0x01c, RO, 0x00000007u, 0, 0) \
    X(SYSTEM, TIME_LO, 0x020, RO, 0xffffffffu, 0, 0) \
    X(SYSTEM, TIME_HI, 0x024, RO, 0xffffffffu, 0, 0) \
    X(SYSTEM, WINDOW_BASE_LO, 0x028, RW, 0xffffffffu, 1, 0) \
    X(SYSTEM, WINDOW_BASE_HI, 0x02c, RW, 0xffffffffu, 1, 0) \
    X(SYSTEM, WINDOW_BYTES_LO, 0x030, RW, 0xffffffffu, 1, 0) \
    X(SYSTEM, WINDOW_BYTES_HI, 0x034, RW, 0xffffffffu, 1, 0) \
    X(SYSTEM, RING_BASE_LO, 0x038, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, RING_BASE_HI, 0x03c, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, RING_ENTRIES, 0x040, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, DOORBELL, 0x044, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, COMPLETED, 0x048, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, WAIT_LIMIT, 0x04c, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, SOFTWARE, 0x058, RW, 0x00000003u, 0, 0) \
    X(SYSTEM, SLEEP, 0x068, WO, 0xffff001fu, 0, 0) \
    X(SYSTEM, PROFILE_BASE_LO, 0x060, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, PROFILE_BASE_HI, 0x064, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, FIRMWARE_VERSION, 0x050, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, FIRMWARE_STATE, 0x054, RW, 0xffffffffu, 0, 0) \
    X(SYSTEM, BOARD, 0x05c, RO, 0xffffffffu, 0, 0) \
    X(SYSTEM, SOURCES, 0x06c, RO, 0xffffffffu, 0, 0) \
    X(SYSTEM, MEMORY_STATE, 0x070, RW, 0x0000ffffu, 0, 0) \
    X(SYSTEM, MEMORY_REPORT, 0x074, RW, 0xffffffffu, 0, 0) \
    X(DMA, ADDRESS_LO, 0x000, RW, 0xffffffffu, 1, 0) \
    X(DMA, ADDRESS_HI, 0x004, RW, 0xffffffffu, 1, 0) \
    X(DMA, LOCAL, 0x008, RW, 0xffffffffu, 1, 0) \
    X(DMA, LENGTH, 0x00c, RW, 0xffffffffu, 1, 0) \
    X(DMA, CONTROL, 0x010, WO, 0x00000007u, 0, 0) \
    X(DMA, STATUS, 0x014, RO, 0x0000ff01u, 0, 0) \
    X(DMA, CYCLES_LO, 0x020, RO, 0xffffffffu, 0, 0) \
    X(DMA, CYCLES_HI, 0x024, RO, 0xffffffffu, 0, 0) \
    X(DMA, BEATS_LO, 0x028, RO, 0xffffffffu, 0, 0) \
    X(DMA, BEATS_HI, 0x02c, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, ID, 0x000, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, CONTROL, 0x004, WO, 0x00000007u, 0, 0) \
    X(MATMUL, STATUS, 0x008, RO, 0x0000ff01u, 0, 0) \
    X(MATMUL, ERROR_DETAIL, 0x00c, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, WEIGHTS_LO, 0x010, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, WEIGHTS_HI, 0x014, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, CRC_LO, 0x018, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, CRC_HI, 0x01c, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, STEPS_LO, 0x020, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, STEPS_HI, 0x024, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, ACTIVATION_LO, 0x028, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, ACTIVATION_HI, 0x02c, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, OUTPUT_LO, 0x030, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, OUTPUT_HI, 0x034, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, ROWS, 0x038, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, COLUMNS, 0x03c, RW, 0xffffffffu, 1, 0) \
    X(MATMUL, DEPTH, 0x040, RW, 0x000000ffu, 1, 0) \
    X(MATMUL, VECTORS, 0x044, RW, 0xffffffffu, 1, 1) \
    X(MATMUL, ACTIVATION_STRIDE_LO, 0x048, RW, 0xffffffffu, 1, 1) \
    X(MATMUL, ACTIVATION_STRIDE_HI, 0x04c, RW, 0xffffffffu, 1, 1) \
    X(MATMUL, OUTPUT_STRIDE_LO, 0x050, RW, 0xffffffffu, 1, 1) \
    X(MATMUL, OUTPUT_STRIDE_HI, 0x054, RW, 0xffffffffu, 1, 1) \
    X(MATMUL, CYCLES_LO, 0x100, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, CYCLES_HI, 0x104, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, TAKEN_LO, 0x108, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, TAKEN_HI, 0x10c, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, STARVED_LO, 0x110, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, STARVED_HI, 0x114, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, STALLED_LO, 0x118, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, STALLED_HI, 0x11c, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, OFFERED_LO, 0x120, RO, 0xffffffffu, 0, 0) \
    X(MATMUL, OFFERED_HI, 0x124, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, ID, 0x000, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, CONTROL, 0x004, WO, 0x00000003u, 0, 0) \
    X(VECTOR, STATUS, 0x008, RO, 0x0000ff01u, 0, 0) \
    X(VECTOR, ERROR_ELEMENT, 0x00c, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, OPERATION, 0x010, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, ROWS, 0x014, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, PARTS, 0x018, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, LENGTH, 0x01c, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, LEFT_LO, 0x020, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, LEFT_HI, 0x024, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, LEFT_STRIDE_LO, 0x028, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, LEFT_STRIDE_HI, 0x02c, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, RIGHT_LO, 0x030, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, RIGHT_HI, 0x034, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, OUTPUT_LO, 0x038, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, OUTPUT_HI, 0x03c, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, OUTPUT_STRIDE_LO, 0x040, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, OUTPUT_STRIDE_HI, 0x044, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, SIDE_LO, 0x048, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, SIDE_HI, 0x04c, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, SCALAR_0, 0x050, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, SCALAR_1, 0x054, RW, 0xffffffffu, 1, 0) \
    X(VECTOR, CYCLES_LO, 0x100, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, CYCLES_HI, 0x104, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, ISSUED_LO, 0x108, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, ISSUED_HI, 0x10c, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, STARVED_LO, 0x110, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, STARVED_HI, 0x114, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, STALLED_LO, 0x118, RO, 0xffffffffu, 0, 0) \
    X(VECTOR, STALLED_HI, 0x11c, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, ID, 0x000, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, CONTROL, 0x004, WO, 0x00000003u, 0, 0) \
    X(ATTENTION, STATUS, 0x008, RO, 0x0000ff01u, 0, 0) \
    X(ATTENTION, ERROR, 0x00c, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, IMAGES_LO, 0x010, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, IMAGES_HI, 0x014, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, CACHE_LO, 0x018, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, CACHE_HI, 0x01c, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, OUTPUT_LO, 0x020, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, OUTPUT_HI, 0x024, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, IMAGE_STRIDE_LO, 0x028, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, IMAGE_STRIDE_HI, 0x02c, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, HEAD_STRIDE_LO, 0x030, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, HEAD_STRIDE_HI, 0x034, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, OUTPUT_STRIDE_LO, 0x038, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, OUTPUT_STRIDE_HI, 0x03c, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, KIND, 0x040, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, KV_HEADS, 0x044, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, VECTORS, 0x048, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, HEAD_SIZE, 0x04c, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, POSITIONS, 0x050, RW, 0xffffffffu, 1, 0) \
    X(ATTENTION, CYCLES_LO, 0x100, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, CYCLES_HI, 0x104, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, TAKEN_LO, 0x108, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, TAKEN_HI, 0x10c, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, STARVED_LO, 0x110, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, STARVED_HI, 0x114, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, STALLED_LO, 0x118, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, STALLED_HI, 0x11c, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, OFFERED_LO, 0x120, RO, 0xffffffffu, 0, 0) \
    X(ATTENTION, OFFERED_HI, 0x124, RO, 0xffffffffu, 0, 0) \


enum TERN_MUST_CHECK tern_status {
    TERN_STATUS_OK = 0, /* done */
    TERN_STATUS_BAD_OPCODE = 1, /* no such operation */
    TERN_STATUS_BAD_LENGTH = 2, /* a count is zero or over its limit */
    TERN_STATUS_BAD_ADDRESS = 3, /* a buffer is misaligned or leaves the window */
    TERN_STATUS_BAD_DEPTH = 4, /* depth in use not 1..stored, or stored not 1..MAX_DEPTH */
    TERN_STATUS_BAD_STEPS = 5, /* a step is negative, not finite, or the range too wide */
    TERN_STATUS_NON_FINITE = 6, /* an activation is infinite or not a number, or a key or value is too large for the cache */
    TERN_STATUS_CHECKSUM = 7, /* packed weights do not match their CRC-32C */
    TERN_STATUS_BUS_ERROR = 8, /* memory answered with an error */
    TERN_STATUS_TIMEOUT = 9, /* a wait passed its limit */
    TERN_STATUS_BAD_ACTIVATION = 10, /* an activation image does not fit the matrix or the cache, or the cache holds no exponent */
    TERN_STATUS_UNIT_BUSY = 11, /* the unit has not recovered from an earlier stall */
    TERN_STATUS_BAD_ARGUMENT = 32, /* the caller's argument is out of range */
    TERN_STATUS_BAD_FILE = 33, /* a file's contents are wrong */
    TERN_STATUS_IO = 34, /* the operating system refused a read or a write */
    TERN_STATUS_OUT_OF_MEMORY = 35, /* host memory */
    TERN_STATUS_UNSUPPORTED = 36, /* well formed, but not something Tern runs */
    TERN_STATUS_NO_DEVICE_MEMORY = 37, /* device memory too small even for streaming */
    TERN_STATUS_BAD_DEVICE = 38, /* the device is not a Tern, or of another version */
    TERN_STATUS_INTERRUPTED = 39, /* the user stopped it */
    TERN_STATUS_MISMATCH = 40, /* two things that must be equal differ */
};

/* X(name, meaning, what a completion's detail counts, "": see the command) for each status code */
#define TERN_STATUS_LIST(X) \
    X(OK, "done", "") \
    X(BAD_OPCODE, "no such operation", "opcode") \
    X(BAD_LENGTH, "a count is zero or over its limit", "word") \
    X(BAD_ADDRESS, "a buffer is misaligned or leaves the window", "word") \
    X(BAD_DEPTH, "depth in use not 1..stored, or stored not 1..MAX_DEPTH", "word") \
    X(BAD_STEPS, "a step is negative, not finite, or the range too wide", "entry") \
    X(NON_FINITE, "an activation is infinite or not a number, or a key or value is too large for the cache", "element") \
    X(CHECKSUM, "packed weights do not match their CRC-32C", "strip") \
    X(BUS_ERROR, "memory answered with an error", "") \
    X(TIMEOUT, "a wait passed its limit", "") \
    X(BAD_ACTIVATION, "an activation image does not fit the matrix or the cache, or the cache holds no exponent", "header word") \
    X(UNIT_BUSY, "the unit has not recovered from an earlier stall", "") \
    X(BAD_ARGUMENT, "the caller's argument is out of range", "") \
    X(BAD_FILE, "a file's contents are wrong", "") \
    X(IO, "the operating system refused a read or a write", "") \
    X(OUT_OF_MEMORY, "host memory", "") \
    X(UNSUPPORTED, "well formed, but not something Tern runs", "") \
    X(NO_DEVICE_MEMORY, "device memory too small even for streaming", "") \
    X(BAD_DEVICE, "the device is not a Tern, or of another version", "") \
    X(INTERRUPTED, "the user stopped it", "") \
    X(MISMATCH, "two things that must be equal differ", "") \


enum tern_opcode {
    TERN_OPCODE_NOP = 0, /* does nothing */
    TERN_OPCODE_QUANTIZE = 1, /* rows of f32 [length] to activation images, one after the other: rows before one that fails are written */
    TERN_OPCODE_MATMUL = 2, /* f32 [rows] = packed weights x activation image, for 1..MAX_VECTORS images; when a pass over the weights fails the others still run, and the first failure is reported */
    TERN_OPCODE_ADD = 3, /* output = left + right (bias, residual); output may be left or right */
    TERN_OPCODE_RMSNORM = 4, /* output = input / rms(input) x weight for each row; output may be the input */
    TERN_OPCODE_ROPE = 5, /* rotary embedding of one position: each head's halves (a, b) become (a cos - b sin, b cos + a sin) */
    TERN_OPCODE_SWIGLU = 6, /* output = gate x sigmoid(gate) x up; output may be gate or up */
    TERN_OPCODE_COPY = 7, /* rows of words from one pitch to another (values into their history) */
    TERN_OPCODE_STORE = 8, /* rows of f32 into the records of a cache: a group of 16 elements has an exponent byte and 16 mantissas (i16), zeros after the last element; nothing is written unless every element fits */
    TERN_OPCODE_DOT = 9, /* exact dot products of activation images with the records of a cache, each rounded once to f32 */
    TERN_OPCODE_SOFTMAX = 10, /* weights exp((score - largest score) x scale) of each row as an activation image of base exponent SOFTMAX_BASE_EXPONENT, and their sum; rows before one that fails are written */
    TERN_OPCODE_SCALE = 11, /* output = input x 1 / total of the row; output may be the input */
    TERN_OPCODE_COUNT = 12
};

/* X(name, member of tern_command, what a completion's detail counts) for each command, by rising opcode */
#define TERN_OPCODE_LIST(X) \
    X(NOP, nop, "detail") \
    X(QUANTIZE, quantize, "detail") \
    X(MATMUL, matmul, "strip") \
    X(ADD, add, "detail") \
    X(RMSNORM, rmsnorm, "detail") \
    X(ROPE, rope, "detail") \
    X(SWIGLU, swiglu, "detail") \
    X(COPY, copy, "detail") \
    X(STORE, store, "detail") \
    X(DOT, dot, "detail") \
    X(SOFTMAX, softmax, "detail") \
    X(SCALE, scale, "detail") \


/* does nothing */
struct tern_command_nop {
    uint32_t opcode, sequence;
    uint32_t reserved_2[30];
};

/* rows of f32 [length] to activation images, one after the other: rows before one that fails are written */
struct tern_command_quantize {
    uint32_t opcode, sequence;
    uint32_t length; /* word 2: elements of a row, 1..MAX_COLUMNS */
    uint32_t rows; /* word 3: 1..MAX_HEADS */
    uint64_t input; /* word 4: f32 [length] of row 0 */
    uint64_t output; /* word 6: activation image of row 0 */
    uint64_t input_stride; /* word 8: bytes from one row to the next, a multiple of 4; ignored for one row */
    uint64_t output_stride; /* word 10: bytes from one image to the next, a multiple of 64; ignored for one row */
    uint32_t reserved_12[20];
};

/* f32 [rows] = packed weights x activation image, for 1..MAX_VECTORS images; when a pass over the weights fails the others still run, and the first failure is reported */
struct tern_command_matmul {
    uint32_t opcode, sequence;
    uint32_t rows; /* word 2: 1..MAX_ROWS */
    uint32_t columns; /* word 3: 1..MAX_COLUMNS */
    uint32_t depth_stored; /* word 4: 1..MAX_DEPTH */
    uint32_t depth_used; /* word 5: 1..depth_stored */
    uint64_t weights; /* word 6: packed strips */
    uint64_t crc; /* word 8: u32 [strips][depth_stored + 1] */
    uint64_t steps; /* word 10: f32 [27] */
    uint64_t activation; /* word 12: activation image of vector 0 */
    uint64_t output; /* word 14: f32 [rows] of vector 0 */
    uint32_t vectors; /* word 16: 1..MAX_VECTORS */
    uint32_t reserved_17[1];
    uint64_t activation_stride; /* word 18: bytes from one image to the next, a multiple of 64; ignored for one vector */
    uint64_t output_stride; /* word 20: bytes from one output to the next, a multiple of 64 and at least 4 x rows; ignored for one vector */
    uint32_t reserved_22[10];
};

/* output = left + right (bias, residual); output may be left or right */
struct tern_command_add {
    uint32_t opcode, sequence;
    uint32_t length; /* word 2: elements */
    uint32_t reserved_3[1];
    uint64_t left; /* word 4: f32 [length] */
    uint64_t right; /* word 6: f32 [length] */
    uint64_t output; /* word 8: f32 [length] */
    uint32_t reserved_10[22];
};

/* output = input / rms(input) x weight for each row; output may be the input */
struct tern_command_rmsnorm {
    uint32_t opcode, sequence;
    uint32_t length; /* word 2: elements of a row */
    uint32_t epsilon; /* word 3: added to the mean square; f32 bits */
    uint64_t input; /* word 4: f32 [rows][length] */
    uint64_t weight; /* word 6: f32 [length], of all rows */
    uint64_t output; /* word 8: f32 [rows][length] */
    uint32_t rows; /* word 10: 1..MAX_HEADS */
    uint32_t reserved_11[21];
};

/* rotary embedding of one position: each head's halves (a, b) become (a cos - b sin, b cos + a sin) */
struct tern_command_rope {
    uint32_t opcode, sequence;
    uint32_t heads; /* word 2: heads */
    uint32_t head_size; /* word 3: elements of a head, even */
    uint64_t input; /* word 4: f32 [heads][head_size] */
    uint64_t table; /* word 6: f32 cosine [head_size/2], then sine [head_size/2], of this position */
    uint64_t output; /* word 8: f32, head h at output + h x output_stride; 4-byte aligned */
    uint64_t output_stride; /* word 10: bytes between output heads, a multiple of 4 */
    uint32_t reserved_12[20];
};

/* output = gate x sigmoid(gate) x up; output may be gate or up */
struct tern_command_swiglu {
    uint32_t opcode, sequence;
    uint32_t length; /* word 2: elements */
    uint32_t reserved_3[1];
    uint64_t gate; /* word 4: f32 [length] */
    uint64_t up; /* word 6: f32 [length] */
    uint64_t output; /* word 8: f32 [length] */
    uint32_t reserved_10[22];
};

/* rows of words from one pitch to another (values into their history) */
struct tern_command_copy {
    uint32_t opcode, sequence;
    uint32_t rows; /* word 2: rows */
    uint32_t row_bytes; /* word 3: bytes of a row, a multiple of 4 */
    uint64_t input; /* word 4: 4-byte aligned */
    uint64_t input_stride; /* word 6: bytes, a multiple of 4 */
    uint64_t output; /* word 8: 4-byte aligned */
    uint64_t output_stride; /* word 10: bytes, a multiple of 4 */
    uint32_t reserved_12[20];
};

/* rows of f32 into the records of a cache: a group of 16 elements has an exponent byte and 16 mantissas (i16), zeros after the last element; nothing is written unless every element fits */
struct tern_command_store {
    uint32_t opcode, sequence;
    uint32_t heads; /* word 2: key/value heads, 1..MAX_HEADS */
    uint32_t rows; /* word 3: rows of a head, 1..MAX_HEAD_SIZE: 1 for a key, head size for values */
    uint32_t length; /* word 4: elements of a row, 1..MAX_HEAD_SIZE: head size for a key, positions of the record for values */
    uint32_t reserved_5[1];
    uint64_t input; /* word 6: f32, row r of head k at input + (k x rows + r) x input_stride; 4-byte aligned */
    uint64_t input_stride; /* word 8: bytes between rows, a multiple of 4 */
    uint64_t mantissas; /* word 10: i16 [rows][ceil(length/16)][16] in the record of head 0; 32-byte aligned */
    uint64_t exponents; /* word 12: u8 [rows][ceil(length/16)] in the record of head 0; any byte */
    uint64_t head_stride; /* word 14: bytes from one head's record to the next one's, a multiple of 64; ignored for one head */
    uint32_t reserved_16[16];
};

/* exact dot products of activation images with the records of a cache, each rounded once to f32 */
struct tern_command_dot {
    uint32_t opcode, sequence;
    uint32_t kind; /* word 2: records: 0 keys, 1 values */
    uint32_t kv_heads; /* word 3: key/value heads, 1..MAX_HEADS */
    uint32_t vectors; /* word 4: images for each key/value head; kv_heads x vectors is 1..MAX_HEADS */
    uint32_t head_size; /* word 5: elements of a head, 1..MAX_HEAD_SIZE */
    uint32_t positions; /* word 6: positions of the cache to read, 1..MAX_POSITIONS */
    uint32_t reserved_7[1];
    uint64_t images; /* word 8: activation images: vector v of head k is number k x vectors + v; columns: head_size for keys, positions for values */
    uint64_t image_stride; /* word 10: bytes from one image to the next, a multiple of 64; ignored for one image */
    uint64_t cache; /* word 12: record of position 0 of head 0; a head's records follow each other */
    uint64_t head_stride; /* word 14: bytes from one head's first record to the next one's, a multiple of 64; ignored for one head */
    uint64_t output; /* word 16: f32 [positions] for keys, f32 [head_size] for values, of image 0 */
    uint64_t output_stride; /* word 18: bytes from one image's output to the next, a multiple of 64; ignored for one image */
    uint32_t reserved_20[12];
};

/* weights exp((score - largest score) x scale) of each row as an activation image of base exponent SOFTMAX_BASE_EXPONENT, and their sum; rows before one that fails are written */
struct tern_command_softmax {
    uint32_t opcode, sequence;
    uint32_t rows; /* word 2: 1..MAX_HEADS */
    uint32_t length; /* word 3: scores of a row, 1..MAX_POSITIONS */
    uint32_t scale; /* word 4: factor of every score; finite and above 0; f32 bits */
    uint32_t reserved_5[1];
    uint64_t input; /* word 6: f32 [length] of row 0 */
    uint64_t input_stride; /* word 8: bytes from one row to the next, a multiple of 64; ignored for one row */
    uint64_t output; /* word 10: activation image of row 0 */
    uint64_t output_stride; /* word 12: bytes from one image to the next, a multiple of 64; ignored for one row */
    uint64_t totals; /* word 14: f32 [rows]: the sum of each row's weights; 4-byte aligned */
    uint32_t reserved_16[16];
};

/* output = input x 1 / total of the row; output may be the input */
struct tern_command_scale {
    uint32_t opcode, sequence;
    uint32_t rows; /* word 2: 1..MAX_HEADS */
    uint32_t length; /* word 3: elements of a row, 1..MAX_HEAD_SIZE */
    uint64_t input; /* word 4: f32 [length] of row 0; 4-byte aligned */
    uint64_t input_stride; /* word 6: bytes from one row to the next, a multiple of 4 */
    uint64_t totals; /* word 8: f32 [rows]; 4-byte aligned */
    uint64_t output; /* word 10: f32 [length] of row 0; 4-byte aligned */
    uint64_t output_stride; /* word 12: bytes from one row to the next, a multiple of 4 */
    uint32_t reserved_14[18];
};

/* One ring entry. */
union tern_command {
    uint32_t words[32];
    struct { uint32_t opcode, sequence; } header;
    struct tern_command_nop nop;
    struct tern_command_quantize quantize;
    struct tern_command_matmul matmul;
    struct tern_command_add add;
    struct tern_command_rmsnorm rmsnorm;
    struct tern_command_rope rope;
    struct tern_command_swiglu swiglu;
    struct tern_command_copy copy;
    struct tern_command_store store;
    struct tern_command_dot dot;
    struct tern_command_softmax softmax;
    struct tern_command_scale scale;
};

/* What the device writes when a command ends. */
struct tern_completion {
    uint32_t sequence, status, opcode, detail;
};

/* Times of a command, written when PROFILE_BASE is not 0. The core has seen the end of the command at `ended`. Time in
   which the unit does not run is spent on the core. */
struct tern_profile {
    uint32_t sequence;
    uint32_t started, ended;           /* SYSTEM TIME_LO */
    uint32_t unit;                     /* base address of the unit that ran it; 0: the core */
    uint32_t run;                      /* low word of the unit's counter CYCLES at the end */
    uint32_t worked, starved, stalled; /* of its other counters */
};

/* What the firmware found when it initialised memory, at MEMORY_REPORT in boot memory. */
struct tern_memory_report {
    uint32_t magic;                   /* MEMORY_REPORT_MAGIC */
    uint32_t state, lane;             /* the fields of MEMORY_STATE */
    uint32_t lanes, bitslips, delays; /* 0 bitslips: this memory needs no levelling */
    uint32_t tested;                  /* bytes of the window, at most 2 GiB */
    uint32_t size;                    /* of memory: where addresses begin to repeat, else `tested` */
    uint32_t address, expected, read; /* the first wrong word, from the begin of the window */
    uint32_t cycles;                  /* of the initialisation */
    /* Of each lane what was chosen; width 0: nothing. */
    uint32_t bitslip[TERN_MEMORY_REPORT_LANES], delay[TERN_MEMORY_REPORT_LANES], width[TERN_MEMORY_REPORT_LANES];
    /* Masks of each lane and bitslip. Bit d: at delay d it read right data; at delay d the PHY saw a burst. */
    uint32_t window[TERN_MEMORY_REPORT_LANES][TERN_MEMORY_REPORT_BITSLIPS];
    uint32_t burst[TERN_MEMORY_REPORT_LANES][TERN_MEMORY_REPORT_BITSLIPS];
};

TERN_SPEC_STATIC_ASSERT(sizeof(union tern_command) == TERN_COMMAND_BYTES, "a command is 128 bytes");
TERN_SPEC_STATIC_ASSERT(sizeof(struct tern_completion) == TERN_COMPLETION_BYTES, "a completion is 16 bytes");
TERN_SPEC_STATIC_ASSERT(sizeof(struct tern_profile) == TERN_PROFILE_BYTES, "a profile is 32 bytes");
TERN_SPEC_STATIC_ASSERT(sizeof(struct tern_memory_report) == TERN_MEMORY_REPORT_BYTES, "the size of a report");
#endif /* __ASSEMBLER__ */

#endif
