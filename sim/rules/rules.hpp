// SPDX-License-Identifier: Apache-2.0
// The broken rules of a simulation. The rules of this folder are bound to every port and report here.
#pragma once

#include <cstdint>
#include <string>

namespace tern_bench {

// The number of broken rules since the program started or forget_broken_rules().
uint64_t broken_rules();
// The first broken rule as "top.module: sentence"; empty while none is broken.
const std::string &first_broken_rule();
void forget_broken_rules();

} // namespace tern_bench
