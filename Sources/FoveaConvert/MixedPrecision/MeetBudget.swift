import FoveaGraph
import FoveaRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Keeps as few layers in float as a budget of accuracy asks for.
///
/// Second-order rounding makes up for the errors of the layers before. Where everything in 8 bits gives nearly noise, it makes up for errors
/// that are gone once the worst layers are float. So weights are rounded again with the layers of little arithmetic in float, and
/// those are taken that are better there.
///
/// 1. Each of `FloatUnits` runs in float by itself, everything else in 8 bits, on some of the calibration inputs: how much noise that
///    takes from the outputs is its gain.
/// 2. In the order of gain by cost, units are added until the held-back inputs meet the budget: by bisection, since more float is
///    hardly ever worse.
/// 3. What has become needless is taken back: units, then single layers, the most expensive first, as long as the budget is met.
///
/// - Parameters:
///   - quantized: with every layer in 8 bits that can be, its weights rounded.
///   - nearest: the same with weights rounded to nearest.
///   - round: rounds such weights again, for a network some of whose layers are float; nil where nearest ones are asked for.
///   - match: `matchAnswers`, for the network with all in 8 bits and for the chosen one: trials go without.
///   - float: the network that it was made of, node for node.
///   - calibration: inputs for the gains.
///   - heldBack: other inputs, which decide.
///   - progress: called with the trials done, and about how many there are in all.
/// - Returns: the network with layers in float, and what is to tell of it.
/// - Throws: `ConversionError.calibration` where the budget asks for answers and the network gives none.
func meet(
  _ budget: AccuracyBudget, _ quantized: QuantizedNetwork, nearest: QuantizedNetwork, float: Network,
  calibration: CalibrationInputs, heldBack: CalibrationInputs, threads: Int,
  round: ((inout QuantizedNetwork) throws(ConversionError) -> Void)?,
  match: (inout QuantizedNetwork) throws(ConversionError) -> Void, progress: (Int, Int) -> Void
) throws(ConversionError) -> (network: QuantizedNetwork, report: MixedPrecision) {
  guard heldBack.count > 0 else { throw .calibration(reason: "there are no inputs to measure on") }
  let deciding = try FloatReference(float, heldBack.loading(Array(0..<heldBack.count)), threads: threads)
  var matched = quantized
  try match(&matched)
  let int8 = try deciding.compare(matched, threads: threads)
  if case .otherAnswers = budget, int8.agreeing == nil {
    throw .calibration(
      reason: "the network's first output is no list of scores, which a share of answers could be told of: "
        + "give the budget in decibels")
  }
  var search = PrecisionSearch(
    budget: budget, quantized: quantized, deciding: deciding, pool: ThreadPool(threads: threads))
  var chosen: Set<Int> = []
  var (result, mixed) = (matched, int8)
  if !budget.isMet(by: int8) {
    let sensed = try FloatReference(float, calibration.loading(.few(of: calibration.count)), threads: threads)
    if let round { try search.chooseWeights(nearest: nearest, sensed, round: round) }
    try search.measureGains(sensed, progress: progress)
    chosen = try search.choose(progress: progress)
    let unmatched = search.quantized.keepingFloat(chosen)
    result = unmatched
    try match(&result)
    mixed = try deciding.compare(result, threads: threads)
    if !budget.isMet(by: mixed) {
      result = unmatched
      mixed = try deciding.compare(result, threads: threads)
    }
  }
  let times = try deciding.times([quantized, result])
  let report = MixedPrecision(
    budget: budget, int8: int8, mixed: mixed,
    layers: search.layers(chosen, times), sensitivities: search.sensitivities, trials: search.trials,
    int8Milliseconds: times[0].milliseconds, mixedMilliseconds: times[1].milliseconds)
  return (result, report)
}

private struct PrecisionSearch {
  /// Trials to take layers back.
  private static let mostReturns = 64

  /// Nodes to try in float together.
  struct Unit {
    var nodes: [Int]
    var cost: Double
    /// 10 log10 of the noise with all in 8 bits over that with these in float.
    var decibels: Double
    /// The share of the noise that goes away, by cost.
    var worth: Double
  }

  let budget: AccuracyBudget
  private(set) var quantized: QuantizedNetwork
  let deciding: FloatReference
  let pool: ThreadPool
  private let sets: FloatUnits
  /// The most worthy first.
  private var units: [Unit] = []
  private(set) var trials = 0

  init(budget: AccuracyBudget, quantized: QuantizedNetwork, deciding: FloatReference, pool: ThreadPool) {
    (self.budget, self.quantized, self.deciding, self.pool) = (budget, quantized, deciding, pool)
    sets = FloatUnits(of: quantized)
  }

