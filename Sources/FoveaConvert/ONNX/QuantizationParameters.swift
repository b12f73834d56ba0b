import FoveaGraph

/// The scale and zero point inputs of a node, one for a whole tensor or one an index along an axis.
struct QuantizationParameters {
  private let axis: Int
  private let scales: [Float]
  /// Counted in 0...255.
  private let zeroPoints: [Int]
  /// Of the integers; nil for those of 32 bits, which biases are.
  let byteType: ByteType?

  /// What is added to integers of the file to count them in 0...255.
  var shift: Int { byteType == .signed ? 128 : 0 }

  /// - Parameters:
  ///   - axis: along which there are scales, where there are several; counted from the end where negative.
  ///   - integers: the type of the integers where it is known otherwise than by the zero point.
  init(
    _ node: ONNXNode, scale: Int, zeroPoint: Int, axis: Int, _ builder: GraphBuilder, integers: ByteType? = nil
  ) throws(NodeProblem) {
    let scales = try Self.scales(node, scale, builder)
    self.scales = scales.floats ?? []
    self.axis = axis
    guard try node.integer("block_size", default: 0) == 0 else { throw .invalid("it is quantized in blocks") }

    guard let given = node.optionalInput(zeroPoint) else {
      byteType = integers ?? .unsigned
      let type = try node.integer("output_dtype", default: 0)
      guard type == 0 || type == Int(ElementType.uint8.rawValue) || integers != nil else {
        throw .invalid("it quantizes to \(elementTypeName(Int32(clamping: type))) without a zero point")
      }
      zeroPoints = self.scales.map { _ in integers == .signed ? 128 : 0 }
      return
    }
    guard let tensor = builder.tensor(given), let values = tensor.integers else {
      throw .invalid("the zero point is not a constant of integers")
    }
    guard values.count == self.scales.count else {
      throw .invalid("there are \(self.scales.count) scales and \(values.count) zero points")
    }
    byteType = tensor.byteType
    let shift = tensor.byteType == .signed ? 128 : 0
    // Only sums of 32 bits are counted from 0 by any other type.
    guard tensor.byteType != nil || values.allSatisfy({ $0 == 0 }) else {
      throw .invalid("the zero point is of a type that is not supported: int8 and uint8 are")
    }
    zeroPoints = values.map { Int($0) + shift }
  }

  /// The constant of scales in an input: positive numbers, one or a list.
  static func scales(_ node: ONNXNode, _ input: Int, _ builder: GraphBuilder) throws(NodeProblem) -> Tensor {
    guard let tensor = builder.tensor(try node.input(input)), let scales = tensor.floats else {
      throw .invalid("the scale is not a constant of floats")
    }
    guard tensor.shape.count <= 1, !scales.isEmpty, scales.allSatisfy({ $0.isNormal && $0 > 0 }) else {
      throw .invalid("the scales must be one positive number, or a list of them")
    }
    return tensor
  }

  /// The quantization of an activation.
  func perTensor() throws(NodeProblem) -> AffineQuantization {
    guard scales.count == 1 else {
      throw .invalid("an activation has \(scales.count) scales, one a channel; one for all is supported")
    }
    guard byteType != nil else { throw .invalid("an activation is quantized to other integers than int8 and uint8") }
    return AffineQuantization(scale: scales[0], zeroPoint: zeroPoints[0])
  }

  /// For a constant of `rank` dimensions that has fitted.
  func grid(rank: Int) -> QuantizationGrid {
    QuantizationGrid(axis: axis < 0 ? axis + rank : axis, scales: scales, zeroPoints: zeroPoints)
  }

  /// The scale and zero point of each element of a constant, by its place in memory.
  func lookUp(_ shape: [Int]) throws(NodeProblem) -> (Int) -> (Float, Int) {
    let (scales, zeroPoints) = (scales, zeroPoints)
    if scales.count == 1 { return { _ in (scales[0], zeroPoints[0]) } }
    let axis = axis < 0 ? axis + shape.count : axis
    guard shape.indices.contains(axis), shape[axis] == scales.count else {
      throw .invalid("there are \(scales.count) scales for axis \(axis) of the shape \(shape)")
    }
    let inner = shape[(axis + 1)...].reduce(1, *)
    return { index in
      let place = index / max(1, inner) % scales.count
      return (scales[place], zeroPoints[place])
    }
  }
}
