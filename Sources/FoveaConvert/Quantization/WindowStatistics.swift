import FoveaRuntime

/// What calibration saw under a layer's windows.
struct WindowStatistics {
  let groups: Int
  /// Elements of one group's window.
  let size: Int
  private(set) var count = 0
  /// [groups][size]
  private var sums: [Double]
  /// [groups][size][size]: the sums of products of every two elements of a window, X'X; the upper triangles.
  private(set) var gram: [Float]

  /// - Parameter withProducts: false where means are enough.
  init(of windows: LayerWindows, withProducts: Bool) {
    groups = windows.groups
    size = windows.size
    sums = Array(repeating: 0, count: groups * size)
    gram = withProducts ? Array(repeating: 0, count: groups * size * size) : []
  }

  /// [groups][size]
  var means: [Double] { sums.map { $0 / Double(max(1, count)) } }

  /// Adds a float run's windows to the means.
  @unsafe
  mutating func add(_ windows: LayerWindows, of values: UnsafeBufferPointer<Float>, run: Int, limit: Int) {
    var row = [Float](repeating: 0, count: windows.rowSize)
    for position in windows.sample(run: run, limit: limit) {
      unsafe windows.gather(position, into: &row) { unsafe values[$0] }
      count += 1
      for element in row.indices { sums[element] += Double(row[element]) }
    }
  }

  /// Adds rows of `groups * size` elements to the means, and to the products where they are collected.
  ///
  /// Threads share the products by tiles whose number does not depend on them: the order of additions never changes.
  @unsafe
  mutating func add(rows: UnsafeBufferPointer<Float>, threads pool: ThreadPool) {
    let rowSize = groups * size
    let rowCount = rows.count / rowSize
    guard let first = rows.baseAddress, rowCount > 0 else { return }
    count += rowCount
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      for row in 0..<rowCount {
        for element in 0..<rowSize { unsafe sums[element] += Double(first[row * rowSize + element]) }
      }
    }
    guard !gram.isEmpty else { return }
    let (size, panel) = (size, Self.panel)
    let panels = (size + panel - 1) / panel
    let tiles = groups * panels
    unsafe gram.withUnsafeMutableBufferPointer { gram in
      // Tiles of the triangle do not overlap, and the rows are only read: hence nonisolated(unsafe).
      nonisolated(unsafe) let (gram, first) = unsafe (gram.baseAddress.unsafelyUnwrapped, first)
      let threads = pool.threads
      pool.run { part in
        for tile in stride(from: part, to: tiles, by: threads) {
          let (group, panel) = tile.quotientAndRemainder(dividingBy: panels)
          let begin = panel * Self.panel
          let height = min(Self.panel, size - begin)
          let columns = unsafe first + group * size + begin
          unsafe LinearAlgebra.shared.addProduct(
            transposing: columns, stride: rowSize, by: columns, stride: rowSize, m: height, n: size - begin,
            k: rowCount, to: gram + (group * size + begin) * size + begin, stride: size)
        }
      }
    }
  }

  /// Rows of the triangle that one call multiplies.
  private static let panel = 128
}
