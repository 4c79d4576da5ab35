#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks links, file names and examples of the pages, and that the checker finds a wrong one of each.
set -euo pipefail
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
docs=$(dirname "$0")/docs.py tern=$1
python3 -B "$docs" "$TERN_SOURCE_DIR" "$tern"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{docs,tools,testvectors}
touch "$work/CONTRIBUTING.md" "$work/docs/a.md"
# wrong TEXT WORDS: a README with this text must be refused with these words.
wrong() {
  printf '%b\n' "$1" >"$work/README.md"
  if said=$(python3 -B "$docs" "$work" "$tern"); then echo "accepted: $1"; exit 1; fi
  grep -qF -- "$2" <<<"$said" || { echo "expected '$2', got: $said"; exit 1; }
}
page='[a](docs/a.md)'
wrong 'nothing' 'does not list docs/a.md'
wrong "$page [b](docs/b.md)" 'leads nowhere'
wrong "$page \`docs/c.md\`" 'there is no docs/c.md'
wrong "$page\n<!-- run -->\n\`\`\`sh\ntern nonsense\n\`\`\`" "no command 'nonsense'"
wrong "$page\n<!-- run -->\n\n\`\`\`sh\ntern --help\n\`\`\`" '1 marks for examples'
