import FoveaCore
import FoveaGraph
import FoveaRuntime

/// Makes a layer's 8-bit weights and bias from what its windows hold.
struct LayerRounder {
  private let weights: [Float]
  private let bias: [Float]
  private let input: AffineQuantization
  private let limits: SumLimits
  private let terms: Int
  private let nearest: QuantizedLayer
  private let floatMeans: [Double]?

  /// - Parameters:
  ///   - nearest: the layer with weights rounded to nearest: for outputs whose others would leave 32 bits.
  ///   - floatMeans: of the layer's windows in the float network; nil corrects no bias.
  init(node: Node, network: Network, nearest: QuantizedLayer, floatMeans: [Double]?) {
    let shape = network[node.inputs[1]].shape
    weights = network.constants[node.inputs[1]]?.floats ?? []
    bias =
      node.inputs.count > 2
      ? network.constants[node.inputs[2]]?.floats ?? [] : Array(repeating: 0, count: nearest.bias.count)
    input = network[node.inputs[0]].quantization ?? AffineQuantization(scale: 1, zeroPoint: 0)
    limits = SumLimits(of: node, in: network)
    terms = node.operation.terms(weights: shape)
    self.nearest = nearest
    self.floatMeans = floatMeans
  }

  /// Outputs that are rounded together.
  private static let chunk = 64

  /// - Parameter statistics: given away, their products take no memory beside what is made of them.
  func round(_ statistics: consuming WindowStatistics, threads pool: ThreadPool) -> QuantizedLayer {
    let (groups, size) = (statistics.groups, statistics.size)
    let outputs = bias.count / groups
    let chunks = (outputs + Self.chunk - 1) / Self.chunk
    let means = statistics.means
    var layer = QuantizedLayer(
      weights: Array(repeating: 0, count: weights.count), bias: Array(repeating: 0, count: bias.count),
      scales: Array(repeating: 1, count: bias.count))
    let whole = groups == 1 ? [SecondOrderRounding(gram: statistics.takeGram(), size: size)] : []
    let gram = statistics.takeGram()
    // A group's factor serves all its chunks.
    for firstGroup in stride(from: 0, to: groups, by: 64) {
      let batch = firstGroup..<min(groups, firstGroup + 64)
      let roundings =
        groups == 1
        ? whole
        : pool.map(batch.count) { index in
          let start = (batch.lowerBound + index) * size * size
          return SecondOrderRounding(gram: Array(gram[start..<(start + size * size)]), size: size)
        }
      let parts = pool.map(batch.count * chunks) { index in
        let (group, chunk) = index.quotientAndRemainder(dividingBy: chunks)
        let first = (batch.lowerBound + group) * outputs + chunk * Self.chunk
        let end = (batch.lowerBound + group + 1) * outputs
        let groupMeans = ((batch.lowerBound + group) * size)..<((batch.lowerBound + group + 1) * size)
        return round(first..<min(first + Self.chunk, end), roundings[group], means[groupMeans], floatMeans?[groupMeans])
      }
      for (index, part) in parts.enumerated() {
        let first = (batch.lowerBound + index / chunks) * outputs + index % chunks * Self.chunk
        layer.weights.replaceSubrange((first * size)..<(first * size + part.weights.count), with: part.weights)
        layer.bias.replaceSubrange(first..<(first + part.bias.count), with: part.bias)
        layer.scales.replaceSubrange(first..<(first + part.scales.count), with: part.scales)
      }
    }
    return layer
  }

  /// Some outputs of one group.
  private func round(
    _ outputs: Range<Int>, _ rounding: SecondOrderRounding, _ means: ArraySlice<Double>,
    _ floatMeans: ArraySlice<Double>?
  ) -> QuantizedLayer {
    let size = rounding.size
    let scales = outputs.map { output in
      let row = weights[(output * size)..<((output + 1) * size)]
      let largest = row.reduce(Float(0)) { max($0, $1.magnitude) }
      guard largest > 0 else { return nearest.scales[output] }
      let finest = max(
        Float(finestScale(bias: bias[output], input: input, terms: terms, size: size)), .leastNormalMagnitude)
      return unsafe row.withUnsafeBufferPointer {
        unsafe rounding.scale(of: $0, full: max(largest / 127, .leastNormalMagnitude), noFinerThan: finest)
      }
    }
    var part = QuantizedLayer(
      weights: rounding.round(weights[(outputs.lowerBound * size)..<(outputs.upperBound * size)], scales: scales),
      bias: [], scales: scales)
    for (index, output) in outputs.enumerated() {
      let own = (index * size)..<((index + 1) * size)
      let real = Double(bias[output]) + correction(output, part.weights[own], scales[index], means, floatMeans)
      let bias = quantizeBias(real, weights: part.weights[own], scale: scales[index], input: input)
      if limits.allow(bias: bias, scale: scales[index]) {
        part.bias.append(bias)
      } else {
        part.weights.replaceSubrange(own, with: nearest.weights[(output * size)..<((output + 1) * size)])
        part.scales[index] = nearest.scales[output]
        part.bias.append(nearest.bias[output])
      }
    }
    return part
  }

  /// What the output lacks in the mean: float weights on float inputs less 8-bit weights on 8-bit inputs.
  private func correction(
    _ output: Int, _ rounded: ArraySlice<Int8>, _ scale: Float, _ means: ArraySlice<Double>,
    _ floatMeans: ArraySlice<Double>?
  ) -> Double {
    guard let floatMeans else { return 0 }
    let row = weights[(output * means.count)..<((output + 1) * means.count)]
    let exact = zip(row, floatMeans).reduce(0) { $0 + Double($1.0) * $1.1 }
    let approximate = zip(rounded, means).reduce(0) { $0 + Double($1.0) * $1.1 }
    let difference = exact - approximate * Double(scale) * Double(input.scale)
    return difference.isFinite ? difference : 0
  }
}

/// What sums of a layer's products can reach.
struct SumLimits {
  let inputScale: Double
  private let outputScale: Double
  private let largestSum: Int

  init(of node: Node, in network: Network) {
    inputScale = Double(network[node.inputs[0]].quantization?.scale ?? 1)
    outputScale = Double(network[node.outputs[0]].quantization?.scale ?? 1)
    largestSum = node.operation.largestSum(weights: network[node.inputs[1]].shape)
  }

  /// Whether no sum, nor a sum times its factor, can leave 32 bits: what the validator of model files asks for.
  ///
  /// - Parameter scale: of an output's weights.
  func allow(bias: Int32, scale: Float) -> Bool {
    let sum = largestSum + Int(bias.magnitude)
    let factor = Double(Float(inputScale * Double(scale) / outputScale))
    return sum < Int(Int32.max) && Double(sum) * factor < StepCheck.productLimit
  }
}
