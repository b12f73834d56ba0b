import FoveaKernels
import Glibc

/// What one thread of this machine does at most: the roof that steps are compared with.
///
/// Each is the best of many slices of a few milliseconds. A neighbour can disturb all of those that are taken in one go, so
/// `measureAgain` some time later, and keep the better.
///
/// The arithmetic peak is that of our own convolution kernel on data in the first-level cache. It is what the kernels could
/// reach if memory cost nothing, not the processor's theoretical figure.
package struct MachinePeaks: Sendable {
  /// 8-bit multiply-accumulates a second.
  package private(set) var int8: Double
  /// Float multiply-accumulates a second; 0 where not asked for.
  package private(set) var float: Double
  /// Bytes a second, read and written counted together, of copying 64 MiB.
  package private(set) var copy: Double
  private let set: InstructionSet
  private let measuresFloat: Bool

  /// Measures for about half a second.
  ///
  /// - Parameter float: whether to measure float too.
  package init(_ set: InstructionSet, float: Bool) {
    self.set = set
    measuresFloat = float
    (int8, self.float, copy) = (0, 0, 0)
    measureAgain()
  }

  /// Measures once more, as long as before, and keeps the better rates.
  package mutating func measureAgain() {
    int8 = max(int8, Self.measureInt8(set))
    if measuresFloat { float = max(float, Self.measureFloat(set)) }
    copy = max(copy, Self.measureCopy())
  }

  /// The best rate of as many slices as there is time for, three at least, the rest having been disturbed.
  private static func best(of seconds: Double, calls: Int, work: Double, _ body: () -> Void) -> Double {
    body()
    let begin = monotonicNanoseconds()
    var (best, slices, now) = (0.0, 0, begin)
    while slices < 3 || Double(now - begin) < seconds * 1e9 {
      let start = now
      for _ in 0..<calls { body() }
      now = monotonicNanoseconds()
      best = max(best, work * Double(calls) / max(Double(now - start) / 1e9, 1e-9))
      slices += 1
    }
    return best
  }

  /// A 1x1 convolution of 48 pixels from 256 channels to 32: 12 KiB of input, 8 KiB of weights.
  private static func measureInt8(_ set: InstructionSet) -> Double {
    let (pixels, inputs, outputs) = (48, 256, 32)
    let kernels = unsafe set.kernels
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
    defer { unsafe memory.deallocate() }
    for index in memory.indices { unsafe memory[index] = UInt8(truncatingIfNeeded: index &* 37) }
    guard let start = memory.baseAddress else { return 0 }
    // Zero offsets, biases and scales: 4 KiB of zeros after input and weights. Then the output.
    unsafe (start + 24576).initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
    let zeros = unsafe start + 24576
    let requantization = unsafe fovea_requantization(
      bias: zeros.assumingMemoryBound(to: Int32.self), scale: zeros.assumingMemoryBound(to: Float.self), zero_point: 0,
      low: 0, high: 255)
    var conv = unsafe fovea_conv_u8s8(
      input: start.assumingMemoryBound(to: UInt8.self), tap_offsets: zeros.assumingMemoryBound(to: Int32.self), taps: 1,
      run: Int32(inputs / 4), row_step: Int32(inputs * pixels), column_step: Int32(inputs), out_height: 1,
      out_width: Int32(pixels), weights: (start + 16384).assumingMemoryBound(to: Int8.self), channels: Int32(outputs),
      output_stride: Int32(outputs), output_u8: (start + 32768).assumingMemoryBound(to: UInt8.self), output_f32: nil,
      requantization: requantization)
    let scratchBytes = unsafe max(64, kernels.conv_scratch(&conv))
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchBytes, alignment: 64)
    defer { unsafe scratch.deallocate() }
    return best(of: 0.12, calls: set == .portable ? 2 : 400, work: Double(pixels * inputs * outputs)) {
      unsafe kernels.conv(&conv, 0, Int32(pixels), 0, Int32(outputs / 16), scratch)
    }
  }

  /// A 1x1 convolution of 48 pixels from 64 channels to 32: 12 KiB of input, 8 KiB of weights.
  private static func measureFloat(_ set: InstructionSet) -> Double {
    let (pixels, inputs, outputs) = (48, 64, 32)
    let kernels = unsafe set.floatKernels
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 15, alignment: 64)
    defer { unsafe memory.deallocate() }
    guard let start = memory.baseAddress else { return 0 }
    let floats = unsafe start.initializeMemory(as: Float.self, repeating: 0.5, count: 1 << 13)
    var window = fovea_window()
    (window.height, window.width, window.out_height, window.out_width) = (1, Int32(pixels), 1, Int32(pixels))
    (window.input_channels, window.channels) = (Int32(inputs), Int32(inputs))
    (window.kernel_height, window.kernel_width, window.stride_y, window.stride_x) = (1, 1, 1, 1)
    (window.dilation_y, window.dilation_x) = (1, 1)
    let weights = unsafe floats + pixels * inputs
    let output = unsafe weights + inputs * outputs
    var conv = unsafe fovea_conv_f32(
      window: window, input: floats, weights: weights, bias: weights, winograd: nil, outputs: Int32(outputs),
      output_stride: Int32(outputs), output: output, addend: nil,
      activation: fovea_unary(operation: Int32(FOVEA_UNARY_IDENTITY.rawValue), alpha: 0, beta: 0))
    return best(of: 0.12, calls: set == .portable ? 10 : 400, work: Double(pixels * inputs * outputs)) {
      unsafe kernels.conv(&conv, 0, Int32(pixels), 0, Int32(outputs / 16), nil)
    }
  }

  private static func measureCopy() -> Double {
    let count = 64 << 20
    let from = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
    let to = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
    defer {
      unsafe from.deallocate()
      unsafe to.deallocate()
    }
    unsafe from.initializeMemory(as: UInt8.self, repeating: 1, count: count)
    return best(of: 0.25, calls: 1, work: Double(2 * count)) {
      unsafe to.copyMemory(from: from, byteCount: count)
      // A call that the compiler cannot see into, and that might read: else it drops the copy.
      _ = unsafe madvise(to, 0, MADV_NORMAL)
    }
  }
}
