import FoveaGraph
import FoveaRuntime

/// The windows that a convolution or a fully connected layer slides over its NHWC input, as rows of a matrix: element
/// (channel * kernelHeight + y) * kernelWidth + x, which is the order of ONNX's weights, one group's after another's.
package struct LayerWindows {
  private let images: Int
  private let height: Int
  private let width: Int
  private let channels: Int
  private let convolution: Convolution
  private let outputHeight: Int
  private let outputWidth: Int

  /// The windows of a node of an NHWC network; nil where the node has none.
  package init?(of node: Node, in network: Network) {
    let input = network[node.inputs[0]].shape
    switch node.operation {
    case .convolution(let convolution):
      let output = network[node.outputs[0]].shape
      (images, height, width, channels) = (input[0], input[1], input[2], input[3])
      (outputHeight, outputWidth) = (output[1], output[2])
      self.convolution = convolution
    case .fullyConnected:
      // A 1x1 convolution over an image of one row.
      let inputs = network[node.inputs[1]].shape[1]
      (images, height, width, channels) = (1, 1, input.reduce(1, *) / inputs, inputs)
      (outputHeight, outputWidth) = (height, width)
      convolution = Convolution(kernel: Size2D(1, 1))
    default: return nil
    }
  }

  package var groups: Int { convolution.groups }
  /// Input channels of one group.
  package var channelsOfGroup: Int { channels / groups }
  /// Elements of all groups' windows at one position.
  package var rowSize: Int { channels * convolution.kernel.height * convolution.kernel.width }
  /// Elements of one group's window: the products of one output.
  package var size: Int { rowSize / groups }
  /// Windows of one run.
  package var count: Int { images * outputHeight * outputWidth }

  /// The windows of a run that statistics look at: spread evenly, each at random within its stretch, so that no stride of the
  /// image is hit again and again. The same for every call with the same arguments.
  ///
  /// - Parameter limit: the most that are returned.
  package func sample(run: Int, limit: Int) -> [Int] {
    guard limit < count else { return Array(0..<count) }
    var random = SplitMix64(seed: UInt64(run))
    return (0..<limit).map { ($0 * count + Int(random.next() >> 33) % count) / limit }
  }

  /// Writes the window at `position` as a row of `rowSize` elements, or some channels' part of it.
  ///
  /// - Parameters:
  ///   - channels: all where nil.
  ///   - element: the value of the input's element at an offset. Positions in the padding are 0.
  @unsafe
  @inline(__always)
  package func gather(
    _ position: Int, channels part: Range<Int>? = nil, into row: UnsafeMutablePointer<Float>, element: (Int) -> Float
  ) {
    let part = part ?? 0..<channels
    let (line, outputX) = position.quotientAndRemainder(dividingBy: outputWidth)
    let (image, outputY) = line.quotientAndRemainder(dividingBy: outputHeight)
    let taps = convolution.kernel.height * convolution.kernel.width
    for tap in 0..<taps {
      let (tapY, tapX) = tap.quotientAndRemainder(dividingBy: convolution.kernel.width)
      let y = outputY * convolution.stride.height - convolution.padding.top + tapY * convolution.dilation.height
      let x = outputX * convolution.stride.width - convolution.padding.left + tapX * convolution.dilation.width
      let isInside = y >= 0 && y < height && x >= 0 && x < width
      let first = ((image * height + y) * width + x) * channels + part.lowerBound
      for channel in 0..<part.count { unsafe row[channel * taps + tap] = isInside ? element(first + channel) : 0 }
    }
  }
}
