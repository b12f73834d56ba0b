import FoveaKernels
import Testing

struct CopyCase: Sendable, CustomTestStringConvertible {
  let name: String
  var sizes: [Int]
  var inputStrides: [Int]
  var outputStrides: [Int]
  var inputOffset = 0
  var outputOffset = 0

  var testDescription: String { name }

  /// The offsets of each moved element, in order.
  func offsets(_ strides: [Int], from offset: Int) -> [Int] {
    zip(sizes, strides).reduce([offset]) { offsets, dimension in
      offsets.flatMap { base in (0..<dimension.0).map { base + $0 * dimension.1 } }
    }
  }
}

@Suite struct CopyTests {
  static let cases = [
    CopyCase(name: "one element", sizes: [1], inputStrides: [7], outputStrides: [7], inputOffset: 3, outputOffset: 2),
    CopyCase(name: "contiguous", sizes: [4, 5, 6], inputStrides: [30, 6, 1], outputStrides: [30, 6, 1]),
    CopyCase(name: "NHWC to NCHW", sizes: [3, 5, 7], inputStrides: [1, 21, 3], outputStrides: [35, 7, 1]),
    CopyCase(name: "NCHW to NHWC", sizes: [5, 7, 3], inputStrides: [7, 1, 35], outputStrides: [21, 3, 1]),
    CopyCase(
      name: "inside of a pad", sizes: [4, 5, 3], inputStrides: [15, 3, 1], outputStrides: [21, 3, 1], outputOffset: 24),
    CopyCase(
      name: "slice with steps", sizes: [3, 2, 4], inputStrides: [80, 20, 2], outputStrides: [8, 4, 1], inputOffset: 5),
    CopyCase(
      name: "reversed", sizes: [4, 6], inputStrides: [-6, -1], outputStrides: [6, 1], inputOffset: 23),
    CopyCase(
      name: "rows reversed", sizes: [4, 6], inputStrides: [-6, 1], outputStrides: [6, 1], inputOffset: 18),
    CopyCase(
      name: "reversed output", sizes: [4, 6], inputStrides: [6, 1], outputStrides: [6, -1], outputOffset: 5),
    CopyCase(name: "broadcast inner", sizes: [4, 50], inputStrides: [1, 0], outputStrides: [50, 1]),
    CopyCase(name: "broadcast outer", sizes: [4, 9], inputStrides: [0, 1], outputStrides: [9, 1]),
    CopyCase(name: "broadcast middle", sizes: [2, 3, 4], inputStrides: [4, 0, 1], outputStrides: [12, 4, 1]),
    CopyCase(name: "concatenation", sizes: [10, 3], inputStrides: [3, 1], outputStrides: [8, 1], outputOffset: 5),
    CopyCase(
      name: "six dimensions", sizes: [2, 3, 2, 3, 2, 3], inputStrides: [1, 2, 6, 12, 36, 72],
      outputStrides: [108, 36, 18, 6, 3, 1]),
    CopyCase(name: "ones between", sizes: [3, 1, 1, 4], inputStrides: [4, 99, -5, 1], outputStrides: [9, 0, 7, 2]),
    CopyCase(name: "nothing", sizes: [3, 0, 4], inputStrides: [4, 4, 1], outputStrides: [4, 4, 1]),
  ]

  /// Runs a copy in parts and compares every element of the output, moved or not.
  private func check<Element: BitwiseCopyable & Equatable>(
    _ shape: CopyCase, input values: [Element], untouched: Element, table: Memory<UInt8>? = nil,
    map: (Element) -> Element
  ) {
    let from = shape.offsets(shape.inputStrides, from: shape.inputOffset)
    let to = shape.offsets(shape.outputStrides, from: shape.outputOffset)
    let input = Memory(Array(values.prefix((from.max() ?? 0) + 1)), padding: untouched)
    let output = Memory<Element>((to.max() ?? 0) + 1, repeating: untouched)
    var copy = unsafe fovea_copy()
    unsafe copy.input = UnsafeRawPointer(input.pointer)
    unsafe copy.output = UnsafeMutableRawPointer(output.pointer)
    unsafe copy.element_size = Int32(MemoryLayout<Element>.size)
    unsafe copy.table = table.map { unsafe UnsafePointer($0.pointer) }
    unsafe copy.input_offset = Int32(shape.inputOffset)
    unsafe copy.output_offset = Int32(shape.outputOffset)
    let filler = 6 - shape.sizes.count
    let sizes = Array(repeating: 1, count: filler) + shape.sizes
    let inputs = Array(repeating: 0, count: filler) + shape.inputStrides
    let outputs = Array(repeating: 0, count: filler) + shape.outputStrides
    func tuple(_ v: [Int]) -> (Int32, Int32, Int32, Int32, Int32, Int32) {
      (Int32(v[0]), Int32(v[1]), Int32(v[2]), Int32(v[3]), Int32(v[4]), Int32(v[5]))
    }
    unsafe copy.sizes = tuple(sizes)
    unsafe copy.input_strides = tuple(inputs)
    unsafe copy.output_strides = tuple(outputs)

    let parts = unsafe fovea_copy_outer(&copy)
    #expect(Int(parts) == shape.sizes.first { $0 > 1 } ?? 1)
    unsafe fovea_copy_run(&copy, parts / 2, parts)
    unsafe fovea_copy_run(&copy, 0, parts / 2)

    var expected = [Element](repeating: untouched, count: output.count)
    for (source, target) in zip(from, to) {
      expected[target] = map(values[source])
    }
    #expect(output.values == expected)
    #expect(output.guardsAreIntact)
  }

  @Test(arguments: cases)
  func copies(shape: CopyCase) {
    var generator = Generator(7)
    let bytes = generator.bytes(2000)
    check(shape, input: bytes, untouched: 0xEE) { $0 }
    check(shape, input: generator.floats(2000), untouched: -77) { $0 }
    let table = Memory(generator.bytes(256), padding: 0)
    check(shape, input: bytes, untouched: 0xEE, table: table) { table[Int($0)] }
  }
}
