import FoundationEssentials
import FoveaConvert
import FoveaGraph
import Testing

/// Files that were cut, changed or made to do harm give an error or a network, in bounded time, and never a crash.
struct DamagedFileTests {
  /// A small network with a bit of everything.
  static let bytes: [UInt8] = {
    let example = model(
      inputs: [value("x", [nil, 3, 8, 8])],
      initializers: [
        floats("w", [4, 3, 3, 3]), floats("b", [4]), integers("pads", [0, 0, 1, 1, 0, 0, 1, 1]),
        raw("half", [4, 1, 1], type: 10, [0, 60, 0, 60, 0, 60, 0, 60]), integers("sizes", [1, 3]),
        floats("g", [10, 64]),
      ],
      [
        node("Pad", ["x", "pads"], ["p"], ["mode": .string("constant")]),
        node("Conv", ["p", "w", "b"], ["c"], ["strides": .ints([1, 1]), "group": .int(1)]),
        node("Cast", ["half"], ["scale"], ["to": .int(1)]),
        node("Mul", ["c", "scale"], ["m"]),
        node(
          "MaxPool", ["m"], ["q"], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2]), "ceil_mode": .int(1)]),
        node("Split", ["q", "sizes"], ["s0", "s1"], ["axis": .int(1)]),
        node("Concat", ["s1", "s0"], ["k"], ["axis": .int(1)]),
        node("Shape", ["k"], ["shape"]),
        node("Constant", [], ["i"], ["value_int": .int(0)]),
        node("Gather", ["shape", "i"], ["n"]),
        node("Constant", [], ["zero"], ["value_ints": .ints([0])]),
        node("Unsqueeze", ["n", "zero"], ["n1"]),
        node("Constant", [], ["rest"], ["value_ints": .ints([-1])]),
        node("Concat", ["n1", "rest"], ["target"], ["axis": .int(0)]),
        node("Reshape", ["k", "target"], ["flat"]),
        node("Gemm", ["flat", "g"], ["logits"], ["transB": .int(1), "alpha": .float(0.5)]),
        node("Softmax", ["logits"], ["y"], ["axis": .int(1)]),
      ])
    return (try? [UInt8](example.serializedBytes() as Data)) ?? []
  }()

  /// Imports bytes; the error's text when they are refused.
  private func attempt(_ bytes: [UInt8]) -> String? {
    do throws(ConversionError) {
      let network = try importONNX(bytes: bytes, source: "test.onnx")
      #expect(network.outputs.count >= 1)
      return nil
    } catch {
      #expect(error.description.hasPrefix("test.onnx: "))
      #expect(!error.description.contains("\n"))
      return error.description
    }
  }

  @Test func theWholeFileImports() {
    #expect(attempt(Self.bytes) == nil)
  }

  @Test(.timeLimit(.minutes(1))) func cutAtEveryLength() {
    for length in 0..<Self.bytes.count { #expect(attempt(Array(Self.bytes[..<length])) != nil, "\(length)") }
  }

  @Test(.timeLimit(.minutes(1))) func randomChanges() {
    var random = SplitMix(state: 3)
    var refused = 0
    for round in 0..<2000 {
      var bytes = Self.bytes
      for _ in 0...round % 4 {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      if attempt(bytes) != nil { refused += 1 }
    }
    #expect(refused > 500)
  }

  @Test(.timeLimit(.minutes(1))) func randomBytes() {
    var random = SplitMix(state: 4)
    for length in 0..<500 {
      #expect(attempt((0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }) != nil)
    }
  }

  /// Groups (wire type 3) are what a parser recurses into.
  @Test func deepNesting() {
    #expect(attempt([UInt8](repeating: 0x7b, count: 1_000_000)) != nil)
    // A type in a type in a type ... : each length counts what follows.
    var nested: [UInt8] = []
    for _ in 0..<2000 { nested = [0x3a] + varint(nested.count) + nested }
    #expect(attempt(nested) != nil)
  }

  @Test(.timeLimit(.minutes(1))) func longChainsAndLoops() {
    let count = 50_000
    let chain = (0..<count).map { node("Relu", [$0 == 0 ? "x" : "v\($0)"], [$0 == count - 1 ? "y" : "v\($0 + 1)"]) }
    #expect(message(model(chain)) == "imported")
    #expect(message(model(chain.reversed())) == "imported")
    let loop = (0..<count).map { node("Relu", ["v\($0)"], ["v\(($0 + 1) % count)"]) }
    #expect(message(model(outputs: ["v0"], loop)).contains("and \(count - 8) more"))
  }

  /// Each step doubles a constant: the 60th would be larger than any memory.
  @Test(.timeLimit(.minutes(1))) func constantsThatGrow() {
    let doubling = (0..<60).map { node("Concat", ["v\($0)", "v\($0)"], ["v\($0 + 1)"], ["axis": .int(0)]) }
    let text = message(model(outputs: ["v60"], initializers: [floats("v0", [2])], doubling))
    #expect(text.contains("too large to compute during the import"))
  }

  private func varint(_ value: Int) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 128 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

/// Steele, Lea and Flood's generator: the same numbers in every run.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
