extension Operation {
  /// How many multiply-accumulates the operation takes, counting those with padding; 0 for operations that are no sums of
  /// products. The shapes must be ones that `outputShape` accepts; a number beyond Int's range comes back as the largest Int.
  public func multiplyAccumulates(inputs: [[Int]], output: [Int]) -> Int {
    guard inputs.count >= 2 else { return 0 }
    let depth: Int
    switch self {
    case .convolution: depth = product(inputs[1].dropFirst())
    case .fullyConnected: depth = inputs[1].last ?? 0
    case .gemm(let gemm): depth = (gemm.transposeA ? inputs[0].first : inputs[0].last) ?? 0
    case .matMul: depth = inputs[0].last ?? 0
    default: return 0
    }
    return product(output + [depth])
  }
}

private func product(_ factors: some Sequence<Int>) -> Int {
  var result = 1
  for factor in factors {
    let (next, overflow) = result.multipliedReportingOverflow(by: factor)
    if overflow { return .max }
    result = next
  }
  return result
}
