import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Testing

/// What is alive at each step, from a model file alone.
struct MemoryUseTests {
  /// x -> clamped -> (another shape), x -> squared, and their sum: the clamped values must stay through the second step,
  /// though only their other shape is read after it.
  private func network() -> Network {
    var network = Network(source: "memory")
    let x = network.addValue(name: "x", shape: [4, 16])
    let clamped = network.addValue(name: "clamped", shape: [4, 16])
    let turned = network.addValue(name: "turned", shape: [64])
    let flat = network.addValue(name: "flat", shape: [64])
    let squared = network.addValue(name: "squared", shape: [64])
    let sum = network.addValue(name: "sum", shape: [64])
    network.inputs = [x, flat]
    network.outputs = [sum]
    network.nodes = [
      Node(name: "clamp", operation: .activation(.clamp(Clamp(min: 0, max: 6))), inputs: [x], outputs: [clamped]),
      Node(name: "reshape", operation: .reshape([64]), inputs: [clamped], outputs: [turned]),
      Node(name: "square", operation: .binary(Binary(.multiply)), inputs: [flat, flat], outputs: [squared]),
      Node(name: "add", operation: .binary(Binary(.add)), inputs: [turned, squared], outputs: [sum]),
    ]
    return network
  }

  @Test func aliasesKeepTheirSourceAlive() throws {
    let bytes = try convert(network(), options: ConversionOptions(precision: .float)).bytes
    let model = try Model(bytes: bytes, name: "memory")
    let use = MemoryUse(model.program)
    try #require(model.program.steps.map(\.kind) == [.unaryF32, .binaryF32, .binaryF32])
    // 64 floats each: two inputs and an output throughout, the clamped values from step 0, the squares from step 1.
    #expect(use.aliveBytes == [4 * 256, 5 * 256, 5 * 256])
    #expect(use.lowerBoundBytes == 5 * 256)
    #expect(use.arenaBytes == model.arenaBytes)
  }

  /// No file can need less than its bound, whatever operators it is made of.
  @Test(arguments: OperatorFixtureTests.names)
  func arenaHoldsTheBound(fixture: String) throws {
    let use = MemoryUse(try Fixture(fixture).floatModel().program)
    #expect(use.arenaBytes >= use.lowerBoundBytes)
    #expect(use.aliveBytes.allSatisfy { $0 > 0 && $0.isMultiple(of: 64) })
  }
}
