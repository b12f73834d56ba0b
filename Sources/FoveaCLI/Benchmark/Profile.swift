import Fovea
import FoveaRuntime

/// Where a run's time goes, step by step, on one thread: what it is set beside is what one thread can do.
struct Profile: Encodable {
  struct Step: Encodable {
    var name: String
    var operation: String
    /// What computes it.
    var kernel: String
    var shape: [Int]
    var macs: Int
    /// Of the activations and weights that the step has to read and write, each counted once.
    var bytes: Int
    /// The median.
    var microseconds: Double
    /// Of the time of all steps, in per cent.
    var share: Double
    var gmacsPerSecond: Double
    var gigabytesPerSecond: Double
    /// Of the roofline: the larger of the two rates' per cent of this machine's peaks, of arithmetic or of memory.
    var percentOfPeak: Double

    private enum CodingKeys: String, CodingKey {
      case name, operation, kernel, macs, bytes, microseconds, share
      case shape = "output_shape"
      case gmacsPerSecond = "gmacs_per_second"
      case gigabytesPerSecond = "gigabytes_per_second"
      case percentOfPeak = "percent_of_peak"
    }
  }

  /// `MachinePeaks`, in billions a second.
  struct Peaks: Encodable {
    var int8: Double
    var float: Double?
    var copy: Double

    private enum CodingKeys: String, CodingKey {
      case int8 = "int8_gmacs_per_second"
      case float = "float_gmacs_per_second"
      case copy = "copy_gigabytes_per_second"
    }
  }

  /// Threads of the session that was measured.
  var threads: Int
  var peaks: Peaks
  var steps: [Step]

  /// Runs a session of one thread step by step.
  ///
  /// - Parameters:
  ///   - peaks: as measured before the runs; after them they are measured again.
  ///   - prepare: sets the new session's inputs.
  init(
    _ model: Model, iterations: Int, peaks before: MachinePeaks, prepare: (Session) throws -> Void
  ) throws {
    let session = try Session(model, threads: 1)
    try prepare(session)
    session.run()
    threads = session.threads
    let descriptions = StepDescription.all(of: session)
    var times = [[Double]](repeating: [], count: descriptions.count)
    for index in times.indices { times[index].reserveCapacity(iterations) }
    for _ in 0..<iterations {
      var before = monotonicMilliseconds()
      session.run { step in
        times[step].append((monotonicMilliseconds() - before) * 1000)
        before = monotonicMilliseconds()
      }
    }
    var measured = before
    measured.measureAgain()
    peaks = Peaks(
      int8: (measured.int8 / 1e9).rounded3, float: measured.float > 0 ? (measured.float / 1e9).rounded3 : nil,
      copy: (measured.copy / 1e9).rounded3)
    let medians = times.map { $0.median }
    let total = max(medians.reduce(0, +), 1e-9)
    steps = zip(descriptions, medians).map { step, median in
      let seconds = max(median, 1e-3) / 1e6
      let (macRate, byteRate) = (Double(step.macs) / seconds, Double(step.bytes) / seconds)
      let peak = step.isFloat ? measured.float : measured.int8
      let shares = [peak > 0 ? macRate / peak : 0, measured.copy > 0 ? byteRate / measured.copy : 0]
      return Step(
        name: step.name, operation: step.operation, kernel: step.kernel, shape: step.shape, macs: step.macs,
        bytes: step.bytes, microseconds: median.rounded3, share: (100 * median / total).rounded3,
        gmacsPerSecond: (macRate / 1e9).rounded3, gigabytesPerSecond: (byteRate / 1e9).rounded3,
        percentOfPeak: (100 * (shares.max() ?? 0)).rounded3)
    }
  }

  /// What the steps of a session are to be set beside.
  static func peaks(for session: Session) -> MachinePeaks {
    MachinePeaks(
      session.instructionSet, float: StepDescription.all(of: session).contains(where: \.isFloat))
  }

  var text: String {
    var table = Table([
      ("#", .right), ("layer", .left), ("operation", .left), ("kernel", .left), ("output", .left), ("MACs", .right),
      ("bytes", .right),
      ("us", .right), ("share", .right), ("GMAC/s", .right), ("GB/s", .right), ("of peak", .right),
    ])
    for (index, step) in steps.enumerated() {
      table.add([
        "\(index)", step.name, step.operation, step.kernel, shapeText(step.shape),
        step.macs == 0 ? "" : countText(step.macs),
        byteText(step.bytes), decimal(step.microseconds, places: 1), percentText(step.share / 100, places: 1),
        step.macs == 0 ? "" : decimal(step.gmacsPerSecond, places: 1), decimal(step.gigabytesPerSecond, places: 1),
        percentText(step.percentOfPeak / 100, places: 0),
      ])
    }
    let time = steps.reduce(0) { $0 + $1.microseconds }
    let macs = steps.reduce(0) { $0 + $1.macs }
    table.add([
      "", "all", "", "", "", countText(macs), byteText(steps.reduce(0) { $0 + $1.bytes }), decimal(time, places: 1),
      "100.0 %", time > 0 ? decimal(Double(macs) / time / 1000, places: 1) : "", "", "",
    ])
    let float = peaks.float.map { ", \(decimal($0, places: 1)) GMAC/s in float" } ?? ""
    return table.text + """

      Medians on one thread. What one thread of this machine does at most, measured before and after:
      \(decimal(peaks.int8, places: 1)) GMAC/s in 8 bits\(float) (convolution kernels on data in the first-level cache),
      \(decimal(peaks.copy, places: 1)) GB/s (copying 64 MiB).
      "Of peak" is the larger of the two shares; a step whose data stay in caches can exceed memory's.

      """
  }
}
