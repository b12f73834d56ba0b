import FoveaKernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A float convolution over an image of `size`, padded on all sides.
struct FloatCase: Sendable, CustomTestStringConvertible {
  var size = (6, 7)
  var inputs = 5
  var outputs = 17
  var kernel = (3, 3)
  var stride = (1, 1)
  var dilation = (1, 1)
  /// Top, left, bottom, right.
  var padding = (0, 0, 0, 0)
  /// Channels of the pixels beside those that the convolution reads or writes.
  var others = 0
  /// Whether another image is added to the sums.
  var adds = false
  var activation = FloatConvolutionTests.clamp

  var testDescription: String {
    "\(size) \(inputs) -> \(outputs), kernel \(kernel), stride \(stride), dilation \(dilation), padding \(padding), "
      + "\(others) other channels\(adds ? ", an image is added" : ""), activation \(activation.operation)"
  }

  private func out(_ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ padding: Int) -> Int {
    (size + padding - (kernel - 1) * dilation - 1) / stride + 1
  }

  var window: fovea_window {
    fovea_window(
      height: Int32(size.0), width: Int32(size.1), input_channels: Int32(inputs + others), channels: Int32(inputs),
      kernel_height: Int32(kernel.0), kernel_width: Int32(kernel.1), stride_y: Int32(stride.0),
      stride_x: Int32(stride.1), dilation_y: Int32(dilation.0), dilation_x: Int32(dilation.1),
      pad_top: Int32(padding.0), pad_left: Int32(padding.1),
      out_height: Int32(out(size.0, kernel.0, stride.0, dilation.0, padding.0 + padding.2)),
      out_width: Int32(out(size.1, kernel.1, stride.1, dilation.1, padding.1 + padding.3)))
  }

  var pixels: Int { Int(window.out_height) * Int(window.out_width) }
  var taps: Int { kernel.0 * kernel.1 }

  /// The offset of the input pixel under a kernel element, or nil outside of the image.
  func pixel(_ output: Int, _ tap: Int) -> Int? {
    let (row, column) = output.quotientAndRemainder(dividingBy: Int(window.out_width))
    let (ky, kx) = tap.quotientAndRemainder(dividingBy: kernel.1)
    let y = row * stride.0 - padding.0 + ky * dilation.0
    let x = column * stride.1 - padding.1 + kx * dilation.1
    return 0..<size.0 ~= y && 0..<size.1 ~= x ? (y * size.1 + x) * (inputs + others) : nil
  }

  func activated(_ x: Double) -> Double {
    switch Int(activation.operation) {
    case 0: x
    case 1: min(max(x, Double(activation.alpha)), Double(activation.beta))
    case Int(FOVEA_UNARY_SILU.rawValue): x / (1 + exp(-x))
    default: x * max(0, min(1, x / 6 + 0.5))
    }
  }
}

/// Memory of one case, and the sums in binary64.
private final class FloatData {
  let test: FloatCase
  let isDepthwise: Bool
  let input: Memory<Float>
  let weights: Memory<Float>
  let bias: Memory<Float>
  /// Of as many channels as the output's pixels.
  let addend: Memory<Float>
  private(set) var expected: [Double] = []
  /// The sums of absolute values, by which rounding errors are bounded.
  private(set) var magnitudes: [Double] = []

  init(_ test: FloatCase, isDepthwise: Bool) {
    self.test = test
    self.isDepthwise = isDepthwise
    var generator = Generator(test.pixels * 31 + test.outputs)
    let blocks = (test.outputs + 15) / 16
    let depth = isDepthwise ? test.taps : test.taps * test.inputs
    input = Memory(generator.floats(test.size.0 * test.size.1 * (test.inputs + test.others)), padding: 0)
    bias = Memory(generator.floats(blocks * 16), padding: 0)
    addend = Memory(generator.floats(test.pixels * (test.outputs + test.others)), padding: 0)
    // Values in the lanes of channels that do not exist must not matter.
    weights = Memory(generator.floats(blocks * depth * 16), padding: 0)
    for pixel in 0..<test.pixels {
      for output in 0..<test.outputs {
        var (sum, magnitude) = (Double(bias[output]), Double(abs(bias[output])))
        for tap in 0..<test.taps {
          guard let at = test.pixel(pixel, tap) else { continue }
          for c in isDepthwise ? output..<(output + 1) : 0..<test.inputs {
            let k = isDepthwise ? tap : tap * test.inputs + c
            let product = Double(input[at + c]) * Double(weights[(output / 16 * depth + k) * 16 + output % 16])
            sum += product
            magnitude += abs(product)
          }
        }
        if test.adds {
          let value = Double(addend[pixel * (test.outputs + test.others) + output])
          (sum, magnitude) = (sum + value, magnitude + abs(value))
        }
        expected.append(test.activated(sum))
        magnitudes.append(magnitude)
      }
    }
  }

