/// Finds x * sigmoid(x), which ONNX before opset 24 had no operator for, and x * hardSigmoid(x) with HardSwish's numbers.
public func fuseSilu(_ network: Network) -> Network {
  var rewriter = Rewriter(network)
  for index in rewriter.indices {
    let inputs = rewriter[index].inputs
    guard case .binary(Binary(.multiply)) = rewriter[index].operation, inputs.count == 2 else { continue }
    let (a, b) = (inputs[0], inputs[1])
    for (x, gate) in [(a, b), (b, a)] {
      guard let previous = rewriter.soleProducer(of: gate), rewriter[previous].inputs == [x],
        let product = rewriter[previous].operation.multipliedByItsInput
      else { continue }
      rewriter.update(index, operation: .activation(product), inputs: [x])
      break
    }
  }
  return rewriter.finished()
}

extension Operation {
  fileprivate var multipliedByItsInput: Activation? {
    switch self {
    case .activation(.sigmoid): .silu
    // Exporters write 1/6 with anything from 5 digits up.
    case .activation(.hardSigmoid(let alpha, let beta)) where abs(alpha - 1 / 6) < 1e-5 && beta == 0.5: .hardSwish
    default: nil
    }
  }
}
