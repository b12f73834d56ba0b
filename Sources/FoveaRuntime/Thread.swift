import Glibc

/// A thread of the operating system, as far as there is one to be had.
enum Thread {
  /// Runs `body` on a thread of its own, which nobody waits for; whether the system started one.
  static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard let thread = start(body) else { return false }
    pthread_detach(thread)
    return true
  }

  /// Runs `body` on a thread of its own, which must be joined; nil where the system starts none.
  fileprivate static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, argument)
    guard status == 0 else {
      unsafe Unmanaged<ThreadBody>.fromOpaque(argument).release()
      return nil
    }
    return thread
  }
}

private final class ThreadBody {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A value that another thread computes while this one does something else.
///
///     let sum = Background { bytes.reduce(0, +) }
///     doSomethingElse()
///     print(sum.value)
///
/// Letting go of it waits for the other thread.
package final class Background<Value: Sendable> {
  private let compute: @Sendable () -> Value
  private let place: Place
  private var thread: pthread_t?

  private final class Place: Sendable {
    // Written by the thread, read by those who have joined it.
    nonisolated(unsafe) var value: Value?
  }

  package init(_ compute: @escaping @Sendable () -> Value) {
    let place = Place()
    self.compute = compute
    self.place = place
    thread = Thread.start { unsafe place.value = compute() }
  }

  deinit { join() }

  /// Whether a thread computes it, that is, whether the system had one to spare.
  var hasThread: Bool { thread != nil }

  /// Waits for it. Computed here and now where the system had no thread to spare.
  package var value: Value {
    join()
    if let value = unsafe place.value { return value }
    let value = compute()
    unsafe place.value = value
    return value
  }

  private func join() {
    if let thread { pthread_join(thread, nil) }
    thread = nil
  }
}
