/// The rank-4 values of a network in ONNX's layout that are [N, H, W, C] all the same, because transpositions around them say so:
/// what a transposition from NCHW makes, what transpositions to NCHW alone come to read, and what is computed from such values.
///
/// - Returns: activations only; a constant serves in whichever order a node wants it.
func channelsLastValues(of network: Network) -> Set<ValueID> {
  let wanted = readAsChannelsLast(network)
  var result = wanted.intersection(network.inputs)
  for node in network.nodes {
    guard let output = node.outputs.first, network[output].shape.count == 4 else { continue }
    let activations = node.inputs.filter { network.constants[$0] == nil && network[$0].shape.count == 4 }
    let areChannelsLast = !activations.isEmpty && activations.allSatisfy(result.contains)
    let isChannelsLast =
      switch node.operation {
      case .transpose(ImageOrder.toNHWC) where !areChannelsLast: true
      case .transpose(ImageOrder.toNCHW) where areChannelsLast: false
      case .convolution, .maxPool, .averagePool, .globalAveragePool, .globalMaxPool, .batchNormalization, .depthToSpace,
        .spaceToDepth:
        false
      case .reshape: areChannelsLast || wanted.contains(output)
      default: areChannelsLast
      }
    if isChannelsLast { result.insert(output) }
  }
  return result
}

extension Network {
  /// Whether an input of a network in ONNX's layout is an image of [N, H, W, C], as those of networks from TensorFlow are: it is
  /// transposed to NCHW before anything else than elementwise arithmetic.
  public func isChannelsLast(input: ValueID) -> Bool {
    layout == .nchw && inputs.contains(input) && readAsChannelsLast(self).contains(input)
  }
}

/// The rank-4 values of which nodes read nothing but the transposition to NCHW, of themselves or of what they make elementwise.
private func readAsChannelsLast(_ network: Network) -> Set<ValueID> {
  var result: Set<ValueID> = []
  var otherwise = Set(network.outputs)
  for node in network.nodes.reversed() {
    let isWanted =
      switch node.operation {
      case .transpose(let permutation): permutation == ImageOrder.toNCHW
      case .activation, .binary, .identity, .quantizeDequantize, .pad, .concat:
        node.outputs.allSatisfy { result.contains($0) && !otherwise.contains($0) }
      default: false
      }
    for input in node.inputs where network[input].shape.count == 4 && network.constants[input] == nil {
      if isWanted { result.insert(input) } else { otherwise.insert(input) }
    }
  }
  return result.subtracting(otherwise)
}
