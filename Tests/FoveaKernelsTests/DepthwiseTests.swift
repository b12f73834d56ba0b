import FoveaKernels
import Testing

struct DepthwiseCase: Sendable, CustomTestStringConvertible {
  var height = 7
  var width = 7
  var channels = 16
  var kernel = (3, 3)
  var stride = (1, 1)
  var dilation = (1, 1)
  /// Top, left, bottom, right.
  var padding = (1, 1, 1, 1)
  var inputZeroPoint = 128
  var output = Output()
  var constant: (activation: UInt8, weight: Int8)? = nil

  var outHeight: Int { (height + padding.0 + padding.2 - (kernel.0 - 1) * dilation.0 - 1) / stride.0 + 1 }
  var outWidth: Int { (width + padding.1 + padding.3 - (kernel.1 - 1) * dilation.1 - 1) / stride.1 + 1 }
  var blocks: Int { (channels + 15) / 16 }

  var testDescription: String {
    """
    \(height)x\(width)x\(channels), kernel \(kernel), stride \(stride), dilation \(dilation), padding \(padding), \
    input zero \(inputZeroPoint), \(output)
    """
  }
}

final class DepthwiseData {
  let shape: DepthwiseCase
  let input: [UInt8]
  /// [channels][kernel height][kernel width]
  let weights: [Int8]
  let bias: [Int32]
  let scale: [Float]

  private let inputMemory: Memory<UInt8>
  private let packedMemory: Memory<Int8>
  private let biasMemory: Memory<Int32>
  private let scaleMemory: Memory<Float>

  init(_ shape: DepthwiseCase) {
    self.shape = shape
    let (kernelHeight, kernelWidth) = shape.kernel
    var generator = Generator(shape.channels &* 100 &+ kernelHeight &* 10 &+ kernelWidth &+ shape.width)
    input = generator.bytes(shape.height * shape.width * shape.channels).map { shape.constant?.activation ?? $0 }
    weights = generator.bytes(shape.channels * kernelHeight * kernelWidth).map {
      shape.constant?.weight ?? Int8(bitPattern: $0)
    }
    bias = shape.output.bias(channels: shape.channels, &generator)
    scale = shape.output.scale(channels: shape.channels, depth: kernelHeight * kernelWidth, &generator)

    let padded = roundedUp(shape.channels, to: 16)
    let groups = (kernelHeight + 3) / 4
    packedMemory = Memory(padded * kernelWidth * groups * 4, repeating: 0)
    for n in 0..<shape.channels {
      for ky in 0..<kernelHeight {
        for kx in 0..<kernelWidth {
          let at = (((n / 16 * kernelWidth + kx) * groups + ky / 4) * 16 + n % 16) * 4 + ky % 4
          packedMemory[at] = weights[(n * kernelHeight + ky) * kernelWidth + kx]
        }
      }
    }
    inputMemory = Memory(input, padding: 0)
    biasMemory = Memory(bias + Array(repeating: 12345, count: padded - shape.channels), padding: 0)
    scaleMemory = Memory(scale + Array(repeating: 0.5, count: padded - shape.channels), padding: 0)
  }

  /// What `set` writes for a part of the output over bytes that were 0xEE.
  func run(_ set: InstructionSet, rows: Range<Int>, blocks: Range<Int>) -> [UInt8] {
    let output = Memory<UInt8>(shape.outHeight * shape.outWidth * shape.channels, repeating: 0xEE)
    let parameters = unsafe fovea_depthwise_u8s8(
      input: inputMemory.pointer, height: Int32(shape.height), width: Int32(shape.width),
      channels: Int32(shape.channels), kernel_height: Int32(shape.kernel.0), kernel_width: Int32(shape.kernel.1),
      stride_y: Int32(shape.stride.0), stride_x: Int32(shape.stride.1), dilation_y: Int32(shape.dilation.0),
      dilation_x: Int32(shape.dilation.1), pad_top: Int32(shape.padding.0), pad_left: Int32(shape.padding.1),
      out_height: Int32(shape.outHeight), out_width: Int32(shape.outWidth),
      input_zero_point: Int32(shape.inputZeroPoint), weights: packedMemory.pointer, output: output.pointer,
      requantization: fovea_requantization(
        bias: biasMemory.pointer, scale: scaleMemory.pointer, zero_point: Int32(shape.output.zeroPoint),
        low: Int32(shape.output.low), high: Int32(shape.output.high)))
    unsafe withUnsafePointer(to: parameters) { depthwise in
      let scratch = unsafe Memory<UInt8>(set.kernels.depthwise_scratch(depthwise), repeating: 0x5A)
      unsafe set.kernels.depthwise(
        depthwise, Int32(rows.lowerBound), Int32(rows.upperBound), Int32(blocks.lowerBound), Int32(blocks.upperBound),
        scratch.pointer)
      #expect(scratch.guardsAreIntact, "\(set.name) wrote outside its scratch")
    }
    #expect(output.guardsAreIntact, "\(set.name) wrote outside the output")
    return output.values
  }

