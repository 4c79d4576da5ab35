#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tree must have no long sentence. tools/check_sentences must name every planted one with its line.
set -euo pipefail
check=$TERN_SOURCE_DIR/tools/check_sentences
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$check" "$TERN_SOURCE_DIR"
w() { printf 'word %.0s' $(seq "$1"); }

# Good files: tables, lists, formulas, code, headings, strings and separate comments do not make one sentence.
mkdir "$work/docs" "$work/rtl"
cat >"$work/docs/a.md" <<END
# $(w 26)

One. $(w 25).

| $(w 20) | $(w 20) |
|---|---|
| $(w 20). $(w 20) | code \`a \\| b\` |

    $(w 30)

* $(w 20)
* $(w 10)
  $(w 10)

\`$(w 30)\`

\`\`\`sh
$(w 30)
\`\`\`
$(w 24) [a](docs/a.md)
END
cat >"$work/a.c" <<END
// SPDX-License-Identifier: Apache-2.0
// $(w 25).
//
// $(w 20)
//     y = $(w 30)
//     z = $(w 30)
// - $(w 20)
// - $(w 20)
char *s = "// $(w 30)";
int a; // $(w 20)
int b; // $(w 20)
/* $(w 20)

   $(w 20) */
// x    $(w 20)
//      $(w 5)
// y    $(w 20)
// $(w 20)
END
cat >"$work/a.py" <<END
s = '# $(w 30)'
s = """$(w 30)
"""
# $(w 25)
END
python3 "$check" "$work" || { echo "good sentences are refused"; exit 1; }

# Each of these has 26 words.
cat >"$work/README.md" <<END
Page
====

1. $(w 13)
   $(w 12) \`code\`. Short.

$(w 25). [two words](a) $(w 24).

| a |
| $(w 26) |
END
cat >"$work/b.c" <<END
int a;
// Short.
// A $(w 13)
// $(w 12).
int b; // $(w 13)
       // $(w 13)
/* First. $(w 6)
   $(w 20)
 */
END
cat >"$work/rtl/b.v" <<END
// SPDX-License-Identifier: Apache-2.0
// Module. $(w 10)
// $(w 16)
module b;
endmodule
END
cat >"$work/b.py" <<END
def f():
    """Short.

    A $(w 13)
    $(w 12)"""
    g()  # $(w 26)


class C:
    """A $(w 13)
    $(w 12)"""
END
cat >"$work/b.sh" <<END
#!/bin/sh
# A $(w 13)
# $(w 12)
echo "\${a#b}"
# - $(w 26)
END
said=$(python3 "$check" "$work") && { echo "long sentences are accepted"; exit 1; }
for place in README.md:4 README.md:7 README.md:10 b.c:3 b.c:5 b.c:7 rtl/b.v:2 b.py:4 b.py:6 b.py:10 b.sh:2 b.sh:5; do
  grep -qF -- "$place: a sentence of 26 words:" <<<"$said" || { echo "expected $place, got: $said"; exit 1; }
done
[ "$(wc -l <<<"$said")" = 12 ] || { echo "12 breaches expected: $said"; exit 1; }
