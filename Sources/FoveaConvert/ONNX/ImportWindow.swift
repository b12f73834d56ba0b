import FoveaGraph

/// The attributes that convolutions and pools share, with `auto_pad` resolved to explicit padding.
struct ImportedWindow {
  var kernel: Size2D
  var stride: Size2D
  var dilation: Size2D
  var padding: Padding2D
  /// `auto_pad` gives a size of output for which rounding up changes nothing.
  var isAutomatic: Bool

  /// - Parameters:
  ///   - kernel: Height and width, or width alone.
  ///   - input: The shape of the input, of rank 4.
  init(of node: ONNXNode, kernel given: [Int], input: [Int]) throws(NodeProblem) {
    // Along a single dimension it is an image of one row.
    let leading = [Int](repeating: 1, count: 2 - given.count)
    let kernel = leading + given
    let strides =
      leading + (try node.window("strides", count: given.count, range: 1...windowLimit) ?? given.map { _ in 1 })
    let dilations =
      leading + (try node.window("dilations", count: given.count, range: 1...windowLimit) ?? given.map { _ in 1 })
    guard kernel.allSatisfy({ (1...windowLimit).contains($0) }) else {
      throw .invalid("the kernel's size is \(kernel)")
    }
    let autoPad = try node.string("auto_pad", default: "NOTSET")
    // Before and after, height and width.
    var before = [0, 0]
    var after = [0, 0]
    switch autoPad {
    case "NOTSET", "":
      // In ONNX's order: both dimensions' begins, then both ends.
      let pads =
        try node.window("pads", count: 2 * given.count, range: 0...windowLimit)
        ?? [Int](repeating: 0, count: 2 * given.count)
      before = leading.map { $0 - 1 } + pads.prefix(given.count)
      after = leading.map { $0 - 1 } + pads.suffix(given.count)
    case "VALID": break
    case "SAME_UPPER", "SAME_LOWER":
      for i in 0..<2 {
        let size = input[i + 2]
        let outputs = (size + strides[i] - 1) / strides[i]
        let window = (kernel[i] - 1) * dilations[i] + 1
        let total = max(0, (outputs - 1) * strides[i] + window - size)
        before[i] = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2
        after[i] = total - before[i]
      }
    default: throw .invalid("auto_pad is \"\(printable(autoPad))\"; NOTSET, VALID, SAME_UPPER and SAME_LOWER exist")
    }
    self.kernel = Size2D(kernel[0], kernel[1])
    self.stride = Size2D(strides[0], strides[1])
    self.dilation = Size2D(dilations[0], dilations[1])
    self.padding = Padding2D(top: before[0], left: before[1], bottom: after[0], right: after[1])
    self.isAutomatic = autoPad != "NOTSET" && !autoPad.isEmpty
  }
}

/// No window of an image network is larger; products of two such numbers are far from overflowing.
private let windowLimit = 1 << 20

extension ONNXNode {
  /// A list of `count` integers within `range`.
  func window(_ name: String, count: Int, range: ClosedRange<Int>) throws(NodeProblem) -> [Int]? {
    guard let list = try integers(name) else { return nil }
    guard list.count == count, list.allSatisfy({ range.contains($0) }) else {
      throw .invalid("\(name) is \(list); expected \(count) numbers of at least \(range.lowerBound)")
    }
    return list
  }

  /// The input as a batch of images: one of one dimension gets a height of 1. `apply` undoes that for the output.
  func images(
    _ input: ImportedValue, _ what: String, _ builder: inout GraphBuilder
  ) throws(NodeProblem) -> (images: ImportedValue, isRow: Bool) {
    let shape = builder.shape(input)
    guard shape.count == 3 else {
      try requireImages(shape, what)
      return (input, false)
    }
    let row = [shape[0], shape[1], 1, shape[2]]
    return (try builder.apply(.reshape(row), to: input, of: self, step: "row"), true)
  }

  /// Applies the operation that is the node's whole meaning to images, and gives rows back where there were rows.
  func apply(
    _ operation: Operation, to inputs: [ImportedValue], isRow: Bool, _ builder: inout GraphBuilder
  ) throws(NodeProblem) -> [ImportedValue] {
    guard isRow else { return try builder.apply(operation, to: inputs, of: self) }
    let image = try builder.apply(operation, to: inputs, node: "\(name)/image", output: "\(output)/image")
    let shape = builder.shape(image)
    return try builder.apply(.reshape(shape.prefix(2) + shape.suffix(1)), to: [image], of: self)
  }

  /// Refuses inputs that are not batches of images.
  func requireImages(_ shape: [Int], _ what: String) throws(NodeProblem) {
    guard shape.count != 4 else { return }
    throw .invalid("\(what) over other than 2 dimensions is not supported (the input's shape is \(shape))")
  }
}
