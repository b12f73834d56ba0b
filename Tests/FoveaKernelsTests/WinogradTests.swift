import FoveaKernels
import Testing

/// 3x3 convolutions at stride 1, which the instruction sets without a dot product compute by Winograd's algorithm, against the
/// definition.
@Suite struct WinogradTests {
  /// A case with `out` output rows and columns.
  static func of(
    _ out: (Int, Int), _ inputs: Int, _ outputs: Int, gap: Int = 0, output: Output = Output(), extremes: Bool = false,
    constant: (activation: UInt8, weight: Int8)? = nil
  ) -> ConvolutionCase {
    ConvolutionCase(
      height: out.0 + 2, width: out.1 + 2, inputs: inputs, outputs: outputs, kernel: (3, 3), output: output,
      constant: constant, extremes: extremes, gap: gap)
  }

  /// Odd and even sizes, one row or column, and more tiles than are transformed at once.
  static let sizes: [ConvolutionCase] =
    [(6, 6), (7, 7), (5, 6), (6, 5), (2, 19), (19, 2), (3, 13), (13, 3), (1, 40), (40, 1), (9, 12), (4, 5)].flatMap {
      [of($0, 16, 16), of($0, 36, 21, gap: 3)]
    } + [of((31, 33), 64, 16), of((11, 13), 260, 17)]

  /// Tails of vectors, of groups and of chunks of inputs, and of blocks of outputs.
  static let channels: [ConvolutionCase] = [16, 17, 18, 20, 24, 28, 32, 44, 48, 124, 128, 132, 256, 280].flatMap {
    inputs in
    [1, 8, 15, 16, 33, 48].map { of((7, 6), inputs, $0, gap: inputs % 3) }
  }

  /// The ends of every range, up to the most inputs whose sums are exact and one group more, which are not for Winograd.
  static let numbers: [ConvolutionCase] =
    [0, 128, 255].flatMap { zeroPoint in
      [Output.Scales.typical, .huge, .halves].flatMap { scales in
        let output = Output(scales: scales, zeroPoint: zeroPoint)
        return [
          of((7, 8), 64, 20, output: output, extremes: true),
          of((7, 8), 64, 20, output: output, constant: (255, -128)),
          of((7, 8), 64, 20, output: output, constant: (255, 127)),
        ]
      }
    }
    + [1820, 1824, 1828].flatMap { inputs in
      [
        of((6, 6), inputs, 17, output: Output(scales: .huge), constant: (255, -128)),
        of((6, 6), inputs, 17, output: Output(scales: .huge), constant: (255, 127)),
        of((6, 6), inputs, 17, extremes: true),
      ]
    }

  @Test("every instruction set gives the definition's bits", arguments: sizes + channels + numbers)
  func bits(shape: ConvolutionCase) {
    let data = ConvolutionData(shape)
    var generator = Generator(shape.outputs &+ shape.width &* 77 &+ shape.inputs)
    for pixels in cuts(shape.pixels, &generator) {
      let blocks = cuts(shape.blocks, &generator).randomElement(using: &generator)!
      let expected = data.reference(pixels: pixels, blocks: blocks)
      for set in InstructionSet.vector + [.portable] {
        #expect(data.u8(set, pixels: pixels, blocks: blocks) == expected.u8, "\(set.name), \(pixels), blocks \(blocks)")
        #expect(
          data.f32(set, pixels: pixels, blocks: blocks) == expected.f32, "\(set.name), \(pixels), blocks \(blocks)")
      }
    }
  }

  @Test("threads cut where tiles end, or share channels where there are few tiles")
  func granules() {
    let strided = ConvolutionCase(height: 33, width: 33, inputs: 32, outputs: 64, kernel: (3, 3), stride: (2, 2))
    let pixel = ConvolutionCase(width: 1, inputs: 32, outputs: 64)
    let (large, small) = (ConvolutionData(Self.of((40, 30), 32, 64)), ConvolutionData(Self.of((7, 7), 32, 64)))
    for set in InstructionSet.vector + [.portable] {
      let isWinograd = ["sse41", "avx2", "neon"].contains(set.name)
      #expect(large.granule(set, parts: 2) == (isWinograd ? 60 : 12), "\(set.name)")
      #expect(small.granule(set, parts: 2) == (isWinograd ? 0 : 12), "\(set.name)")
      #expect(ConvolutionData(strided).granule(set, parts: 2) == 12, "\(set.name)")
      #expect(ConvolutionData(pixel).granule(set, parts: 2) == 0, "\(set.name)")
    }
  }
}
