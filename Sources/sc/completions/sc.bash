# Completion of `sc`: its stages, then what the stage's own completion, beside this file, says.
_sc() {
  local word=${COMP_WORDS[COMP_CWORD]} folder
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(
      compgen -W 'preprocess knn pretrain cluster eval help --help --version' -- "$word")
    return
  fi
  case ${COMP_WORDS[1]} in
    preprocess | knn | pretrain | cluster | eval)
      local program=sc-${COMP_WORDS[1]}
      if ! declare -F "_$program" >/dev/null; then
        folder=$(dirname -- "${BASH_SOURCE[0]}")
        # shellcheck disable=SC1090
        . "$folder/$program" || return
      fi
      local head=${COMP_LINE%%"${COMP_WORDS[1]}"*}
      local line=sc-${COMP_LINE#"$head"}
      COMP_POINT=$((COMP_POINT - ${#head} + 3))
      COMP_LINE=$line
      COMP_WORDS=("$program" "${COMP_WORDS[@]:2}")
      COMP_CWORD=$((COMP_CWORD - 1))
      "_$program" "$program" "$word" "${COMP_WORDS[COMP_CWORD - 1]}"
      ;;
    help)
      ((COMP_CWORD > 2)) ||
        mapfile -t COMPREPLY < <(compgen -W 'preprocess knn pretrain cluster eval' -- "$word")
      ;;
  esac
}
complete -o filenames -F _sc sc
