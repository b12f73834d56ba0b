import FoveaGraph
import FoveaRuntime

/// A network that runs, and shows every node's output.
struct ObservedNetwork {
  let session: Session
  /// The nodes whose outputs are complete after each step, with the buffer that their steps left it in.
  private let completed: [Int: [(node: Int, buffer: Int)]]

  init(_ network: consuming QuantizedNetwork, threads: Int) throws(ConversionError) {
    var makers: [ValueID: Int] = [:]
    for (index, node) in network.network.nodes.enumerated() {
      if let output = node.outputs.first { makers[output] = index }
    }
    let source = network.network.source
    var lowering = Lowering(consume network)
    try lowering.lower()
    completed = lowering.completedValues.mapValues { values in
      values.compactMap { value in
        guard let node = makers[value], let buffer = lowering.buffer(of: value, madeBy: node) else { return nil }
        return (node, buffer)
      }
    }
    session = try Session(ModelImage(lowering: consume lowering), of: source, threads: threads)
  }

  /// - Parameters:
  ///   - wanted: the nodes to observe; all where nil.
  ///   - observe: gets each node's number and its output's values in the order of memory.
  func run(
    _ inputs: [[Float]], wanted: Set<Int>? = nil, observe: (Int, [Float]) -> Void
  ) throws(ConversionError) {
    try session.setInputs(inputs)
    session.run { step in
      for (node, buffer) in completed[step] ?? [] where wanted?.contains(node) ?? true {
        observe(node, session.values(ofBuffer: buffer))
      }
    }
  }
}

extension Lowering {
  /// Where a node's steps put its output, in the form in which they computed it.
  fileprivate func buffer(of value: ValueID, madeBy node: Int) -> Int? {
    int8Nodes.contains(node) && network[value].quantization != nil ? quantizedBuffers[value] : floatBuffers[value]
  }
}
