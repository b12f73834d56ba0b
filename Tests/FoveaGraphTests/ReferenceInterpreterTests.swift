import FoveaGraph
import Testing

/// The interpreter is the measure of every pass, so its sums are checked against numbers done by hand.
struct ReferenceInterpreterTests {
  let image = Tensor(shape: [1, 1, 3, 3], floats: [1, 2, 3, 4, 5, 6, 7, 8, 9])

  private func apply(_ operation: Operation, _ inputs: Tensor...) throws -> [Float]? {
    try ReferenceInterpreter(layout: .nchw).apply(operation, inputs).floats
  }

  @Test func convolution() throws {
    let weights = Tensor(shape: [1, 1, 2, 2], floats: [1, 0, 0, 10])
    let kernel = Size2D(2, 2)
    #expect(try apply(.convolution(Convolution(kernel: kernel)), image, weights) == [51, 62, 84, 95])
    let padded = Convolution(kernel: kernel, stride: kernel, padding: Padding2D(top: 1, left: 1))
    #expect(try apply(.convolution(padded), image, weights) == [10, 30, 70, 95])
    let dilated = Convolution(kernel: kernel, dilation: kernel, clamp: Clamp(max: 90))
    #expect(try apply(.convolution(dilated), image, weights) == [90])
  }

  @Test func `Groups see their own channels`() throws {
    let pixel = Tensor(shape: [1, 4, 1, 1], floats: [1, 2, 3, 4])
    let weights = Tensor(shape: [2, 2, 1, 1], floats: [1, 10, 100, 1000])
    let grouped = Convolution(kernel: Size2D(1, 1), groups: 2)
    #expect(try apply(.convolution(grouped), pixel, weights) == [21, 4300])
  }

  @Test func pooling() throws {
    let corner = Pooling(kernel: Size2D(2, 2), stride: Size2D(2, 2), padding: Padding2D(top: 1, left: 1))
    #expect(try apply(.maxPool(corner), image) == [1, 3, 7, 9])
    #expect(try apply(.averagePool(corner), image) == [1, 2.5, 5.5, 7])
    var counting = corner
    counting.countIncludesPadding = true
    #expect(try apply(.averagePool(counting), image) == [0.25, 1.25, 2.75, 7])
    // Windows cut at the border count only what is left of them.
    let cut = Pooling(kernel: Size2D(2, 2), stride: Size2D(2, 2), ceilMode: true, countIncludesPadding: true)
    #expect(try apply(.averagePool(cut), image) == [3, 4.5, 7.5, 9])
  }

  @Test func `A transposition's entry i is where dimension i comes from`() throws {
    let x = Tensor(shape: [1, 2, 3], floats: [1, 2, 3, 4, 5, 6])
    #expect(try apply(.transpose([2, 0, 1]), x) == [1, 4, 2, 5, 3, 6])
  }
}
