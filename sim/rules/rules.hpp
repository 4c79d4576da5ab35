// SPDX-License-Identifier: Apache-2.0
// What the rules of this folder found: they are bound to every port in every simulation and tell here.
#pragma once

#include <cstdint>
#include <string>

namespace tern_bench {

// Since the program started or forget_broken_rules().
uint64_t broken_rules();
// "top.module: sentence"; empty while none is broken.
const std::string &first_broken_rule();
void forget_broken_rules();

} // namespace tern_bench
