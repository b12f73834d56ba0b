/// Why an operation cannot have inputs of these shapes: what was found and what the operation asks for.
public struct ShapeError: Error, Hashable, CustomStringConvertible {
  public var reason: String

  public init(_ reason: String) {
    self.reason = reason
  }

  public var description: String { reason }
}