  func reference(rows: Range<Int>, blocks: Range<Int>) -> [UInt8] {
    var result = [UInt8](repeating: 0xEE, count: shape.outHeight * shape.outWidth * shape.channels)
    let (kernelHeight, kernelWidth) = shape.kernel
    let channels = blocks.lowerBound * 16..<max(blocks.lowerBound * 16, min(blocks.upperBound * 16, shape.channels))
    for row in rows {
      for column in 0..<shape.outWidth {
        for n in channels {
          var sum = Int(bias[n])
          for ky in 0..<kernelHeight {
            for kx in 0..<kernelWidth {
              let y = row * shape.stride.0 + ky * shape.dilation.0 - shape.padding.0
              let x = column * shape.stride.1 + kx * shape.dilation.1 - shape.padding.1
              let inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width
              let value = inside ? Int(input[(y * shape.width + x) * shape.channels + n]) : shape.inputZeroPoint
              sum += value * Int(weights[(n * kernelHeight + ky) * kernelWidth + kx])
            }
          }
          result[(row * shape.outWidth + column) * shape.channels + n] = requantized(
            sum, scale: scale[n], zeroPoint: shape.output.zeroPoint, low: shape.output.low, high: shape.output.high)
        }
      }
    }
    return result
  }
}

@Suite struct DepthwiseTests {
  static let channelCounts = [1, 3, 8, 15, 16, 17, 31, 32, 33, 48, 64, 65, 96, 100, 144]

  /// The kernels that networks use, at every width of the list and stride, with every tail of channels.
  static let common: [DepthwiseCase] = [(3, 1), (3, 2), (5, 1), (5, 2)].flatMap { size, stride in
    [1, 2, 7, 9, 14].flatMap { width in
      channelCounts.enumerated().map { i, channels in
        let before = i % 2 == 0 ? size / 2 : (size - 1) / 2 - (stride - 1)
        return DepthwiseCase(
          height: [7, 14, 5, 3][(i + width) % 4], width: width, channels: channels, kernel: (size, size),
          stride: (stride, stride), padding: (before, before, size / 2, size / 2),
          inputZeroPoint: [0, 1, 128, 255][i % 4])
      }
    }
  }

  /// Rows wide enough to be cut into several passes, and images tall enough to be cut into bands.
  static let large: [DepthwiseCase] = [
    DepthwiseCase(height: 6, width: 150, channels: 40),
    DepthwiseCase(height: 9, width: 131, channels: 16, stride: (2, 2)),
    DepthwiseCase(height: 9, width: 100, channels: 24, kernel: (5, 5), padding: (2, 2, 2, 2)),
    DepthwiseCase(height: 11, width: 80, channels: 70, kernel: (5, 5), stride: (2, 2), padding: (1, 1, 2, 2)),
    DepthwiseCase(height: 60, width: 100, channels: 112),
    DepthwiseCase(height: 9, width: 11, channels: 105, stride: (2, 2)),
    DepthwiseCase(height: 8, width: 9, channels: 240, kernel: (5, 5), padding: (2, 2, 2, 2)),
    DepthwiseCase(height: 45, width: 90, channels: 90, stride: (2, 2)),
    DepthwiseCase(height: 50, width: 70, channels: 121, kernel: (5, 5), padding: (2, 2, 2, 2)),
  ]