  /// Rounds weights again with the layers of little arithmetic in float, and takes them where they are better there.
  mutating func chooseWeights(
    nearest: QuantizedNetwork, _ reference: FloatReference,
    round: (inout QuantizedNetwork) throws(ConversionError) -> Void
  ) throws(ConversionError) {
    let light = Set(sets.light)
    var again = nearest.keepingFloat(light)
    guard !light.isEmpty, !again.layers.isEmpty else { return }
    try round(&again)
    let before = try reference.compare(quantized.keepingFloat(light), threads: pool.threads).relativeNoise
    guard try reference.compare(again, threads: pool.threads).relativeNoise < before else { return }
    let layers = again.layers
    quantized = nearest
    quantized.layers.merge(layers) { _, rounded in rounded }
  }

  /// Runs each unit in float by itself.
  mutating func measureGains(_ reference: FloatReference, progress: (Int, Int) -> Void) throws(ConversionError) {
    let noise = try reference.compare(quantized, threads: pool.threads).relativeNoise
    let (quantized, all) = (quantized, sets.units)
    let batch = 2 * pool.threads
    for first in stride(from: 0, to: all.count, by: batch) {
      let sets = all[first..<min(all.count, first + batch)]
      let results = pool.map(sets.count) { index in
        Result { () throws(ConversionError) in
          try reference.compare(quantized.keepingFloat(Set(sets[first + index]))).relativeNoise
        }
      }
      for (nodes, result) in zip(sets, results) {
        let left = try result.get()
        let cost = self.sets.cost(of: nodes)
        units.append(
          Unit(
            nodes: nodes, cost: cost, decibels: 10 * log10(noise / max(left, .leastNormalMagnitude)),
            worth: (noise - left) / noise / cost))
      }
      trials += sets.count
      progress(trials, all.count)
    }
    // Equals in the order of the units, which depends on the network alone.
    units = units.enumerated().sorted { ($1.element.worth, $0.offset) < ($0.element.worth, $1.offset) }.map(\.element)
  }

  /// The nodes to keep in float. Budgets that 8 bits meet are not asked for.
  mutating func choose(progress: (Int, Int) -> Void) throws(ConversionError) -> Set<Int> {
    // What each unit adds to the nodes of those before it; the last set is all nodes, which nothing is lost in.
    var sets: [Set<Int>] = [[]]
    var last: Set<Int> = []
    var taken: [Unit] = []
    for unit in units where !last.isSuperset(of: unit.nodes) {
      last.formUnion(unit.nodes)
      sets.append(last)
      taken.append(unit)
    }
    if last != quantized.int8Nodes { sets.append(quantized.int8Nodes) }
    var (failing, meeting) = (0, sets.count - 1)
    while meeting - failing > 1 {
      let middle = (failing + meeting) / 2
      if try meets(sets[middle]) { meeting = middle } else { failing = middle }
    }
    var chosen = sets[meeting]
    var rest = Array(taken.prefix(meeting))
    var returns = 0
    func isSpent() -> Bool { returns >= Self.mostReturns }
    // A unit whose nodes others ask for as well takes nothing away, and costs no trial.
    for index in rest.indices.reversed() where !isSpent() {
      let others = rest.indices.filter { $0 != index }.reduce(into: Set<Int>()) { $0.formUnion(rest[$1].nodes) }
      guard others != chosen else { continue }
      returns += 1
      if try meets(others) {
        chosen = others
        rest[index].nodes = []
      }
    }
    for node in chosen.sorted(by: { (self.sets.cost(of: [$1]), $0) < (self.sets.cost(of: [$0]), $1) }) where !isSpent()
    {
      returns += 1
      if try meets(chosen.subtracting([node])) { chosen.remove(node) }
    }
    return chosen
  }

  private mutating func meets(_ nodes: Set<Int>) throws(ConversionError) -> Bool {
    trials += 1
    return budget.isMet(by: try deciding.compare(quantized.keepingFloat(nodes), threads: pool.threads))
  }

  /// Decibels that single nodes gained.
  var sensitivities: [Int: Double] {
    Dictionary(uniqueKeysWithValues: units.filter { $0.nodes.count == 1 }.map { ($0.nodes[0], $0.decibels) })
  }

  /// - Parameter times: of the 8-bit program and of the mixed one.
  func layers(_ chosen: Set<Int>, _ times: [ProgramTimes]) -> [FloatLayer] {
    chosen.sorted().map { node in
      let unit = units.first { $0.nodes.contains(node) }
      let name = quantized.network.nodes[node].name
      return FloatLayer(
        index: node, group: unit?.nodes ?? [node], decibels: unit?.decibels ?? 0,
        int8Milliseconds: times[0].milliseconds(of: name), floatMilliseconds: times[1].milliseconds(of: name))
    }
  }
}
