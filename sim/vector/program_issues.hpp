// SPDX-License-Identifier: Apache-2.0
// The instruction cycles (ISSUED) of a run of the vector unit, from the text of its program and the run's shape alone.
// An instruction takes 16 / ways cycles for each group of 16 elements.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tern_bench {

struct VectorShape {
    uint32_t operation, rows, parts, length;
};

// Groups of a part of a row. Each part begins with a group. Those that fill up an image take no instruction.
uint64_t part_groups(const VectorShape &shape);

class ProgramIssues {
  public:
    // Reads program.txt, which explains the language.
    ProgramIssues(const std::string &path, unsigned ways);
    // Of a run that ends without a fault.
    uint64_t of(const VectorShape &shape) const;

  private:
    struct Section {
        uint32_t every = 1;   // row between two runs of `open`; 0: the first row only
        uint64_t singles = 0; // instructions on one group
        uint64_t wide = 0;    // on the groups of a tile
    };
    using Sections = std::map<std::string, Section>;

    uint64_t row_groups(const VectorShape &shape) const;
    uint64_t once(const Section &section, uint64_t groups) const;

    const uint64_t turns_; // of a group
    std::map<uint32_t, Sections> operations_;
};

} // namespace tern_bench
