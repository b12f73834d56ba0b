import FoveaKernels
import Testing

/// A convolution over an input that is already padded.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var height = 1
  var width = 9
  var inputs = 16
  var outputs = 16
  var kernel = (1, 1)
  var stride = (1, 1)
  var dilation = (1, 1)
  var output = Output()
  /// Every activation and every weight this, where set.
  var constant: (activation: UInt8, weight: Int8)? = nil
  /// Every activation 0 or 255, every weight -128 or 127.
  var extremes = false
  /// Unused elements after each output pixel's channels.
  var gap = 0

  var outHeight: Int { (height - (kernel.0 - 1) * dilation.0 - 1) / stride.0 + 1 }
  var outWidth: Int { (width - (kernel.1 - 1) * dilation.1 - 1) / stride.1 + 1 }
  var pixels: Int { outHeight * outWidth }
  var blocks: Int { (outputs + 15) / 16 }
  var outputStride: Int { outputs + gap }

  var testDescription: String {
    "\(height)x\(width)x\(inputs) -> \(outputs), kernel \(kernel), stride \(stride), dilation \(dilation), \(output)"
      + (extremes ? ", extremes" : "") + (constant.map { ", all \($0.activation) and \($0.weight)" } ?? "")
  }
}

/// A case's numbers, packed as the kernels want them.
final class ConvolutionData {
  let shape: ConvolutionCase
  let input: [UInt8]
  /// [outputs][kernel height][kernel width][inputs]
  let weights: [Int8]
  let bias: [Int32]
  let scale: [Float]

  private let inputMemory: Memory<UInt8>
  private let packedMemory: Memory<Int8>
  private let biasMemory: Memory<Int32>
  private let scaleMemory: Memory<Float>
  private let tapMemory: Memory<Int32>
  private let taps: Int
  private let run: Int

  init(_ shape: ConvolutionCase) {
    self.shape = shape
    let (kernelHeight, kernelWidth) = shape.kernel
    var generator = Generator(shape.inputs &* 1000 &+ shape.outputs &* 10 &+ kernelHeight &+ kernelWidth &+ shape.width)
    let depth = kernelHeight * kernelWidth * shape.inputs
    input = generator.bytes(shape.height * shape.width * shape.inputs).map {
      shape.constant?.activation ?? (shape.extremes ? ($0 & 1) * 255 : $0)
    }
    weights = generator.bytes(shape.outputs * depth).map {
      shape.constant?.weight ?? (shape.extremes ? ($0 & 1 == 0 ? -128 : 127) : Int8(bitPattern: $0))
    }
    bias = shape.output.bias(channels: shape.outputs, &generator)
    scale = shape.output.scale(channels: shape.outputs, depth: depth, &generator)

    // A kernel row is one run where its elements are neighbours, else every element is one.
    let dense = shape.dilation.1 == 1
    taps = dense ? kernelHeight : kernelHeight * kernelWidth
    let runBytes = dense ? kernelWidth * shape.inputs : shape.inputs
    run = (runBytes + 3) / 4
    let padded = roundedUp(shape.outputs, to: 16)
    packedMemory = Memory(padded * taps * run * 4, repeating: 0)
    for n in 0..<shape.outputs {
      for tap in 0..<taps {
        for i in 0..<runBytes {
          let group = tap * run + i / 4
          let at = ((n / 16 * taps * run + group) * 16 + n % 16) * 4 + i % 4
          packedMemory[at] = weights[(n * taps + tap) * runBytes + i]
        }
      }
    }
    let offsets = (0..<taps).map { tap in
      let (y, x) = dense ? (tap, 0) : (tap / kernelWidth, tap % kernelWidth)
      return Int32((y * shape.dilation.0 * shape.width + x * shape.dilation.1) * shape.inputs)
    }
    tapMemory = Memory(offsets, padding: 0)
    inputMemory = Memory(input, padding: 0)
    biasMemory = Memory(bias + Array(repeating: 12345, count: padded - shape.outputs), padding: 0)
    scaleMemory = Memory(scale + Array(repeating: 0.5, count: padded - shape.outputs), padding: 0)
  }

