// SPDX-License-Identifier: Apache-2.0
// Generated from spec/tern.toml by tools/gen_spec; do not edit.
// A register's field is a range of bits: word[`TERN_DMA_STATUS_CODE].
`ifndef TERN_SPEC_VH
`define TERN_SPEC_VH
`define TERN_SPEC_HASH 32'h85581424

// version
`define TERN_INTERFACE_VERSION 2 // registers, commands and activation image; doctor refuses another
`define TERN_FORMAT_VERSION 1 // packed container; readers refuse another

// packed format
`define TERN_GROUP_COLUMNS 16 // columns of one row that share a scale code
`define TERN_STRIP_ROWS 5 // rows of a strip = trits of a byte
`define TERN_BEAT_BYTES 16 // one plane of one group of one strip
`define TERN_CODE_BYTES 3 // scale codes of one group: 5 rows x 3 base-3 digits
`define TERN_GROUP_MULTIPLE 4 // groups a row are rounded up to a multiple of this
`define TERN_SEGMENT_ALIGN 64 // bytes; alignment of strips, planes and every device buffer
`define TERN_STEPS 27 // entries of a matrix's step table
`define TERN_MAX_DEPTH 4 // planes (trits) a weight
`define TERN_STEP_RATIO_LOG2 32 // largest over smallest non-zero step is below 2 to this

// arithmetic
`define TERN_MANTISSA_BITS 16 // signed activation mantissa
`define TERN_MANTISSA_MAX 32767 // largest magnitude a quantized activation takes
`define TERN_MAX_SHIFT 15 // largest shift of a group above the base exponent of its vector
`define TERN_GROUP_SUM_BITS 26 // signed sum of one group over all planes (40*16*32767 < 2^25)
`define TERN_BIN_BITS 53 // signed bin at 65536 columns
`define TERN_SUM_BITS 128 // signed exact sum of a row before the one rounding
`define TERN_REDUCTION_PARTS 16 // partial sums of every float32 reduction

// activation image
`define TERN_ACTIVATION_HEADER_BYTES 64 // words: base exponent (i32), groups, columns, magic; rest zero
`define TERN_ACTIVATION_MAGIC 32'h31504642 // 'BFP1', word 3 of the header
`define TERN_LEAST_BASE_EXPONENT -178 // base exponent of the smallest float32 vector
`define TERN_LARGEST_BASE_EXPONENT 99 // base exponent of the largest float32 vector

// key/value cache
`define TERN_CACHE_POSITIONS 16 // positions of one head that a record of the cache holds
`define TERN_CACHE_EXPONENT -30 // exponent of a group with exponent byte 0
`define TERN_CACHE_MAX_SHIFT 31 // largest exponent byte of a group
`define TERN_HISTORY_POSITIONS 32 // positions whose values are kept as f32: position p is column p mod this
`define TERN_SOFTMAX_BASE_EXPONENT -29 // base exponent of every image of SOFTMAX: that of a weight of 1
`define TERN_DOT_VECTORS 8 // images that DOT multiplies with each record in one pass over the cache
`define TERN_DOT_PART_RECORDS 128 // value records for which DOT holds the weights at once
`define TERN_DOT_AT_SHIFT 4 // where DOT failed: a shift of an image; 0..3 are words of its header
`define TERN_DOT_AT_EXPONENT 5 // an exponent byte of a record
`define TERN_DOT_AT_IMAGE 6 // an access to an image
`define TERN_DOT_AT_RECORD 7 // an access to a record
`define TERN_DOT_AT_OUTPUT 8 // an access to a result

// limits
`define TERN_MAX_COLUMNS 32768 // columns of a matrix the unit accepts
`define TERN_MAX_ROWS 32'h00040000 // rows of a matrix one command accepts
`define TERN_MAX_VECTORS 32 // activation vectors of one MATMUL
`define TERN_MAX_LENGTH 32'h00040000 // elements of a vector one command accepts
`define TERN_MAX_POSITIONS 32768 // positions of a key/value cache
`define TERN_MAX_HEADS 256 // query heads
`define TERN_MAX_HEAD_SIZE 256 // elements of a head
`define TERN_STRIDE_LIMIT_LOG2 44 // strides are below 2 to this: the addresses of all rows stay within 64 bits

// command ring
`define TERN_COMMAND_BYTES 128 // one command, 32 words
`define TERN_COMMAND_BESIDE 32'h80000000 // bit of word 0: the command may run beside the last one without this bit, on which it does not depend. Commands with it run one after the other
`define TERN_COMPLETION_BYTES 16 // one completion: sequence, status, opcode, detail
`define TERN_PROFILE_BYTES 32 // times and counters of one command
`define TERN_RING_MAX_ENTRIES 1024 // ring entries are a power of two up to this

