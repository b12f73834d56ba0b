import FoveaConvert
import FoveaGraph
import FoveaRuntime
import Testing

/// Every network of fixtures/operators, converted to float, answers as ONNX Runtime does, with 1 thread and with 2.
struct FloatFixtureTests {
  @Test(arguments: OperatorFixtureTests.names)
  func answersAsONNXRuntime(_ name: String) throws {
    let fixture = try Fixture(name)
    let model = try fixture.floatModel()
    expectSameTensors(model, fixture.network)
    for threads in [1, 2] {
      let outputs = try Session(model, threads: threads).outputs(fixture.inputs)
      for (index, (expected, actual)) in zip(fixture.outputs, outputs).enumerated() {
        #expect(actual.count == expected.count)
        let largest = expected.reduce(Float(1)) { max($0, $1.magnitude) }
        let differences = zip(expected, actual).filter { !(($0 - $1).magnitude <= 1e-4 * largest) }
        #expect(differences.isEmpty, "output \(index), \(threads) threads")
      }
    }
  }
}

/// A model's inputs and outputs have the source network's names and shapes, whatever passes and lowering did.
func expectSameTensors(_ model: Model, _ network: Network) {
  #expect(model.inputs.map(\.name) == network.inputs.map { network[$0].name })
  #expect(model.inputs.map(\.shape) == network.inputs.map { network[$0].shape })
  #expect(model.outputs.map(\.name) == network.outputs.map { network[$0].name })
  #expect(model.outputs.map(\.shape) == network.outputs.map { network[$0].shape })
}
