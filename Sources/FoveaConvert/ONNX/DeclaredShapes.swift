import FoveaGraph

/// The shape of a graph's input. A first dimension without a number is the batch, and becomes 1.
func inputShape(_ input: ONNXValueInfoProto, file: String) throws(ConversionError) -> [Int] {
  func refuse(_ reason: String) -> ConversionError {
    .invalidNetwork(file: file, reason: "input \"\(printable(input.name))\": \(reason)")
  }
  guard input.type.hasTensorType else { throw refuse("it is not a tensor") }
  let type = input.type.tensorType
  guard type.elemType == ElementType.float.rawValue else {
    throw refuse("its element type is \(elementTypeName(type.elemType)); only float is supported")
  }
  guard type.hasShape else { throw refuse("the file does not give its shape") }
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
          "dimension \(index) has no number, only the name \"\(printable(name))\"; export the model with a fixed size")
      }
      shape.append(1)
    case nil:
      guard index == 0 else {
        throw refuse("dimension \(index) has no number; export the model with a fixed size")
      }
      shape.append(1)
    }
  }
  guard elementCount(of: shape) != nil else { throw refuse("its shape \(shape) is too large") }
  return shape
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