// core address map (the host sees the same addresses through its AXI4-Lite port)
`define TERN_BOOT_BASE 0 // boot memory: firmware text, data and stack; the host writes it while the core is held
`define TERN_BOOT_BYTES 49152 // 48 KiB, a multiple of 4 KiB
`define TERN_SCRATCH_BASE 32'h10000000 // scratch memory, the local side of the DMA engine
`define TERN_SCRATCH_BYTES 32768 // 32 KiB, a power of two
`define TERN_SYSTEM_BASE 32'h20000000 // system registers
`define TERN_DMA_BASE 32'h20010000 // DMA registers
`define TERN_CONTROLLER_BASE 32'h20020000 // registers of the memory controller, on hardware with HARDWARE CONTROLLER
`define TERN_MATMUL_BASE 32'h30000000 // matmul unit registers
`define TERN_VECTOR_BASE 32'h30010000 // vector unit registers
`define TERN_ATTENTION_BASE 32'h30020000 // attention unit registers

// device memory of the simulated devices
`define TERN_DEVICE_MEMORY_BASE 64'h0000000100000000 // first byte; above 4 GiB, so that the upper address words are in use
`define TERN_DEVICE_MEMORY_BYTES 32'h40000000 // 1 GiB unless the user says another size
`define TERN_DEVICE_MEMORY_PAGE 4096 // sizes are rounded up to a multiple of this

// link between host and board (docs/link.md)
`define TERN_LINK_MAGIC 19540 // 'TL', bits 15:0 of a frame's first word
`define TERN_LINK_VERSION 1 // bits 23:16; a frame of another version is dropped
`define TERN_LINK_HEADER_WORDS 6 // words before the payload; a CRC-32C of all follows it
`define TERN_LINK_MAX_PAYLOAD 1024 // bytes; a memory request stays within an aligned range of so many
`define TERN_LINK_BEAT_BYTES 16 // memory payloads are whole pieces of so many bytes
`define TERN_LINK_RECEIVE_BYTES 4096 // of header and payload that a board can hold
`define TERN_LINK_ANSWER 128 // added to the kind of a request: the kind of its answer
`define TERN_LINK_HELLO 1 // kind: asks for a session number and the facts of the board
`define TERN_LINK_OPEN 2 // kind: begins the session of that number
`define TERN_LINK_REGISTER_READ 3 // kind: one word
`define TERN_LINK_REGISTER_WRITE 4 // kind: words to rising addresses
`define TERN_LINK_MEMORY_READ 5 // kind: bytes of device memory
`define TERN_LINK_MEMORY_WRITE 6 // kind: bytes of device memory
`define TERN_LINK_HELLO_WORDS 5 // payload of HELLO's answer: receive bytes, memory base and memory bytes, low word first
`define TERN_LINK_ENDED 255 // status of an answer: the session of the request is not that of the board
`define TERN_LINK_UDP_PORT 5005 // unless the user says another one
`define TERN_LINK_BAUD 32'h002dc6c0 // of a serial line, unless the user says another rate
`define TERN_LINK_END 192 // byte stream: ends a frame (RFC 1055)
`define TERN_LINK_ESCAPE 219 // byte stream: the next byte stands for another one
`define TERN_LINK_ESCAPED_END 220 // byte stream: stands for LINK_END
`define TERN_LINK_ESCAPED_ESCAPE 221 // byte stream: stands for LINK_ESCAPE

