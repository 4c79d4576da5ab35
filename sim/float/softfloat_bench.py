# SPDX-License-Identifier: Apache-2.0
"""Compares tern_float_unit with Berkeley SoftFloat: gives the functions of the package softfloatpy to the bench.

softfloat_bench.py LIBRARY [CASES [SEED]]    cases of each operation; LIBRARY is what softfloat_bench.cpp becomes
"""
import ctypes
import sys

# In the order of the structure SoftFloat of softfloat_bench.cpp.
FUNCTIONS = ("f32_add", "f32_sub", "f32_mul", "f32_eq", "f32_lt", "f32_to_i32", "i32_to_f32")


def main(library, cases="10000000", seed="1"):
    try:
        from softfloatpy import _core
    except ImportError:
        print("skipped: needs softfloatpy")
        return 77
    softfloat = ctypes.CDLL(_core.__file__)
    pointers = [ctypes.cast(getattr(softfloat, name), ctypes.c_void_p) for name in FUNCTIONS]
    table = (ctypes.c_void_p * len(pointers))(*[pointer.value for pointer in pointers])
    return ctypes.CDLL(library).tern_softfloat_bench(table, ctypes.c_uint64(int(cases)), ctypes.c_uint64(int(seed)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
