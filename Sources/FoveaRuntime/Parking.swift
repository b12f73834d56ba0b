import Glibc
import Synchronization

/// Where one thread sleeps until another has news for it. Neither takes a lock, and waking a thread that is awake is one load.
@safe
final class Parking: @unchecked Sendable {
  // A POSIX object made for sharing, at a fixed address: hence @unchecked Sendable.
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  private let isParked = Atomic<Bool>(false)

  init() { unsafe sem_init(semaphore, 0, 0) }

  deinit {
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  /// Sleeps until the next `wake`, or not at all if there is news already. For one thread only.
  ///
  /// What makes news, what `hasNews` reads and the mark are sequentially consistent: either this thread sees the news, or who
  /// makes them sees the mark.
  func park(unless hasNews: () -> Bool) {
    isParked.store(true, ordering: .sequentiallyConsistent)
    // Whoever has taken the mark away posts, and that has to be waited for.
    if hasNews(), isParked.exchange(false, ordering: .sequentiallyConsistent) { return }
    while unsafe sem_wait(semaphore) != 0, errno == EINTR {}
  }

  /// Wakes the thread if it sleeps or is about to. For any thread, after the news.
  func wake() {
    guard isParked.load(ordering: .sequentiallyConsistent), isParked.exchange(false, ordering: .sequentiallyConsistent)
    else { return }
    unsafe sem_post(semaphore)
  }
}