// firmware
`define TERN_STACK_GUARD 32'h5afe57ac // the last word the stack may grow to; the firmware stops when it has changed

// memory behind a controller (SYSTEM MEMORY_STATE)
`define TERN_MEMORY_UNKNOWN 0 // not initialised
`define TERN_MEMORY_READY 1 // initialised and tested
`define TERN_MEMORY_NO_WINDOW 2 // a lane has no delay at which it reads right data
`define TERN_MEMORY_WRONG_DATA 3 // the test of memory read wrong data
`define TERN_MEMORY_NO_BOARD 4 // the firmware does not know the memory of this board
`define TERN_MEMORY_NO_ANSWER 5 // a unit did not end, or the test of memory got no answer
`define TERN_MEMORY_REPORT_MAGIC 32'h524d4d54 // 'TMMR', the first word of struct tern_memory_report
`define TERN_MEMORY_REPORT_LANES 4 // memory lanes that a report has room for
`define TERN_MEMORY_REPORT_BITSLIPS 8 // bitslips of a lane that it has room for
`define TERN_MEMORY_REPORT_BYTES 352 // size of a report

// memory controller
`define TERN_CONTROLLER_INIT_DONE 0 // 1 when the firmware is done; offsets of LiteDRAM's registers from CONTROLLER_BASE
`define TERN_CONTROLLER_INIT_ERROR 4 // 1 when memory does not work
`define TERN_CONTROLLER_DLY_SEL 1024 // memory lanes whose delay changes, a bit each; the strobe of a lane's reads pauses meanwhile
`define TERN_CONTROLLER_RDLY_DQ_RST 1028 // a write sets the delay of reads to 0
`define TERN_CONTROLLER_RDLY_DQ_INC 1032 // a write adds 1 to it
`define TERN_CONTROLLER_RDLY_DQ_BITSLIP_RST 1036 // a write sets the bitslip of reads to 0
`define TERN_CONTROLLER_RDLY_DQ_BITSLIP 1040 // a write adds 1 to it
`define TERN_CONTROLLER_BURSTDET_CLR 1044 // a write clears BURSTDET_SEEN
`define TERN_CONTROLLER_BURSTDET_SEEN 1048 // memory lanes that have seen a burst, a bit each
`define TERN_CONTROLLER_DFII_CONTROL 2048 // who gives commands, and the pins of memory that last
`define TERN_CONTROLLER_DFII_PI0_COMMAND 2052 // phase 0, the next ones behind it: the pins of a command
`define TERN_CONTROLLER_DFII_PI0_COMMAND_ISSUE 2056 // a write gives the command
`define TERN_CONTROLLER_DFII_PI0_ADDRESS 2060 // its address
`define TERN_CONTROLLER_DFII_PI0_BADDRESS 2064 // its bank
`define TERN_CONTROLLER_DFII_PI0_WRDATA 2068 // data to write, the highest 32 bits first; those that were read follow in as many words, then the next phase
`define TERN_CONTROLLER_CONTROL_HARDWARE 1 // DFII_CONTROL: the controller gives the commands
`define TERN_CONTROLLER_CONTROL_CKE 2 // DFII_CONTROL: the pin CKE
`define TERN_CONTROLLER_CONTROL_ODT 4 // DFII_CONTROL: the pin ODT
`define TERN_CONTROLLER_CONTROL_RESET_N 8 // DFII_CONTROL: the pin RESET_N
`define TERN_CONTROLLER_COMMAND_CS 1 // DFII_PI0_COMMAND: chip select, active high as all of them
`define TERN_CONTROLLER_COMMAND_WE 2 // DFII_PI0_COMMAND: write enable
`define TERN_CONTROLLER_COMMAND_CAS 4 // DFII_PI0_COMMAND: column address strobe
`define TERN_CONTROLLER_COMMAND_RAS 8 // DFII_PI0_COMMAND: row address strobe
`define TERN_CONTROLLER_COMMAND_WRDATA 16 // DFII_PI0_COMMAND: data are written
`define TERN_CONTROLLER_COMMAND_RDDATA 32 // DFII_PI0_COMMAND: data are read

