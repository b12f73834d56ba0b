import Glibc

/// The last signal that was held back; 0 where there was none.
nonisolated(unsafe) private var heldSignal: sig_atomic_t = 0

/// Holds the signals that end a command back until `body` is done: a file that is being written under a temporary name is whole, or
/// gone, when the command ends. For one caller at a time.
func holdingSignals<Failure>(_ body: () throws(Failure) -> Void) throws(Failure) {
  let signals = [SIGINT, SIGTERM, SIGHUP]
  // A handler may do no more than write a word.
  let former = signals.map { signal($0) { unsafe heldSignal = $0 } }
  defer {
    for (number, handler) in zip(signals, former) { _ = signal(number, handler) }
    if unsafe heldSignal != 0 { unsafe raise(heldSignal) }
  }
  try body()
}
