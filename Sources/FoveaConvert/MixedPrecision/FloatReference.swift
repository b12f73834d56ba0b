import FoveaGraph
import FoveaRuntime

/// Inputs with what the float network makes of them: to compare its other forms with, again and again.
struct FloatReference {
  private let inputs: [[[Float]]]
  private let outputs: [[[Float]]]

  /// - Parameter indices: which of the inputs to take.
  init(
    _ float: Network, _ inputs: CalibrationInputs, _ indices: [Int], threads: Int
  ) throws(ConversionError) {
    let session = try QuantizedNetwork(network: float, int8Nodes: []).session(threads: threads)
    var pairs: (inputs: [[[Float]]], outputs: [[[Float]]]) = ([], [])
    for index in indices {
      let values = try inputs.load(index)
      pairs.inputs.append(values)
      pairs.outputs.append(try session.outputs(of: values))
    }
    (self.inputs, self.outputs) = pairs
  }

  /// Compares a network's outputs with those of the float one.
  ///
  /// - Parameter network: in any precision.
  func compare(_ network: QuantizedNetwork, threads: Int = 1) throws(ConversionError) -> OutputComparison {
    let session = try network.session(threads: threads)
    var comparison = OutputComparison(of: network.network)
    for (values, exact) in zip(inputs, outputs) { comparison.add(exact, try session.outputs(of: values)) }
    return comparison
  }

  /// What runs of two programs, and their steps, take on one thread: by turns, so that both meet the same disturbances.
  func times(_ networks: [QuantizedNetwork]) throws(ConversionError) -> [ProgramTimes] {
    var programs: [(session: Session, times: ProgramTimes)] = []
    for network in networks {
      var names: [String] = []
      let session = try network.session(threads: 1, stepNames: &names)
      try session.setInputs(inputs[0])
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
  static func few(of all: Int) -> [Int] {
    let count = Swift.min(16, all)
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
  fileprivate func session(threads: Int) throws(ConversionError) -> Session {
    var names: [String] = []
    return try session(threads: threads, stepNames: &names)
  }

  /// As the model file has it.
  ///
  /// - Parameter stepNames: gets the node of each step.
  fileprivate func session(threads: Int, stepNames: inout [String]) throws(ConversionError) -> Session {
    var lowering = Lowering(self)
    try lowering.lower()
    lowering.fuseFloatFunctions()
    stepNames = lowering.builder.stepNames
    return try Session(ModelImage(lowering: lowering), of: network.source, threads: threads)
  }
}

extension Session {
  fileprivate func outputs(of inputs: [[Float]]) throws(ConversionError) -> [[Float]] {
    try setInputs(inputs)
    run()
    return outputValues
  }
}
