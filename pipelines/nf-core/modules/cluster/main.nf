process SC_CLUSTER {
    tag "$meta.id"
    label 'process_high'

    conda "${moduleDir}/environment.yml"
    container 'single-cell-clustering:0.1.0'

    input:
    tuple val(meta), path(model)
    val clusters

    output:
    tuple val(meta), path("*.clustered.h5ad"), emit: clustered
    tuple val(meta), path("*.clusters.tsv"), emit: table
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def count = meta.clusters ?: clusters ?: 'auto'
    """
    sc-cluster \\
        ${model} \\
        --clusters '${count}' \\
        ${args} \\
        --threads ${task.cpus} \\
        --labels-out '${prefix}.clusters.tsv' \\
        --output '${prefix}.clustered.h5ad'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-cluster: \$(sc-cluster --version | sed 's/^sc-cluster //')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch '${prefix}.clustered.h5ad'
    touch '${prefix}.clusters.tsv'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-cluster: \$(sc-cluster --version | sed 's/^sc-cluster //')
    END_VERSIONS
    """
}