  func conv(_ output: Memory<Float>) -> fovea_conv_f32 {
    unsafe fovea_conv_f32(
      window: test.window, input: input.pointer, weights: weights.pointer, bias: bias.pointer, winograd: nil,
      outputs: Int32(test.outputs), output_stride: Int32(test.outputs + test.others), output: output.pointer,
      addend: test.adds ? UnsafePointer(addend.pointer) : nil, activation: test.activation)
  }

  func depthwise(_ output: Memory<Float>) -> fovea_depthwise_f32 {
    unsafe fovea_depthwise_f32(
      window: test.window, input: input.pointer, weights: weights.pointer, bias: bias.pointer, output: output.pointer,
      activation: test.activation)
  }

  /// Whether the channels of `blocks` of `pixels` are as expected, within `error` of the sum of absolute values, and all
  /// others untouched.
  func matches(_ output: Memory<Float>, _ pixels: Range<Int>, _ blocks: Range<Int>, error: Double) -> Bool {
    let stride = test.outputs + (isDepthwise ? 0 : test.others)
    return output.guardsAreIntact
      && (0..<output.count).allSatisfy { i in
        let (pixel, channel) = i.quotientAndRemainder(dividingBy: stride)
        guard channel < test.outputs, pixels.contains(pixel), blocks.contains(channel / 16) else {
          return output[i] == FloatConvolutionTests.untouched
        }
        let at = pixel * test.outputs + channel
        return abs(Double(output[i]) - expected[at]) <= error * magnitudes[at] + 1e-30
      }
  }
}

/// Float convolutions of every instruction set against sums in binary64.
@Suite struct FloatConvolutionTests {
  static let clamp = fovea_unary(operation: Int32(FOVEA_UNARY_CLAMP.rawValue), alpha: -1.5, beta: 6)
  static let identity = fovea_unary(operation: Int32(FOVEA_UNARY_IDENTITY.rawValue), alpha: 0, beta: 0)
  static let hardSwish = fovea_unary(operation: Int32(FOVEA_UNARY_HARD_SWISH.rawValue), alpha: 0, beta: 0)
  static let silu = fovea_unary(operation: Int32(FOVEA_UNARY_SILU.rawValue), alpha: 0, beta: 0)
  static let untouched: Float = -77

  /// n additions one after another, each rounded, are within (n + 1) 2^-24 of the sum of absolute values (Higham, "Accuracy
  /// and Stability of Numerical Algorithms", section 3.1); hard swish at most multiplies that by 1.5 and rounds again.
  private static func bound(_ terms: Int) -> Double { 1.5 * Double(terms + 8) * 0x1p-24 }

  static let convolutions: [FloatCase] = {
    var cases: [FloatCase] = []
    // Every tile: 1 to 6 blocks of channels, 1 to 27 pixels.
    for outputs in [1, 15, 16, 17, 32, 40, 48, 63, 64, 65, 80, 96] {
      for width in [1, 2, 5, 6, 7, 11, 12, 13, 23, 25, 27] {
        cases.append(FloatCase(size: (1, width), inputs: outputs % 7 + 1, outputs: outputs, kernel: (1, 1)))
      }
    }
    for kernel in [(1, 1), (3, 3), (5, 3), (2, 7)] {
      for stride in [(1, 1), (2, 2), (3, 1)] {
        for dilation in [(1, 1), (2, 3)] {
          for padding in [(0, 0, 0, 0), (1, 2, 0, 1), (2, 0, 3, 4)] {
            for others in [0, 3] {
              cases.append(
                FloatCase(
                  size: (11, 19), inputs: 6, outputs: 20, kernel: kernel, stride: stride, dilation: dilation,
                  padding: padding, others: others, adds: stride.1 == 2, activation: others == 0 ? clamp : identity))
            }
          }
        }
      }
    }
    // Several bands, the window larger than the image, a fully connected layer, an activation that is no clamp.
    cases.append(FloatCase(size: (70, 60), inputs: 40, outputs: 9, padding: (1, 1, 1, 1)))
    cases.append(FloatCase(size: (70, 60), inputs: 40, outputs: 9, kernel: (1, 1), activation: hardSwish))
    cases.append(FloatCase(size: (2, 2), inputs: 3, outputs: 33, kernel: (5, 5), padding: (2, 2, 2, 2)))
    cases.append(FloatCase(size: (1, 1), inputs: 333, outputs: 100, kernel: (1, 1), activation: hardSwish))
    for (outputs, activation) in [(40, hardSwish), (33, silu), (64, silu), (17, clamp)] {
      cases.append(FloatCase(size: (9, 9), outputs: outputs, others: outputs % 2, adds: true, activation: activation))
    }
    return cases
  }()