  /// Everything that has no kernel of its own.
  static let unusual: [DepthwiseCase] = {
    var cases: [DepthwiseCase] = []
    for kernel in [(1, 1), (1, 3), (3, 1), (2, 2), (4, 4), (3, 5), (5, 3), (6, 6), (7, 7), (9, 2), (2, 9), (13, 13)] {
      for stride in [(1, 1), (2, 2), (3, 3), (1, 2), (2, 1)] {
        let channels = channelCounts[cases.count % channelCounts.count]
        cases.append(
          DepthwiseCase(
            height: 14, width: 9 + cases.count % 9, channels: channels, kernel: kernel, stride: stride,
            padding: (kernel.0 / 2, kernel.1 / 2, kernel.0 / 2, kernel.1 / 2),
            inputZeroPoint: [0, 1, 128, 255][cases.count % 4]))
      }
    }
    for size in [3, 5] {
      for dilation in [(2, 2), (3, 3), (1, 2), (2, 1), (7, 7)] {
        for stride in [(1, 1), (2, 2), (3, 3), (1, 2), (2, 1), (2, 3)] {
          let channels = channelCounts[cases.count % channelCounts.count]
          let pad = (dilation.0 * (size / 2), dilation.1 * (size / 2))
          cases.append(
            DepthwiseCase(
              height: 9, width: 14, channels: channels, kernel: (size, size), stride: stride, dilation: dilation,
              padding: (pad.0, pad.1, pad.0, pad.1)))
        }
      }
    }
    // Padding beyond the kernel: windows that see no input at all.
    cases.append(DepthwiseCase(height: 2, width: 2, channels: 20, padding: (5, 5, 5, 5)))
    cases.append(DepthwiseCase(height: 2, width: 2, channels: 70, kernel: (5, 5), padding: (9, 9, 9, 9)))
    cases.append(DepthwiseCase(height: 3, width: 1, channels: 64, kernel: (5, 5), padding: (0, 2, 2, 2)))
    // A kernel so wide that one output's columns exceed the usual scratch.
    cases.append(
      DepthwiseCase(height: 3, width: 200, channels: 33, kernel: (3, 90), dilation: (1, 2), padding: (1, 89, 1, 89)))
    return cases
  }()

  static let numbers: [DepthwiseCase] = {
    var cases: [DepthwiseCase] = []
    for scales in [Output.Scales.typical, .halves, .huge, .tiny] {
      for size in [3, 5] {
        for zeroPoint in [0, 1, 128, 255] {
          for (low, high) in [(0, 255), (zeroPoint, 255), (min(zeroPoint, 20), 200), (77, 77)] {
            cases.append(
              DepthwiseCase(
                channels: 50, kernel: (size, size), padding: (1, 1, 1, 1), inputZeroPoint: zeroPoint,
                output: Output(scales: scales, zeroPoint: zeroPoint, low: low, high: high)))
          }
        }
        for (activation, weight) in [(255, -128), (255, 127), (0, -128), (1, 1)] as [(UInt8, Int8)] {
          cases.append(
            DepthwiseCase(
              channels: 81, kernel: (size, size), inputZeroPoint: Int(activation), output: Output(scales: scales),
              constant: (activation, weight)))
        }
      }
    }
    return cases
  }()

  @Test("the portable kernel is the definition", arguments: common + unusual + numbers)
  func portable(shape: DepthwiseCase) {
    let data = DepthwiseData(shape)
    var generator = Generator(shape.channels)
    for rows in cuts(shape.outHeight, &generator) {
      let blocks = cuts(shape.blocks, &generator).randomElement(using: &generator)!
      let expected = data.reference(rows: rows, blocks: blocks)
      #expect(data.run(.portable, rows: rows, blocks: blocks) == expected)
    }
  }

  @Test("every instruction set gives the portable bits", arguments: common + large + unusual + numbers)
  func vector(shape: DepthwiseCase) {
    let data = DepthwiseData(shape)
    var generator = Generator(shape.channels &+ shape.width)
    for rows in cuts(shape.outHeight, &generator) {
      for blocks in cuts(shape.blocks, &generator) {
        let expected = data.run(.portable, rows: rows, blocks: blocks)
        for set in InstructionSet.vector {
          #expect(data.run(set, rows: rows, blocks: blocks) == expected, "\(set.name), rows \(rows), blocks \(blocks)")
        }
      }
    }
  }
}
