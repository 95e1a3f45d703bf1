process SC_PREPROCESS {
    tag "$meta.id"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container 'single-cell-clustering:0.1.0'

    input:
    tuple val(meta), path(counts), path(labels)

    output:
    tuple val(meta), path("*.pre.safetensors"), emit: counts
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def truth = labels ? "--labels ${labels}" : ''
    """
    sc-preprocess \\
        ${counts} \\
        ${truth} \\
        ${args} \\
        --threads ${task.cpus} \\
        --output '${prefix}.pre.safetensors'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-preprocess: \$(sc-preprocess --version | sed 's/^sc-preprocess //')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch '${prefix}.pre.safetensors'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-preprocess: \$(sc-preprocess --version | sed 's/^sc-preprocess //')
    END_VERSIONS
    """
}