// identity
`define TERN_SYSTEM_ID 32'h4e524554 // 'TERN'
`define TERN_MATMUL_ID 32'h304d4d54 // 'TMM0'
`define TERN_VECTOR_ID 32'h30434556 // 'VEC0'
`define TERN_ATTENTION_ID 32'h30544154 // 'TAT0'
`define TERN_CLOCK_HZ 32'h05f5e100 // frequency of hardware that is not built for another

// SYSTEM: mailbox, window, timer; offsets from SYSTEM_BASE
`define TERN_SYSTEM_REG_ID 12'h000 // ro: SYSTEM_ID
`define TERN_SYSTEM_REG_INTERFACE 12'h004 // ro: INTERFACE_VERSION
`define TERN_SYSTEM_REG_SPEC_HASH 12'h008 // ro: CRC-32 of spec/tern.toml the hardware was built from
`define TERN_SYSTEM_REG_HARDWARE 12'h00c // ro: what the hardware was built with
`define TERN_SYSTEM_HARDWARE_LANES 7:0 // lanes of the matmul unit
`define TERN_SYSTEM_HARDWARE_DEPTH 15:8 // largest depth
`define TERN_SYSTEM_HARDWARE_VECTORS 23:16 // activation vectors the matmul unit takes in one stream of the weights
`define TERN_SYSTEM_HARDWARE_WAYS 28:24 // ways of the vector unit; 0 without one
`define TERN_SYSTEM_HARDWARE_ATTENTION 29 // there is an attention unit
`define TERN_SYSTEM_HARDWARE_CONTROLLER 30 // there is a memory controller, which the firmware initialises
`define TERN_SYSTEM_REG_MAX_GROUPS 12'h010 // ro: groups of a row the unit's activation buffer holds
`define TERN_SYSTEM_REG_CLOCK_HZ 12'h014 // ro: frequency the hardware was built for
`define TERN_SYSTEM_REG_CONTROL 12'h018 // rw: the core
`define TERN_SYSTEM_CONTROL_RUN 0 // 1 lets the core run, 0 holds it in reset
`define TERN_SYSTEM_REG_STATUS 12'h01c // ro: state of the hardware
`define TERN_SYSTEM_STATUS_RUNS 0 // the core is not held in reset
`define TERN_SYSTEM_STATUS_TRAPPED 1 // the core stopped: illegal instruction, misaligned access, ecall, ebreak
`define TERN_SYSTEM_STATUS_MEMORY_WAITS 2 // the memory port still ends bursts from before the last reset; requests wait
`define TERN_SYSTEM_REG_TIME_LO 12'h020 // ro: cycles since reset; read high, low, high
`define TERN_SYSTEM_REG_TIME_HI 12'h024
`define TERN_SYSTEM_REG_WINDOW_BASE_LO 12'h028 // rw: first byte of device memory that commands may touch
`define TERN_SYSTEM_REG_WINDOW_BASE_HI 12'h02c
`define TERN_SYSTEM_REG_WINDOW_BYTES_LO 12'h030 // rw: length of that window; hardware checks every burst against it
`define TERN_SYSTEM_REG_WINDOW_BYTES_HI 12'h034
`define TERN_SYSTEM_REG_RING_BASE_LO 12'h038 // rw: device address of the ring: commands, then completions
`define TERN_SYSTEM_REG_RING_BASE_HI 12'h03c
`define TERN_SYSTEM_REG_RING_ENTRIES 12'h040 // rw: power of two
`define TERN_SYSTEM_REG_DOORBELL 12'h044 // rw: commands the host has written, free running
`define TERN_SYSTEM_REG_COMPLETED 12'h048 // rw: commands the firmware has completed, free running
`define TERN_SYSTEM_REG_WAIT_LIMIT 12'h04c // rw: cycles a wait of the firmware may last before TIMEOUT
`define TERN_SYSTEM_REG_SOFTWARE 12'h058 // rw: commands that the firmware computes itself, although there is a unit for them
`define TERN_SYSTEM_SOFTWARE_VECTOR 0 // those of the vector unit
`define TERN_SYSTEM_SOFTWARE_ATTENTION 1 // DOT
`define TERN_SYSTEM_REG_SLEEP 12'h068 // wo: the core's next access waits until one of the named events
`define TERN_SYSTEM_SLEEP_MATMUL 0 // the unit is not busy
`define TERN_SYSTEM_SLEEP_VECTOR 1 // the unit is not busy
`define TERN_SYSTEM_SLEEP_ATTENTION 2 // the unit is not busy
`define TERN_SYSTEM_SLEEP_DMA 3 // the unit is not busy
`define TERN_SYSTEM_SLEEP_DOORBELL 4 // DOORBELL was written after the end of the last sleep
`define TERN_SYSTEM_SLEEP_CYCLES 31:16 // so many cycles have passed; counts in any case
`define TERN_SYSTEM_REG_PROFILE_BASE_LO 12'h060 // rw: device address of profiles, one for each ring entry, 64-byte aligned; 0: none are written
`define TERN_SYSTEM_REG_PROFILE_BASE_HI 12'h064
`define TERN_SYSTEM_REG_FIRMWARE_VERSION 12'h050 // rw: written by the firmware: SPEC_HASH it was built from
`define TERN_SYSTEM_REG_FIRMWARE_STATE 12'h054 // rw: written by the firmware
`define TERN_SYSTEM_FIRMWARE_STATE_BOOTING 32'd0
`define TERN_SYSTEM_FIRMWARE_STATE_IDLE 32'd1
`define TERN_SYSTEM_FIRMWARE_STATE_BUSY 32'd2
`define TERN_SYSTEM_REG_BOARD 12'h05c // ro: the board that the hardware was built for
`define TERN_SYSTEM_BOARD_NONE 32'd0
`define TERN_SYSTEM_BOARD_ULX3S 32'd1
`define TERN_SYSTEM_BOARD_ECPIX5 32'd2
`define TERN_SYSTEM_REG_SOURCES 12'h06c // ro: hash of the sources of a bitstream; 0 in a simulation
`define TERN_SYSTEM_REG_MEMORY_STATE 12'h070 // rw: written by the firmware: memory behind the controller
`define TERN_SYSTEM_MEMORY_STATE_STATE 7:0 // MEMORY_UNKNOWN and so on
`define TERN_SYSTEM_MEMORY_STATE_LANE 15:8 // memory lane that failed
`define TERN_SYSTEM_REG_MEMORY_REPORT 12'h074 // rw: written by the firmware: address of the report in boot memory; 0 without one

// DMA: copies between device memory and scratch memory; offsets from DMA_BASE. Address and LOCAL must agree modulo 16; LENGTH is a multiple of 4
`define TERN_DMA_REG_ADDRESS_LO 12'h000 // rw: device address
`define TERN_DMA_REG_ADDRESS_HI 12'h004
`define TERN_DMA_REG_LOCAL 12'h008 // rw: byte offset in scratch memory
`define TERN_DMA_REG_LENGTH 12'h00c // rw: bytes
`define TERN_DMA_REG_CONTROL 12'h010 // wo: one of
`define TERN_DMA_CONTROL_TO_SCRATCH 0 // copy from device memory to scratch memory
`define TERN_DMA_CONTROL_TO_DEVICE 1 // copy from scratch memory to device memory
`define TERN_DMA_CONTROL_ABORT 2 // end the copy: what is in flight is drained, then the engine is idle
`define TERN_DMA_REG_STATUS 12'h014 // ro: of the last copy
`define TERN_DMA_STATUS_BUSY 0 // a copy is under way
`define TERN_DMA_STATUS_CODE 15:8 // status code of the last copy
`define TERN_DMA_REG_CYCLES_LO 12'h020 // ro: cycles busy
`define TERN_DMA_REG_CYCLES_HI 12'h024
`define TERN_DMA_REG_BEATS_LO 12'h028 // ro: beats moved, both directions
`define TERN_DMA_REG_BEATS_HI 12'h02c

