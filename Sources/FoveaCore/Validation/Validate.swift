extension Program {
  /// Checks that everything in the tables fits together, so that running needs no further check: every step's reach lies
  /// inside its buffers and constants, no step writes what it reads, and no sum or product can leave 32 bits.
  func validate() throws(ModelError) {
    try validatePorts(inputs, place: .input)
    try validatePorts(outputs, place: .output)
    for constant in [header.names, header.labels] where constant != ProgramHeader.none {
      guard constants.indices.contains(constant) else {
        throw ModelError(.noSuchEntry, in: .header, found: constant)
      }
    }
    if let preprocessing {
      // A photo becomes the first input: that must be one three-channel image of the stated size.
      guard let port = inputs.first, port.isImage,
        buffers[port.buffer].shape == [1, preprocessing.height, preprocessing.width, 3]
      else { throw ModelError(.invalidValue, in: .header, found: preprocessing.width) }
    }
    for (index, step) in steps.enumerated() {
      let check = StepCheck(program: self, index: index)
      try check.disjoint(step)
      try step.validate(check)
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
    }
  }
}
