// swift-tools-version: 6.2
import PackageDescription

// A separate package, so that the main build does not depend on it. It compiles the rooms that read
// files, through the link `Shared`, with the instrumentation of libFuzzer and the address
// sanitizer.

let instrumented: [SwiftSetting] = [
  .enableExperimentalFeature("Lifetimes"),
  .unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"]),
]
let instrumentedC: [CSetting] = [.unsafeFlags(["-fsanitize=fuzzer-no-link,address"])]

func room(_ name: String, uses dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Shared/\(name)", swiftSettings: instrumented)
}

func system(_ name: String, pkgConfig: String) -> Target {
  .systemLibrary(name: name, path: "Shared/\(name)", pkgConfig: pkgConfig)
}

let package = Package(
  name: "fuzzing",
  targets: [
    system("COpenBLAS", pkgConfig: "openblas"),
    system("CHDF5", pkgConfig: "hdf5"),
    system("CZlib", pkgConfig: "zlib"),
    system("CBlosc", pkgConfig: "blosc"),
    system("CZstd", pkgConfig: "libzstd"),
    .target(name: "CKernels", path: "Shared/CKernels"),
    .target(name: "CLZF", dependencies: ["CHDF5"], path: "Shared/CLZF", cSettings: instrumentedC),
    room("Ground", uses: []),
    room("Tensors", uses: ["Ground", "COpenBLAS", "CKernels"]),
    room("CellData", uses: ["Ground", "Tensors", "CZlib"]),
    room("TensorStream", uses: ["Ground", "Tensors", "CellData"]),
    room("DataFormats", uses: ["Ground", "Tensors", "CellData", "CHDF5", "CLZF", "CZlib", "CBlosc", "CZstd"]),
    .target(name: "CFuzzer", path: "CFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: ["CFuzzer", "CLZF", "Tensors", "CellData", "TensorStream", "DataFormats"],
      path: "fuzz",
      swiftSettings: instrumented,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
  ]
)
