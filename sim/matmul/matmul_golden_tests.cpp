// SPDX-License-Identifier: Apache-2.0
// Runs testvectors/unit/matmul.tuv on the unit. The slow reference computed its results. All vectors have the image of
// the case, at the same place.
#include <fstream>
#include <iterator>

#include "matmul_checks.hpp"
#include "testvectors/unit/unit_vectors.h"

namespace tern_bench {

namespace {

uint64_t put(Bench &bench, uint64_t *next, const uint8_t *data, size_t bytes) {
    const uint64_t address = *next;
    std::memcpy(bench.at(address), data, bytes);
    *next += tern_align_up(bytes, line_bytes) + line_bytes;
    return address;
}

void run_case(Bench &bench, const struct tern_unit_vector &vector) {
    const struct tern_unit_vectors_record &record = vector.record;
    Run run{};
    run.shape = {record.rows, record.groups * TERN_GROUP_COLUMNS, record.depth_stored, record.depth_used, unit_vectors};
    run.groups = record.groups;
    run.output_stride = tern_align_up(run.output_bytes(), line_bytes);
    bench.new_memory(record.bytes + unit_vectors * run.output_stride + 4096);
    uint64_t next = memory_base;
    run.weights = put(bench, &next, vector.weights, vector.weights_bytes);
    run.crc = put(bench, &next, vector.crc, vector.crc_bytes);
    run.activation = put(bench, &next, vector.activation, vector.activation_bytes);
    run.steps = put(bench, &next, vector.step_bits, steps_bytes);
    run.output = next;
    bench.snapshot();
    for (uint32_t i = 0; i < unit_vectors; i++) {
        std::memcpy(&bench.expected[run.output_of(i) - memory_base], vector.output, 4 * record.rows_written);
    }
    if (run_to_end(record.name, bench, run)) {
        check(record.name, bench, run, {record.status, record.detail}, no_vector);
    }
}

} // namespace

void test_golden(Bench &bench, const std::string &path) {
    std::ifstream stream(path, std::ios::binary);
    const std::vector<uint8_t> file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    struct tern_unit_vector vector;
    uint32_t cases = 0;
    while (tern_unit_vectors_find(file.data(), file.size(), cases, &vector)) {
        AxiMemoryConfig config;
        config.latency_cycles = cases % 3 * 20;
        config.stall_percent = cases % 4 * 20;
        use_memory(bench, config);
        run_case(bench, vector);
        cases++;
    }
    std::printf("%u golden cases\n", cases);
    if (cases == 0) {
        failures++;
        std::printf("FAIL golden: no case in %s\n", path.c_str());
    }
}

} // namespace tern_bench
