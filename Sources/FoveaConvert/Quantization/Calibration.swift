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

  /// Some of them.
  func selecting(_ indices: [Int]) -> CalibrationInputs {
    let load = load
    return CalibrationInputs(count: indices.count) { index throws(ConversionError) in try load(indices[index]) }
  }

  /// Some of them, in memory: for networks that run on them again and again.
  func loading(_ indices: [Int]) throws(ConversionError) -> CalibrationInputs {
    var values: [[[Float]]] = []
    for index in indices { values.append(try load(index)) }
    return CalibrationInputs(count: values.count) { [values] index throws(ConversionError) in values[index] }
  }
}

/// What calibration saw of a float network.
struct CalibrationResult {
  var ranges: [ValueID: ValueRange] = [:]
  /// Means of the windows of convolutions and fully connected layers, by node.
  var windows: [Int: WindowStatistics] = [:]
  /// What `Network.answeringLayers` answer, by node: one array for each input that `Network.answered` names.
  var answers: [Int: [[Float]]] = [:]
  /// Each channel's largest magnitude, of the values that were asked for.
  var magnitudes: [ValueID: [Float]] = [:]
}

/// Runs the float network on calibration inputs and returns the range of every activation.
///
/// - Parameters:
///   - network: in NHWC, as lowering takes it. Given away, its weights take no memory beside what they are packed into.
///   - channels: the values whose channels to look at.
///   - isPart: marks inputs that are looked at by themselves as well.
///   - progress: called with the runs done and the runs in all.
/// - Returns: what all inputs show, and what the marked ones do (without windows).
func calibrate(
  _ network: consuming Network, with inputs: CalibrationInputs, method: CalibrationMethod,
  channels: Set<ValueID> = [], part isPart: (Int) -> Bool = { _ in false }, threads: Int,
  progress: (Int, Int) -> Void
) throws(ConversionError) -> (all: CalibrationResult, part: CalibrationResult) {
  guard inputs.count > 0 else { throw .calibration(reason: "there are no calibration inputs") }
  let layers = windowedLayers(of: network)
  var channelCounts: [ValueID: Int] = [:]
  for value in channels { channelCounts[value] = network.channelCount(value) }
  var answering: [ValueID: Int] = [:]
  for node in network.answeringLayers { answering[network.nodes[node].outputs[0]] = node }
  let answered = Set(Network.answered(of: inputs.count))
  let (source, inputValues) = (network.source, network.inputs)
  var lowering = Lowering(consume network)
  try lowering.lower()
  let (completed, buffers) = (lowering.completedValues, lowering.floatBuffers)
  let session = try Session(ModelImage(lowering: consume lowering), of: source, threads: threads)

  var (all, part) = (Observation(channelCounts), Observation(channelCounts))
  var windowsSeen: [Int: WindowStatistics] = [:]
  var answers: [Int: [[Float]]] = [:]
  let needsDistribution = method != .minMax
  let runs = inputs.count * (needsDistribution ? 2 : 1)
  for run in 0..<runs {
    let isFirstPass = run < inputs.count
    let isOfPart = isPart(run % inputs.count)
    try session.setCalibrationInput(inputs, run % inputs.count)
    func observe(_ value: ValueID) {
      guard let buffer = buffers[value] else { return }
      let memory = unsafe session.bytes(ofBuffer: buffer)
      let floats = unsafe UnsafeBufferPointer(memory.bindMemory(to: Float.self))
      unsafe all.observe(value, floats, isFirstPass: isFirstPass)
      if isOfPart { unsafe part.observe(value, floats, isFirstPass: isFirstPass) }
      guard isFirstPass else { return }
      if let node = answering[value], answered.contains(run) { unsafe answers[node, default: []].append(Array(floats)) }
      for (node, windows) in layers[value] ?? [] {
        unsafe windowsSeen[node, default: WindowStatistics(of: windows, withProducts: false)].add(
          windows, of: floats, run: run, limit: windows.sampleLimit(runs: inputs.count))
      }
    }
    for input in inputValues { observe(input) }
    session.run(observing: { step in
      for value in completed[step] ?? [] { observe(value) }
    })
    progress(run + 1, runs)
  }
  return (all.result(method, windowsSeen, answers), part.result(method))
}

/// What some runs show of the activations.
private struct Observation {
  private var ranges: [ValueID: RangeObserver] = [:]
  private var magnitudes: [ValueID: [Float]]

  /// - Parameter channelCounts: of the values whose channels to look at.
  init(_ channelCounts: [ValueID: Int]) {
    magnitudes = channelCounts.mapValues { Array(repeating: 0, count: $0) }
  }

  @unsafe
  mutating func observe(_ value: ValueID, _ floats: UnsafeBufferPointer<Float>, isFirstPass: Bool) {
    guard isFirstPass else { return unsafe ranges[value, default: RangeObserver()].observeDistribution(floats) }
    unsafe ranges[value, default: RangeObserver()].observeExtremes(floats)
    if magnitudes[value] != nil { unsafe addMagnitudes(of: floats, to: &magnitudes[value, default: []]) }
  }

  func result(
    _ method: CalibrationMethod, _ windows: [Int: WindowStatistics] = [:], _ answers: [Int: [[Float]]] = [:]
  ) -> CalibrationResult {
    CalibrationResult(
      ranges: ranges.compactMapValues { $0.range(method) }, windows: windows, answers: answers, magnitudes: magnitudes)
  }
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
