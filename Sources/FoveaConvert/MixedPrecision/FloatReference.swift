import FoveaGraph
import FoveaRuntime

/// Inputs with what the float network makes of them: to compare its other forms with, again and again.
struct FloatReference {
  private let inputs: CalibrationInputs
  private let outputs: [[[Float]]]

  /// - Parameter inputs: to run on. Whoever compares often has them in memory.
  init(_ float: Network, _ inputs: CalibrationInputs, threads: Int) throws(ConversionError) {
    let session = try QuantizedNetwork(network: float, int8Nodes: []).session(threads: threads)
    var outputs: [[[Float]]] = []
    for index in 0..<inputs.count { outputs.append(try session.outputs(of: try inputs.load(index))) }
    (self.inputs, self.outputs) = (inputs, outputs)
  }

  /// Compares a network's outputs with those of the float one.
  ///
  /// - Parameter network: in any precision. Given away, its weights take no memory beside what they are packed into.
  func compare(_ network: consuming QuantizedNetwork, threads: Int = 1) throws(ConversionError) -> OutputComparison {
    var comparison = OutputComparison(of: network.network)
    let session = try (consume network).session(threads: threads)
    for (index, exact) in outputs.enumerated() {
      comparison.add(exact, try session.outputs(of: try inputs.load(index)))
    }
    return comparison
  }

  /// What runs of two programs, and their steps, take on one thread: by turns, so that both meet the same disturbances.
  func times(_ networks: [QuantizedNetwork]) throws(ConversionError) -> [ProgramTimes] {
    var programs: [(session: Session, times: ProgramTimes)] = []
    for network in networks {
      var names: [String] = []
      let session = try network.session(threads: 1, stepNames: &names)
      try session.setCalibrationInput(inputs, 0)
      programs.append((session, ProgramTimes(names)))
    }
    for _ in 0..<ProgramTimes.runs {
      for index in programs.indices { programs[index].times.measure(programs[index].session) }
    }
    return programs.map(\.times)
  }
}

extension [Int] {
  /// Some of `all` inputs, spread evenly: noise is a mean over all outputs, which few inputs tell well.
  static func few(of all: Int, most: Int = 16) -> [Int] {
    let count = Swift.min(most, all)
    return (0..<count).map { $0 * all / count }
  }
}

/// How long a program and each of its steps take.
struct ProgramTimes {
  static let runs = 15

  private let names: [String]
  private var shortestRun = Int.max
  /// The shortest of each step, in nanoseconds.
  private var shortest: [Int]

  fileprivate init(_ names: [String]) {
    self.names = names
    shortest = Array(repeating: .max, count: names.count)
  }

  /// One run as apps see it, then one step by step.
  fileprivate mutating func measure(_ session: Session) {
    let start = monotonicNanoseconds()
    session.run()
    shortestRun = min(shortestRun, monotonicNanoseconds() - start)
    var before = monotonicNanoseconds()
    session.run(observing: { step in
      shortest[step] = min(shortest[step], monotonicNanoseconds() - before)
      before = monotonicNanoseconds()
    })
  }

  /// The shortest run: others were disturbed.
  var milliseconds: Double { Double(shortestRun) / 1e6 }

  /// The steps of a node.
  func milliseconds(of node: String) -> Double {
    zip(names, shortest).reduce(0) { $0 + ($1.0 == node ? Double($1.1) / 1e6 : 0) }
  }
}

extension QuantizedNetwork {
  fileprivate consuming func session(threads: Int) throws(ConversionError) -> Session {
    var names: [String] = []
    return try (consume self).session(threads: threads, stepNames: &names)
  }

  /// As the model file has it.
  ///
  /// - Parameter stepNames: gets the node of each step.
  fileprivate consuming func session(
    threads: Int, stepNames: inout [String]
  ) throws(ConversionError) -> Session {
    let source = network.source
    var lowering = Lowering(consume self)
    try lowering.lower()
    lowering.fuseFloatFunctions()
    stepNames = lowering.builder.stepNames
    return try Session(ModelImage(lowering: consume lowering), of: source, threads: threads)
  }
}

extension Session {
  fileprivate func outputs(of inputs: [[Float]]) throws(ConversionError) -> [[Float]] {
    try setInputs(inputs)
    run()
    return outputValues
  }
}
