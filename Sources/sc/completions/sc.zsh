#compdef sc
# Completion of `sc`: its stages, then what the stage's own completion says.
_sc() {
  local -a stages=(
    'preprocess:counts in any format to filtered, normalized counts'
    "knn:the graph of every cell's nearest neighbors"
    'pretrain:a model of counts and graph, and its latent codes'
    'cluster:clusters, with a confidence for every cell'
    'eval:metrics, pictures and marker genes of the clusters'
  )
  if (( CURRENT == 2 )); then
    _describe -t stages stage stages
    _arguments '--version[show the version]' '(-h --help)'{-h,--help}'[show help information]'
  elif [[ $words[2] == help ]]; then
    (( CURRENT > 3 )) || _describe -t stages stage stages
  else
    shift words
    (( CURRENT-- ))
    words[1]=sc-$words[1]
    _normal
  fi
}
_sc "$@"
