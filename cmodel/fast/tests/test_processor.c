// SPDX-License-Identifier: Apache-2.0
// A limit of the processor: what asks for more gets the next best, and nothing raises it again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmodel/fast/processor.h"

static void limits(void **state) {
    (void)state;
    static const struct {
        enum tern_processor most;
        enum tern_kernel best;
    } cases[] = {{TERN_PROCESSOR_AVX512_VBMI, TERN_KERNEL_AVX512},
                 {TERN_PROCESSOR_AVX512_VNNI, TERN_KERNEL_AVX2},
                 {TERN_PROCESSOR_AVX2, TERN_KERNEL_AVX2},
                 {TERN_PROCESSOR_SSE42, TERN_KERNEL_EXACT},
                 {TERN_PROCESSOR_ANY, TERN_KERNEL_EXACT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const enum tern_kernel before = tern_kernel_best();
        tern_processor_limit(cases[i].most);
        assert_int_equal(tern_kernel_best(), before < cases[i].best ? before : cases[i].best);
        for (enum tern_processor level = cases[i].most + 1; level <= TERN_PROCESSOR_AVX512_VBMI; level++) {
            assert_false(tern_processor_has(level));
        }
        tern_processor_limit(TERN_PROCESSOR_AVX512_VBMI);
        assert_int_equal(tern_kernel_best(), before < cases[i].best ? before : cases[i].best);
    }
    assert_true(tern_processor_has(TERN_PROCESSOR_ANY));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(limits)};
    return cmocka_run_group_tests_name("cmodel.processor", tests, NULL, NULL);
}
