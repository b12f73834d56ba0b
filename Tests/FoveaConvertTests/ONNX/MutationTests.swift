import FoundationEssentials
import FoveaConvert
import FoveaGraph
import Testing

/// Real ONNX files with a few bytes changed, cut out, repeated or cut off: each is converted or refused with an error that names the file,
/// in bounded time. The files are every network of fixtures/operators, one after the other.
struct MutationTests {
  private static let mutations = 10_000

  @Test(.timeLimit(.minutes(5))) func mutatedFilesAreConvertedOrRefused() throws {
    let files = try OperatorFixtureTests.names.map { name in
      [UInt8](try Data(contentsOf: URL(filePath: "\(OperatorFixtureTests.folder)/\(name)/model.onnx")))
    }
    var random = Random(seed: 11)
    var refused = 0
    let clock = ContinuousClock()
    for round in 0..<Self.mutations {
      var bytes = files[round % files.count]
      for _ in 0...round % 3 { mutate(&bytes, &random) }
      let duration = clock.measure {
        do throws(ConversionError) {
          let network = try importONNX(bytes: bytes, source: "mutated.onnx")
          // Small ones go all the way: passes, lowering and the validation of the file that comes out.
          guard network.values.allSatisfy({ ($0.shape.reduce(1.0) { $0 * Double($1) }) < 65536 }) else { return }
          _ = try convert(network, options: ConversionOptions(precision: .float))
        } catch {
          refused += 1
          if !error.description.hasPrefix("mutated.onnx: ") || error.description.contains("\n") {
            Issue.record("round \(round): \(error)")
          }
        }
      }
      if duration > .seconds(5) { Issue.record("round \(round) took \(duration)") }
    }
    // Most changes hit weights and names, and some make files that mean something else.
    #expect(refused > Self.mutations / 10)
    #expect(refused < Self.mutations)
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout Random) {
    guard bytes.count > 8 else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let length = min(Int.random(in: 1...16, using: &random), bytes.count - place)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
    // What lengths and dimensions look like when somebody means harm.
    case 2: bytes.replaceSubrange(place..<place + length, with: [UInt8](repeating: 0xff, count: length))
    case 3: bytes.removeSubrange(place..<place + length)
    case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    default: bytes.removeSubrange(place...)
    }
  }
}
