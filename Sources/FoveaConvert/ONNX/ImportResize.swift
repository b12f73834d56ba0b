import FoveaGraph

/// Resize. Version 10 has scales alone; 11 added sizes and the ways to count coordinates, 18 axes and antialiasing.
func importResize(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  let mode = try ResizeMode(node)
  var sizes: [Int]?
  var scales: [Float]?
  if node.opset < 11 {
    scales = try node.constantFloats(1, "the list of scales", builder)
  } else {
    scales = try node.constantFloats(2, "the list of scales", builder)
    sizes = try node.constantIntegers(3, "the list of sizes", builder)
  }
  // An empty list counts as none: before version 13 nothing else could stand for it.
  if scales?.isEmpty == true { scales = nil }
  if sizes?.isEmpty == true { sizes = nil }
  let given = node.opset < 18 ? nil : try node.integers("axes")
  let axes = try given.map { list throws(NodeProblem) in
    _ = try node.normalized(axes: list, rank: shape.count)
    var axes: [Int] = []
    for axis in list { axes.append(try node.normalized(axis: axis, rank: shape.count)) }
    return axes
  }
  return try resize(input, axes ?? Array(shape.indices), sizes: sizes, scales: scales, mode, node, &builder)
}

/// Upsample, which version 10 replaced by Resize. Version 9 turned its scales from an attribute into an input.
func importUpsample(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let scales = node.opset < 9 ? try node.floats("scales") : try node.constantFloats(1, "the list of scales", builder)
  let axes = Array(builder.shape(input).indices)
  return try resize(input, axes, sizes: nil, scales: scales, try ResizeMode(node), node, &builder)
}

/// One node an axis that changes, those that shrink first: the others then have less to do.
private func resize(
  _ input: ImportedValue, _ axes: [Int], sizes: [Int]?, scales: [Float]?, _ mode: ResizeMode, _ node: ONNXNode,
  _ builder: inout GraphBuilder
) throws(NodeProblem) -> [ImportedValue] {
  let shape = builder.shape(input)
  guard (sizes == nil) != (scales == nil), sizes?.count ?? axes.count == axes.count,
    scales?.count ?? axes.count == axes.count
  else { throw .invalid("it needs either \(axes.count) sizes or as many scales") }
  guard sizes?.allSatisfy({ (1...1 << 24).contains($0) }) ?? true, !axes.contains(where: { shape[$0] == 0 }) else {
    throw .invalid("it resizes \(shape) to \(sizes ?? [])")
  }
  let extents = try mode.extents(of: axes.map { shape[$0] }, sizes: sizes, scales: scales)
  var outputShape = shape
  for (axis, extent) in zip(axes, extents) { outputShape[axis] = extent.output }
  // Before the positions of that many elements are computed.
  guard elementCount(of: outputShape) != nil else { throw .invalid("it resizes \(shape) to \(outputShape)") }
  var resamplings: [(axis: Int, ratio: Double, resampling: Resampling)] = []
  for (axis, extent) in zip(axes, extents) {
    // As far as the sizes go, this is what one such constant costs.
    try builder.spend([extent.output, mode.taps(scale: extent.scale)])
    let resampling = mode.resampling(axis: axis, extent)
    let changes = extent.output != extent.input || resampling.positions != Array(0..<extent.input)
    if changes { resamplings.append((axis, Double(extent.output) / Double(extent.input), resampling)) }
  }
  resamplings.sort { ($0.ratio, $0.axis) < ($1.ratio, $1.axis) }
  guard let last = resamplings.popLast() else { return try builder.apply(.identity, to: [input], of: node) }
  var current = input
  for (axis, _, resampling) in resamplings {
    current = try builder.apply(.resample(resampling), to: current, of: node, step: "axis\(axis)")
  }
  return try builder.apply(.resample(last.resampling), to: [current], of: node)
}

/// One axis of a resize.
private struct ResizeExtent {
  var input: Int
  var output: Int
  /// As the formulas of coordinates use it, which is not always output / input.
  var scale: Double
}

/// What a Resize's attributes say: how an output position becomes positions of the input, with weights. The formulas are those of
/// ONNX's specification and its reference implementation.
private struct ResizeMode {
  private enum Kernel: String {
    case nearest, linear, cubic
  }

  private let kernel: Kernel
  private let coordinates: String
  private let nearest: String
  private let policy: String
  private let cubicCoefficient: Double
  private let excludesOutside: Bool
  private let antialiases: Bool

