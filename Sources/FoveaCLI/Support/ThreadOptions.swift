import ArgumentParser
import Fovea

/// `--threads`, the same for all commands.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: ArgumentHelp(
      "Threads that share the work, 1 to \(CPU.threadLimit); one run takes \(Session.maximumThreads) at most. "
        + "(default: the cores that this process may use)"))
  private(set) var given: Int?

  var count: Int { Self.count(given) }

  /// How many threads there are to be, if so many were asked for.
  static func count(_ given: Int?) -> Int { given ?? min(CPU.availableCount, CPU.threadLimit) }

  mutating func validate() throws {
    guard (1...CPU.threadLimit).contains(given ?? 1) else {
      throw ValidationError("--threads takes a number from 1 to \(CPU.threadLimit)")
    }
  }

  /// What to say where a session has fewer threads than were asked for; nil where there is nothing to say.
  func note(running: Int) -> String? {
    guard let given, running < given else { return nil }
    let reason =
      running == Session.maximumThreads ? "one run is shared by no more" : "the system refused to start the others"
    return "the runs had \(running) of \(given) threads: \(reason)"
  }

  /// How photos share the threads.
  func lanes(for photos: Int) -> Lanes { Lanes(photos: photos, givenThreads: given) }
}

extension Lanes {
  /// - Parameter givenThreads: how many were asked for, if that was said.
  init(photos: Int, givenThreads: Int?) {
    self.init(photos: photos, threads: ThreadOptions.count(givenThreads), cores: CPU.availableCount)
  }
}

/// How several photos share threads: some at once, each on threads of its own, give more of them a second than all threads on one
/// after another.
package struct Lanes: Equatable {
  /// Photos at once.
  package var count: Int
  /// Threads of each.
  package var threads: Int

  package init(count: Int, threads: Int) { (self.count, self.threads) = (count, threads) }

  /// - Parameter cores: those that the process may use, asked for only where there are several photos. More than two threads for
  ///   each answer no sooner, and each lane takes a session's memory and a decoded photo's: 1,024 of them took 2 GB.
  package init(photos: Int, threads: Int, cores: @autoclosure () -> Int) {
    let useful = photos > 1 ? min(threads, 2 * cores()) : threads
    count = max(1, min(useful, photos))
    self.threads = useful / count
  }
}
