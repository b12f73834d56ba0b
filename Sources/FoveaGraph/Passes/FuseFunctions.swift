/// Finds activation functions that exporters wrote out, because their opset had no operator for them:
///
/// - Gelu, x / 2 * (1 + erf(x / sqrt(2))) (before opset 20), in any order of the factors;
/// - Mish, x * tanh(softplus(x)) (before opset 18);
/// - HardSwish, x * clip(x + 3, 0, 6) / 6 (before opset 14), and HardSigmoid, which is that without the x.
///
/// In 8 bits each is one table then, and nothing is rounded on the way.
public func fuseFunctions(_ network: Network) -> Network {
  var rewriter = Rewriter(network)
  for index in rewriter.indices {
    guard let product = rewriter.product(index), let (activation, x) = rewriter.function(product),
      rewriter.shape(x) == rewriter.shape(rewriter[index].outputs[0])
    else { continue }
    rewriter.update(index, operation: .activation(activation), inputs: [x])
  }
  return rewriter.finished()
}

/// A number times values.
private struct Product {
  var number = 1.0
  var factors: [ValueID] = []
}

extension Rewriter {
  /// What the node multiplies, with the products among its factors that are used nowhere else; nil for other operations.
  ///
  /// - Parameter depth: of products within products: exporters write two.
  fileprivate func product(_ index: Int, depth: Int = 3) -> Product? {
    guard case .binary(let binary) = self[index].operation, binary.clamp.isNone, self[index].inputs.count == 2
    else { return nil }
    let (a, b) = (self[index].inputs[0], self[index].inputs[1])
    var product = Product()
    switch binary.operator {
    case .multiply:
      collect(a, into: &product, depth)
      collect(b, into: &product, depth)
    case .divide:
      guard let divisor = number(b) else { return nil }
      collect(a, into: &product, depth)
      product.number /= divisor
    default: return nil
    }
    return product
  }

  private func collect(_ value: ValueID, into product: inout Product, _ depth: Int) {
    if let number = number(value) {
      product.number *= number
    } else if depth > 1, let previous = soleProducer(of: value),
      let inner = self.product(previous, depth: depth - 1)
    {
      product.number *= inner.number
      product.factors += inner.factors
    } else {
      product.factors.append(value)
    }
  }

  fileprivate func function(_ product: Product) -> (Activation, x: ValueID)? {
    if product.factors.count == 1, let ramp = clippedSum(product.factors[0]),
      let gate = hardSigmoid(ramp, scale: product.number)
    {
      return (gate, ramp.x)
    }
    guard product.factors.count == 2 else { return nil }
    for (x, gate) in [(product.factors[0], product.factors[1]), (product.factors[1], product.factors[0])] {
      if isClose(product.number, 0.5), isOnePlusErf(gate, of: x) { return (.function(.gelu), x) }
      if product.number == 1, isTanhOfSoftplus(gate, of: x) { return (.function(.mish), x) }
      if let ramp = clippedSum(gate), ramp.x == x, isClose(product.number, 1 / 6), ramp.summand == 3, ramp.top == 6 {
        return (.hardSwish, x)
      }
    }
    return nil
  }

  // MARK: The functions' inner parts

  /// 1 + erf(x / sqrt(2))
  private func isOnePlusErf(_ value: ValueID, of x: ValueID) -> Bool {
    guard let (erf, one) = sum(value), one == 1, let argument = input(of: erf, if: .function(.erf)),
      let previous = soleProducer(of: argument), let scaled = product(previous)
    else { return false }
    return scaled.factors == [x] && isClose(scaled.number, 0.5.squareRoot())
  }

  private func isTanhOfSoftplus(_ value: ValueID, of x: ValueID) -> Bool {
    guard let softplus = input(of: value, if: .tanh) else { return false }
    return input(of: softplus, if: .function(.softplus)) == x
  }

  /// max(0, min(x + summand, top))
  private func clippedSum(_ value: ValueID) -> (x: ValueID, summand: Double, top: Double)? {
    guard let previous = soleProducer(of: value), case .activation(.clamp(let clamp)) = self[previous].operation,
      clamp.min == 0, clamp.max.isFinite, let (x, summand) = sum(self[previous].inputs[0])
    else { return nil }
    return (x, summand, Double(clamp.max))
  }

  private func hardSigmoid(_ ramp: (x: ValueID, summand: Double, top: Double), scale: Double) -> Activation? {
    guard isClose(ramp.top * scale, 1) else { return nil }
    return .hardSigmoid(alpha: Float(scale), beta: Float(ramp.summand * scale))
  }

  // MARK: Their nodes, of which nothing else may use the outputs

  private func input(of value: ValueID, if activation: Activation) -> ValueID? {
    guard let previous = soleProducer(of: value), self[previous].operation == .activation(activation) else {
      return nil
    }
    return self[previous].inputs[0]
  }

  /// A value plus a number.
  private func sum(_ value: ValueID) -> (ValueID, Double)? {
    guard let previous = soleProducer(of: value), self[previous].operation == .binary(Binary(.add)) else { return nil }
    let (a, b) = (self[previous].inputs[0], self[previous].inputs[1])
    if let number = number(b) { return (a, number) }
    return number(a).map { (b, $0) }
  }

  /// Exporters write irrational numbers with anything from 5 digits up.
  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-5 * b }
}

extension Rewriter {
  /// A constant of one element, of whatever rank.
  func number(_ value: ValueID) -> Double? {
    guard let floats = floats(value), floats.count == 1 else { return nil }
    return Double(floats[0])
  }
}
