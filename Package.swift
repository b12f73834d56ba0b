// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [.strictMemorySafety()]

let package = Package(
  name: "fovea",
  products: [
    .executable(name: "fovea", targets: ["FoveaCLI"]),
    .library(name: "Fovea", targets: ["Fovea"]),
    .library(name: "FoveaC", type: .dynamic, targets: ["FoveaC"]),
    .library(name: "FoveaConvert", targets: ["FoveaConvert"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    // The engine, from the inside out.
    .target(name: "FoveaKernels"),
    .target(name: "FoveaCore", dependencies: ["FoveaKernels"], swiftSettings: strict),
    .target(name: "FoveaRuntime", dependencies: ["FoveaCore", "FoveaKernels"], swiftSettings: strict),

    // Photos.
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .target(name: "FoveaCodecs", dependencies: ["CJPEG", "CPNG"]),
    .target(name: "FoveaVision", dependencies: ["FoveaCodecs", "FoveaCore"], swiftSettings: strict),

    // What apps import.
    .target(name: "Fovea", dependencies: ["FoveaCore", "FoveaRuntime", "FoveaVision"], swiftSettings: strict),

    // The C ABI: fovea.h with each thread's last error, and the functions behind it.
    .target(name: "CFovea", exclude: ["exports.map"]),
    .target(name: "FoveaC", dependencies: ["CFovea", "Fovea"], swiftSettings: strict),

    // Conversion.
    .target(name: "FoveaGraph", swiftSettings: strict),
    .target(
      name: "FoveaConvert",
      dependencies: [
        "FoveaCore", "FoveaGraph", "FoveaKernels", "FoveaRuntime",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["ONNX/onnx.proto"], swiftSettings: strict),

    // The command line.
    .executableTarget(
      name: "FoveaCLI",
      dependencies: [
        "Fovea", "FoveaConvert", "FoveaCore", "FoveaGraph",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    // The ONNX project's node tests: `make conformance`.
    .executableTarget(
      name: "fovea-conformance", dependencies: ["FoveaConvert", "FoveaGraph", "FoveaRuntime"],
      path: "Sources/FoveaConformance", swiftSettings: strict),

    // Linked by tests alone: the runtime loads OpenBLAS when a float step needs it.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),

    // Run by tests alone: damaged networks within limits of memory and time.
    .executableTarget(
      name: "mutate-networks", dependencies: ["FoveaConvert", "FoveaGraph", "FoveaRuntime"],
      path: "Tests/MutateNetworks", swiftSettings: strict),

    // Linked by tests alone: malloc that counts.
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),

    .testTarget(name: "FoveaKernelsTests", dependencies: ["FoveaKernels"], swiftSettings: strict),
    .testTarget(
      name: "FoveaVisionTests", dependencies: ["FoveaVision", "FoveaCore", "FoveaCodecs"],
      exclude: ["make_references.py"], swiftSettings: strict),
    .testTarget(name: "FoveaGraphTests", dependencies: ["FoveaGraph"], swiftSettings: strict),
    .testTarget(name: "FoveaCoreTests", dependencies: ["FoveaCore", "FoveaKernels"], swiftSettings: strict),
    .testTarget(
      name: "FoveaRuntimeTests",
      dependencies: [
        "AllocationCounter", "COpenBLAS", "FoveaConvert", "FoveaCore", "FoveaGraph", "FoveaKernels", "FoveaRuntime",
      ], swiftSettings: strict),
    .testTarget(name: "FoveaTests", dependencies: ["Fovea", "FoveaConvert", "FoveaGraph"], swiftSettings: strict),
    .testTarget(
      name: "FoveaConvertTests",
      dependencies: [
        "FoveaConvert", "FoveaCore", "FoveaGraph", "FoveaRuntime",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], swiftSettings: strict),
    // C's own pointers are what it is about: no strict memory safety.
    .testTarget(
      name: "FoveaCTests", dependencies: ["CFovea", "FoveaC", "FoveaConvert", "FoveaCore"], exclude: ["example.c"]),
    .testTarget(name: "FoveaCLITests", dependencies: ["FoveaCLI", "FoveaConvert"], swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests", dependencies: ["FoveaConvert", "mutate-networks"], swiftSettings: strict),
  ]
)
