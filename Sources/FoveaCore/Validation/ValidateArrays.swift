import FoveaKernels

extension StatisticF32 {
  /// A normalization keeps every element, a reduction one of each `length`.
  func validate(_ check: StepCheck, keepsLength: Bool) throws(ModelError) {
    try check.buffer(input, .f32, holds: try check.product(outer, length, inner))
    try check.buffer(output, .f32, holds: keepsLength ? outer * length * inner : outer * inner)
    try check.require(
      operation >= 0 && operation < Int(FOVEA_REDUCTION_OPERATION_COUNT.rawValue), operation)
  }
}

extension ResampleStep {
  func validate(_ check: StepCheck) throws(ModelError) {
    let type = try check.buffer(input, nil, holds: try check.product(outer, inputLength, inner)).type
    try check.buffer(output, type, holds: try check.product(outer, outputLength, inner))
    try check.require(taps >= 1 && taps <= Self.maximumTaps, taps)
    let count = try check.product(outputLength, taps)
    try check.constant(positions, holds: try check.product(count, 4))
    try check.constant(weights, holds: count * 4)
    let sources = unsafe check.program.bytes(of: positions)
    let factors = unsafe check.program.bytes(of: weights)
    var sum = 0
    for i in 0..<count {
      let position = unsafe Int(Int32(littleEndian: sources.load(fromByteOffset: i * 4, as: Int32.self)))
      try check.require(position >= 0 && position < inputLength, position)
      guard type == .u8 else { continue }
      let weight = unsafe Int(Int32(littleEndian: factors.load(fromByteOffset: i * 4, as: Int32.self)))
      try check.require(weight >= 0 && weight <= Self.unit, weight)
      sum += weight
      guard i % taps == taps - 1 else { continue }
      try check.require(sum == Self.unit, sum)
      sum = 0
    }
  }
}
