import FoveaKernels

extension InstructionSet {
  /// The set that this one's convolution kernel was written for: some sets share a smaller one's kernels.
  package var convolutionKernel: String { unsafe owner { unsafe unsafeBitCast($0.conv, to: UInt.self) } }
  /// The same of the depthwise kernel.
  package var depthwiseKernel: String { unsafe owner { unsafe unsafeBitCast($0.depthwise, to: UInt.self) } }
  /// The same of the residual addition.
  package var additionKernel: String { unsafe owner { unsafe unsafeBitCast($0.add, to: UInt.self) } }
  /// The same of the 8-bit product.
  package var multiplicationKernel: String { unsafe owner { unsafe unsafeBitCast($0.multiply, to: UInt.self) } }
  /// The same of the lookup in a table.
  package var tableKernel: String { unsafe owner { unsafe unsafeBitCast($0.table, to: UInt.self) } }
  /// The same of the lookup in tables that channels choose.
  package var channelTablesKernel: String {
    unsafe owner { unsafe unsafeBitCast($0.channel_tables, to: UInt.self) }
  }
  /// What the float kernels were written for.
  package var floatKernel: String { unsafe String(cString: floatKernels.name) }

  /// The smallest set that has the same function, told by its address.
  private func owner(_ address: (fovea_int8_kernels) -> UInt) -> String {
    let own = unsafe address(kernels)
    return (Self.available.first { unsafe address($0.kernels) == own } ?? self).rawValue
  }
}
