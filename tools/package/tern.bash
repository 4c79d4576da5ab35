# SPDX-License-Identifier: Apache-2.0
# Completion of `tern` in bash. Reads commands, options and devices from the program's help.
_tern() {
  local tern=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} help
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "$("$tern" --help 2>/dev/null | sed -n 's/^  \([a-z]*\)  .*/\1/p') --help --version" -- "$word")
    return
  fi
  help=$("$tern" "${COMP_WORDS[1]}" --help 2>/dev/null) || return
  case $before in
  --device | --devices | --on)
    mapfile -t COMPREPLY < <(compgen -W "$(sed -n '/^Devices/,$s/^  \([a-z0-9][a-z0-9]*\)  .*/\1/p' <<<"$help")" -- "$word")
    ;;
  *)
    if [[ $word == -* ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$(grep -o -- '--[a-z][a-z-]*' <<<"$help" | sort -u) --help" -- "$word")
    else
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
    ;;
  esac
}
complete -o filenames -F _tern tern