  init(_ node: ONNXNode) throws(NodeProblem) {
    let name = try node.string("mode", default: "nearest")
    // Upsample in version 7 called it bilinear.
    guard let kernel = Kernel(rawValue: name == "bilinear" ? "linear" : name) else {
      throw .invalid("mode \"\(printable(name))\" is not supported; nearest, linear and cubic are")
    }
    self.kernel = kernel
    let isOld = node.opset < 11
    coordinates = isOld ? "asymmetric" : try node.string("coordinate_transformation_mode", default: "half_pixel")
    let known = [
      "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn",
    ]
    guard known.contains(coordinates) else {
      throw .invalid(
        "coordinate_transformation_mode \"\(printable(coordinates))\" is not supported; \(known.joined(separator: ", ")) are"
      )
    }
    nearest = isOld ? "floor" : try node.string("nearest_mode", default: "round_prefer_floor")
    guard ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"].contains(nearest) else {
      throw .invalid("nearest_mode \"\(printable(nearest))\" does not exist")
    }
    policy = try node.string("keep_aspect_ratio_policy", default: "stretch")
    guard ["stretch", "not_larger", "not_smaller"].contains(policy) else {
      throw .invalid("keep_aspect_ratio_policy \"\(printable(policy))\" does not exist")
    }
    cubicCoefficient = Double(try node.float("cubic_coeff_a", default: -0.75))
    excludesOutside = try node.flag("exclude_outside")
    antialiases = try node.flag("antialias")
  }

  func extents(of inputs: [Int], sizes: [Int]?, scales: [Float]?) throws(NodeProblem) -> [ResizeExtent] {
    if let scales {
      var extents: [ResizeExtent] = []
      for (input, scale) in zip(inputs, scales) {
        let output = (Double(input) * Double(scale)).rounded(.down)
        guard scale > 0, output >= 1, output < 0x1p24 else { throw .invalid("it scales \(input) elements by \(scale)") }
        extents.append(ResizeExtent(input: input, output: Int(output), scale: Double(scale)))
      }
      return extents
    }
    let sizes = sizes ?? []
    let ratios = zip(sizes, inputs).map { Double($0) / Double($1) }
    guard policy != "stretch", let least = ratios.min(), let largest = ratios.max() else {
      return zip(zip(inputs, sizes), ratios).map { ResizeExtent(input: $0.0, output: $0.1, scale: $1) }
    }
    let scale = policy == "not_larger" ? least : largest
    return inputs.map {
      ResizeExtent(input: $0, output: max(1, Int((scale * Double($0) + 0.5).rounded(.down))), scale: scale)
    }
  }

  /// How many input positions an output position takes part of.
  func taps(scale: Double) -> Int {
    switch kernel {
    case .nearest: 1
    case .linear: 2 * Self.reach(1, antialiases, scale)
    case .cubic: 2 * Self.reach(2, antialiases, scale)
    }
  }

  /// How far a kernel reaches to either side; antialiasing widens it where the image shrinks.
  private static func reach(_ radius: Double, _ antialiases: Bool, _ scale: Double) -> Int {
    antialiases && scale < 1 ? Int(min((radius / scale).rounded(.up), 0x1p24)) : Int(radius)
  }

  func resampling(axis: Int, _ extent: ResizeExtent) -> Resampling {
    let taps = taps(scale: extent.scale)
    var result = Resampling(axis: axis, taps: taps, positions: [], weights: [])
    result.positions.reserveCapacity(extent.output * taps)
    result.weights.reserveCapacity(extent.output * taps)
    for place in 0..<extent.output {
      let x = coordinate(place, extent)
      guard kernel != .nearest else {
        result.positions.append(min(max(rounded(x), 0), extent.input - 1))
        result.weights.append(1)
        continue
      }
      // The specification's own way to count: an integer is the far end of the interval before it.
      let base = x == x.rounded() ? Int(x) - 1 : Int(x.rounded(.down))
      let first = base - taps / 2 + 1
      var weights = (0..<taps).map { weight(Double(first + $0) - x, scale: extent.scale) }
      if excludesOutside {
        for tap in 0..<taps where !(0..<extent.input).contains(first + tap) { weights[tap] = 0 }
      }
      let sum = weights.reduce(0, +)
      if antialiases || excludesOutside, sum != 0 { weights = weights.map { $0 / sum } }
      result.positions += (0..<taps).map { min(max(first + $0, 0), extent.input - 1) }
      result.weights += weights.map { Float($0) }
    }
    return result
  }

  /// The input's coordinate of an output position.
  private func coordinate(_ place: Int, _ extent: ResizeExtent) -> Double {
    let position = Double(place)
    let (input, output) = (Double(extent.input), Double(extent.output))
    switch coordinates {
    case "asymmetric": return position / extent.scale
    case "tf_half_pixel_for_nn": return (position + 0.5) / extent.scale
    case "align_corners":
      // By scales, the output's length is not rounded here.
      let length = extent.scale * input
      return extent.output == 1 || length == 1 ? 0 : position * (input - 1) / (length - 1)
    case "pytorch_half_pixel": return extent.output > 1 ? (position + 0.5) / extent.scale - 0.5 : 0
    case "half_pixel_symmetric":
      let adjustment = output / (extent.scale * input)
      return input / 2 * (1 - adjustment) + (position + 0.5) / extent.scale - 0.5
    default: return (position + 0.5) / extent.scale - 0.5
    }
  }

  private func rounded(_ x: Double) -> Int {
    let fraction = x - x.rounded(.down)
    switch nearest {
    case "floor": return Int(x.rounded(.down))
    case "ceil": return Int(x.rounded(.up))
    case "round_prefer_ceil": return Int(x.rounded(.down)) + (fraction >= 0.5 ? 1 : 0)
    default: return Int(x.rounded(.down)) + (fraction > 0.5 ? 1 : 0)
    }
  }

  /// The kernel at a distance in input positions.
  private func weight(_ distance: Double, scale: Double) -> Double {
    let x = abs(distance) * (antialiases ? min(scale, 1) : 1)
    guard kernel == .cubic else { return max(0, 1 - x) }
    let a = cubicCoefficient
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }
}
