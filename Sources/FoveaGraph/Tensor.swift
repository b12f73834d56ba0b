/// A constant of the network: weights, or integers that shapes are computed from. Row-major.
public struct Tensor: Hashable, Sendable {
  /// The elements. Narrower types of a file are widened on import: half and double to float, booleans and integers to Int64.
  public enum Elements: Hashable, Sendable {
    case floats([Float])
    case integers([Int64])
  }

  public var shape: [Int]
  public var elements: Elements
  /// For integers that the file holds in 8 bits: which. Quantization depends on it.
  public var byteType: ByteType?
  /// For floats that the file holds as 8-bit integers: the values that they can take.
  public var grid: QuantizationGrid?

  public init(shape: [Int], floats: [Float]) {
    precondition(shape.reduce(1, *) == floats.count, "shape and element count differ")
    self.shape = shape
    self.elements = .floats(floats)
  }

  public init(shape: [Int], integers: [Int64]) {
    precondition(shape.reduce(1, *) == integers.count, "shape and element count differ")
    self.shape = shape
    self.elements = .integers(integers)
  }

  public var count: Int { shape.reduce(1, *) }

  /// The elements when they are floats.
  public var floats: [Float]? {
    if case .floats(let values) = elements { return values }
    return nil
  }

  /// The elements when they are integers.
  public var integers: [Int64]? {
    if case .integers(let values) = elements { return values }
    return nil
  }
}

/// The two types of 8-bit integers.
public enum ByteType: Hashable, Sendable {
  case unsigned, signed
}

/// Where the elements of a quantized constant lie: element = (integer - zeroPoint) * scale, with the zero point and the scale of
/// the element's index along an axis, and integers of 8 bits.
public struct QuantizationGrid: Hashable, Sendable {
  public var axis: Int
  /// One for all elements, or one an index along the axis.
  public var scales: [Float]
  /// As many as scales, counted in 0...255: signed integers and their zero points are moved up by 128.
  public var zeroPoints: [Int]

  public init(axis: Int, scales: [Float], zeroPoints: [Int]) {
    self.axis = axis
    self.scales = scales
    self.zeroPoints = zeroPoints
  }

  /// The one scale and zero point of all elements; nil where there are several.
  public var perTensor: AffineQuantization? {
    scales.count == 1 ? AffineQuantization(scale: scales[0], zeroPoint: zeroPoints[0]) : nil
  }

  /// The grid after the rows of the first dimension have been multiplied by a factor each: the integers stay what they were, and
  /// change their signs where the factor is negative. Nil where that leaves the grid.
  func scaled(by factors: [Double]) -> QuantizationGrid? {
    guard scales.count == 1 || axis == 0 && scales.count == factors.count else { return nil }
    var grid = QuantizationGrid(axis: 0, scales: [], zeroPoints: [])
    for (row, factor) in factors.enumerated() {
      let (scale, zeroPoint) = scales.count == 1 ? (scales[0], zeroPoints[0]) : (scales[row], zeroPoints[row])
      let product = Float(Double(scale) * abs(factor))
      guard product.isNormal, factor > 0 || zeroPoint == 128 else { return nil }
      grid.scales.append(product)
      grid.zeroPoints.append(zeroPoint)
    }
    return grid
  }

  /// The grid after the dimensions have changed places as `Operation.transpose` does it.
  func transposed(_ permutation: [Int]) -> QuantizationGrid {
    var grid = self
    grid.axis = permutation.firstIndex(of: axis) ?? axis
    return grid
  }
}
