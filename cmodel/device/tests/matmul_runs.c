// SPDX-License-Identifier: Apache-2.0
// The cases of testvectors/unit/matmul_runs.tuv: several vectors in one run, columns that fill no group, and runs that
// the registers refuse. testvectors/unit/matmul.tuv has the arithmetic.
#include <string.h>

#include "cmodel/device/tests/run_case.h"
#include "cmodel/layout.h"
#include "cmodel/matmul/tests/matmul_case.h"

struct recipe {
    const char *name;
    uint32_t rows, columns, depth_stored, depth_used, vectors;
    uint32_t gap;           // bytes between images and between outputs, a multiple of 64
    uint32_t wrong_vector;  // whose image has a wrong magic; NONE: no one
    uint32_t wrong_strip;   // a bit of whose first plane is flipped; NONE: no one
    uint32_t offset, value; // a register and what it gets instead; 0, 0: none
    uint32_t status, detail;
};

#define NONE UINT32_MAX
#define SOUND NONE, NONE, 0, 0, TERN_STATUS_OK, 0
#define SMALL 7, 64, 2, 2, 1, 0
#define REFUSED(register, value, status) NONE, NONE, TERN_MATMUL_REG_##register, value, TERN_STATUS_##status, 0
#define DEPTHS(stored, used) (TERN_FIELD_PUT(MATMUL_DEPTH_STORED, stored) | TERN_FIELD_PUT(MATMUL_DEPTH_USED, used))
#define MAGIC_WORD 3u

static const struct recipe recipes[] = {
    {"one column", 6, 1, 3, 3, 1, 0, SOUND},
    {"50 columns", 11, 50, 3, 2, 1, 0, SOUND},
    {"129 columns", 4, 129, 2, 2, 1, 0, SOUND},
    {"2 vectors", 7, 64, 3, 3, 2, 0, SOUND},
    {"2 vectors, with gaps", 13, 100, 2, 2, 2, 128, SOUND},
    {"3 vectors", 5, 64, 4, 4, 3, 0, SOUND},
    {"4 vectors", 23, 130, 3, 3, 4, 64, SOUND},
    {"4 vectors, depth 1 of 4", 6, 64, 4, 1, 4, 0, SOUND},
    {"4 vectors, the third is wrong", 7, 64, 2, 2, 4, 0, 2, NONE, 0, 0, TERN_STATUS_BAD_ACTIVATION,
     MAGIC_WORD | 2 << 8},
    {"4 vectors, strip 1 is wrong", 14, 64, 2, 2, 4, 0, NONE, 1, 0, 0, TERN_STATUS_CHECKSUM, 1},
    {"no rows", SMALL, REFUSED(ROWS, 0, BAD_LENGTH)},
    {"too many rows", SMALL, REFUSED(ROWS, TERN_MAX_ROWS + 1, BAD_LENGTH)},
    {"no columns", SMALL, REFUSED(COLUMNS, 0, BAD_LENGTH)},
    {"too many columns", SMALL, REFUSED(COLUMNS, TERN_MAX_COLUMNS + 1, BAD_LENGTH)},
    {"no vectors", SMALL, REFUSED(VECTORS, 0, BAD_LENGTH)},
    {"33 vectors", SMALL, REFUSED(VECTORS, TERN_MAX_VECTORS + 1, BAD_LENGTH)},
    {"no planes stored", SMALL, REFUSED(DEPTH, DEPTHS(0, 0), BAD_DEPTH)},
    {"no planes in use", SMALL, REFUSED(DEPTH, DEPTHS(2, 0), BAD_DEPTH)},
    {"more planes in use than stored", SMALL, REFUSED(DEPTH, DEPTHS(2, 3), BAD_DEPTH)},
    {"5 planes", SMALL, REFUSED(DEPTH, DEPTHS(5, 2), BAD_DEPTH)},
    {"weights misaligned", SMALL, REFUSED(WEIGHTS_LO, 0x50, BAD_ADDRESS)},
    {"checksums misaligned", SMALL, REFUSED(CRC_LO, 0x44, BAD_ADDRESS)},
    {"steps misaligned", SMALL, REFUSED(STEPS_LO, 0x60, BAD_ADDRESS)},
    {"image misaligned", SMALL, REFUSED(ACTIVATION_LO, 0x48, BAD_ADDRESS)},
    {"output misaligned", SMALL, REFUSED(OUTPUT_LO, 0x44, BAD_ADDRESS)},
    {"weights outside the window", SMALL, REFUSED(WEIGHTS_HI, 2, BAD_ADDRESS)},
    {"output outside the window", SMALL, REFUSED(OUTPUT_HI, 4, BAD_ADDRESS)},
};

static void put_words(struct run_case *c, uint64_t address, const void *data, size_t bytes) {
    memcpy(run_case_at(c, address), data, bytes);
}

static uint64_t place(struct run_case *c, const void *data, size_t bytes) {
    const uint64_t at = run_case_place(c, bytes, 0);
    put_words(c, at, data, bytes);
    return at;
}

