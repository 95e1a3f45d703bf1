#!/usr/bin/env nextflow
// scTPF on the samples of a sheet: sample,counts,clusters (a header line; clusters may be empty:
// estimated).
//
//   nextflow run pipelines/nf-core/main.nf --input samples.csv --outdir results \
//     [--labels cell_type]
//
// The programs come from PATH, or with -profile docker or singularity from the image that the
// Dockerfile makes.
nextflow.enable.dsl = 2

include { SC_PREPROCESS } from './modules/preprocess/main'
include { SC_KNN        } from './modules/knn/main'
include { SC_PRETRAIN   } from './modules/pretrain/main'
include { SC_CLUSTER    } from './modules/cluster/main'
include { SC_EVAL       } from './modules/eval/main'

workflow {
    if (!params.input) {
        error "name a sheet of samples: --input samples.csv"
    }
    // These become part of commands.
    if ((params.labels ?: '').contains("'")) {
        error "--labels ${params.labels}: a column without quotes"
    }
    samples = Channel.fromPath(params.input, checkIfExists: true)
        .splitCsv(header: true)
        .map { row ->
            if (!(row.sample ==~ /[A-Za-z0-9_][A-Za-z0-9_.-]*/)) {
                error "${params.input}: the sample '${row.sample}' names files: give letters, digits, dots, dashes and underscores"
            }
            if (!((row.clusters ?: 'auto') ==~ /auto|[1-9][0-9]*/)) {
                error "${params.input}: ${row.sample}: '${row.clusters}' clusters: give a number, auto or nothing"
            }
            row
        }
        .map { row -> tuple([id: row.sample, clusters: row.clusters ?: null], file(row.counts, checkIfExists: true), []) }

    SC_PREPROCESS(samples)
    SC_KNN(SC_PREPROCESS.out.counts)
    SC_PRETRAIN(SC_KNN.out.graph)
    SC_CLUSTER(SC_PRETRAIN.out.model, 'auto')
    SC_EVAL(SC_CLUSTER.out.clustered, params.labels ?: '')
}