// MATMUL: trit matmul unit; offsets from MATMUL_BASE
`define TERN_MATMUL_REG_ID 12'h000 // ro: MATMUL_ID
`define TERN_MATMUL_REG_CONTROL 12'h004 // wo: one of
`define TERN_MATMUL_CONTROL_START 0 // begin a run
`define TERN_MATMUL_CONTROL_ABORT 1 // end the run: what is in flight is drained, then the unit is idle
`define TERN_MATMUL_CONTROL_CHECK 2 // begin a run that ends when the activation images are read and checked; it writes nothing
`define TERN_MATMUL_REG_STATUS 12'h008 // ro: of the last run
`define TERN_MATMUL_STATUS_BUSY 0 // a run is under way
`define TERN_MATMUL_STATUS_CODE 15:8 // status code of the last run
`define TERN_MATMUL_REG_ERROR_DETAIL 12'h00c // ro: of the last run. BAD_STEPS: entry; BAD_ACTIVATION: bits 7:0 word of the header, 4 for a shift, bits 31:8 vector of the run; else the strip in which the error was seen
`define TERN_MATMUL_REG_WEIGHTS_LO 12'h010 // rw: device address of strip 0, 64-byte aligned
`define TERN_MATMUL_REG_WEIGHTS_HI 12'h014
`define TERN_MATMUL_REG_CRC_LO 12'h018 // rw: device address of the checksum table, u32 [strips][stored depth + 1], 64-byte aligned
`define TERN_MATMUL_REG_CRC_HI 12'h01c
`define TERN_MATMUL_REG_STEPS_LO 12'h020 // rw: device address of f32 [STEPS], 64-byte aligned
`define TERN_MATMUL_REG_STEPS_HI 12'h024
`define TERN_MATMUL_REG_ACTIVATION_LO 12'h028 // rw: device address of the activation image, 64-byte aligned
`define TERN_MATMUL_REG_ACTIVATION_HI 12'h02c
`define TERN_MATMUL_REG_OUTPUT_LO 12'h030 // rw: device address of f32 [rows], 64-byte aligned
`define TERN_MATMUL_REG_OUTPUT_HI 12'h034
`define TERN_MATMUL_REG_ROWS 12'h038 // rw: rows, 1..MAX_ROWS
`define TERN_MATMUL_REG_COLUMNS 12'h03c // rw: columns, 1..16 x SYSTEM MAX_GROUPS
`define TERN_MATMUL_REG_DEPTH 12'h040 // rw: planes of a strip
`define TERN_MATMUL_DEPTH_STORED 3:0 // 1..HARDWARE DEPTH
`define TERN_MATMUL_DEPTH_USED 7:4 // 1..STORED
`define TERN_MATMUL_REG_VECTORS 12'h044 // rw: activation vectors of the run, 1..HARDWARE VECTORS
`define TERN_MATMUL_REG_ACTIVATION_STRIDE_LO 12'h048 // rw: bytes from one vector's image to the next one's, a multiple of 64; not used for one vector
`define TERN_MATMUL_REG_ACTIVATION_STRIDE_HI 12'h04c
`define TERN_MATMUL_REG_OUTPUT_STRIDE_LO 12'h050 // rw: bytes from one vector's output to the next one's, a multiple of 64; not used for one vector
`define TERN_MATMUL_REG_OUTPUT_STRIDE_HI 12'h054
`define TERN_MATMUL_REG_CYCLES_LO 12'h100 // ro: cycles busy, start to done; this and the next counters run since reset
`define TERN_MATMUL_REG_CYCLES_HI 12'h104
`define TERN_MATMUL_REG_TAKEN_LO 12'h108 // ro: weight and code beats the lanes took
`define TERN_MATMUL_REG_TAKEN_HI 12'h10c
`define TERN_MATMUL_REG_STARVED_LO 12'h110 // ro: cycles of the stream in which the lanes were ready and no beat was there
`define TERN_MATMUL_REG_STARVED_HI 12'h114
`define TERN_MATMUL_REG_STALLED_LO 12'h118 // ro: cycles of the stream in which a beat was there and finish or output held the lanes
`define TERN_MATMUL_REG_STALLED_HI 12'h11c
`define TERN_MATMUL_REG_OFFERED_LO 12'h120 // ro: beat slots of the weight stream: cycles from the first weight request to the last weight beat taken = taken + starved + stalled
`define TERN_MATMUL_REG_OFFERED_HI 12'h124

// VECTOR: vector unit; offsets from VECTOR_BASE. A command has ROWS rows; a row has PARTS parts, which begin LEFT_STRIDE bytes apart and have LENGTH elements each
`define TERN_VECTOR_REG_ID 12'h000 // ro: VECTOR_ID
`define TERN_VECTOR_REG_CONTROL 12'h004 // wo: one of
`define TERN_VECTOR_CONTROL_START 0 // begin a run
`define TERN_VECTOR_CONTROL_ABORT 1 // end the run: what is in flight is drained, then the unit is idle
`define TERN_VECTOR_REG_STATUS 12'h008 // ro: of the last run
`define TERN_VECTOR_STATUS_BUSY 0 // a run is under way
`define TERN_VECTOR_STATUS_CODE 15:8 // status code of the last run
`define TERN_VECTOR_REG_ERROR_ELEMENT 12'h00c // ro: element of NON_FINITE: those of all parts before it are counted
`define TERN_VECTOR_REG_OPERATION 12'h010 // rw: opcode of a vector command
`define TERN_VECTOR_REG_ROWS 12'h014 // rw: rows, 1..MAX_HEADS
`define TERN_VECTOR_REG_PARTS 12'h018 // rw: parts of a row: 2 for ROPE, rows for COPY, rows of a head for STORE, else 1
`define TERN_VECTOR_REG_LENGTH 12'h01c // rw: elements of a part; of half a head for ROPE
`define TERN_VECTOR_REG_LEFT_LO 12'h020 // rw: device address of the first operand
`define TERN_VECTOR_REG_LEFT_HI 12'h024
`define TERN_VECTOR_REG_LEFT_STRIDE_LO 12'h028 // rw: bytes from one part to the next
`define TERN_VECTOR_REG_LEFT_STRIDE_HI 12'h02c
`define TERN_VECTOR_REG_RIGHT_LO 12'h030 // rw: device address of the second operand: right, up, weight, table, totals
`define TERN_VECTOR_REG_RIGHT_HI 12'h034
`define TERN_VECTOR_REG_OUTPUT_LO 12'h038 // rw: device address of the result
`define TERN_VECTOR_REG_OUTPUT_HI 12'h03c
`define TERN_VECTOR_REG_OUTPUT_STRIDE_LO 12'h040 // rw: bytes from one part of f32 to the next, from one image or record to the next
`define TERN_VECTOR_REG_OUTPUT_STRIDE_HI 12'h044
`define TERN_VECTOR_REG_SIDE_LO 12'h048 // rw: device address of a second result: exponent bytes of STORE, totals of SOFTMAX
`define TERN_VECTOR_REG_SIDE_HI 12'h04c
`define TERN_VECTOR_REG_SCALAR_0 12'h050 // rw: f32: epsilon of RMSNORM, scale of SOFTMAX
`define TERN_VECTOR_REG_SCALAR_1 12'h054 // rw: f32: reciprocal(LENGTH) of RMSNORM
`define TERN_VECTOR_REG_CYCLES_LO 12'h100 // ro: cycles busy, start to done; this and the next counters run since reset
`define TERN_VECTOR_REG_CYCLES_HI 12'h104
`define TERN_VECTOR_REG_ISSUED_LO 12'h108 // ro: cycles in which an instruction began for a part of a group
`define TERN_VECTOR_REG_ISSUED_HI 12'h10c
`define TERN_VECTOR_REG_STARVED_LO 12'h110 // ro: cycles in which an instruction waited for an operand from memory
`define TERN_VECTOR_REG_STARVED_HI 12'h114
`define TERN_VECTOR_REG_STALLED_LO 12'h118 // ro: cycles in which an instruction waited for room for its result
`define TERN_VECTOR_REG_STALLED_HI 12'h11c

// ATTENTION: attention unit, which runs DOT; offsets from ATTENTION_BASE. Addresses and strides are multiples of 64
`define TERN_ATTENTION_REG_ID 12'h000 // ro: ATTENTION_ID
`define TERN_ATTENTION_REG_CONTROL 12'h004 // wo: one of
`define TERN_ATTENTION_CONTROL_START 0 // begin a run
`define TERN_ATTENTION_CONTROL_ABORT 1 // end the run: what is in flight is drained, then the unit is idle
`define TERN_ATTENTION_REG_STATUS 12'h008 // ro: of the last run
`define TERN_ATTENTION_STATUS_BUSY 0 // a run is under way
`define TERN_ATTENTION_STATUS_CODE 15:8 // status code of the last run
`define TERN_ATTENTION_REG_ERROR 12'h00c // ro: place of the last BAD_ACTIVATION, BUS_ERROR or BAD_ADDRESS of a run; otherwise 0
`define TERN_ATTENTION_ERROR_WHAT 7:0 // 0..3 word of an image's header, or a constant DOT_AT_*
`define TERN_ATTENTION_ERROR_HEAD 15:8 // key/value head of the run; 0 for an output
`define TERN_ATTENTION_ERROR_INDEX 31:16 // vector of the image, or record; 0 for an output
`define TERN_ATTENTION_REG_IMAGES_LO 12'h010 // rw: device address of the image of vector 0 of head 0
`define TERN_ATTENTION_REG_IMAGES_HI 12'h014
`define TERN_ATTENTION_REG_CACHE_LO 12'h018 // rw: device address of the first record of head 0
`define TERN_ATTENTION_REG_CACHE_HI 12'h01c
`define TERN_ATTENTION_REG_OUTPUT_LO 12'h020 // rw: device address of the f32 results of vector 0 of head 0
`define TERN_ATTENTION_REG_OUTPUT_HI 12'h024
`define TERN_ATTENTION_REG_IMAGE_STRIDE_LO 12'h028 // rw: bytes from one image to the next, also from a head's last one to the next head's first
`define TERN_ATTENTION_REG_IMAGE_STRIDE_HI 12'h02c
`define TERN_ATTENTION_REG_HEAD_STRIDE_LO 12'h030 // rw: bytes from one head's first record to the next one's
`define TERN_ATTENTION_REG_HEAD_STRIDE_HI 12'h034
`define TERN_ATTENTION_REG_OUTPUT_STRIDE_LO 12'h038 // rw: bytes from one vector's results to the next one's, also from head to head
`define TERN_ATTENTION_REG_OUTPUT_STRIDE_HI 12'h03c
`define TERN_ATTENTION_REG_KIND 12'h040 // rw: what the records hold: 0 keys, 1 values
`define TERN_ATTENTION_REG_KV_HEADS 12'h044 // rw: 1..MAX_HEADS
`define TERN_ATTENTION_REG_VECTORS 12'h048 // rw: images for each head, 1..DOT_VECTORS
`define TERN_ATTENTION_REG_HEAD_SIZE 12'h04c // rw: elements of a head, 1..MAX_HEAD_SIZE
`define TERN_ATTENTION_REG_POSITIONS 12'h050 // rw: positions of the cache to read, 1..MAX_POSITIONS
`define TERN_ATTENTION_REG_CYCLES_LO 12'h100 // ro: cycles busy, start to done; this and the next counters run since reset
`define TERN_ATTENTION_REG_CYCLES_HI 12'h104
`define TERN_ATTENTION_REG_TAKEN_LO 12'h108 // ro: beats of images and records that the unit took
`define TERN_ATTENTION_REG_TAKEN_HI 12'h10c
`define TERN_ATTENTION_REG_STARVED_LO 12'h110 // ro: cycles of the stream in which the unit was ready and no beat was there
`define TERN_ATTENTION_REG_STARVED_HI 12'h114
`define TERN_ATTENTION_REG_STALLED_LO 12'h118 // ro: cycles of the stream in which a beat was there and the unit did not take it
`define TERN_ATTENTION_REG_STALLED_HI 12'h11c
`define TERN_ATTENTION_REG_OFFERED_LO 12'h120 // ro: beat slots of the stream of images and records: cycles from the first request to the last beat taken = taken + starved + stalled
`define TERN_ATTENTION_REG_OFFERED_HI 12'h124

// opcodes of commands
`define TERN_OPCODE_NOP 4'd0 // does nothing
`define TERN_OPCODE_QUANTIZE 4'd1 // rows of f32 [length] to activation images, one after the other
`define TERN_OPCODE_MATMUL 4'd2 // f32 [rows] = packed weights x activation image, for 1..MAX_VECTORS images
`define TERN_OPCODE_ADD 4'd3 // output = left + right (bias, residual)
`define TERN_OPCODE_RMSNORM 4'd4 // output = input / rms(input) x weight for each row
`define TERN_OPCODE_ROPE 4'd5 // rotary embedding of one position
`define TERN_OPCODE_SWIGLU 4'd6 // output = gate x sigmoid(gate) x up
`define TERN_OPCODE_COPY 4'd7 // rows of words from one pitch to another (values into their history)
`define TERN_OPCODE_STORE 4'd8 // rows of f32 into the records of a cache
`define TERN_OPCODE_DOT 4'd9 // exact dot products of activation images with the records of a cache, each rounded once to f32
`define TERN_OPCODE_SOFTMAX 4'd10 // weights exp((score - largest score) x scale) of each row as an activation image of base exponent SOFTMAX_BASE_EXPONENT, and their sum
`define TERN_OPCODE_SCALE 4'd11 // output = input x 1 / total of the row

// status codes
`define TERN_STATUS_OK 8'd0 // done
`define TERN_STATUS_BAD_OPCODE 8'd1 // no such operation
`define TERN_STATUS_BAD_LENGTH 8'd2 // a count is zero or over its limit
`define TERN_STATUS_BAD_ADDRESS 8'd3 // a buffer is misaligned or leaves the window
`define TERN_STATUS_BAD_DEPTH 8'd4 // depth in use not 1..stored, or stored not 1..MAX_DEPTH
`define TERN_STATUS_BAD_STEPS 8'd5 // a step is negative, not finite, or the range too wide
`define TERN_STATUS_NON_FINITE 8'd6 // an activation is infinite or not a number, or a key or value is too large for the cache
`define TERN_STATUS_CHECKSUM 8'd7 // packed weights do not match their CRC-32C
`define TERN_STATUS_BUS_ERROR 8'd8 // memory answered with an error
`define TERN_STATUS_TIMEOUT 8'd9 // a wait passed its limit
`define TERN_STATUS_BAD_ACTIVATION 8'd10 // an activation image does not fit the matrix or the cache, or the cache holds no exponent
`define TERN_STATUS_UNIT_BUSY 8'd11 // the unit has not recovered from an earlier stall
`define TERN_STATUS_BAD_ARGUMENT 8'd32 // the caller's argument is out of range
`define TERN_STATUS_BAD_FILE 8'd33 // a file's contents are wrong
`define TERN_STATUS_IO 8'd34 // the operating system refused a read or a write
`define TERN_STATUS_OUT_OF_MEMORY 8'd35 // host memory
`define TERN_STATUS_UNSUPPORTED 8'd36 // well formed, but not something Tern runs
`define TERN_STATUS_NO_DEVICE_MEMORY 8'd37 // device memory too small even for streaming
`define TERN_STATUS_BAD_DEVICE 8'd38 // the device is not a Tern, or of another version
`define TERN_STATUS_INTERRUPTED 8'd39 // the user stopped it
`define TERN_STATUS_MISMATCH 8'd40 // two things that must be equal differ

`endif
