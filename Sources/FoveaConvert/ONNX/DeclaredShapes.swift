import FoveaGraph

/// The shape of a graph's input. A first dimension without a number is the batch, and becomes 1.
///
/// - Parameter fixed: what the caller wants it to be, which must agree with the numbers that the file has.
func inputShape(_ input: ONNXValueInfoProto, fixed: [Int]?, file: String) throws(ConversionError) -> [Int] {
  func refuse(_ reason: String) -> ConversionError {
    .invalidNetwork(file: file, reason: "input \"\(printable(input.name))\": \(reason)")
  }
  guard input.type.hasTensorType else { throw refuse("it is not a tensor") }
  let type = input.type.tensorType
  guard type.elemType == ElementType.float.rawValue else {
    throw refuse("its element type is \(elementTypeName(type.elemType)); only float is supported")
  }
  guard type.hasShape || fixed != nil else { throw refuse("the file does not give its shape; fix it with --shape") }
  if let fixed {
    try checkFixedShape(fixed, type, refuse)
    return fixed
  }
  guard type.shape.dim.count <= maximumRank else {
    throw refuse("it has \(type.shape.dim.count) dimensions; up to \(maximumRank) are supported")
  }
  var shape: [Int] = []
  for (index, dimension) in type.shape.dim.enumerated() {
    switch dimension.value {
    case .dimValue(let size):
      guard size > 0 else { throw refuse("dimension \(index) is \(size)") }
      shape.append(Int(size))
    case .dimParam(let name):
      guard index == 0 else {
        throw refuse(
          "dimension \(index) has no number, only the name \"\(printable(name))\"; fix it with --shape")
      }
      shape.append(1)
    case nil:
      guard index == 0 else {
        throw refuse("dimension \(index) has no number; fix it with --shape")
      }
      shape.append(1)
    }
  }
  guard elementCount(of: shape) != nil else { throw refuse("its shape \(shape) is too large") }
  return shape
}

private func checkFixedShape(
  _ fixed: [Int], _ type: ONNXTypeProto.Tensor, _ refuse: (String) -> ConversionError
) throws(ConversionError) {
  guard fixed.count <= maximumRank, fixed.allSatisfy({ $0 > 0 }), elementCount(of: fixed) != nil else {
    throw refuse("its shape cannot be fixed to \(fixed)")
  }
  guard type.hasShape else { return }
  let declared = type.shape.dim.map { dimension -> Int? in
    if case .dimValue(let size)? = dimension.value, size > 0 { Int(size) } else { nil }
  }
  guard declared.count == fixed.count, zip(declared, fixed).allSatisfy({ $0 ?? $1 == $1 }) else {
    let text = declared.map { $0.map { "\($0)" } ?? "?" }.joined(separator: ", ")
    throw refuse("its shape cannot be fixed to \(fixed): the file says [\(text)]")
  }
}

/// The shape that the file gives an output, when each of its dimensions has a number.
func declaredShape(_ output: ONNXValueInfoProto) -> [Int]? {
  guard output.type.hasTensorType, output.type.tensorType.hasShape else { return nil }
  var shape: [Int] = []
  for dimension in output.type.tensorType.shape.dim {
    guard case .dimValue(let size)? = dimension.value else { return nil }
    shape.append(Int(size))
  }
  return shape
}
