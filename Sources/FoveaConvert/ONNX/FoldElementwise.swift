import FoveaGraph

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Functions of single elements among constants: those that exist nowhere else, and integers, which are shapes.

func foldUnary(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let tensor = try node.constants(builder)[0]
  try builder.spend(tensor.shape)
  guard let values = tensor.integers else { throw .invalid("it is not defined for floats") }
  guard let function = integerFunction(node.operator) else { throw .invalid("it is not defined for integers") }
  return builder.constant(Tensor(shape: tensor.shape, integers: values.map(function)), of: node)
}

/// Clip, of integers.
func foldClip(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  func bound(_ index: Int) throws(NodeProblem) -> Int64? {
    guard let input = node.optionalInput(index) else { return nil }
    guard let bound = builder.tensor(input)?.integers, bound.count == 1 else {
      throw .invalid("a bound is not a single integer")
    }
    return bound[0]
  }
  let (low, high) = (try bound(1) ?? .min, try bound(2) ?? .max)
  guard let tensor = builder.tensor(try node.input(0)), let values = tensor.integers else { throw .unsupported }
  try builder.spend(tensor.shape)
  let clipped = values.map { min(max($0, low), high) }
  return builder.constant(Tensor(shape: tensor.shape, integers: clipped), of: node)
}

func foldBinary(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let constants = try node.constants(builder)
  let result = try combine(constants[0], constants[1], node, &builder)
  return builder.constant(result, of: node)
}

/// Min and Max, of any number of tensors.
func foldVariadic(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let constants = try node.constants(builder)
  var result = constants[0]
  for next in constants.dropFirst() { result = try combine(result, next, node, &builder) }
  return builder.constant(result, of: node)
}

/// Where: a condition's choice between two tensors.
func foldWhere(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let constants = try node.constants(builder)
  let shape = try broadcast(try broadcast(constants[0].shape, constants[1].shape), constants[2].shape)
  try builder.spend(shape)
  let expanded = constants.map { $0.expanded(to: shape) }
  guard let condition = expanded[0].integers else { throw .invalid("its condition is not boolean") }
  func choose<Element>(_ a: [Element], _ b: [Element]) -> [Element] {
    condition.indices.map { condition[$0] != 0 ? a[$0] : b[$0] }
  }
  if let a = expanded[1].floats, let b = expanded[2].floats {
    return builder.constant(Tensor(shape: shape, floats: choose(a, b)), of: node)
  }
  guard let a = expanded[1].integers, let b = expanded[2].integers else {
    throw .invalid("it chooses between floats and integers")
  }
  return builder.constant(Tensor(shape: shape, integers: choose(a, b)), of: node)
}

private func combine(
  _ a: Tensor, _ b: Tensor, _ node: ONNXNode, _ builder: inout GraphBuilder
) throws(NodeProblem) -> Tensor {
  let shape = try broadcast(a.shape, b.shape)
  try builder.spend(shape)
  let (a, b) = (a.expanded(to: shape), b.expanded(to: shape))
  // With `fmod` the remainder has the sign of the dividend, as C's; without it that of the divisor, as Python's.
  let isTruncating = node.operator == "Mod" ? try node.flag("fmod") : false
  if let x = a.floats, let y = b.floats {
    if let function = comparison(node.operator, Float.self) {
      return Tensor(shape: shape, integers: zip(x, y).map { function($0, $1) ? 1 : 0 })
    }
    guard let function = floatCombination(isTruncating ? "fmod" : node.operator) else {
      throw .invalid("it is not defined for floats")
    }
    return Tensor(shape: shape, floats: zip(x, y).map(function))
  }
  guard let x = a.integers, let y = b.integers else { throw .invalid("one input holds floats and the other integers") }
  if let function = comparison(node.operator, Int64.self) {
    return Tensor(shape: shape, integers: zip(x, y).map { function($0, $1) ? 1 : 0 })
  }
  var result: [Int64] = []
  for (p, q) in zip(x, y) {
    guard let value = integerCombination(isTruncating ? "fmod" : node.operator, p, q) else {
      throw .invalid("\(p) and \(q) have no result in 64-bit integers")
    }
    result.append(value)
  }
  return Tensor(shape: shape, integers: result)
}

private func integerFunction(_ name: String) -> ((Int64) -> Int64)? {
  switch name {
  case "Neg": { 0 &- $0 }
  case "Abs": { $0 < 0 ? 0 &- $0 : $0 }
  case "Sign": { $0.signum() }
  case "Not": { $0 == 0 ? 1 : 0 }
  default: nil
  }
}

private func comparison<Number: Comparable>(_ name: String, _ type: Number.Type) -> ((Number, Number) -> Bool)? {
  switch name {
  case "Equal": { $0 == $1 }
  case "Greater": { $0 > $1 }
  case "GreaterOrEqual": { $0 >= $1 }
  case "Less": { $0 < $1 }
  case "LessOrEqual": { $0 <= $1 }
  default: nil
  }
}

private func floatCombination(_ name: String) -> ((Float, Float) -> Float)? {
  switch name {
  case "Min": { Swift.min($0, $1) }
  case "Max": { Swift.max($0, $1) }
  case "Pow": { Float(pow(Double($0), Double($1))) }
  case "fmod": { $0.truncatingRemainder(dividingBy: $1) }
  case "Mod":
    { a, b in
      let remainder = a.truncatingRemainder(dividingBy: b)
      return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
    }
  default: nil
  }
}

/// nil where 64-bit integers hold no result.
private func integerCombination(_ name: String, _ a: Int64, _ b: Int64) -> Int64? {
  switch name {
  case "Min": return min(a, b)
  case "Max": return max(a, b)
  case "And": return a != 0 && b != 0 ? 1 : 0
  case "Or": return a != 0 || b != 0 ? 1 : 0
  case "Xor": return (a != 0) != (b != 0) ? 1 : 0
  case "fmod":
    let (remainder, overflow) = a.remainderReportingOverflow(dividingBy: b)
    return overflow ? nil : remainder
  case "Mod":
    let (remainder, overflow) = a.remainderReportingOverflow(dividingBy: b)
    if overflow { return nil }
    // Python's remainder, with the sign of the divisor.
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
  case "Pow":
    // Exact below 2^53, and what shapes are computed from is.
    let power = pow(Double(a), Double(b))
    return power.magnitude < 0x1p53 ? Int64(power) : nil
  default: return nil
  }
}