  private func parameters(u8: Memory<UInt8>?, f32: Memory<Float>?) -> fovea_conv_u8s8 {
    unsafe fovea_conv_u8s8(
      input: inputMemory.pointer, tap_offsets: tapMemory.pointer, taps: Int32(taps), run: Int32(run),
      row_step: Int32(shape.stride.0 * shape.width * shape.inputs), column_step: Int32(shape.stride.1 * shape.inputs),
      out_height: Int32(shape.outHeight), out_width: Int32(shape.outWidth), weights: packedMemory.pointer,
      channels: Int32(shape.outputs), output_stride: Int32(shape.outputStride), output_u8: u8?.pointer,
      output_f32: f32?.pointer,
      requantization: fovea_requantization(
        bias: biasMemory.pointer, scale: scaleMemory.pointer, zero_point: Int32(shape.output.zeroPoint),
        low: Int32(shape.output.low), high: Int32(shape.output.high)))
  }

  /// What `set` writes for a part of the output over elements that were `untouched`. Checks that it writes nowhere else.
  private func run(
    _ set: InstructionSet, pixels: Range<Int>, blocks: Range<Int>, u8: Memory<UInt8>?, f32: Memory<Float>?
  ) {
    let parameters = unsafe parameters(u8: u8, f32: f32)
    unsafe withUnsafePointer(to: parameters) { conv in
      let scratch = unsafe Memory<UInt8>(set.kernels.conv_scratch(conv), repeating: 0x5A)
      unsafe set.kernels.conv(
        conv, Int32(pixels.lowerBound), Int32(pixels.upperBound), Int32(blocks.lowerBound), Int32(blocks.upperBound),
        scratch.pointer)
      #expect(scratch.guardsAreIntact, "\(set.name) wrote outside its scratch")
    }
    #expect(u8?.guardsAreIntact ?? true, "\(set.name) wrote outside the output")
    #expect(f32?.guardsAreIntact ?? true, "\(set.name) wrote outside the output")
  }

  private var elements: Int { (shape.pixels - 1) * shape.outputStride + shape.outputs }

  func u8(_ set: InstructionSet, pixels: Range<Int>, blocks: Range<Int>) -> [UInt8] {
    let memory = Memory<UInt8>(elements, repeating: 0xEE)
    run(set, pixels: pixels, blocks: blocks, u8: memory, f32: nil)
    return memory.values
  }

  func f32(_ set: InstructionSet, pixels: Range<Int>, blocks: Range<Int>) -> [UInt32] {
    let memory = Memory<Float>(elements, repeating: -77)
    run(set, pixels: pixels, blocks: blocks, u8: nil, f32: memory)
    return memory.values.map(\.bitPattern)
  }

  /// Where `set` wants its `parts` threads' ranges of pixels cut.
  func granule(_ set: InstructionSet, parts: Int) -> Int {
    let memory = Memory<UInt8>(elements, repeating: 0)
    let parameters = unsafe parameters(u8: memory, f32: nil)
    return unsafe withUnsafePointer(to: parameters) { unsafe Int(set.kernels.conv_granule($0, Int32(parts))) }
  }

  /// The sums, from the definition of a convolution.
  func sum(pixel: Int, channel: Int) -> Int {
    let (kernelHeight, kernelWidth) = shape.kernel
    var sum = Int(bias[channel])
    for ky in 0..<kernelHeight {
      for kx in 0..<kernelWidth {
        let y = pixel / shape.outWidth * shape.stride.0 + ky * shape.dilation.0
        let x = pixel % shape.outWidth * shape.stride.1 + kx * shape.dilation.1
        for c in 0..<shape.inputs {
          let weight = weights[((channel * kernelHeight + ky) * kernelWidth + kx) * shape.inputs + c]
          sum += Int(input[(y * shape.width + x) * shape.inputs + c]) * Int(weight)
        }
      }
    }
    return sum
  }

  /// Both expected outputs for a part, from the definition.
  func reference(pixels: Range<Int>, blocks: Range<Int>) -> (u8: [UInt8], f32: [UInt32]) {
    var u8 = [UInt8](repeating: 0xEE, count: elements)
    var f32 = [UInt32](repeating: Float(-77).bitPattern, count: elements)
    let channels = blocks.lowerBound * 16..<max(blocks.lowerBound * 16, min(blocks.upperBound * 16, shape.outputs))
    for pixel in pixels {
      for n in channels {
        let sum = sum(pixel: pixel, channel: n)
        let output = shape.output
        u8[pixel * shape.outputStride + n] = requantized(
          sum, scale: scale[n], zeroPoint: output.zeroPoint, low: output.low, high: output.high)
        f32[pixel * shape.outputStride + n] = (Float(Int32(sum)) * scale[n]).bitPattern
      }
    }
    return (u8, f32)
  }
}