static void make_matrix(const struct recipe *recipe, struct matmul_case *m, struct test_random *random) {
    matmul_case_allocate(m, recipe->rows, (uint32_t)tern_groups(recipe->columns), recipe->depth_stored,
                         recipe->depth_used);
    matmul_case_fill_levels(m, LEVELS_RANDOM, random);
    matmul_case_fill_codes(m, CODES_RANDOM, random);
    matmul_case_fill_steps(m, STEPS_SPACED, random);
    for (uint32_t i = 0; i < recipe->rows * m->groups * TERN_GROUP_COLUMNS; i++) {
        if (i % (m->groups * TERN_GROUP_COLUMNS) >= recipe->columns) {
            m->levels[i] = 0;
        }
    }
    matmul_case_finish(m);
}

static void place_matrix(struct run_case *c, const struct recipe *recipe, const struct matmul_case *m) {
    const uint64_t weights = place(c, m->weights, m->weights_bytes);
    run_case_write_pair(c, TERN_MATMUL_REG_WEIGHTS_LO, weights);
    run_case_write_pair(c, TERN_MATMUL_REG_CRC_LO,
                        place(c, m->crc, tern_crc_bytes(recipe->rows, recipe->depth_stored)));
    run_case_write_pair(c, TERN_MATMUL_REG_STEPS_LO, place(c, m->step_bits, sizeof m->step_bits));
    if (recipe->wrong_strip != NONE) {
        *run_case_at(c, weights + recipe->wrong_strip * matmul_case_strip_bytes(m) +
                            tern_codes_bytes(recipe->columns)) ^= 1;
    }
}

static void put_image(struct run_case *c, const struct recipe *recipe, uint32_t vector, uint64_t at,
                      struct matmul_case *m, struct test_random *random) {
    const uint32_t exponent = (uint32_t)(-10 - (int32_t)vector);
    const uint32_t magic = vector == recipe->wrong_vector ? 0 : TERN_ACTIVATION_MAGIC;
    const uint32_t header[MAGIC_WORD + 1] = {exponent, m->groups, recipe->columns, magic};
    matmul_case_fill_mantissas(m, MANTISSAS_RANDOM, random);
    matmul_case_fill_shifts(m, SHIFTS_RANDOM, random);
    memset(m->mantissas + recipe->columns, 0,
           sizeof *m->mantissas * (TERN_GROUP_COLUMNS * m->groups - recipe->columns));
    memset(run_case_at(c, at), 0, tern_activation_bytes(recipe->columns));
    put_words(c, at, header, sizeof header);
    put_words(c, at + TERN_ACTIVATION_HEADER_BYTES, m->mantissas,
              sizeof *m->mantissas * TERN_GROUP_COLUMNS * m->groups);
    put_words(c, at + tern_activation_shifts_offset(recipe->columns), m->shifts, m->groups);
}

static void place_vectors(struct run_case *c, const struct recipe *recipe, struct matmul_case *m,
                          struct test_random *random) {
    const uint64_t image_stride = tern_activation_bytes(recipe->columns) + recipe->gap;
    const uint64_t output_stride = tern_align_up(4 * (uint64_t)recipe->rows, TERN_SEGMENT_ALIGN) + recipe->gap;
    const uint64_t images = run_case_place(c, image_stride * recipe->vectors, 0);
    for (uint32_t vector = 0; vector < recipe->vectors; vector++) {
        put_image(c, recipe, vector, images + vector * image_stride, m, random);
    }
    run_case_write_pair(c, TERN_MATMUL_REG_ACTIVATION_LO, images);
    run_case_write_pair(c, TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, image_stride);
    run_case_write_pair(c, TERN_MATMUL_REG_OUTPUT_LO, run_case_place(c, output_stride * recipe->vectors, 0));
    run_case_write_pair(c, TERN_MATMUL_REG_OUTPUT_STRIDE_LO, output_stride);
}

static void make(uint32_t number, struct test_random *random, struct run_case *c) {
    const struct recipe *recipe = &recipes[number];
    struct matmul_case m;
    run_case_start(c, TERN_MATMUL_ID, recipe->name);
    make_matrix(recipe, &m, random);
    place_matrix(c, recipe, &m);
    place_vectors(c, recipe, &m, random);
    matmul_case_free(&m);
    run_case_write(c, TERN_MATMUL_REG_ROWS, recipe->rows);
    run_case_write(c, TERN_MATMUL_REG_COLUMNS, recipe->columns);
    run_case_write(c, TERN_MATMUL_REG_DEPTH, DEPTHS(recipe->depth_stored, recipe->depth_used));
    run_case_write(c, TERN_MATMUL_REG_VECTORS, recipe->vectors);
    if (recipe->offset) {
        run_case_write(c, recipe->offset, recipe->value);
    }
    c->record.status = recipe->status;
    c->record.has_detail = recipe->status == TERN_STATUS_BAD_ACTIVATION || recipe->status == TERN_STATUS_CHECKSUM;
    c->record.detail = recipe->detail;
}

const struct run_file matmul_runs = {TERN_SOURCE_DIR "/testvectors/unit/matmul_runs.tuv",
                                     sizeof recipes / sizeof recipes[0], 0, make, NULL};
