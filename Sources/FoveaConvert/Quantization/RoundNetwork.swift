import FoveaCore
import FoveaGraph

/// Rounds the weights of every 8-bit layer by `SecondOrderRounding`, in the order of execution: each layer sees the inputs that
/// those before it, already rounded, really give. Then corrects its biases by the difference between the mean output in float and
/// in 8 bits. Layers of very many inputs stay as they are.
///
/// - Parameters:
///   - quantized: with weights rounded to nearest, whose place the others take.
///   - floatMeans: of the windows of the float network's layers, by node (`calibrate` gives them).
///   - progress: called with the layers done and the layers in all.
func roundSecondOrder(
  _ quantized: inout QuantizedNetwork, floatMeans: [Int: WindowStatistics], inputs: CalibrationInputs, threads: Int,
  progress: (Int, Int) -> Void
) throws(ConversionError) {
  var lowering = Lowering(quantized)
  try lowering.lower()
  let layers = lowering.int8Layers
  guard !layers.isEmpty else { return }
  let image = try ModelImage(lowering: lowering)
  lowering.dropWeights()
  returnFreeMemory()
  let program = try LayerwiseProgram(image, source: quantized.network.source, inputs: inputs, threads: threads)
  for (index, lowered) in layers.enumerated() {
    let node = quantized.network.nodes[lowered.node]
    if let windows = LayerWindows(of: node, in: quantized.network), windows.size <= LayerWindows.longestRounded,
      let nearest = quantized.layers[lowered.node]
    {
      let statistics = program.statistics(
        of: windows, input: lowered.input, before: lowered.firstStep, limit: windows.sampleLimit(runs: inputs.count))
      let rounder = LayerRounder(
        node: node, network: quantized.network, nearest: nearest, floatMeans: floatMeans[lowered.node]?.means)
      let layer = rounder.round(statistics, threads: program.pool)
      quantized.layers[lowered.node] = layer
      for (constant, bytes) in lowering.replacements(of: lowered, by: layer) {
        program.replace(constant: constant, with: bytes)
      }
    }
    returnFreeMemory()
    progress(index + 1, layers.count)
  }
}

extension LayerWindows {
  /// Products of one output beyond which weights stay rounded to nearest: the products of all pairs of inputs, and the factor of
  /// their inverse, take 8 bytes for the square of this (VGG's first fully connected layer, of 25,088 inputs, would take 5 GB).
  fileprivate static let longestRounded = 8192

  /// Windows of one run that statistics look at: some 32 thousand of all runs. EfficientNet-Lite0's logits lost 1 dB with half as
  /// many, and 2 dB with an eighth.
  func sampleLimit(runs: Int) -> Int { max(1, (32768 + runs - 1) / runs) }
}
