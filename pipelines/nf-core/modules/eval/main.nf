process SC_EVAL {
    tag "$meta.id"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container 'single-cell-clustering:0.1.0'

    input:
    tuple val(meta), path(clustered)
    val labels

    output:
    tuple val(meta), path("*.metrics.tsv"), emit: metrics
    tuple val(meta), path("*.png"), emit: plot
    tuple val(meta), path("*.html"), emit: report
    tuple val(meta), path("*_mqc.json"), emit: multiqc
    path "versions.yml", emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def truth = labels ? "--labels '${labels}'" : ''
    """
    sc-eval \\
        ${clustered} \\
        ${truth} \\
        ${args} \\
        --threads ${task.cpus} \\
        --sample '${prefix}' \\
        --plot '${prefix}.png' \\
        --report '${prefix}.html' \\
        --multiqc '${prefix}_mqc.json' \\
        --output '${prefix}.metrics.tsv'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-eval: \$(sc-eval --version | sed 's/^sc-eval //')
    END_VERSIONS
    """

    stub:
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch '${prefix}.metrics.tsv'
    touch '${prefix}.png'
    touch '${prefix}.html'
    touch '${prefix}_mqc.json'

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        sc-eval: \$(sc-eval --version | sed 's/^sc-eval //')
    END_VERSIONS
    """
}
