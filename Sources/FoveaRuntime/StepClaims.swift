import Synchronization

/// Which parts of the open step are free, claimed and finished, in one word that threads change without a lock.
@safe
final class StepClaims: @unchecked Sendable {
  // Atomics, at an address of their own, which nobody changes after `init`: hence @unchecked Sendable.
  private let state: UnsafeMutablePointer<State>

  /// What threads hand each other with every part, in one line of the cache.
  private struct State: ~Copyable {
    /// The parts that nobody has claimed, a bit each, and above them the number of those that are claimed and not finished.
    ///
    /// A claim takes all that must be right from the word that it changes: that a later step may have opened since the claimer
    /// last looked does no harm, so there is no count of steps in it.
    let word = Atomic<UInt64>(0)
    // Written when no part is free or unfinished, and published by `word`.
    let step = Atomic<Int>(0)
    let parts = Atomic<Int>(1)
    let isDone = Atomic<Bool>(true)
  }

  /// Bits of `State.word` for parts; the other 8 count.
  static let maximumParts = 56
  private static let allParts = mask(maximumParts)
  private static let unfinishedPart = allParts + 1

  /// What a thread does next that has finished a part.
  enum Next {
    /// Computes this part of the same step.
    case part(Int)
    /// Opens the next step: it was the last part.
    case open
    /// Waits: others have the parts that are left.
    case wait
  }

  init() {
    // Two lines, because processors like to fetch them in pairs.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)
    unsafe state = memory.bindMemory(to: State.self, capacity: 1)
    unsafe state.initialize(to: State())
  }

  deinit {
    unsafe state.deinitialize(count: 1)
    unsafe UnsafeMutableRawPointer(state).deallocate()
  }

  /// The open step. For who has claimed a part of it.
  var step: Int { unsafe state.pointee.step.load(ordering: .relaxed) }

  /// Whether there is something to claim. Sequentially consistent, for those who go to sleep if there is not.
  var hasFreePart: Bool { unsafe state.pointee.word.load(ordering: .sequentiallyConsistent) & Self.allParts != 0 }

  /// Whether the last step is done, and all that threads wrote is seen. Sequentially consistent, as is `hasFreePart`.
  var isDone: Bool { unsafe state.pointee.isDone.load(ordering: .sequentiallyConsistent) }

  /// Says that there are steps to come, or that there are no more. For who knows that no part is free or unfinished.
  func setDone(_ isDone: Bool) { unsafe state.pointee.isDone.store(isDone, ordering: .sequentiallyConsistent) }

  /// Offers the parts of a step, but for one that the thread has claimed by this. For who knows that no part is free or unfinished.
  func open(step: Int, parts: Int, thread: Int, of threads: Int) -> Int {
    let free = Self.mask(parts)
    let part = Self.choose(from: free, parts: parts, thread: thread, of: threads)
    unsafe state.pointee.step.store(step, ordering: .relaxed)
    unsafe state.pointee.parts.store(parts, ordering: .relaxed)
    unsafe state.pointee.word.store(
      free & ~(1 << UInt64(part)) + Self.unfinishedPart, ordering: .sequentiallyConsistent)
    return part
  }

  /// A part that is the thread's from now on, where one is free.
  func claim(thread: Int, of threads: Int) -> Int? {
    var word = unsafe state.pointee.word.load(ordering: .relaxed)
    while word & Self.allParts != 0 {
      let part = choose(from: word, thread: thread, of: threads)
      let claimed = word & ~(1 << UInt64(part)) + Self.unfinishedPart
      if change(&word, to: claimed) { return part }
    }
    return nil
  }

  /// Says that a thread has finished the part that it had claimed, and claims another.
  func finish(thread: Int, of threads: Int) -> Next {
    var word = unsafe state.pointee.word.load(ordering: .relaxed)
    while true {
      if word & Self.allParts != 0 {
        let part = choose(from: word, thread: thread, of: threads)
        if change(&word, to: word & ~(1 << UInt64(part))) { return .part(part) }
      } else {
        let finished = word - Self.unfinishedPart
        if change(&word, to: finished) { return finished == 0 ? .open : .wait }
      }
    }
  }

  /// Whether the word was what it is thought to be, and is changed; else what it is.
  private func change(_ word: inout UInt64, to new: UInt64) -> Bool {
    let (isChanged, now) = unsafe state.pointee.word.weakCompareExchange(
      expected: word, desired: new, successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed)
    word = now
    return isChanged
  }

  private func choose(from word: UInt64, thread: Int, of threads: Int) -> Int {
    // Of an earlier step, if the thread is late: then it chooses less well.
    let parts = unsafe state.pointee.parts.load(ordering: .relaxed)
    return Self.choose(from: word & Self.allParts, parts: parts, thread: thread, of: threads)
  }

  /// A thread first takes those parts that it had of a step before with as many, whose results its cache has; then the last of the
  /// others', which they would come to last.
  private static func choose(from free: UInt64, parts: Int, thread: Int, of threads: Int) -> Int {
    let own = free & mask(parts * (thread + 1) / threads) & ~mask(parts * thread / threads)
    return own != 0 ? own.trailingZeroBitCount : 63 - free.leadingZeroBitCount
  }

  /// The lowest `count` < 64 bits.
  private static func mask(_ count: Int) -> UInt64 { (1 << UInt64(count)) - 1 }
}
