process SC_KNN {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container 'single-cell-clustering:0.1.0'

    input:
    tuple val(meta), path(counts)

    output:
    tuple val(meta), path("*.knn.safetensors"), emit: graph
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    sc-knn \\
        ${counts} \\
        ${args} \\
        --threads ${task.cpus} \\
        --output '${prefix}.knn.safetensors'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-knn: \$(sc-knn --version | sed 's/^sc-knn //')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch '${prefix}.knn.safetensors'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-knn: \$(sc-knn --version | sed 's/^sc-knn //')
    END_VERSIONS
    """
}
