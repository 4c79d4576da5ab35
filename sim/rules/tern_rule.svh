// SPDX-License-Identifier: Apache-2.0
// The report of a broken rule to rules.hpp.
`ifndef TERN_RULE_SVH
`define TERN_RULE_SVH

import "DPI-C" function void tern_rule_broken(input string rule, input string place);

`define TERN_RULE(holds, sentence) \
    if (!(holds)) \
        tern_rule_broken(sentence, $sformatf("%m"));

`endif
