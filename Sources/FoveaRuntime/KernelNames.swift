import FoveaKernels

extension InstructionSet {
  /// The set that this one's convolution kernel was written for: some sets share a smaller one's kernels.
  package var convolutionKernel: String { unsafe owner { unsafe unsafeBitCast($0.conv, to: UInt.self) } }
  /// The same of the depthwise kernel.
  package var depthwiseKernel: String { unsafe owner { unsafe unsafeBitCast($0.depthwise, to: UInt.self) } }
  /// The same of the residual addition.
  package var additionKernel: String { unsafe owner { unsafe unsafeBitCast($0.add, to: UInt.self) } }
  /// The instructions of its float kernels.
  package var floatKernel: String { unsafe String(cString: floatKernels.name) }

  /// The smallest set that has the same function, told by its address.
  private func owner(_ address: (fovea_int8_kernels) -> UInt) -> String {
    let own = unsafe address(kernels)
    return (Self.available.first { unsafe address($0.kernels) == own } ?? self).rawValue
  }
}
