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

  /// Gives the products away.
  mutating func takeGram() -> [Float] {
    defer { gram = [] }
    return gram
  }

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

  /// Adds windows to the means and to the products.
  ///
  /// Threads share the work by parts whose number does not depend on them: the order of additions never changes.
  @unsafe
  mutating func add(_ sampled: SampledWindows, threads pool: ThreadPool) {
    count += unsafe sampled.count
    if groups == 1 {
      unsafe addWhole(sampled, threads: pool)
    } else {
      unsafe addByGroups(sampled, threads: pool)
    }
  }

  /// All elements of a window go together: every product of two is asked for.
  @unsafe
  private mutating func addWhole(_ sampled: SampledWindows, threads pool: ThreadPool) {
    let (size, rowCount, panel, threads) = unsafe (size, sampled.count, Self.panel, pool.threads)
    let tiles = (size + panel - 1) / panel
    var rows = [Float](repeating: 0, count: rowCount * size)
    unsafe rows.withUnsafeMutableBufferPointer { rows in
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        unsafe gram.withUnsafeMutableBufferPointer { gram in
          guard let rows = rows.baseAddress, let grams = gram.baseAddress, let totals = sums.baseAddress else { return }
          // Threads write rows, then tiles of the triangle, of their own: hence nonisolated(unsafe).
          nonisolated(unsafe) let (first, gram, sums, sampled) = unsafe (rows, grams, totals, sampled)
          pool.run { part in
            for row in stride(from: part, to: rowCount, by: threads) {
              unsafe sampled.gather(row, into: first + row * size)
            }
          }
          pool.run { part in
            for tile in stride(from: part, to: tiles, by: threads) {
              let begin = tile * panel
              let height = min(panel, size - begin)
              unsafe Self.addSums(of: first + begin, stride: size, count: rowCount, to: sums + begin, size: height)
              unsafe LinearAlgebra.shared.addProduct(
                transposing: first + begin, stride: size, by: first + begin, stride: size, m: height,
                n: size - begin, k: rowCount, to: gram + begin * size + begin, stride: size)
            }
          }
        }
      }
    }
  }

  /// Some groups at a time, so that their windows take little memory: depthwise layers have many.
  @unsafe
  private mutating func addByGroups(_ sampled: SampledWindows, threads pool: ThreadPool) {
    let (groups, size, rowCount, threads) = unsafe (groups, size, sampled.count, pool.threads)
    let groupsOfPart = max(1, Self.partElements / (rowCount * size))
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe gram.withUnsafeMutableBufferPointer { gram in
        guard let grams = gram.baseAddress, let totals = sums.baseAddress else { return }
        // Each part has groups of its own: hence nonisolated(unsafe).
        nonisolated(unsafe) let (gram, sums, sampled) = unsafe (grams, totals, sampled)
        pool.run { part in
          var rows = [Float](repeating: 0, count: rowCount * groupsOfPart * size)
          unsafe rows.withUnsafeMutableBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            for begin in stride(from: part * groupsOfPart, to: groups, by: threads * groupsOfPart) {
              let taken = begin..<min(begin + groupsOfPart, groups)
              let stride = taken.count * size
              for row in 0..<rowCount { unsafe sampled.gather(row, groups: taken, into: rows + row * stride) }
              unsafe Self.addSums(of: rows, stride: stride, count: rowCount, to: sums + begin * size, size: stride)
              for group in taken {
                let columns = unsafe rows + (group - begin) * size
                unsafe Self.addTriangle(
                  columns, stride: stride, count: rowCount, to: gram + group * size * size, size: size)
              }
            }
          }
        }
      }
    }
  }

  /// Adds the products of every two columns of one group, panel by panel.
  @unsafe
  private static func addTriangle(
    _ columns: UnsafePointer<Float>, stride: Int, count: Int, to gram: UnsafeMutablePointer<Float>, size: Int
  ) {
    for begin in Swift.stride(from: 0, to: size, by: panel) {
      let first = unsafe columns + begin
      unsafe LinearAlgebra.shared.addProduct(
        transposing: first, stride: stride, by: first, stride: stride, m: min(panel, size - begin), n: size - begin,
        k: count, to: gram + begin * size + begin, stride: size)
    }
  }

  /// Adds rows to the sums of their elements.
  @unsafe
  private static func addSums(
    of rows: UnsafePointer<Float>, stride: Int, count: Int, to sums: UnsafeMutablePointer<Double>, size: Int
  ) {
    for row in 0..<count {
      for element in 0..<size { unsafe sums[element] += Double(rows[row * stride + element]) }
    }
  }

  /// Rows of the triangle that one call multiplies.
  private static let panel = 128
  /// About what the windows of the groups that one thread works on may hold.
  private static let partElements = 1 << 18
}
