process SC_PRETRAIN {
    tag "$meta.id"
    label 'process_high'

    conda "${moduleDir}/environment.yml"
    container 'single-cell-clustering:0.1.0'

    input:
    tuple val(meta), path(graph)

    output:
    tuple val(meta), path("*.model.safetensors"), emit: model
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    sc-pretrain \\
        ${graph} \\
        ${args} \\
        --threads ${task.cpus} \\
        --output '${prefix}.model.safetensors'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-pretrain: \$(sc-pretrain --version | sed 's/^sc-pretrain //')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch '${prefix}.model.safetensors'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-pretrain: \$(sc-pretrain --version | sed 's/^sc-pretrain //')
    END_VERSIONS
    """
}
