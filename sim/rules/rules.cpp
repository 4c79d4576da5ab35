// SPDX-License-Identifier: Apache-2.0
#include "sim/rules/rules.hpp"

namespace {

uint64_t broken = 0;
std::string first;

} // namespace

namespace tern_bench {

uint64_t broken_rules() {
    return broken;
}

const std::string &first_broken_rule() {
    return first;
}

void forget_broken_rules() {
    broken = 0;
    first.clear();
}

} // namespace tern_bench

// The Verilog calls this function (tern_rule.svh).
extern "C" void tern_rule_broken(const char *rule, const char *place) {
    if (broken++ == 0) {
        first = std::string(place) + ": " + rule;
    }
}
