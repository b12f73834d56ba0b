// swift-tools-version: 6.3
import PackageDescription

// Fuzzers, by hand: tools/fuzz/fuzz.sh builds them with libFuzzer and runs them. A package of its own, because the sanitizers'
// flags concern everything in a build.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "fovea", path: "../..")],
  targets: [
    .systemLibrary(name: "CLibFuzzer"),
    .executableTarget(
      name: "FuzzONNX", dependencies: ["CLibFuzzer", .product(name: "FoveaConvert", package: "fovea")],
      swiftSettings: [.strictMemorySafety()]),
    .executableTarget(
      name: "FuzzModel", dependencies: ["CLibFuzzer", .product(name: "Fovea", package: "fovea")],
      swiftSettings: [.strictMemorySafety()]),
  ]
)
