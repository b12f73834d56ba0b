import FoveaRuntime

extension ThreadPool {
  /// The results of `body` for 0 ..< count, which no thread's share decides.
  func map<Result>(_ count: Int, _ body: @escaping (Int) -> Result) -> [Result] {
    let threads = threads
    return unsafe [Result](unsafeUninitializedCapacity: count) { results, initialized in
      // Each thread writes elements of its own, and `run` returns after all of them: hence nonisolated(unsafe).
      nonisolated(unsafe) let (results, body) = unsafe (results, body)
      run { part in
        for index in stride(from: part, to: count, by: threads) {
          unsafe results.initializeElement(at: index, to: body(index))
        }
      }
      initialized = count
    }
  }
}
