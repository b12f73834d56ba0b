/// Computes a value for each of `0 ..< count` on several threads at once, and hands them to `receive` one by one, in order, on
/// the caller's thread.
///
/// The threads run at most `ahead` values ahead of `receive`, so memory stays bounded however many there are. One thread is
/// the caller's own, with no other beside it.
///
/// - Parameters:
///   - threads: how many compute. `compute` gets the number of the one that it runs on, from 0.
///   - ahead: at least 1.
/// - Throws: what `receive` throws, once the values being computed are done; the others are then left out.
package func computeInOrder<Value: Sendable>(
  _ count: Int, threads: Int, ahead: Int, compute: @escaping @Sendable (_ index: Int, _ thread: Int) -> Value,
  receive: (_ index: Int, _ value: Value) throws -> Void
) rethrows {
  precondition(ahead >= 1, "no value could ever be computed")
  guard threads > 1 else {
    for index in 0..<count { try receive(index, compute(index, 0)) }
    return
  }
  let progress = Monitor(Progress<Value>(end: count))
  let workers = (0..<threads).map { thread in
    Background {
      while let index = progress.wait(for: { $0.claim(ahead: ahead) }) {
        let value = compute(index, thread)
        progress.change { $0.values[index] = value }
      }
    }
  }
  guard workers.contains(where: \.hasThread) else {
    progress.change { $0.end = 0 }
    return try computeInOrder(count, threads: 1, ahead: ahead, compute: compute, receive: receive)
  }
  // Also where `receive` throws: nobody claims any more.
  defer {
    progress.change { $0.end = 0 }
    for worker in workers { worker.value }
  }
  for index in 0..<count {
    try receive(index, progress.wait { $0.take(index) })
    progress.change { $0.received += 1 }
  }
}

private struct Progress<Value> {
  /// Computed and not yet received.
  var values: [Int: Value] = [:]
  var next = 0
  var received = 0
  var end: Int

  init(end: Int) { self.end = end }

  /// The next value to compute; an inner nil where there are no more, an outer one where it is too early to go on.
  mutating func claim(ahead: Int) -> Int?? {
    guard next < end else { return .some(nil) }
    guard next < received + ahead else { return nil }
    next += 1
    return .some(next - 1)
  }

  mutating func take(_ index: Int) -> Value? { values.removeValue(forKey: index) }
}
