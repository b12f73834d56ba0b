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

/// Runs the float network on calibration inputs and returns the range of every activation.
///
/// - Parameters:
///   - network: in NHWC, as lowering takes it.
///   - progress: called with the runs done and the runs in all.
func calibrate(
  _ network: Network, with inputs: CalibrationInputs, method: CalibrationMethod, threads: Int,
  progress: (Int, Int) -> Void
) throws(ConversionError) -> [ValueID: ValueRange] {
  guard inputs.count > 0 else { throw .calibration(reason: "there are no calibration inputs") }
  var lowering = Lowering(network)
  try lowering.lower()
  let completed = lowering.completedValues
  let image = try ModelImage(lowering: lowering, metadata: ModelMetadata(), preprocessing: nil, labels: [])
  let session: Session
  do {
    session = try Session(
      Model(bytes: image.bytes, name: network.source), threads: threads, instructionSet: .best)
  } catch {
    throw .invalidNetwork(file: network.source, reason: "the float network does not run: \(error)")
  }

  let buffers = lowering.floatBuffers
  var observers: [ValueID: RangeObserver] = [:]
  let needsDistribution = method != .minMax
  let runs = inputs.count * (needsDistribution ? 2 : 1)
  for run in 0..<runs {
    let isFirstPass = run < inputs.count
    let values = try inputs.load(run % inputs.count)
    guard values.count == network.inputs.count else {
      throw .calibration(
        reason: "the network has \(network.inputs.count) inputs, but calibration gives \(values.count)")
    }
    for (index, value) in values.enumerated() {
      do { try session.setInput(index, to: value) } catch { throw .calibration(reason: "\(error)") }
    }
    func observe(_ value: ValueID) {
      guard let buffer = buffers[value] else { return }
      let memory = unsafe session.bytes(ofBuffer: buffer)
      let floats = unsafe UnsafeBufferPointer(memory.bindMemory(to: Float.self))
      if isFirstPass {
        unsafe observers[value, default: RangeObserver()].observeExtremes(floats)
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
  var ranges: [ValueID: ValueRange] = [:]
  for (value, observer) in observers { ranges[value] = observer.range(method) }
  return ranges
}
