# Completion of `sc`: its stages, then what the stage's own completion says.
function __sc_delegate
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    test (count $words) -ge 2; or return
    contains -- $words[2] preprocess knn pretrain cluster eval; or return
    complete -C "sc-$words[2] $(string join -- ' ' (string escape -- $words[3..])) $current"
end

function __sc_needs_stage
    test (count (commandline -opc)) -eq 1
    or test "$(commandline -opc)[2]" = help
end

complete -c sc -f
complete -c sc -n __sc_needs_stage -a preprocess -d 'Counts in any format to filtered, normalized counts'
complete -c sc -n __sc_needs_stage -a knn -d "The graph of every cell's nearest neighbors"
complete -c sc -n __sc_needs_stage -a pretrain -d 'A model of counts and graph, and its latent codes'
complete -c sc -n __sc_needs_stage -a cluster -d 'Clusters, with a confidence for every cell'
complete -c sc -n __sc_needs_stage -a eval -d 'Metrics, pictures and marker genes of the clusters'
complete -c sc -n __sc_needs_stage -l version -d 'Show the version'
complete -c sc -n __sc_needs_stage -s h -l help -d 'Show help information'
complete -c sc -n 'not __sc_needs_stage' -a '(__sc_delegate)'
