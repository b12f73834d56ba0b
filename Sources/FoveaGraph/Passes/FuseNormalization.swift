/// Finds normalizations that exporters wrote out: LayerNormalization has been an operator since opset 17 only.
///
/// - PyTorch: d / sqrt(mean(d^2) + epsilon), where d = x - mean(x).
/// - TensorFlow: x * k + (shift - mean(x) * k), where k = scale / sqrt(mean((x - mean(x))^2) + epsilon); without shift the second
///   summand is -mean(x) * k. What scales and shifts stays behind the normalization.
public func fuseNormalization(_ network: Network) -> Network {
  var rewriter = Rewriter(network)
  for index in rewriter.indices {
    rewriter.fuseQuotient(index)
    rewriter.fuseScaledSum(index)
  }
  return rewriter.finished()
}

extension Rewriter {
  fileprivate mutating func fuseQuotient(_ index: Int) {
    guard case .binary(let binary) = self[index].operation, binary.clamp.isNone, self[index].inputs.count == 2
    else { return }
    let (a, b) = (self[index].inputs[0], self[index].inputs[1])
    let candidates: [(ValueID, Spread?)] =
      switch binary.operator {
      case .divide: [(a, deviation(b))]
      case .multiply: [(a, reciprocalDeviation(b)), (b, reciprocalDeviation(a))]
      default: []
      }
    for case (let difference, let spread?) in candidates
    where difference == spread.difference && shape(spread.x) == shape(self[index].outputs[0]) {
      return update(index, operation: .normalize(spread.normalization), inputs: [spread.x])
    }
  }

  fileprivate mutating func fuseScaledSum(_ index: Int) {
    guard self[index].operation == .binary(Binary(.add)), self[index].inputs.count == 2 else { return }
    let (a, b) = (self[index].inputs[0], self[index].inputs[1])
    for (scaled, shifted) in [(a, b), (b, a)] {
      guard let (first, second) = operands(scaled, .multiply) else { continue }
      for (x, factor) in [(first, second), (second, first)] {
        guard let (spread, scale) = scaledReciprocalDeviation(factor), spread.x == x,
          shape(x) == shape(self[index].outputs[0]),
          case .known(let shift)? = shift(shifted, mean: spread.mean, factor: factor)
        else { continue }
        return replace(index, spread, scale: scale, shift: shift)
      }
    }
  }

  private mutating func replace(_ index: Int, _ spread: Spread, scale: ValueID?, shift: ValueID?) {
    let name = self[index].name
    let shape = shape(spread.x)
    // The last of the operations takes the node's place.
    var operations: [(Operation, ValueID?)] = [(.normalize(spread.normalization), nil)]
    if let scale { operations.append((.binary(Binary(.multiply)), scale)) }
    if let shift { operations.append((.binary(Binary(.add)), shift)) }
    var value = spread.x
    for (step, (operation, operand)) in operations.enumerated() {
      let inputs = [value] + [operand].compactMap(\.self)
      if step == operations.count - 1 { return update(index, operation: operation, inputs: inputs) }
      value = insert(operation, inputs: inputs, shape: shape, name: name + "/normalized\(step)", before: index)
    }
  }

  // MARK: Parts of the formulas

  /// A scale, where there is one, times the reciprocal of a deviation.
  private func scaledReciprocalDeviation(_ value: ValueID) -> (Spread, scale: ValueID?)? {
    if let spread = reciprocalDeviation(value) { return (spread, nil) }
    guard let (a, b) = operands(value, .multiply) else { return nil }
    return reciprocalDeviation(a).map { ($0, b) } ?? reciprocalDeviation(b).map { ($0, a) }
  }

  private func reciprocalDeviation(_ value: ValueID) -> Spread? {
    input(of: value, .reciprocal).flatMap(deviation)
  }

  /// sqrt(mean((x - mean(x))^2) + epsilon)
  private func deviation(_ value: ValueID) -> Spread? {
    guard let sum = input(of: value, .sqrt), let (a, b) = operands(sum, .add) else { return nil }
    for (variance, constant) in [(a, b), (b, a)] {
      guard let epsilon = number(constant), epsilon >= 0, let (squares, axes) = mean(variance),
        let difference = root(squares), let (x, mean) = operands(difference, .subtract), let own = self.mean(mean),
        own.of == x, own.axes == axes, shape(difference) == shape(x)
      else { continue }
      return Spread(
        x: x, mean: mean, difference: difference,
        normalization: Normalization(axes: axes, epsilon: Float(epsilon)))
    }
    return nil
  }

  /// The value of which this is the square.
  private func root(_ value: ValueID) -> ValueID? {
    if let (a, b) = operands(value, .multiply) { return a == b ? a : nil }
    guard let (base, exponent) = operands(value, .power), number(exponent) == 2 else { return nil }
    return base
  }

  /// What is added to x * factor: -mean * factor, plus a shift where there is one.
  private func shift(_ value: ValueID, mean: ValueID, factor: ValueID) -> Shift? {
    if let (a, b) = operands(value, .multiply) {
      let negative = a == factor ? b : b == factor ? a : nil
      return negative.flatMap { input(of: $0, .negate) } == mean ? .known(nil) : nil
    }
    guard let (shift, product) = operands(value, .subtract), let (a, b) = operands(product, .multiply),
      (a, b) == (mean, factor) || (a, b) == (factor, mean)
    else { return nil }
    return .known(shift)
  }

  // MARK: Nodes. Other parts of the network may use their outputs: what is not needed any more goes later.

  private func mean(_ value: ValueID) -> (of: ValueID, axes: [Int])? {
    guard let previous = producer(of: value), case .reduce(let reduction) = self[previous].operation,
      reduction.kind == .mean, reduction.keepDimensions, !reduction.axes.isEmpty
    else { return nil }
    return (self[previous].inputs[0], reduction.axes)
  }

  private func input(of value: ValueID, _ function: ElementaryFunction) -> ValueID? {
    guard let previous = producer(of: value), self[previous].operation == .activation(.function(function))
    else { return nil }
    return self[previous].inputs[0]
  }

  private func operands(_ value: ValueID, _ operation: Binary.Operator) -> (ValueID, ValueID)? {
    guard let previous = producer(of: value), self[previous].operation == .binary(Binary(operation)) else { return nil }
    return (self[previous].inputs[0], self[previous].inputs[1])
  }
}

/// A deviation, sqrt(mean(difference^2) + epsilon).
private struct Spread {
  var x: ValueID
  var mean: ValueID
  /// x - mean
  var difference: ValueID
  var normalization: Normalization
}

/// What is added behind a normalization, if anything.
private enum Shift {
  case known(ValueID?)
}
