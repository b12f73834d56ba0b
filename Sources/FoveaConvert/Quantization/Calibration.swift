import FoveaCore
import FoveaGraph
import FoveaRuntime

/// Where calibration gets its inputs. Called once a pass for every index, so inputs need not all be in memory.
public struct CalibrationInputs {
  /// How many there are.
  public var count: Int
  /// Fills the network's inputs for one run, each in the source network's order (NCHW).
  public var load: (_ index: Int) throws(ConversionError) -> [[Float]]

  public init(count: Int, load: @escaping (_ index: Int) throws(ConversionError) -> [[Float]]) {
    self.count = count
    self.load = load
  }
}

/// What calibration saw of a float network.
struct CalibrationResult {
  var ranges: [ValueID: ValueRange] = [:]
  /// Means of the windows of convolutions and fully connected layers, by node.
  var windows: [Int: WindowStatistics] = [:]
  /// Each channel's largest magnitude, of the values that were asked for.
  var magnitudes: [ValueID: [Float]] = [:]
}

/// Runs the float network on calibration inputs and returns the range of every activation.
///
/// - Parameters:
///   - network: in NHWC, as lowering takes it.
///   - channels: the values whose channels to look at.
///   - progress: called with the runs done and the runs in all.
func calibrate(
  _ network: Network, with inputs: CalibrationInputs, method: CalibrationMethod, channels: Set<ValueID> = [],
  threads: Int, progress: (Int, Int) -> Void
) throws(ConversionError) -> CalibrationResult {
  guard inputs.count > 0 else { throw .calibration(reason: "there are no calibration inputs") }
  var lowering = Lowering(network)
  try lowering.lower()
  let (completed, buffers) = (lowering.completedValues, lowering.floatBuffers)
  let session = try Session(ModelImage(lowering: consume lowering), of: network.source, threads: threads)

  var observers: [ValueID: RangeObserver] = [:]
  var result = CalibrationResult()
  let layers = windowedLayers(of: network)
  let needsDistribution = method != .minMax
  let runs = inputs.count * (needsDistribution ? 2 : 1)
  for run in 0..<runs {
    let isFirstPass = run < inputs.count
    try session.setCalibrationInput(inputs, run % inputs.count)
    func observe(_ value: ValueID) {
      guard let buffer = buffers[value] else { return }
      let memory = unsafe session.bytes(ofBuffer: buffer)
      let floats = unsafe UnsafeBufferPointer(memory.bindMemory(to: Float.self))
      if isFirstPass {
        unsafe observers[value, default: RangeObserver()].observeExtremes(floats)
        if channels.contains(value) {
          let count = network.channelCount(value)
          unsafe addMagnitudes(
            of: floats, to: &result.magnitudes[value, default: Array(repeating: 0, count: count)])
        }
        for (node, windows) in layers[value] ?? [] {
          unsafe result.windows[node, default: WindowStatistics(of: windows, withProducts: false)].add(
            windows, of: floats, run: run, limit: windows.sampleLimit(runs: inputs.count))
        }
      } else {
        unsafe observers[value, default: RangeObserver()].observeDistribution(floats)
      }
    }
    for input in network.inputs { observe(input) }
    session.run(observing: { step in
      for value in completed[step] ?? [] { observe(value) }
    })
    progress(run + 1, runs)
  }
  for (value, observer) in observers { result.ranges[value] = observer.range(method) }
  return result
}

/// Raises each channel's largest magnitude to what an image in NHWC holds.
@unsafe
private func addMagnitudes(of values: UnsafeBufferPointer<Float>, to largest: inout [Float]) {
  let channels = largest.count
  unsafe largest.withUnsafeMutableBufferPointer { largest in
    for first in stride(from: 0, to: values.count, by: channels) {
      for channel in 0..<channels {
        let magnitude = unsafe values[first + channel].magnitude
        if unsafe magnitude > largest[channel], magnitude.isFinite { unsafe largest[channel] = magnitude }
      }
    }
  }
}

/// The layers with windows, by the value that these slide over.
private func windowedLayers(of network: Network) -> [ValueID: [(node: Int, windows: LayerWindows)]] {
  var layers: [ValueID: [(node: Int, windows: LayerWindows)]] = [:]
  for (index, node) in network.nodes.enumerated() {
    guard let windows = LayerWindows(of: node, in: network) else { continue }
    layers[node.inputs[0], default: []].append((index, windows))
  }
  return layers
}

extension Session {
  /// Runs what a conversion has lowered, in place.
  ///
  /// - Parameter source: the network's file, for messages.
  /// - Throws: `ConversionError.invalidNetwork`.
  convenience init(_ image: ModelImage, of source: String, threads: Int = 1) throws(ConversionError) {
    do {
      try self.init(Model(image.memory, name: source), threads: threads, instructionSet: .best)
    } catch {
      throw .invalidNetwork(file: source, reason: "the network does not run: \(error)")
    }
  }

  /// Sets all inputs to those of a calibration run.
  func setCalibrationInput(_ inputs: CalibrationInputs, _ index: Int) throws(ConversionError) {
    try setInputs(try inputs.load(index))
  }

  /// Sets all inputs, in the source network's order (NCHW).
  func setInputs(_ values: [[Float]]) throws(ConversionError) {
    guard values.count == model.inputs.count else {
      throw .calibration(
        reason: "the network has \(model.inputs.count) inputs, but calibration gives \(values.count)")
    }
    for (index, value) in values.enumerated() {
      do { try setInput(index, to: value) } catch { throw .calibration(reason: "\(error)") }
    }
  }

  /// All outputs, in the source network's order.
  var outputValues: [[Float]] { model.outputs.indices.map(values(ofOutput:)) }
}
