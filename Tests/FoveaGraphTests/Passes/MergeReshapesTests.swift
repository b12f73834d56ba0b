import FoveaGraph
import Testing

struct MergeReshapesTests {
  private func network(_ shape: [Int], _ operations: [Operation]) throws -> Network {
    var builder = NetworkBuilder()
    var value = builder.input("x", shape)
    for (index, operation) in operations.enumerated() { value = try builder.node("n\(index)", operation, value) }
    return builder.finished(value)
  }

  @Test(
    arguments: [
      ([2, 3, 4], [.reshape([6, 4]), .reshape([24])], [.reshape([24])]),
      ([2, 3, 4], [.transpose([1, 2, 0]), .transpose([0, 2, 1])], [.transpose([1, 0, 2])]),
      ([2, 3, 4], [.transpose([1, 2, 0]), .transpose([2, 0, 1])], [.reshape([2, 3, 4])]),
      ([2, 1, 4], [.transpose([1, 0, 2])], [.reshape([1, 2, 4])]),
      ([2, 1, 4], [.transpose([1, 0, 2]), .reshape([8])], [.reshape([8])]),
      ([2, 3], [.transpose([1, 0]), .reshape([6])], [.transpose([1, 0]), .reshape([6])]),
    ] as [([Int], [Operation], [Operation])])
  func `Rearrangements in a row are one`(_ shape: [Int], _ before: [Operation], _ after: [Operation]) throws {
    let network = try network(shape, before)
    #expect(try expectSameOutputs(network, mergeReshapes(network)).nodes.map(\.operation) == after)
  }
}
