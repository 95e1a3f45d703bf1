// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Every Swift target is checked for memory safety, and warnings are errors.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableExperimentalFeature("Lifetimes"),
]

/// A room of the house: a library target in Sources/Shared. Imports point only down the list below,
/// and every target names all that it imports. The build does not rebuild a target for changes of
/// rooms that it imports only through another.
func room(
  _ name: String, uses dependencies: [Target.Dependency], linking libraries: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/Shared/\(name)", swiftSettings: strict,
    linkerSettings: libraries)
}

func system(_ name: String, pkgConfig: String?, package: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/Shared/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

func stage(_ name: String, uses dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name,
    dependencies: ["Tensors", "CellData", "StageSupport", argumentParser] + dependencies,
    swiftSettings: strict)
}

/// Tests that run the programs compute little themselves: without optimization they compile in a
/// fraction of the time.
func tests(
  _ name: String, of dependencies: [Target.Dependency], runsPrograms: Bool = false
) -> Target {
  .testTarget(
    name: name, dependencies: ["TestSupport", "Tensors"] + dependencies, path: "Tests/\(name)",
    swiftSettings: strict + (runsPrograms ? [.unsafeFlags(["-Onone"])] : []))
}

/// Debian's static archive of HDF5, if it is installed. The shared library loads 25 others, for
/// remote files, which take half of the time that a program needs to start.
#if arch(arm64)
  let archiveOfHDF5 = "/usr/lib/aarch64-linux-gnu/libhdf5_serial.a"
#else
  let archiveOfHDF5 = "/usr/lib/x86_64-linux-gnu/libhdf5_serial.a"
#endif
let hasArchive = FileManager.default.fileExists(atPath: archiveOfHDF5)

let package = Package(
  name: "single-cell-clustering",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    system("COpenBLAS", pkgConfig: "openblas", package: "libopenblas-dev"),
    system("CARPACK", pkgConfig: "arpack", package: "libarpack2-dev"),
    system("CHDF5", pkgConfig: hasArchive ? nil : "hdf5", package: "libhdf5-dev"),
    system("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
    system("CBlosc", pkgConfig: "blosc", package: "libblosc-dev"),
    system("CZstd", pkgConfig: "libzstd", package: "libzstd-dev"),
    system("CCairo", pkgConfig: "cairo", package: "libcairo2-dev"),
    .target(
      name: "CKernels", path: "Sources/Shared/CKernels"),
    .target(name: "CLaunch", path: "Sources/Shared/CLaunch"),
    .target(name: "CLZF", dependencies: ["CHDF5"], path: "Sources/Shared/CLZF"),

    room("Ground", uses: []),
    room("Tensors", uses: ["Ground", "COpenBLAS", "CKernels"]),
    room("CellData", uses: ["Ground", "Tensors", "CZlib"]),
    room("TensorStream", uses: ["Ground", "Tensors", "CellData"]),
    room(
      "DataFormats",
      uses: ["Ground", "Tensors", "CellData", "CHDF5", "CLZF", "CZlib", "CBlosc", "CZstd"],
      linking: hasArchive ? [.unsafeFlags([archiveOfHDF5]), .linkedLibrary("sz")] : []),
    room("Preprocessing", uses: ["Tensors"]),
    room("Neighbors", uses: ["Tensors"]),
    room("Doublets", uses: ["Tensors", "Neighbors"]),
    room("Clustering", uses: ["Tensors", "CARPACK"]),
    room("Integration", uses: ["Tensors", "Clustering"]),
    room("Metrics", uses: ["Tensors"]),
    room("Markers", uses: ["Tensors"]),
    room("DifferentialExpression", uses: ["Tensors"]),
    room("Layouts", uses: ["Tensors"]),
    room("Colors", uses: []),
    room("Plots", uses: ["Tensors", "Colors", "CCairo"]),
    room("Reports", uses: ["Tensors"]),
    room("Autodiff", uses: ["Tensors"]),
    room("NeuralNetworks", uses: ["Tensors", "Autodiff"]),
    room(
      "Training",
      uses: ["Tensors", "Autodiff", "NeuralNetworks", "Neighbors", "Clustering", "Metrics"]),
    room(
      "Models",
      uses: ["Tensors", "Autodiff", "NeuralNetworks", "Neighbors", "Clustering", "Training"]),
    room(
      "StageSupport",
      uses: [
        "Ground", "Tensors", "CellData", "DataFormats", "TensorStream", "CLaunch", argumentParser,
      ]),
    room(
      "ModelStages",
      uses: [
        "Tensors", "CellData", "Preprocessing", "NeuralNetworks", "Neighbors", "Clustering",
        "Integration", "Training", "Models", "StageSupport", argumentParser,
      ]),

    stage(
      "sc-preprocess", uses: ["DataFormats", "Preprocessing", "Doublets", "Plots", "Reports"]),
    stage("sc-knn", uses: ["Neighbors", "Integration", "Layouts"]),
    stage("sc-pretrain", uses: ["Training", "Models", "ModelStages"]),
    stage(
      "sc-cluster",
      uses: ["Colors", "Clustering", "Training", "Models", "ModelStages"]),
    stage(
      "sc-eval",
      uses: [
        "Preprocessing", "Neighbors", "Clustering", "Metrics", "Markers", "DifferentialExpression",
        "Layouts", "Plots", "Reports", "Training", "Models", "ModelStages",
      ]),

    .target(
      name: "TestSupport", dependencies: ["Tensors"], path: "Tests/TestSupport",
      swiftSettings: strict),
    tests("TensorsTests", of: ["CLaunch"]),
    tests("TensorStreamTests", of: ["CellData", "TensorStream"]),
    tests("DataFormatsTests", of: ["CellData", "DataFormats"]),
    tests("PreprocessingTests", of: ["Preprocessing"]),
    tests("NeighborsTests", of: ["Neighbors"]),
    tests("DoubletsTests", of: ["Doublets"]),
    tests("ClusteringTests", of: ["Clustering"]),
    tests("IntegrationTests", of: ["Integration"]),
    tests("MetricsTests", of: ["Metrics"]),
    tests("MarkersTests", of: ["Markers"]),
    tests("DifferentialExpressionTests", of: ["DifferentialExpression"]),
    tests("LayoutsTests", of: ["Layouts", "Neighbors"]),
    tests("PlotsTests", of: ["Colors", "Plots"]),
    tests("ReportsTests", of: ["Reports"]),
    tests("AutodiffTests", of: ["CKernels", "Autodiff"]),
    tests("NeuralNetworksTests", of: ["Autodiff", "NeuralNetworks"]),
    tests("TrainingTests", of: ["Autodiff", "NeuralNetworks", "Neighbors", "Training", "Models"]),
    tests(
      "ModelsTests",
      of: [
        "Autodiff", "NeuralNetworks", "Neighbors", "Training", "Models", "CellData", "StageSupport",
        "ModelStages", argumentParser,
      ]),
    tests(
      "StageTests",
      of: [
        "CellData", "TensorStream", "DataFormats", "StageSupport", "Training", "Models",
        "ModelStages", "sc-preprocess",
        "sc-knn", "sc-pretrain",
        "sc-cluster", "sc-eval",
      ], runsPrograms: true),
  ]
)
