extension Program {
  /// Checks that everything in the tables fits together, so that running needs no further check: every step's reach lies
  /// inside its buffers and constants, no step writes what it reads, and no sum or product can leave 32 bits.
  func validate() throws(ModelError) {
    guard !outputs.isEmpty else { throw ModelError(.invalidValue, in: .header, found: 0) }
    try validatePorts(inputs, place: .input)
    try validatePorts(outputs, place: .output)
    try validateNames()
    for constant in [header.names, header.labels] where constant != ProgramHeader.none {
      guard constants.indices.contains(constant) else {
        throw ModelError(.noSuchEntry, in: .header, found: constant)
      }
    }
    if let preprocessing {
      // A photo becomes the first input: that must be one three-channel image of the stated size.
      guard let port = inputs.first,
        buffers[port.buffer].shape == [1, preprocessing.height, preprocessing.width, 3]
      else { throw ModelError(.invalidValue, in: .header, found: preprocessing.width) }
    }
    for (index, step) in steps.enumerated() {
      let check = StepCheck(program: self, index: index)
      try check.disjoint(step)
      try step.validate(check)
    }
    try validateTapOffsets()
  }

  /// Names do not share bytes: together they are no longer than the constant that holds them, however many there are.
  private func validateNames() throws(ModelError) {
    var left = constants[header.names].byteCount
    for (i, port) in (inputs + outputs).enumerated() {
      guard port.nameLength <= left else {
        let isInput = i < inputs.count
        throw ModelError(
          .outOfBounds, in: isInput ? .input : .output, index: isInput ? i : i - inputs.count, found: port.nameLength)
      }
      left -= port.nameLength
    }
  }

  /// Binding writes the offsets of every convolution's taps to a table of its own: it must not outgrow the file by much.
  private func validateTapOffsets() throws(ModelError) {
    var left = 1 << 24
    for (index, step) in steps.enumerated() {
      guard case .convolutionU8(let convolution) = step else { continue }
      guard convolution.taps <= left else {
        throw ModelError(.invalidValue, in: .step, index: index, found: convolution.taps)
      }
      left -= convolution.taps
    }
  }

  private func validatePorts(_ ports: [Port], place: ModelError.Place) throws(ModelError) {
    for (i, port) in ports.enumerated() {
      guard buffers.indices.contains(port.buffer) else {
        throw ModelError(.noSuchEntry, in: place, index: i, found: port.buffer)
      }
      guard !port.isImage || buffers[port.buffer].shape.count == 4 else {
        throw ModelError(.invalidValue, in: place, index: i, found: port.buffer)
      }
      guard constants.indices.contains(header.names), port.nameOffset >= 0, port.nameLength >= 0,
        port.nameOffset <= constants[header.names].byteCount,
        port.nameLength <= constants[header.names].byteCount - port.nameOffset
      else { throw ModelError(.outOfBounds, in: place, index: i, found: port.nameOffset) }
    }
  }
}

extension Step {
  fileprivate func validate(_ check: StepCheck) throws(ModelError) {
    switch self {
    case .convolutionU8(let step): try step.validate(check)
    case .depthwiseU8(let step): try step.validate(check)
    case .addU8(let step): try step.validate(check)
    case .multiplyU8(let step): try step.validate(check)
    case .tableU8(let step): try step.validate(check)
    case .channelTablesU8(let step): try step.validate(check)
    case .maxPool(let step): try step.validate(check, isAverage: false)
    case .averagePool(let step): try step.validate(check, isAverage: true)
    case .padU8(let step): try step.validate(check)
    case .copy(let step): try step.validate(check)
    case .fill(let step): try step.validate(check)
    case .quantize(let step): try step.validate(check, from: .f32, to: .u8)
    case .dequantize(let step): try step.validate(check, from: .u8, to: .f32)
    case .convolutionF32(let step): try step.validate(check)
    case .depthwiseF32(let step): try step.validateDepthwise(check)
    case .matMulF32(let step): try step.validate(check)
    case .unaryF32(let step): try step.validate(check)
    case .binaryF32(let step): try step.validate(check)
    case .softmaxF32(let step): try step.validate(check, keepsLength: true)
    case .meanF32(let step): try step.validate(check, keepsLength: false)
    case .reduceF32(let step): try step.validate(check, keepsLength: false)
    case .normalizeF32(let step): try step.validate(check, keepsLength: true)
    case .resample(let step): try step.validate(check)
    }
  }
}