  @Test(arguments: convolutions)
  func direct(test: FloatCase) {
    let data = FloatData(test, isDepthwise: false)
    for set in FloatInstructionSet.all {
      var generator = Generator(test.outputs)
      for pixels in cuts(test.pixels, &generator) {
        for blocks in cuts((test.outputs + 15) / 16, &generator).prefix(2) {
          let output = Memory<Float>(test.pixels * (test.outputs + test.others), repeating: Self.untouched)
          unsafe Self.run(set, data.conv(output), pixels, blocks)
          let error = Self.bound(test.taps * test.inputs)
          #expect(data.matches(output, pixels, blocks, error: error), "\(set.name), \(pixels), \(blocks)")
        }
      }
    }
  }

  /// The transforms multiply by up to 8 * 8 in each direction and cancel: the errors of F(4x4, 3x3) are about 30 times those
  /// of the direct sums (Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd Convolution", 2018).
  @Test(
    arguments: [(1, 1), (4, 4), (5, 9), (13, 14), (28, 28)], [(16, 16), (17, 33), (3, 5), (64, 50), (200, 40)])
  func winograd(size: (Int, Int), channels: (Int, Int)) {
    for (padding, activation) in [((1, 1, 1, 1), Self.clamp), ((0, 2, 2, 0), Self.hardSwish)] {
      let test = FloatCase(
        size: size, inputs: channels.0, outputs: channels.1, padding: padding, others: size.0 % 2,
        adds: channels.1 % 2 == 0, activation: activation)
      guard test.window.out_height > 0, test.window.out_width > 0 else { continue }
      let data = FloatData(test, isDepthwise: false)
      let output = Memory<Float>(1, repeating: 0)
      var conv = unsafe data.conv(output)
      let transformed = unsafe Memory<Float>(fovea_winograd_size(&conv), repeating: .nan)
      unsafe fovea_winograd_transform(&conv, transformed.pointer)
      #expect(transformed.guardsAreIntact)
      for set in FloatInstructionSet.vector {
        let output = Memory<Float>(
          test.pixels * (test.outputs + test.others), repeating: Self.untouched)
        var conv = unsafe data.conv(output)
        unsafe conv.winograd = UnsafePointer(transformed.pointer)
        let (tiles, blocks) = unsafe (Int(fovea_conv_f32_units(&conv)), (test.outputs + 15) / 16)
        // In two pieces by tiles, each in two by blocks.
        for range in [0..<tiles / 3, tiles / 3..<tiles] {
          unsafe Self.run(set, conv, range, 0..<blocks / 2)
          unsafe Self.run(set, conv, range, blocks / 2..<blocks)
        }
        #expect(
          data.matches(
            output, 0..<test.pixels, 0..<blocks, error: 30 * Self.bound(9)),
          "\(set.name)")
      }
    }
  }

  static let depthwises: [FloatCase] = {
    var cases: [FloatCase] = []
    for channels in [1, 4, 7, 8, 15, 16, 17, 40] {
      for kernel in [(3, 3), (5, 5), (1, 1), (2, 4), (7, 7)] {
        for stride in [(1, 1), (2, 2), (1, 3)] {
          for dilation in [(1, 1), (2, 2)] {
            let pad = (kernel.0 / 2 * dilation.0, kernel.1 / 2 * dilation.1)
            cases.append(
              FloatCase(
                size: (9, 20 + channels % 5), inputs: channels, outputs: channels, kernel: kernel, stride: stride,
                dilation: dilation, padding: (pad.0, pad.1, pad.0, pad.1)))
          }
        }
      }
      for (width, activation) in [(13, hardSwish), (7, silu), (3, clamp), (30, hardSwish)] {
        cases.append(
          FloatCase(
            size: (13, width), inputs: channels, outputs: channels, kernel: (3, 3), padding: (1, 1, 1, 1),
            activation: activation))
      }
    }
    // Windows mostly or wholly outside; several bands.
    cases.append(FloatCase(size: (2, 1), inputs: 20, outputs: 20, kernel: (5, 5), padding: (3, 3, 4, 6)))
    cases.append(FloatCase(size: (40, 70), inputs: 100, outputs: 100, kernel: (3, 3), padding: (0, 1, 2, 0)))
    return cases
  }()

  @Test(arguments: depthwises)
  func depthwise(test: FloatCase) {
    let data = FloatData(test, isDepthwise: true)
    let width = Int(test.window.out_width)
    for set in FloatInstructionSet.all {
      var generator = Generator(test.outputs)
      let blocks = (test.outputs + 15) / 16
      for rows in cuts(Int(test.window.out_height), &generator) {
        for blocks in cuts(blocks, &generator) {
          let output = Memory<Float>(test.pixels * test.outputs, repeating: Self.untouched)
          var depthwise = unsafe data.depthwise(output)
          unsafe Self.run(set, &depthwise, rows, blocks)
          let pixels = rows.lowerBound * width..<rows.upperBound * width
          #expect(data.matches(output, pixels, blocks, error: Self.bound(test.taps)), "\(set.name)")
        }
      }
    }
  }

  /// All but the portable kernels fuse products and sums, in the same order.
  @Test(arguments: [(3, 3), (1, 1)], [false, true])
  func vectorSetsAgree(kernel: (Int, Int), isDepthwise: Bool) {
    let test = FloatCase(size: (17, 19), inputs: 37, outputs: 37, kernel: kernel, padding: (1, 1, 1, 1))
    let data = FloatData(test, isDepthwise: isDepthwise)
    let outputs = FloatInstructionSet.vector.map { set in
      let output = Memory<Float>(test.pixels * test.outputs, repeating: Self.untouched)
      if isDepthwise {
        var depthwise = unsafe data.depthwise(output)
        unsafe Self.run(set, &depthwise, 0..<Int(test.window.out_height), 0..<3)
      } else {
        unsafe Self.run(set, data.conv(output), 0..<test.pixels, 0..<3)
      }
      return output.values
    }
    for output in outputs { #expect(output == outputs[0]) }
  }

  @Test func notANumberStaysOne() {
    let test = FloatCase(size: (1, 3), inputs: 1, outputs: 1, kernel: (1, 1))
    let data = FloatData(test, isDepthwise: false)
    data.input[1] = .nan
    for set in FloatInstructionSet.all {
      let output = Memory<Float>(3, repeating: Self.untouched)
      unsafe Self.run(set, data.conv(output), 0..<3, 0..<1)
      #expect(output.values.map(\.isNaN) == [false, true, false], "\(set.name)")
    }
  }

  /// Only 3x3 with stride 1 and dilation 1 can be transformed.
  @Test func winogradIsChosenWhereItCanRun() {
    for set in FloatInstructionSet.all {
      for (kernel, stride, dilation) in [((3, 3), (1, 1), (1, 1)), ((3, 3), (2, 2), (1, 1)), ((3, 3), (1, 1), (2, 2))] {
        let test = FloatCase(
          size: (56, 56), inputs: 64, outputs: 64, kernel: kernel, stride: stride, dilation: dilation,
          padding: (1, 1, 1, 1))
        var conv = unsafe fovea_conv_f32()
        unsafe conv.window = test.window
        unsafe conv.outputs = 64
        let expected = set.name != "portable" && stride == (1, 1) && dilation == (1, 1)
        #expect(unsafe (set.kernels.prefers_winograd(&conv) != 0) == expected)
      }
    }
  }

  private static func run(
    _ set: FloatInstructionSet, _ conv: fovea_conv_f32, _ units: Range<Int>, _ blocks: Range<Int>
  ) {
    var conv = unsafe conv
    let scratch = unsafe Memory<UInt8>(set.kernels.conv_scratch(&conv), repeating: 0xff)  // NaN as floats
    unsafe set.kernels.conv(
      &conv, Int32(units.lowerBound), Int32(units.upperBound), Int32(blocks.lowerBound), Int32(blocks.upperBound),
      scratch.pointer)
    #expect(scratch.guardsAreIntact, "\(set.name) writes outside of its scratch")
  }

  private static func run(
    _ set: FloatInstructionSet, _ depthwise: inout fovea_depthwise_f32, _ rows: Range<Int>, _ blocks: Range<Int>
  ) {
    unsafe set.kernels.depthwise(
      &depthwise, Int32(rows.lowerBound), Int32(rows.upperBound), Int32(blocks.lowerBound), Int32(blocks.upperBound))
  }
}
