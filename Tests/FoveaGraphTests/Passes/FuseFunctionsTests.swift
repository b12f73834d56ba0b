import FoveaGraph
import Testing

struct FuseFunctionsTests {
  /// Functions as exporters write them: the builder, x, and the output.
  struct Formula: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var becomes: [Activation]
    var build: @Sendable (inout NetworkBuilder, ValueID) throws -> ValueID

    init(
      _ name: String, _ becomes: Activation...,
      build: @escaping @Sendable (inout NetworkBuilder, ValueID) throws -> ValueID
    ) {
      (testDescription, self.becomes, self.build) = (name, becomes, build)
    }
  }

  static let formulas: [Formula] = [
    // PyTorch, opset < 20.
    Formula("x * (1 + erf(x / sqrt(2))) * 0.5", .function(.gelu)) { builder, x in
      try builder.product(x, builder.onePlusErf(builder.quotient(x, 1.41421354)), 0.5)
    },
    // TensorFlow.
    Formula("(0.5 * x) * (1 + erf(x * 0.7071))", .function(.gelu)) { builder, x in
      let half = try builder.product(x, 0.5)
      return try builder.product(half, builder.onePlusErf(builder.product(x, 0.70710677)))
    },
    Formula("x * tanh(softplus(x))", .function(.mish)) { builder, x in
      let softplus = try builder.node("softplus", .activation(.function(.softplus)), x)
      return try builder.product(x, builder.node("tanh", .activation(.tanh), softplus))
    },
    // PyTorch, opset < 14.
    Formula("x * clip(x + 3, 0, 6) / 6", .hardSwish) { builder, x in
      try builder.quotient(builder.product(x, builder.ramp(x)), 6)
    },
    // Keras.
    Formula("x * (clip(x + 3, 0, 6) * (1 / 6))", .hardSwish) { builder, x in
      try builder.product(x, builder.product(builder.ramp(x), 1 / 6))
    },
    Formula("clip(x + 3, 0, 6) / 6", .hardSigmoid(alpha: 1 / 6, beta: 0.5)) { builder, x in
      try builder.quotient(builder.ramp(x), 6)
    },
  ]

  @Test(arguments: formulas)
  func `A function that is written out is one again`(_ formula: Formula) throws {
    var builder = NetworkBuilder()
    let y = try formula.build(&builder, builder.input("x", [3, 7]))
    let network = builder.finished(y)
    let result = try expectSameOutputs(network, removeDeadNodes(fuseSilu(fuseFunctions(network))))
    #expect(result.nodes.map(\.operation) == formula.becomes.map { .activation($0) })
  }

  static let others: [Formula] = [
    Formula("x * (1 + erf(x)) * 0.5") { builder, x in
      try builder.product(x, builder.onePlusErf(builder.product(x, 1)), 0.5)
    },
    Formula("x * (1 + erf(x / sqrt(2)))") { builder, x in
      try builder.product(x, builder.onePlusErf(builder.quotient(x, 1.41421354)))
    },
    Formula("clip(x + 3, 0, 6) / 5") { builder, x in try builder.quotient(builder.ramp(x), 5) },
    Formula("x * clip(x + 2, 0, 6) / 6") { builder, x in
      try builder.quotient(builder.product(x, builder.ramp(x, 2)), 6)
    },
    Formula("a half of more dimensions") { builder, x in
      let half = builder.constant("half", [1, 1, 1], 0.5...0.5)
      let gate = try builder.onePlusErf(builder.quotient(x, 1.41421354))
      return try builder.node("y", .binary(Binary(.multiply)), builder.product(x, gate), half)
    },
    Formula("the gate of another value") { builder, x in
      let z = builder.input("z", [3, 7])
      return try builder.product(z, builder.onePlusErf(builder.quotient(x, 1.41421354)), 0.5)
    },
  ]

  @Test(arguments: others)
  func `What is only alike stays`(_ formula: Formula) throws {
    var builder = NetworkBuilder()
    let y = try formula.build(&builder, builder.input("x", [3, 7]))
    let network = builder.finished(y)
    #expect(fuseFunctions(network).nodes == network.nodes)
  }

  @Test func `What something else reads stays`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [3, 7])
    let gate = try builder.onePlusErf(builder.quotient(x, 1.41421354))
    let network = builder.finished(try builder.product(x, gate, 0.5), gate)
    #expect(fuseFunctions(network).nodes == network.nodes)
  }

  @Test func `A long product is no function`() throws {
    var builder = NetworkBuilder()
    var value = builder.input("x", [2])
    for _ in 0..<20_000 { value = try builder.product(value, 1.0001) }
    let network = builder.finished(value)
    #expect(fuseFunctions(network).nodes == network.nodes)
  }
}

extension NetworkBuilder {
  fileprivate mutating func number(_ value: Float) -> ValueID {
    constant("number", [], value...value)
  }

  fileprivate mutating func product(_ a: ValueID, _ b: ValueID) throws -> ValueID {
    try node("product", .binary(Binary(.multiply)), a, b)
  }

  fileprivate mutating func product(_ a: ValueID, _ b: Float) throws -> ValueID { try product(a, number(b)) }

  fileprivate mutating func product(_ a: ValueID, _ b: ValueID, _ c: Float) throws -> ValueID {
    try product(product(a, b), c)
  }

  fileprivate mutating func quotient(_ a: ValueID, _ b: Float) throws -> ValueID {
    try node("quotient", .binary(Binary(.divide)), a, number(b))
  }

  fileprivate mutating func onePlusErf(_ argument: ValueID) throws -> ValueID {
    let erf = try node("erf", .activation(.function(.erf)), argument)
    return try node("sum", .binary(Binary(.add)), erf, number(1))
  }

  /// clip(x + summand, 0, 6)
  fileprivate mutating func ramp(_ x: ValueID, _ summand: Float = 3) throws -> ValueID {
    let sum = try node("sum", .binary(Binary(.add)), x, number(summand))
    return try node("clip", .activation(.clamp(Clamp(min: 0, max: 6))), sum)
  }
}