@Suite struct ConvolutionTests {
  static let channelCounts = [1, 3, 8, 15, 16, 17, 31, 33, 48, 64, 65, 100]

  /// Every pair of channel counts, at pixel counts that end in every tile's tail.
  static let pointwise: [ConvolutionCase] = channelCounts.enumerated().flatMap { i, inputs in
    channelCounts.enumerated().map { j, outputs in
      let (height, width) = [(1, 1), (1, 2), (7, 7), (3, 9), (2, 14), (5, 5), (1, 7), (4, 11)][(i + 3 * j) % 8]
      return ConvolutionCase(
        height: height, width: width, inputs: inputs, outputs: outputs, gap: (i + j) % 3 == 0 ? 5 : 0)
    }
  }

  /// Every pixel count up to two tiles and more of every channel panel.
  static let pixelCounts: [ConvolutionCase] = (1...60).flatMap { width in
    [16, 30, 48, 64, 80].map { ConvolutionCase(width: width, inputs: 8, outputs: $0) }
  }

  /// Runs and taps 1...50, so also every tail of a run.
  static let runs: [ConvolutionCase] = (1...50).flatMap { size in
    [
      ConvolutionCase(height: 2, width: size + 4, inputs: 1, outputs: 20, kernel: (2, size)),
      ConvolutionCase(height: size + 1, width: 9, inputs: 3, outputs: 17, kernel: (size, 3)),
      ConvolutionCase(width: 5, inputs: 4 * size, outputs: 33),
    ]
  }

  static let strides: [ConvolutionCase] = [1, 2, 3].flatMap { stride in
    [1, 2, 3].flatMap { dilation in
      [2, 7, 9, 14].flatMap { width in
        [3, 16, 33].map { channels in
          ConvolutionCase(
            height: 2 * dilation + 5, width: width + 2 * dilation, inputs: channels, outputs: 40, kernel: (3, 3),
            stride: (stride, min(stride, 2)), dilation: (dilation, dilation), gap: stride == 2 ? 3 : 0)
        }
      }
    }
  }

  static let numbers: [ConvolutionCase] = {
    var cases: [ConvolutionCase] = []
    for scales in [Output.Scales.typical, .halves, .huge, .tiny] {
      for zeroPoint in [0, 1, 128, 255] {
        for (low, high) in [(0, 255), (zeroPoint, 255), (min(zeroPoint, 20), 200), (77, 77)] {
          let output = Output(scales: scales, zeroPoint: zeroPoint, low: low, high: high)
          cases.append(ConvolutionCase(height: 3, width: 9, inputs: 20, outputs: 84, output: output))
        }
      }
      for (activation, weight) in [(255, -128), (255, 127), (0, -128), (1, 1)] as [(UInt8, Int8)] {
        cases.append(
          ConvolutionCase(
            width: 13, inputs: 512, outputs: 66, output: Output(scales: scales),
            constant: (activation, weight)))
      }
    }
    return cases
  }()

  @Test("the portable kernel is the definition", arguments: pointwise + runs + strides + numbers)
  func portable(shape: ConvolutionCase) {
    let data = ConvolutionData(shape)
    var generator = Generator(shape.outputs)
    for pixels in cuts(shape.pixels, &generator) {
      let blocks = cuts(shape.blocks, &generator).randomElement(using: &generator)!
      let expected = data.reference(pixels: pixels, blocks: blocks)
      #expect(data.u8(.portable, pixels: pixels, blocks: blocks) == expected.u8)
      #expect(data.f32(.portable, pixels: pixels, blocks: blocks) == expected.f32)
    }
  }

  @Test("every instruction set gives the portable bits", arguments: pointwise + pixelCounts + runs + strides + numbers)
  func vector(shape: ConvolutionCase) {
    let data = ConvolutionData(shape)
    var generator = Generator(shape.outputs &+ shape.width)
    for pixels in cuts(shape.pixels, &generator) {
      for blocks in cuts(shape.blocks, &generator) {
        let u8 = data.u8(.portable, pixels: pixels, blocks: blocks)
        let f32 = data.f32(.portable, pixels: pixels, blocks: blocks)
        for set in InstructionSet.vector {
          #expect(data.u8(set, pixels: pixels, blocks: blocks) == u8, "\(set.name), \(pixels), blocks \(blocks)")
          #expect(data.f32(set, pixels: pixels, blocks: blocks) == f32, "\(set.name), \(pixels), blocks \(blocks)")
        }
      }
    }
  }
}
