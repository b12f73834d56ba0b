/// A constant of the network: weights, or integers that shapes are computed from. Row-major.
public struct Tensor: Hashable, Sendable {
  /// The elements. Narrower types of a file are widened on import: half and double to float, booleans and integers to Int64.
  public enum Elements: Hashable, Sendable {
    case floats([Float])
    case integers([Int64])
  }

  public var shape: [Int]
  public var elements: Elements

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
