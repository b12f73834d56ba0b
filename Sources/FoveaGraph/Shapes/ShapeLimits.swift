/// What a shape may be. The numbers come from files of strangers, so every rule first checks that its numbers lie within these
/// limits; products of two of them then fit an Int, and sums too.
enum ShapeLimits {
  /// The largest dimension, window or padding, and the largest number of elements of a value.
  static let elements = 1 << 31
  static let rank = 32
}

/// The number of elements of an array of this shape, or nil when the shape is not one that a value may have: a negative
/// dimension, more than 32 dimensions, or more than 2^31 elements.
package func elementCount(of shape: [Int]) -> Int? {
  guard shape.count <= ShapeLimits.rank else { return nil }
  // A dimension of 0 counts as 1 here, so that the others are limited too and their strides fit an Int.
  var count = 1
  for dimension in shape {
    guard (0...ShapeLimits.elements).contains(dimension) else { return nil }
    count *= max(1, dimension)
    guard count <= ShapeLimits.elements else { return nil }
  }
  return shape.contains(0) ? 0 : count
}

/// How far apart neighbours along each dimension lie in a row-major array.
package func rowMajorStrides(of shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for i in shape.indices.dropLast().reversed() { strides[i] = strides[i + 1] * shape[i + 1] }
  return strides
}

func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws(ShapeError) {
  if !condition { throw ShapeError(reason()) }
}

/// Checks a number of an operation's payload.
func require(_ value: Int, atLeast minimum: Int, _ what: String) throws(ShapeError) {
  let range = minimum...ShapeLimits.elements
  try require(range.contains(value), "\(what) is \(value), expected \(minimum) to \(ShapeLimits.elements)")
}

/// Checks that a value may have the shape.
func requireLimits(_ shape: [Int], _ what: String) throws(ShapeError) {
  try require(
    elementCount(of: shape) != nil,
    "\(what) the shape \(shape), beyond \(ShapeLimits.elements) elements or \(ShapeLimits.rank) dimensions")
}

func requireRank(_ shape: [Int], _ rank: Int, _ what: String) throws(ShapeError) {
  try require(shape.count == rank, "the shape of \(what) is \(shape), expected \(rank) dimensions")
}

func requireShape(_ shape: [Int], _ expected: [Int], _ what: String) throws(ShapeError) {
  try require(shape == expected, "the shape of \(what) is \(shape), expected \(expected)")
}

func requireAxis(_ axis: Int, of shape: [Int]) throws(ShapeError) {
  try require(
    shape.indices.contains(axis), "axis \(axis) is not one of the \(shape.count) dimensions of the shape \(shape)")
}
