// SPDX-License-Identifier: Apache-2.0
#include "sim/vector/program_issues.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "spec/generated/tern_spec.h"

namespace tern_bench {

namespace {

constexpr uint64_t tile_groups = 16;

const std::map<std::string, uint32_t> operation_codes = {
    {"ADD", TERN_OPCODE_ADD},         {"SWIGLU", TERN_OPCODE_SWIGLU}, {"RMSNORM", TERN_OPCODE_RMSNORM},
    {"ROPE", TERN_OPCODE_ROPE},       {"COPY", TERN_OPCODE_COPY},     {"QUANTIZE", TERN_OPCODE_QUANTIZE},
    {"SOFTMAX", TERN_OPCODE_SOFTMAX}, {"SCALE", TERN_OPCODE_SCALE},   {"STORE", TERN_OPCODE_STORE}};

bool is_pass(const std::string &section) {
    return section == "pass1" || section == "pass2";
}

bool is_image(const VectorShape &shape) {
    return shape.operation == TERN_OPCODE_QUANTIZE || shape.operation == TERN_OPCODE_SOFTMAX;
}

} // namespace

uint64_t part_groups(const VectorShape &shape) {
    return (shape.length + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS;
}

ProgramIssues::ProgramIssues(const std::string &path, unsigned ways) : turns_(16 / ways) {
    std::ifstream file(path);
    Sections *operation = nullptr;
    std::string name;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string first, second;
        words >> first >> second;
        if (first == "operation") {
            operation = &operations_[operation_codes.at(second)];
        } else if (first == "open" || first == "middle" || first == "close" || is_pass(first)) {
            name = first;
            Section &section = (*operation)[name];
            words >> section.every;
        } else if (!first.empty()) {
            (is_pass(name) || first == "all" ? (*operation)[name].wide : (*operation)[name].singles)++;
        }
    }
}

// Groups of a row that a pass goes through. The parts of ROPE have instructions of their own. With 16 ways the store
// takes mantissas of two groups at once.
uint64_t ProgramIssues::row_groups(const VectorShape &shape) const {
    const uint64_t groups = part_groups(shape);
    if (is_image(shape) && turns_ == 1) {
        return groups + groups % 2;
    }
    return groups * (shape.operation == TERN_OPCODE_ROPE ? 1 : shape.parts);
}

// Instruction cycles of a section that runs once for a row.
uint64_t ProgramIssues::once(const Section &section, uint64_t groups) const {
    return turns_ * (section.singles + section.wide * std::min(groups, tile_groups));
}

uint64_t ProgramIssues::of(const VectorShape &shape) const {
    const uint64_t groups = row_groups(shape);
    uint64_t issues = 0;
    for (const auto &[name, section] : operations_.at(shape.operation)) {
        if (is_pass(name)) {
            issues += shape.rows * turns_ * section.wide * groups;
        } else {
            const uint32_t every = name == "open" ? section.every : 1;
            const uint64_t times = every == 0 ? 1 : (shape.rows + every - 1) / every;
            issues += times * once(section, groups);
        }
    }
    return issues;
}

} // namespace tern_bench
